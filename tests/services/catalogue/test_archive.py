"""Another system's log becomes events that depend on the file alone, and gives its figures back."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from services.catalogue.archive import ArchiveError, figures, legacy_events, system_name
from shared.envelope import encode
from shared.xes import XesCase, XesEvent, XesLog
from tests.builders import make_line

KEY = b"k" * 32
SOURCE = "/palangka-raya/archive"
MOMENT = datetime(2011, 10, 11, 11, 45, 40, 276000, tzinfo=UTC)
DUE, EARLY, LATE = "2011-12-06T12:41:31.788000Z", "2011-12-06T12:41:31.787999Z", "2011-12-06T12:41:31.788001Z"


def event(resource: str = "Resource21", activity: str = "Confirmation of receipt", lifecycle: str = "complete") -> XesEvent:
    """Returns an event of a log."""
    return XesEvent(activity, MOMENT, resource, lifecycle, {})


def log(*events: XesEvent, name: str = "case-1", attributes: Mapping[str, str] | None = None) -> XesLog:
    """Returns a log of one case."""
    return XesLog((XesCase(name, attributes or {}, events),), "a" * 64)


def performers(*names: str) -> list[str]:
    """Returns how performers are named in the events."""
    mapped = legacy_events(log(*(event(name) for name in names)), "old", SOURCE, KEY)
    return [item.data.performer for item in mapped.events]


def test_an_event_says_what_the_log_says() -> None:
    """Subject, number, indexes, times, channel and performer come from the file; the event's own time is the other system's."""
    mapped = legacy_events(
        log(event(), event("admin1"), attributes={"channel": "Desk", "deadline": DUE, "enddate": LATE}), "receipt", SOURCE, KEY
    )

    first, second = mapped.events
    assert (first.id, second.id) == ("legacy:receipt/case-1/archive/1", "legacy:receipt/case-1/archive/2")
    assert first.time == first.data.happened_at == "2011-10-11T11:45:40.276000Z"
    assert (first.data.channel, first.data.due_at, first.data.closed_at) == ("counter", DUE, LATE)
    assert (second.data.performer, second.data.event_index, second.data.events_total) == ("admin1", 1, 2)


def test_the_same_file_makes_the_same_bytes() -> None:
    """Mapping twice gives equal bytes, so that the ledger drops a second import as repeats."""
    one, two = (legacy_events(log(event("Siti"), event()), "old", SOURCE, KEY) for _ in range(2))

    assert [encode(item) for item in one.events] == [encode(item) for item in two.events]


def test_a_code_is_kept_and_a_possible_name_is_not() -> None:
    """A word with a number stays readable; a person's name becomes a pseudonym that only the city's key can make."""
    kept, hidden = performers("Resource21", "Siti Rahma")
    other = legacy_events(log(event("Siti Rahma")), "old", SOURCE, b"x" * 32).events[0].data.performer

    assert kept == "resource21"
    assert hidden.startswith("p-")
    assert "siti" not in hidden
    assert hidden != other


def test_different_performers_stay_different() -> None:
    """Names that are equal in lower case are not merged, neither codes nor others."""
    assert len(set(performers("test", "TEST", "Admin1", "admin1", "admin 1", "admin2"))) == 6


def test_what_the_log_leaves_out_is_said_to_be_left_out() -> None:
    """No performer, lifecycle or channel is not an invented one."""
    data = legacy_events(log(event("", lifecycle="")), "old", SOURCE, KEY).events[0].data

    assert (data.performer, data.lifecycle, data.channel, data.due_at, data.closed_at) == ("not-said", "not-said", "partner", "", "")


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        (log(event(), name="Bu Siti & anak"), "Case 1: its name"),
        (log(event(), event(activity="x" * 201)), "Case 1, its event 2: activity"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(bad: XesLog, place: str) -> None:
    """A sentence names the case and event, never the value."""
    with pytest.raises(ArchiveError, match=place) as refused:
        legacy_events(bad, "old", SOURCE, KEY)
    assert "Siti" not in str(refused.value)


@pytest.mark.parametrize(("closed", "late"), [(EARLY, 0), (DUE, 0), (LATE, 1)])
def test_late_is_after_the_due_time(closed: str, late: int) -> None:
    """A case closed at its due time is in time, a microsecond later it is late; refused entries do not count."""
    mapped = legacy_events(log(event(), event("", "Second"), attributes={"deadline": DUE, "enddate": closed}), "old", SOURCE, KEY)
    lines = [make_line(item, number, number) for number, item in enumerate(mapped.events, start=1)]
    refused = make_line(mapped.events[1], 3, 3, refused="stale")

    found = figures([*lines, refused])

    assert (found.cases, found.events, found.activities, found.performers, found.closed, found.late) == (1, 2, 2, 1, 1, late)


@pytest.mark.parametrize(("stem", "name"), [("receipt", "receipt"), ("Log Lama 2019", "log-lama-2019"), ("...", "")])
def test_a_system_is_named_after_its_file(stem: str, name: str) -> None:
    """Lower-case letters, digits and hyphens remain."""
    assert system_name(stem) == name
