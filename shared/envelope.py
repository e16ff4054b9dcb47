"""The bytes are the event: one canonical form (RFC 8785), one way in, one way out, and the entry that the ledger makes of it.

Nothing re-serialises an event after its sender stored it. An entry is `{"event":<the sender's bytes>,"ledger":{…}}` by concatenation, and
its leaf hash is SHA-256 over a zero byte and the entry's bytes (RFC 6962).
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError

from shared.events import EVENTS, AnyEvent, Data, Event
from shared.fields import SLUG_PATTERN, SUBJECT_PATTERN, to_instant
from shared.judged import reader_of
from shared.proof.seal import SEAL_PATTERN
from shared.upcast import upcast

EVENT_MAX_BYTES: Final = 48 * 1024
_VERSION: Final = re.compile(r"^(id\.jejakizin\.[a-z-]+\.[a-z-]+)\.v([1-9][0-9]?)$")
_EVENT_PART: Final = b'{"event":'
_EVENT_START: Final = b'{"event":{'
_EVENT_AT: Final = len(_EVENT_PART)
_LEDGER_PART: Final = b',"ledger":'
_SUBJECT_KEY: Final = b',"subject":"'
_TYPE_KEY: Final = b'"type":"'


def _inner(pattern: str) -> str:
    return pattern[1:-1].replace("(", "(?:")


# The end of an entry: of the event `subject`, `time` and `type`, which stand at its end in this order, and the ledger's part.
_END: Final = re.compile(
    rf',"subject":"({_inner(SUBJECT_PATTERN)})","time":"[^"]*","type":"([^"]*)"\}}'
    rf',"ledger":\{{"position":([1-9][0-9]{{0,14}}),"recordedtime":"([^"]+)",'
    rf'(?:"refused":"({_inner(SLUG_PATTERN)})",)?(?:"seal":"({_inner(SEAL_PATTERN)})",)?"sequence":([1-9][0-9]{{0,14}})\}}\}}'.encode()
)


class ContractError(ValueError):
    """Bytes that are not an event; `code` is stable, `detail` says where, never what an applicant wrote."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def canonical(value: Any) -> bytes:  # noqa: ANN401 - any JSON value without floats
    """Returns the RFC 8785 form of a JSON value with ASCII keys and no floats; tested equal to `rfc8785.dumps`."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def tree_digest(value: Any) -> str:  # noqa: ANN401 - any JSON value without floats
    """Returns SHA-256 over the canonical form of a JSON value, in hex: by which states and rows are compared."""
    return hashlib.sha256(canonical(value)).hexdigest()


ADAPTERS: Final[dict[str, TypeAdapter[AnyEvent]]] = {data.type_name(): TypeAdapter(Event[data]) for data in EVENTS}  # type: ignore[valid-type]  # a class from the registry
DATA_CLASSES: Final[dict[str, type[Data]]] = {data.type_name(): data for data in EVENTS}
_NAMES: Final = {data.type_name().rpartition(".")[0] for data in EVENTS}


def encode(event: AnyEvent) -> bytes:
    """Returns the canonical bytes of an event; absent optional fields are left out."""
    return canonical(event.model_dump(exclude_defaults=True))


def decode(raw: bytes) -> AnyEvent:
    """Reads an event strictly.

    Raises `ContractError` with one of the codes `too-large`, `not-json`, `not-canonical`, `unknown-event-type`,
    `unknown-event-version`, `invalid-event`, `wrong-event-id`.
    """
    if len(raw) > EVENT_MAX_BYTES:
        raise ContractError("too-large", f"{len(raw)} bytes, at most {EVENT_MAX_BYTES}")
    try:
        tree = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ContractError("not-json", f"line {error.lineno} column {error.colno}") from None
    if not isinstance(tree, dict) or not _is_canonical(tree, raw):
        raise ContractError("not-canonical", "the bytes are not the RFC 8785 form of one JSON object")
    return _read_event(raw, tree.get("type"))


def _read_event(raw: bytes, type_name: Any) -> AnyEvent:  # noqa: ANN401 - whatever stood under "type"
    adapter = _adapter(type_name)
    try:
        event = adapter.validate_json(raw)
    except ValidationError as error:
        raise _invalid(error) from None
    if event.id != f"{event.subject}/{event.sender}/{event.number}":
        raise ContractError("wrong-event-id", "the id is not <subject>/<sender>/<number>")
    return event


def _read_judged(raw: bytes, type_name: str) -> AnyEvent:
    try:
        event: AnyEvent = reader_of(_adapter(type_name)).validate_json(raw)
    except ValidationError as error:
        raise _invalid(error) from None
    return event


def _invalid(error: ValidationError) -> ContractError:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return ContractError("invalid-event", f"{place}: {first['type']}")


def _is_canonical(tree: dict[str, Any], raw: bytes) -> bool:
    try:
        return canonical(tree) == raw
    except orjson.JSONEncodeError:  # nested deeper than the serializer goes
        return False


def _adapter(type_name: Any) -> TypeAdapter[AnyEvent]:  # noqa: ANN401 - whatever stood under "type"
    if isinstance(type_name, str) and (adapter := ADAPTERS.get(type_name)):
        return adapter
    match = _VERSION.fullmatch(type_name) if isinstance(type_name, str) else None
    if match and match[1] in _NAMES:
        raise ContractError("unknown-event-version", f"{match[1]} version {match[2]}: update this service")
    raise ContractError("unknown-event-type", "no such event in this contract")


class Stamp(NamedTuple):
    """What the ledger adds: `position` in the city, `sequence` in the subject (both gapless from 1), legal time, refusal code and seal or empty."""

    position: int
    sequence: int
    recordedtime: str
    refused: str = ""
    seal: str = ""

    def to_bytes(self) -> bytes:
        """Returns the canonical ledger part."""
        refused = f'"refused":"{self.refused}",' if self.refused else ""
        seal = f'"seal":"{self.seal}",' if self.seal else ""
        text = f'{{"position":{self.position},"recordedtime":"{self.recordedtime}",{refused}{seal}"sequence":{self.sequence}}}'
        return text.encode()


@dataclass(frozen=True)
class Entry:
    """One line of the ledger: an event in the city's order; `raw` are its bytes everywhere."""

    raw: bytes
    stamp: Stamp
    event_raw: bytes

    @cached_property
    def event(self) -> AnyEvent:
        """The event as it was said; the ledger has judged its bytes, so only their meaning is read again."""
        return _read_judged(self.event_raw, self.type)

    @cached_property
    def type(self) -> str:
        """The CloudEvents type, without decoding the event."""
        return _last_value(self.event_raw, _TYPE_KEY)

    @cached_property
    def current(self) -> AnyEvent:
        """The event in the newest version of its type."""
        return upcast(self.event)

    @cached_property
    def subject(self) -> str:
        """The subject, without decoding the whole event."""
        return _last_value(self.event_raw, _SUBJECT_KEY)

    @property
    def recorded(self) -> datetime:
        """Legal time as an aware datetime."""
        return to_instant(self.stamp.recordedtime)


def _last_value(event_raw: bytes, key: bytes) -> str:
    """Returns the text under one of the last keys of a canonical event: `subject`, `time` and `type` stand at its end, in this order."""
    start = event_raw.rindex(key) + len(key)
    return event_raw[start : event_raw.index(b'"', start)].decode("ascii")


def make_entry(event_raw: bytes, stamp: Stamp, event: AnyEvent | None = None) -> Entry:
    """Joins an event's bytes and the ledger's stamp; a decoded `event` of the same bytes saves decoding it again."""
    entry = Entry(_EVENT_PART + event_raw + _LEDGER_PART + stamp.to_bytes() + b"}", stamp, event_raw)
    if event is not None:
        entry.__dict__["event"] = event
        entry.__dict__["subject"] = event.subject
    return entry


def read_entry(raw: bytes) -> Entry:
    """Reads an entry's bytes; raises `ContractError` (`not-an-entry`) when they are not one. The event itself is decoded on first use."""
    start = raw.rfind(_SUBJECT_KEY)
    end = _END.fullmatch(raw, start) if start > 0 and raw.startswith(_EVENT_START) else None
    if end is None:
        raise ContractError("not-an-entry", "no event or no ledger part")
    subject, type_name, position, recorded, refused, seal, sequence = end.groups()
    entry = object.__new__(Entry)
    try:
        recordedtime = recorded.decode("ascii")
        to_instant(recordedtime)
        known = {"subject": subject.decode(), "type": type_name.decode("ascii"), "raw": raw, "event_raw": raw[_EVENT_AT : end.end(2) + 2]}
    except ValueError as error:
        raise ContractError("not-an-entry", type(error).__name__) from None
    refusal, sealed = refused.decode() if refused else "", seal.decode() if seal else ""
    known["stamp"] = Stamp(int(position), int(sequence), recordedtime, refusal, sealed)
    entry.__dict__.update(known)
    return entry


def leaf_hash(raw: bytes) -> bytes:
    """Returns the RFC 6962 leaf hash of an entry: 32 bytes."""
    return hashlib.sha256(b"\x00" + raw).digest()


def event_digest(event_raw: bytes) -> bytes:
    """Returns SHA-256 of an event's bytes: 32 bytes, by which the same number with other bytes is told apart."""
    return hashlib.sha256(event_raw).digest()
