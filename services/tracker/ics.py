"""A scheduled visit as an iCalendar file (RFC 5545), so that an applicant's own calendar reminds them; pure.

A calendar is often shared, so nothing in it tells the application's code: the identifier is a hash.
"""

import hashlib
from datetime import date, timedelta
from typing import Final

OCTETS_MAX: Final = 75
CONTENT_TYPE: Final = "text/calendar; charset=utf-8"


def visit_calendar(code: str, step: str, number: int, day: date, stamp: str, words: tuple[str, str]) -> str:
    """Returns the file of one visit that takes a whole day; `stamp` is a contract timestamp, `words` are the summary and the description."""
    uid = hashlib.sha256(f"{code}\n{step}\n{number}".encode()).hexdigest()[:32]
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
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{_folded(line)}\r\n" for line in lines)


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
