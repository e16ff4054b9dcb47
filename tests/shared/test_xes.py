"""Holds the reader of XES logs to its promise: a whole log exactly as written, or one refusal with its reason and place."""

import gzip
import io
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.xes import Limits, LogStatistics, XesCase, XesCode, XesError, XesEvent, XesLog, read_log, statistics, time_text

RECEIPT = Path(__file__).parents[2].parent / "shared" / "data" / "receipt.xes.gz"

SMALL = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- a small log -->
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
	<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
	<global scope="trace">
		<string key="concept:name" value="UNKNOWN"/>
	</global>
	<classifier name="Activity" keys="concept:name"/>
	<float key="average" value="4.13"><float key="nested" value="1.0"/></float>
	<trace>
		<string key="concept:name" value="case-1"/>
		<string key="channel" value="Internet"/>
		<date key="startdate" value="2011-10-11T13:42:22.688+02:00"/>
		<int key="floors" value="007"/>
		<float key="height" value="1.50"/>
		<boolean key="urgent" value="1"/>
		<event>
			<string key="org:group" value="Group 1"/>
			<string key="org:resource" value="Résource &amp; Söhne"/>
			<string key="concept:name" value="T02 Check"/>
			<date key="time:timestamp" value="2011-10-11T13:45:40.276+02:00"/>
			<string key="lifecycle:transition" value="complete"/>
		</event>
		<event>
			<string key="concept:name" value="T04 Determine"/>
			<date key="time:timestamp" value="2011-10-11T11:45:40Z"/>
		</event>
	</trace>
	<trace>
		<string key="concept:name" value="case-2"/>
	</trace>
</log>
"""

EVENT = '<event><string key="concept:name" value="a"/><date key="time:timestamp" value="2011-01-01T00:00:00Z"/></event>'


def log_of(trace_content: str, log_content: str = "") -> bytes:
    """Returns a log of one case whose content begins at line 3, column 1."""
    return f'<log>\n<trace><string key="concept:name" value="c"/>\n{trace_content}\n</trace>\n{log_content}</log>'.encode()


def refusal(data: bytes, limits: Limits | None = None) -> tuple[XesCode, int, int]:
    """Returns code and place of the refusal of these bytes."""
    with pytest.raises(XesError) as caught:
        read_log(io.BytesIO(data), limits=limits or Limits())
    error = caught.value
    assert error.sentence.endswith(".")
    assert str(error) == f"line {error.line}, column {error.column}: {error.sentence}"
    return error.code, error.line, error.column


def written(log: XesLog, namespace: str) -> bytes:
    """Writes a log as XES, its events' fields and attributes as strings and dates."""

    def tag(kind: str, key: str, value: str) -> str:
        entities = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
        return f"<{kind} key={quoteattr(key, entities)} value={quoteattr(value, entities)}/>"

    def tags(values: Mapping[str, str]) -> str:
        return "".join(tag("string", key, value) for key, value in values.items())

    lines = [f"<log{f' xmlns={quoteattr(namespace)}' if namespace else ''}>"]
    for case in log.cases:
        lines.append(f"<trace>{tags(case.attributes)}{tag('string', 'concept:name', case.name)}")
        for event in case.events:
            fields = {"concept:name": event.activity, "org:resource": event.resource, "lifecycle:transition": event.lifecycle}
            moment = tag("date", "time:timestamp", event.time.isoformat())
            lines.append(f"<event>{moment}{tags({key: value for key, value in fields.items() if value})}{tags(event.attributes)}</event>")
        lines.append("</trace>")
    return "\n".join([*lines, "</log>"]).encode()


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\t\n\r"), max_size=12)
NAME = TEXT.filter(bool)
FREE_ATTRIBUTES = st.dictionaries(NAME.filter(lambda key: ":" not in key), TEXT, max_size=3)
MOMENTS = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # it adds the zone
EVENTS = st.builds(XesEvent, NAME, MOMENTS, TEXT, TEXT, FREE_ATTRIBUTES)
CASES = st.lists(
    st.builds(XesCase, NAME, FREE_ATTRIBUTES, st.lists(EVENTS, max_size=4).map(tuple)), max_size=4, unique_by=lambda case: case.name
)


def test_a_small_log_is_read_exactly() -> None:
    """Names, typed values in their canonical spelling, moments in UTC, the order of the file and the file's digest are all kept."""
    data = SMALL.encode()
    log = read_log(io.BytesIO(data))
    moment = datetime(2011, 10, 11, 11, 45, 40, tzinfo=UTC)
    first = XesEvent("T02 Check", moment.replace(microsecond=276000), "Résource & Söhne", "complete", {"org:group": "Group 1"})
    attributes = {"channel": "Internet", "startdate": "2011-10-11T11:42:22.688000Z", "floors": "7", "height": "1.5", "urgent": "true"}
    case = XesCase("case-1", attributes, (first, XesEvent("T04 Determine", moment, "", "", {})))
    assert log == XesLog((case, XesCase("case-2", {}, ())), sha256(data).hexdigest())


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://www.xes-standard.org"', ' xmlns="http://code.deckfour.org/xes"'])
def test_every_usual_namespace_and_none_reads_the_same(namespace: str) -> None:
    """A log reads the same with each namespace that exporters write, with a prefix, with a byte order mark, compressed or not."""
    expected = read_log(io.BytesIO(SMALL.encode())).cases
    plain = SMALL.replace(' xmlns="http://www.xes-standard.org/"', namespace).encode()
    assert read_log(io.BytesIO(plain)).cases == expected
    assert read_log(io.BytesIO(b"\xef\xbb\xbf" + plain)).cases == expected
    assert read_log(io.BytesIO(gzip.compress(plain))).cases == expected


def test_a_prefix_for_the_namespace_is_understood() -> None:
    """Tags are known by their namespace, not by the prefix that a log chose."""
    data = log_of(EVENT).replace(b"<log>", b'<x:log xmlns:x="http://www.xes-standard.org/">').replace(b"</log>", b"</x:log>")
    for tag in (b"trace", b"event", b"string", b"date"):
        data = data.replace(b"<" + tag, b"<x:" + tag).replace(b"</" + tag, b"</x:" + tag)
    assert read_log(io.BytesIO(data)).cases == read_log(io.BytesIO(log_of(EVENT))).cases


def test_a_log_without_cases_is_a_log() -> None:
    """An empty log is read and its statistics have no first time."""
    log = read_log(io.BytesIO(b"<log/>"))
    assert log.cases == ()
    assert statistics(log).first_time is None


def test_nested_attributes_and_lists_are_counted_not_kept() -> None:
    """What the reader does not keep of a case is counted, so nothing is left out unsaid; the log's own are no part of it."""
    nested = (
        '<string key="a" value="b"><int key="c" value="x"/><event/></string><list key="l"><values><id key="i" value="1"/></values></list>'
    )
    log = read_log(io.BytesIO(log_of(nested, '<list key="m"><int key="n" value="1"/></list>')))
    assert log.cases[0].attributes == {"a": "b"}
    assert log.omitted == 2 + 3


def test_what_was_read_cannot_be_changed() -> None:
    """The attributes of a read log refuse assignment and its cases can be put in a set."""
    case = read_log(io.BytesIO(SMALL.encode())).cases[0]
    with pytest.raises(TypeError):
        case.attributes["channel"] = "Desk"  # type: ignore[index]  # the point of the test
    assert len({case, case}) == 1


@settings(deadline=None)
@given(cases=CASES, namespace=st.sampled_from(["", "http://www.xes-standard.org/"]), zipped=st.booleans())
def test_every_written_log_reads_back(cases: list[XesCase], namespace: str, *, zipped: bool) -> None:
    """Any log that can be written is read back equal, whatever its characters, times and order."""
    log = XesLog(tuple(cases), "")
    data = written(log, namespace)
    packed = gzip.compress(data) if zipped else data
    assert read_log(io.BytesIO(packed)) == XesLog(log.cases, sha256(packed).hexdigest())


@settings(deadline=None)
@given(moment=MOMENTS, minutes=st.integers(-14 * 60, 14 * 60))
def test_a_moment_has_one_spelling(moment: datetime, minutes: int) -> None:
    """The same moment written with any offset gives the same text, and the text sorts as moments do."""
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    log = read_log(io.BytesIO(log_of(f'<date key="d" value="{local.isoformat()}"/>')))
    assert log.cases[0].attributes["d"] == time_text(moment)
    assert time_text(moment) < time_text(moment + timedelta(microseconds=1))


@settings(deadline=None)
@given(st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value(whole: int, number: float) -> None:
    """Every integer and every finite float reads back as the same number."""
    log = read_log(io.BytesIO(log_of(f'<int key="i" value="{whole}"/><float key="f" value="{number!r}"/>')))
    read = log.cases[0].attributes
    assert int(read["i"]) == whole
    assert float(read["f"]) == number


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("int", "+07", "7"),
        ("int", "-0", "0"),
        ("float", "2.3832541524E7", "23832541.524"),
        ("float", ".5", "0.5"),
        ("float", "-INF", "-INF"),
        ("float", "NaN", "NaN"),
        ("boolean", "false", "false"),
        ("boolean", "0", "false"),
        ("id", "ab", "ab"),
        ("string", "", ""),
        ("date", "2011-10-18T09:05:12.123456789Z", "2011-10-18T09:05:12.123456Z"),
        ("date", "0999-10-18T09:05:12-00:00", "0999-10-18T09:05:12.000000Z"),
    ],
)
def test_typed_values_get_one_spelling(kind: str, value: str, expected: str) -> None:
    """Each type of value is kept as text in its canonical spelling."""
    log = read_log(io.BytesIO(log_of(f'<{kind} key="k" value="{value}"/>')))
    assert log.cases[0].attributes == {"k": expected}


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("int", "1.0", "xes-bad-value"),
        ("int", "1_0", "xes-bad-value"),
        ("int", "", "xes-bad-value"),
        ("int", "9" * 5000, "xes-bad-value"),
        ("int", "\u0661", "xes-bad-value"),
        ("float", "infinity", "xes-bad-value"),
        ("float", "1e999", "xes-bad-value"),
        ("float", "0x1p3", "xes-bad-value"),
        ("boolean", "True", "xes-bad-value"),
        ("date", "2011-10-18T09:05:12.359", "xes-bad-time"),
        ("date", "2011-10-18", "xes-bad-time"),
        ("date", "20111018T090512Z", "xes-bad-time"),
        ("date", "2011-10-18 09:05:12Z", "xes-bad-time"),
        ("date", "2011-02-29T00:00:00Z", "xes-bad-time"),
        ("date", "2011-10-18T24:00:00Z", "xes-bad-time"),
        ("date", "2011-10-18T09:05:12+24:00", "xes-bad-time"),
        ("date", "0001-01-01T00:00:00+01:00", "xes-bad-time"),
        ("date", "9999-12-31T23:59:59-01:00", "xes-bad-time"),
        ("date", "UNKNOWN", "xes-bad-time"),
    ],
)
def test_a_value_not_of_its_type_is_refused_where_it_stands(kind: str, value: str, code: str) -> None:
    """A value that its type does not allow is refused at its tag, in a case and in an event."""
    tag = f'<{kind} key="k" value="{value}"/>'
    assert refusal(log_of(f'<string key="a" value=""/>{tag}')) == (code, 3, 27)
    assert refusal(log_of(f"\n<event>{tag}</event>")) == (code, 4, 8)


@pytest.mark.parametrize("trace", ['<int key="k" value="Budi"/>', '<date key="k" value="Budi"/>', '<string key="Budi" value=""/>' * 2])
def test_a_refusal_repeats_nothing_of_the_file(trace: str) -> None:
    """What stands in the file may describe a person, so no refusal carries it, neither in its sentence nor in its arguments."""
    for data in (log_of(trace), log_of("<Budi/>"), b'<log xmlns="Budi"/>'):
        with pytest.raises(XesError) as caught:
            read_log(io.BytesIO(data))
        assert "Budi" not in f"{caught.value} {caught.value.args}"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (log_of('<event><date key="time:timestamp" value="2011-01-01T00:00:00"/></event>'), ("xes-bad-time", 3, 8)),
        (log_of('<event><string key="time:timestamp" value="yesterday"/></event>'), ("xes-bad-time", 3, 8)),
        (log_of(EVENT + '<event>\n<string key="concept:name" value="a"/></event>'), ("xes-bad-time", 3, 1 + len(EVENT))),
        (log_of(EVENT.replace("concept:name", "name")), ("xes-no-activity", 3, 1)),
        (log_of(EVENT.replace('value="a"', 'value=""')), ("xes-no-activity", 3, 1)),
        (b"<log>\n <trace>" + EVENT.encode() + b"\n</trace></log>", ("xes-no-case-name", 2, 2)),
        (b'<log><trace>\n<string key="concept:name" value=""/></trace></log>', ("xes-no-case-name", 1, 6)),
        (log_of("", '<trace>\n<string key="concept:name" value="c"/></trace>'), ("xes-duplicate-case", 5, 1)),
        (log_of('<int key="k" value="1"/>\n<int key="k" value="1"/>'), ("xes-duplicate-attribute", 4, 1)),
        (
            log_of(EVENT.replace("</event>", '<date key="time:timestamp" value="2011-01-01T00:00:00Z"/></event>')),
            ("xes-duplicate-attribute", 3, 103),
        ),
        (log_of('<string value="1"/>'), ("xes-bad-value", 3, 1)),
        (log_of('<string key="" value="1"/>'), ("xes-bad-value", 3, 1)),
        (log_of('<string key="k"/>'), ("xes-bad-value", 3, 1)),
        (log_of("<trace/>"), ("xes-not-xes", 3, 1)),
        (log_of('<extension name="c"/>'), ("xes-not-xes", 3, 1)),
        (log_of("<event><event/></event>"), ("xes-not-xes", 3, 8)),
        (log_of("loose text"), ("xes-not-xes", 3, 1)),
        (log_of("<![CDATA[loose text]]>"), ("xes-not-xes", 3, 10)),
    ],
)
def test_a_case_or_event_that_is_not_whole_is_refused(data: bytes, expected: tuple[XesCode, int, int]) -> None:
    """A missing or used name, a missing activity or time, a repeated key, a tag out of place: each is refused with its place."""
    assert refusal(data) == expected


def test_statistics_count_late_and_conflicting_cases() -> None:
    """Late is an end after the deadline, both times; a conflict is one officer in both roles at least once, nobody being no officer."""
    moment = datetime(2020, 1, 1, tzinfo=UTC)

    def case(name: str, attributes: Mapping[str, str], *steps: tuple[str, str]) -> XesCase:
        events = (XesEvent(activity, moment + timedelta(hours=hour), officer, "", {}) for hour, (activity, officer) in enumerate(steps))
        return XesCase(name, attributes, tuple(events))

    early, late = time_text(moment), time_text(moment + timedelta(microseconds=1))
    cases = (
        case("1", {"enddate": late, "deadline": early, "channel": "Desk"}, ("T02 a", "x"), ("T04 b", "y"), ("T02 a", "y")),
        case("2", {"enddate": early, "deadline": early, "channel": "Desk"}, ("T02 a", "x"), ("T04 b", "y")),
        case("3", {"enddate": late, "deadline": "none"}, ("T02 a", ""), ("T04 b", "")),
        case("4", {"deadline": early}, ("T02 a", "x")),
    )
    assert statistics(XesLog(cases, "")) == LogStatistics(
        cases=4,
        events=8,
        activities=2,
        resources=2,
        variants=3,
        channels={"Desk": 2},
        closed=3,
        late=1,
        first_time=moment,
        last_time=moment + timedelta(hours=2),
        cases_with_both_roles=2,
        officers_in_both_roles=1,
    )


@pytest.mark.skipif(not RECEIPT.exists(), reason=f"the receipt log is absent: {RECEIPT}")
def test_the_receipt_log_has_its_published_figures() -> None:
    """The real log of a municipality's receipt phase gives every published figure, in less than three seconds of the processor."""
    data = RECEIPT.read_bytes()
    start_seconds = time.process_time()
    log = read_log(io.BytesIO(data))
    assert time.process_time() - start_seconds < 3
    assert log.sha256 == sha256(data).hexdigest()
    assert log.omitted == 0
    figures = statistics(log)
    assert figures == LogStatistics(
        cases=1434,
        events=8577,
        activities=27,
        resources=48,
        variants=116,
        channels={"Internet": 1250, "Desk": 109, "Post": 53, "e-mail": 21, "Intern": 1},
        closed=1329,
        late=377,
        first_time=datetime(2010, 10, 2, 7, 20, 39, 266000, tzinfo=UTC),
        last_time=datetime(2012, 1, 23, 14, 42, 54, 644000, tzinfo=UTC),
        cases_with_both_roles=1303,
        officers_in_both_roles=1042,
    )
    assert all(list(case.events) == sorted(case.events, key=lambda event: event.time) for case in log.cases)
