"""A scheduled visit or the end of a permit as an iCalendar file (RFC 5545), so that an applicant's own calendar reminds them; pure.

A calendar is often shared, so nothing in it tells the application's code: the identifier is a hash.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

OCTETS_MAX: Final = 75
CONTENT_TYPE: Final = "text/calendar; charset=utf-8"


def day_calendar(
    code: str, what: str, number: int, day: date, stamp: str, words: tuple[str, str], alarms_days_before: Sequence[int] = ()
) -> str:
    """Returns the file of something that takes a whole day, with alarms so many days before it.

    `what` and `number` tell it apart within the application, `stamp` is a contract timestamp, `words` are the summary and the description.
    """
    uid = hashlib.sha256(f"{code}\n{what}\n{number}".encode()).hexdigest()[:32]
    made = stamp[:19].replace("-", "").replace(":", "") + "Z"
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Jejak Izin//Pelacak//ID",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{uid}@jejak-izin.invalid",
        f"DTSTAMP:{made}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(words[0])}",
        f"DESCRIPTION:{_escaped(words[1])}",
        "TRANSP:OPAQUE",
        *(line for days in alarms_days_before for line in _alarm(days, words[0])),
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _alarm(days_before: int, summary: str) -> tuple[str, ...]:
    return ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_escaped(summary)}", f"TRIGGER:-P{days_before}D", "END:VALARM")


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Returns a content line in pieces of at most 75 octets, never cut inside a character."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > OCTETS_MAX:
            pieces.append(piece)
            piece = " "
        piece += character
    return "\r\n".join((*pieces, piece))
