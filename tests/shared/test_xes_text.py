"""Holds the way from bytes to tags to its promise: whatever a file is, it is read whole or refused early, with its reason and place."""

import gzip
import io
import pickle
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.xes import read_log
from shared.xes_text import Limits, XesCode, XesError

RECEIPT = Path(__file__).parents[2].parent / "shared" / "data" / "receipt.xes.gz"

SMALL = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- a small log -->
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
	<trace>
		<string key="concept:name" value="case-1"/>
		<event>
			<string key="org:resource" value="Résource &amp; Söhne"/>
			<string key="concept:name" value="T02 Check"/>
			<date key="time:timestamp" value="2011-10-11T13:45:40.276+02:00"/>
		</event>
	</trace>
</log>
"""

OPENED = b'<log>\n<trace><string key="concept:name" value="c"/>\n'
EVENT = '<event><string key="concept:name" value="a"/><date key="time:timestamp" value="2011-01-01T00:00:00Z"/></event>'


def refusal(data: bytes, limits: Limits | None = None) -> tuple[XesCode, int, int]:
    """Returns code and place of the refusal of these bytes."""
    with pytest.raises(XesError) as caught:
        read_log(io.BytesIO(data), limits=limits or Limits())
    return caught.value.code, caught.value.line, caught.value.column


def outcome_of(data: bytes) -> str:
    """Returns `read`, or the code of the refusal."""
    try:
        read_log(io.BytesIO(data))
    except XesError as error:
        return error.code
    return "read"


def end_of(data: bytes) -> tuple[int, int]:
    """Returns the place just behind these bytes of text."""
    text = data.decode(errors="ignore")
    return text.count("\n") + 1, len(text) - text.rfind("\n")


class Stream(io.BytesIO):
    """A stream that gives at most a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self.most = most

    def read(self, size: int | None = -1, /) -> bytes:
        """Reads at most `most` bytes."""
        return super().read(self.most if size is None or size < 0 else min(size, self.most))


class Endless(io.BytesIO):
    """A stream made of a beginning and then one block many times, never held whole."""

    def __init__(self, beginning: bytes, block: bytes, times: int) -> None:
        super().__init__()
        self.parts: Iterator[bytes] = iter([beginning, *[block] * times])

    def read(self, _size: int | None = -1, /) -> bytes:
        """Returns the next part, whatever size was asked for."""
        return next(self.parts, b"")


def bomb(beginning: bytes, filling: bytes) -> bytes:
    """Returns the gzip file of the beginning and 1 GiB of the filling byte."""
    packer = zlib.compressobj(1, wbits=31)
    parts = [packer.compress(beginning)]
    parts.extend(packer.compress(filling * (1 << 20)) for _ in range(1 << 10))
    return b"".join([*parts, packer.flush()])


def peak_bytes(stream: io.BytesIO, limits: Limits) -> tuple[XesError, int]:
    """Returns the refusal of a stream and the most memory that reading it took."""
    tracemalloc.start()
    try:
        with pytest.raises(XesError) as caught:
            read_log(stream, limits=limits)
        return caught.value, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("most", [1, 2, 7])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_stream_that_gives_few_bytes_at_a_time_is_read(most: int, pack: Callable[[bytes], bytes]) -> None:
    """Gzip is told, and characters are put together, however a pipe cuts the bytes."""
    data = pack(SMALL.encode())
    assert read_log(Stream(data, most)) == read_log(io.BytesIO(data))


NO_LOGS: list[tuple[bytes, tuple[XesCode, int, int]]] = [
    (b"", ("xes-not-gzip-or-xml", 1, 1)),
    (b" \n\t", ("xes-not-gzip-or-xml", 2, 2)),
    (b"case;activity;time\n", ("xes-not-gzip-or-xml", 1, 1)),
    (b"PK\x03\x04", ("xes-not-gzip-or-xml", 1, 1)),
    (b"\x1f", ("xes-not-gzip-or-xml", 1, 1)),
    (gzip.compress(b"not a log"), ("xes-not-gzip-or-xml", 1, 1)),
    (gzip.compress(b""), ("xes-not-gzip-or-xml", 1, 1)),
    (gzip.compress(gzip.compress(b"<log/>")), ("xes-not-gzip-or-xml", 1, 1)),
    (SMALL.encode("utf-16"), ("xes-not-utf8", 1, 1)),
    (SMALL.encode("utf-16-le"), ("xes-nul", 1, 2)),
    (SMALL.encode("latin-1"), ("xes-not-utf8", 7, 39)),
    (b'<?xml version="1.0" encoding="ISO-8859-1"?><log/>', ("xes-not-utf8", 1, 1)),
    (b'<log>\n<string key="\xed\xa0\x80"/></log>', ("xes-not-utf8", 2, 14)),
    (b"<log>\n\0</log>", ("xes-nul", 2, 1)),
    (b"<log>\0\xff</log>", ("xes-nul", 1, 6)),
    (b"<log>\n&#0;</log>", ("xes-not-xml", 2, 1)),
    (b'<log>\n<string key="\x01"/></log>', ("xes-not-xml", 2, 14)),
    (b"<log>\n<trace></log>", ("xes-not-xml", 2, 10)),
    (b"<log>\n<trace", ("xes-truncated", 2, 7)),
    (b'<log>\n<trace a="1" a="1"/></log>', ("xes-not-xml", 2, 14)),
    (b"<log>\n<y:trace/></log>", ("xes-not-xml", 2, 1)),
    (b"<log/>\n<log/>", ("xes-trailing", 2, 1)),
    (b"<log/>\n<log", ("xes-trailing", 2, 1)),
    (b"<log/>\nrest", ("xes-trailing", 2, 1)),
    (b"\n<html><body/></html>", ("xes-not-xes", 2, 1)),
    (b'<log xmlns="urn:other"/>', ("xes-not-xes", 1, 1)),
    (b"<LOG/>", ("xes-not-xes", 1, 1)),
    (b"<trace/>", ("xes-not-xes", 1, 1)),
    (b"<log>\n" + EVENT.encode() + b"</log>", ("xes-not-xes", 2, 1)),
    (b'<log>\n<trace xmlns="urn:other"/></log>', ("xes-not-xes", 2, 1)),
    (b"<log>\n<note/></log>", ("xes-not-xes", 2, 1)),
]


@pytest.mark.parametrize(("data", "expected"), NO_LOGS, ids=[str(index) for index in range(len(NO_LOGS))])
def test_a_file_that_is_no_log_is_refused(data: bytes, expected: tuple[XesCode, int, int]) -> None:
    """A file of another kind, encoding, vocabulary or order of tags is refused with its reason and place."""
    assert refusal(data) == expected


BILLION_LAUGHS = '<!DOCTYPE log [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9)) + "]>"


@pytest.mark.parametrize(
    ("doctype", "reference"),
    [
        (BILLION_LAUGHS, "&a9;"),
        ('<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/hostname">]>', "&x;"),
        ('<!DOCTYPE log [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>', ""),
        ('<!DOCTYPE log SYSTEM "http://127.0.0.1:9/x.dtd">', ""),
        ("<!DOCTYPE log>", ""),
        ("", "&x;"),
    ],
)
def test_no_dtd_and_no_entity_is_followed(doctype: str, reference: str) -> None:
    """A DTD of any kind, and any entity that XML itself does not define, is refused before it can expand or be fetched."""
    text = f'{doctype}\n<log>\n<string key="k" value="{reference}"/></log>'
    code, line, _ = refusal(text.encode())
    assert (code, line) == ("xes-entity", 1 if doctype else 3)
    assert refusal(gzip.compress(text.encode()))[:2] == (code, line)


def test_a_text_cut_anywhere_is_refused_at_its_end() -> None:
    """However early a plain log ends, nothing of it is returned, and the place is where it ends."""
    data = SMALL.encode()
    for length in range(1, len(data) - 1):
        assert refusal(data[:length]) == ("xes-truncated", *end_of(data[:length])), length


def test_a_compressed_file_cut_anywhere_is_refused() -> None:
    """However early a compressed log ends, even inside its checksum, nothing of it is returned."""
    data = gzip.compress(SMALL.encode(), mtime=0)
    places = []
    for length in range(2, len(data)):
        code, *place = refusal(data[:length])
        assert code == "xes-truncated", length
        places.append(place)
    assert places == sorted(places)
    assert tuple(places[-1]) == end_of(SMALL.encode())


def test_a_whole_file_followed_by_anything_is_refused() -> None:
    """Bytes behind the compressed log, a second compressed log among them, are refused at the end of the text."""
    data = gzip.compress(SMALL.encode())
    for rest in (b"x", b"\0", data, gzip.compress(b"")):
        assert refusal(data + rest) == ("xes-trailing", *end_of(SMALL.encode()))
    assert refusal(SMALL.encode() + b"x") == ("xes-trailing", *end_of(SMALL.encode()))


def test_a_damaged_compressed_file_is_refused() -> None:
    """A wrong checksum, a wrong length and a wrong header are each refused as damage."""
    data = gzip.compress(SMALL.encode(), mtime=0)
    for index in (2, len(data) - 8, len(data) - 1):
        damaged = bytearray(data)
        damaged[index] ^= 0xFF
        assert refusal(bytes(damaged))[0] == "xes-damaged"


DAMAGE = st.tuples(st.integers(0, 10**6), st.integers(0, 4), st.sampled_from([b"", b"<", b"&", b">", b"\0", b"\xff", b"/trace", b'"']))


@settings(max_examples=1000, deadline=None)
@given(places=st.lists(DAMAGE, min_size=1, max_size=3), zipped=st.booleans())
def test_damage_gives_a_log_or_a_refusal(places: list[tuple[int, int, bytes]], *, zipped: bool) -> None:
    """A log with some bytes removed or replaced is read or refused with a known code, and never ends in another error."""
    data = gzip.compress(SMALL.encode(), mtime=0) if zipped else SMALL.encode()
    for place, length, replacement in places:
        start = place % len(data)
        data = data[:start] + replacement + data[start + length :]
    outcome = outcome_of(data)
    assert outcome == "read" or outcome in get_args(XesCode)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    """Random bytes, bare or behind a beginning of gzip or XML, are refused with a reason."""
    for beginning in (b"", b"\x1f\x8b\x08\x00", b"<log>\n"):
        assert refusal(beginning + noise)[0] in get_args(XesCode)


def test_a_gibibyte_of_zeros_is_refused_in_little_memory() -> None:
    """A bomb of zeros is refused at its first byte."""
    error, peak = peak_bytes(io.BytesIO(bomb(b"", b"\0")), Limits())
    assert (error.code, error.line, error.column) == ("xes-nul", 1, 1)
    assert peak < 4 << 20


def test_a_bomb_inside_a_log_is_refused_in_little_memory() -> None:
    """A gibibyte of blanks within a log is refused by its expansion, and by its size where the expansion is allowed."""
    packed = bomb(OPENED, b" ")
    for limits in (Limits(), Limits(expansion=1 << 20, text_bytes=32 << 20)):
        error, peak = peak_bytes(io.BytesIO(packed), limits)
        assert (error.code, error.line) == ("xes-too-large", 3)
        assert 1 << 20 < error.column <= limits.text_bytes
        assert peak < 4 << 20


@pytest.mark.parametrize("beginning", [b'<string key="', b"<!-- ", b"<?x ", b"<", b"</"])
def test_a_tag_without_end_is_refused_in_little_memory(beginning: bytes) -> None:
    """A tag, comment or instruction that never ends is refused once it exceeds its limit, at its beginning."""
    error, peak = peak_bytes(Endless(OPENED + beginning, b"x" * (1 << 16), 1 << 12), Limits())
    assert (error.code, error.line, error.column) == ("xes-too-large", 3, 1)
    assert peak < 8 << 20


def test_a_compressed_file_that_gives_no_text_is_bounded() -> None:
    """A gzip header that never ends counts against the size of the file."""
    name_without_end = Endless(b"\x1f\x8b\x08\x08" + bytes(6), b"x" * (1 << 16), 1 << 10)
    error, peak = peak_bytes(name_without_end, Limits(text_bytes=1 << 20))
    assert (error.code, error.line, error.column) == ("xes-too-large", 1, 1)
    assert peak < 4 << 20


def test_each_limit_is_the_last_size_allowed() -> None:
    """A log exactly at each limit is read, one unit above it is refused with the place of what is too much."""
    case = '<trace><string key="concept:name" value="{}"/>{}</trace>\n'
    two_cases = f"<log>\n{case.format('abcd', EVENT)}{case.format('b', EVENT)}</log>".encode()
    fitting = Limits(text_bytes=len(two_cases), cases=2, events=2, depth=4, value_characters=len("2011-01-01T00:00:00Z"))
    assert len(read_log(io.BytesIO(two_cases), limits=fitting).cases) == 2
    second_event = len(case.format("b", "")) - len("</trace>\n") + 1
    assert refusal(two_cases, Limits(text_bytes=len(two_cases) - 1)) == ("xes-too-large", 1, 1)
    assert refusal(two_cases, Limits(cases=1)) == ("xes-too-large", 3, 1)
    assert refusal(two_cases, Limits(events=1)) == ("xes-too-large", 3, second_event)
    assert refusal(two_cases, Limits(depth=3))[:2] == ("xes-too-large", 2)
    assert refusal(two_cases, Limits(value_characters=19))[:2] == ("xes-too-large", 2)
    assert refusal(OPENED + b'<string key="%b" value=""/>' % (b"k" * 21), Limits(value_characters=20)) == ("xes-too-large", 3, 1)


def test_deep_nesting_is_refused() -> None:
    """Tags nested without end are refused at the limit, wherever they stand."""
    deep = b'<string key="k" value="">' * 100_000
    assert refusal(b"<log>\n" + deep)[:2] == ("xes-too-large", 2)
    assert refusal(OPENED + deep)[:2] == ("xes-too-large", 3)


def test_a_refusal_can_cross_processes() -> None:
    """A refusal survives pickling with its code and place."""
    error = pickle.loads(pickle.dumps(XesError("xes-nul", "No.", 2, 3)))  # noqa: S301  # made on the spot
    assert (error.code, error.sentence, error.line, error.column) == ("xes-nul", "No.", 2, 3)


@pytest.mark.skipif(not RECEIPT.exists(), reason=f"the receipt log is absent: {RECEIPT}")
@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.7, 0.99999])
def test_a_real_log_cut_anywhere_gives_nothing(share: float) -> None:
    """A real log of many pieces, compressed or not, is refused as truncated wherever it is cut."""
    data = RECEIPT.read_bytes()
    text = gzip.decompress(data)
    cut = text[: int(len(text) * share)]
    assert refusal(cut) == ("xes-truncated", *end_of(cut))
    assert refusal(data[: int(len(data) * share)])[0] == "xes-truncated"
