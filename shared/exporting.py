"""The ledger's entries in the forms of process mining: XES (IEEE 1849-2023) and OCEL 2.0 JSON, piece by piece; no personal data is in them.

An officer appears by the identity of one application alone, so that nobody is followed from one application to another.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from xml.sax.saxutils import quoteattr

import orjson

from shared import events as e
from shared.code import is_code
from shared.envelope import Entry

_ILLEGAL_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XES_HEAD: Final = b"""<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2023" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/><date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/></global>
<classifier name="Activity" keys="concept:name"/>
"""


def is_case(subject: str) -> bool:
    """Says whether a subject is a case of process mining: an application, or one of an imported history."""
    return is_code(subject) or subject.startswith("legacy:")


# XES


def xes(cases: Iterable[tuple[str, Iterable[Entry]]]) -> Iterator[bytes]:
    """Yields a log in pieces: each case with its entries that stand, in their order; reading it back gives the same values."""
    yield _XES_HEAD
    for subject, entries in cases:
        yield b"<trace>\n" + _attribute("string", "concept:name", subject)
        for entry in entries:
            if not entry.stamp.refused:
                yield b"<event>" + b"".join(_attribute(*item) for item in _xes_event(entry)) + b"</event>\n"
        yield b"</trace>\n"
    yield b"</log>\n"


def _xes_event(entry: Entry) -> Iterator[tuple[str, str, str]]:
    event, data, stamp = entry.event, entry.event.data, entry.stamp
    if isinstance(data, e.LegacyRecorded):
        yield "string", "concept:name", data.activity
        yield "date", "time:timestamp", data.happened_at
        yield "string", "org:resource", data.performer
        yield "string", "lifecycle:transition", data.lifecycle
    else:
        yield "string", "concept:name", f"{data.NAME} {getattr(data, 'step', '')}".rstrip()
        yield "date", "time:timestamp", stamp.recordedtime
        yield "string", "lifecycle:transition", "complete"
        for key, value in (("org:resource", event.authid), ("org:role", event.role), ("org:group", event.agency)):
            if value:
                yield "string", key, value
        yield "date", "jejak:claimed", event.time
    yield "int", "jejak:position", str(stamp.position)
    yield "int", "jejak:sequence", str(stamp.sequence)


def _attribute(kind: str, key: str, value: str) -> bytes:
    # XML has no way to write the other control characters.
    clean = _ILLEGAL_XML.sub("\ufffd", value)
    entities = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    return f"<{kind} key={quoteattr(key)} value={quoteattr(clean, entities)}/>".encode()


# OCEL 2.0

APPLICATION: Final = "application"
AGENCY: Final = "agency"
OFFICER: Final = "officer"
PERMIT: Final = "permit"
CHARGE: Final = "charge"
_OBJECT_TYPES: Final = (AGENCY, APPLICATION, CHARGE, OFFICER, PERMIT)
_EVENT_ATTRIBUTES: Final = (("position", "integer"), ("sequence", "integer"), ("role", "string"), ("step", "string"))


def ocel(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yields an OCEL 2.0 JSON log in pieces; its objects are known at the end only, and are the one thing that is kept meanwhile."""
    objects: dict[str, str] = {}
    types: set[str] = set()
    yield b'{"events":['
    comma = b""
    for entry in entries:
        if entry.stamp.refused or not is_code(entry.subject):
            continue
        related = list(_related(entry))
        objects.update((name, kind) for kind, name, _ in related)
        types.add(entry.event.data.NAME)
        yield comma + orjson.dumps(_ocel_event(entry, related))
        comma = b",\n"
    yield b'],\n"objects":['
    comma = b""
    for name, kind in objects.items():
        yield comma + orjson.dumps({"id": name, "type": kind, "attributes": [], "relationships": []})
        comma = b",\n"
    attributes = [{"name": name, "type": kind} for name, kind in _EVENT_ATTRIBUTES]
    yield b'],\n"eventTypes":' + orjson.dumps([{"name": name, "attributes": attributes} for name in sorted(types)])
    yield b',\n"objectTypes":' + orjson.dumps([{"name": name, "attributes": []} for name in _OBJECT_TYPES]) + b"}\n"


def _ocel_event(entry: Entry, related: list[tuple[str, str, str]]) -> dict[str, Any]:
    event, stamp = entry.event, entry.stamp
    values = {"position": stamp.position, "sequence": stamp.sequence, "role": event.role, "step": getattr(event.data, "step", "")}
    return {
        "id": f"e{stamp.position}",
        "type": event.data.NAME,
        "time": stamp.recordedtime,
        "attributes": [{"name": name, "value": value} for name, value in values.items() if value != ""],
        "relationships": [{"objectId": name, "qualifier": qualifier} for _, name, qualifier in related],
    }


def _related(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """Yields the objects of an event: type, id and qualifier. Numbers are of one application, so its code stands before them."""
    event, data, code = entry.current, entry.current.data, entry.subject
    yield APPLICATION, code, "of"
    if event.agency:
        yield AGENCY, f"agency:{event.agency}", "by"
    if event.authid:
        yield OFFICER, f"{code}/{event.authid}", "by"
    if isinstance(data, e.PermitIssued | e.PermitDeemedGranted):
        yield PERMIT, f"{code}/permit/{data.number}", "issues"
    if isinstance(data, e.ChargeAssessed | e.DepositRequired):
        yield CHARGE, f"{code}/charge/{data.number}", "assesses"
    elif isinstance(charge := getattr(data, "charge", None), str) and charge:
        yield CHARGE, f"{code}/charge/{charge}", "about"
