"""A visit's iCalendar file, read by the grammar of RFC 5545."""

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.tracker.ics import OCTETS_MAX, day_calendar
from tests.builders import CODE
from tests.strategies import QUICK

# contentline = name *(";" param) ":" value (RFC 5545, 3.1), value without control characters.
CONTENT_LINE = re.compile(r"[A-Z-]+(;[A-Z-]+=[^;:,\x00-\x1f]+)*:[^\x00-\x08\x0a-\x1f\x7f]*")
TEXT = re.compile(r"([^\\;,\x00-\x1f]|\\[\\;,nN])*")


def read(text: str) -> list[tuple[str, str]]:
    """Returns the properties of a file in their order, unfolded; asserts the form of its lines."""
    assert text.endswith("\r\n")
    lines = text.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= OCTETS_MAX and "\n" not in line and "\r" not in line for line in lines)
    unfolded: list[str] = []
    for line in lines:
        if line.startswith(" "):
            unfolded[-1] += line[1:]
        else:
            unfolded.append(line)
    assert all(CONTENT_LINE.fullmatch(line) for line in unfolded), unfolded
    return [(name, value) for name, _, value in (line.partition(":") for line in unfolded)]


def unescaped(value: str) -> str:
    """Returns a text value as a calendar shows it."""
    assert TEXT.fullmatch(value), value
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def test_a_visit_takes_its_day() -> None:
    """The file is one event of a whole day, the next day being the first that it does not take, and does not tell the code."""
    text = day_calendar(CODE, "lapangan", 1, date(2026, 12, 31), "2026-12-01T02:03:04.000005Z", ("Pemeriksaan", "Siapa, di mana; kapan"))

    found = read(text)

    assert found[0] == ("BEGIN", "VCALENDAR")
    assert found[-1] == ("END", "VCALENDAR")
    properties = dict(found)
    assert properties["DTSTART;VALUE=DATE"] == "20261231"
    assert properties["DTEND;VALUE=DATE"] == "20270101"
    assert properties["DTSTAMP"] == "20261201T020304Z"
    assert unescaped(properties["DESCRIPTION"]) == "Siapa, di mana; kapan"
    assert {"VERSION", "PRODID", "UID"} <= set(properties)
    assert CODE not in text


def test_alarms_come_so_many_days_before() -> None:
    """Each reminder is an alarm of its own inside the one event."""
    text = day_calendar(CODE, "masa-berlaku", 1, date(2027, 12, 2), "2026-12-01T02:03:04.000005Z", ("Izin berakhir", "Perpanjang"), (30, 7))

    found = read(text)

    assert [value for name, value in found if name == "TRIGGER"] == ["-P30D", "-P7D"]
    assert found.count(("BEGIN", "VALARM")) == found.count(("END", "VALARM")) == 2
    assert found.count(("BEGIN", "VEVENT")) == 1


@QUICK
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200), st.integers(1, 99))
def test_any_words_come_back_as_they_were(words: str, number: int) -> None:
    """Whatever the words, also long and of other scripts, the lines keep their form and the words are read back."""
    text = day_calendar(CODE, "lapangan", number, date(2026, 12, 1), "2026-12-01T02:03:04.000005Z", (words, words))

    properties = dict(read(text))

    assert unescaped(properties["SUMMARY"]) == words
    assert unescaped(properties["DESCRIPTION"]) == words
