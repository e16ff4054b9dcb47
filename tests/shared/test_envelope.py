"""The bytes of events and entries: one canonical form, strictly read, and nothing else ever comes out of bad bytes."""

from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import events as e
from shared.envelope import (
    EVENT_MAX_BYTES,
    ContractError,
    Entry,
    Stamp,
    canonical,
    decode,
    encode,
    event_digest,
    leaf_hash,
    make_entry,
    read_entry,
)
from shared.refusals import REFUSALS
from tests.builders import MONDAY_MORNING, make_event, make_line
from tests.golden.renew import examples
from tests.strategies import DATA, QUICK, events, json_values

GOLDEN = {event.type: encode(event) for event in examples()}
PERMIT = GOLDEN["id.jejakizin.permit.issued.v1"]
STAMP = Stamp(7, 3, "2026-11-24T01:02:03.000004Z")
LINE = make_entry(PERMIT, STAMP).raw
DECODING_CODES = {
    "too-large",
    "not-json",
    "not-canonical",
    "unknown-event-type",
    "unknown-event-version",
    "invalid-event",
    "wrong-event-id",
}


def code_of(raw: bytes) -> str:
    """Returns the code with which bytes are refused, empty when they are an event."""
    try:
        decode(raw)
    except ContractError as error:
        return error.code
    return ""


def changed(**attributes: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Returns the golden permit with other attributes, in canonical form."""
    return canonical({**orjson.loads(PERMIT), **attributes})


@QUICK
@given(json_values)
def test_canonical_form_is_rfc_8785(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Our canonical form of any JSON value without floats and with ASCII keys is the one of RFC 8785."""
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("data", e.EVENTS, ids=lambda data: data.__name__)
@settings(QUICK, max_examples=12)
@given(draw=st.data())
def test_every_event_comes_back_as_it_was(data: type[e.Data], draw: st.DataObject) -> None:
    """Decoding what was encoded gives an equal event, of every class, and the bytes are in canonical form."""
    event = draw.draw(events(DATA[data]))
    raw = encode(event)
    assert decode(raw) == event
    assert encode(decode(raw)) == raw == rfc8785.dumps(orjson.loads(raw))


BAD = {
    "nothing": (b"", "not-json"),
    "no JSON": (b"halo", "not-json"),
    "a list": (b"[]", "not-canonical"),
    "a text": (b'"a"', "not-canonical"),
    "null": (b"null", "not-canonical"),
    "an empty object": (b"{}", "unknown-event-type"),
    "byte order mark": (b"\xef\xbb\xbf" + PERMIT, "not-json"),
    "trailing newline": (PERMIT + b"\n", "not-canonical"),
    "trailing text": (PERMIT + b"x", "not-json"),
    "second event": (PERMIT + PERMIT, "not-json"),
    "leading space": (b" " + PERMIT, "not-canonical"),
    "space after a colon": (PERMIT.replace(b'"basis":', b'"basis": ', 1), "not-canonical"),
    "pretty": (orjson.dumps(orjson.loads(PERMIT), option=orjson.OPT_INDENT_2), "not-canonical"),
    "another key order": (orjson.dumps(dict(reversed(orjson.loads(PERMIT).items()))), "not-canonical"),
    "a key twice": (PERMIT.replace(b'"basis":11', b'"basis":11,"basis":11', 1), "not-canonical"),
    "NaN": (PERMIT.replace(b'"basis":11', b'"basis":NaN', 1), "not-json"),
    "Infinity": (PERMIT.replace(b'"basis":11', b'"basis":Infinity', 1), "not-json"),
    "-Infinity": (PERMIT.replace(b'"basis":11', b'"basis":-Infinity', 1), "not-json"),
    "a float": (PERMIT.replace(b'"basis":11', b'"basis":11.5', 1), "invalid-event"),
    "a float that is whole": (PERMIT.replace(b'"basis":11', b'"basis":11.0', 1), "invalid-event"),
    "an exponent": (PERMIT.replace(b'"basis":11', b'"basis":1.1e1', 1), "not-canonical"),
    "minus zero": (PERMIT.replace(b'"basis":11', b'"basis":-0', 1), "not-canonical"),
    "a leading zero": (PERMIT.replace(b'"basis":11', b'"basis":011', 1), "not-json"),
    "a huge integer": (PERMIT.replace(b'"basis":11', b'"basis":' + b"9" * 400, 1), "not-json"),
    "an integer as text": (PERMIT.replace(b'"basis":11', b'"basis":"11"', 1), "invalid-event"),
    "an escaped letter": (PERMIT.replace(b'"tetap"', b'"tet\\u0061p"', 1), "not-canonical"),
    "an escaped slash": (PERMIT.replace(b"503/", b"503\\/", 1), "not-canonical"),
    "a lone surrogate": (PERMIT.replace(b'"tetap"', b'"\\ud800"', 1), "not-json"),
    "a surrogate in UTF-8": (PERMIT.replace(b'"tetap"', b'"\xed\xa0\x80"', 1), "not-json"),
    "no UTF-8": (PERMIT.replace(b'"tetap"', b'"\xff"', 1), "not-json"),
    "overlong UTF-8": (PERMIT.replace(b'"tetap"', b'"\xc1\xa1"', 1), "not-json"),
    "a NUL byte": (PERMIT.replace(b'"tetap"', b'"\0"', 1), "not-json"),
    "an escaped NUL": (PERMIT.replace(b'"tetap"', b'"\\u0000"', 1), "invalid-event"),
    "NUL bytes only": (bytes(100), "not-json"),
    "a deep list, too long": (b"[" * 100_000 + b"]" * 100_000, "too-large"),
    "a deep list": (b"[" * 20_000 + b"]" * 20_000, "not-json"),
    "deep brackets never closed": (b'{"a":' * 5_000, "not-json"),
    "deeper than the serializer goes": (b'{"a":' + b"[" * 300 + b"]" * 300 + b"}", "not-canonical"),
    "ten megabytes": (b'{"a":"' + b"x" * 10_000_000 + b'"}', "too-large"),
    "one byte too many": (b'{"a":"' + b"x" * (EVENT_MAX_BYTES - 7) + b'"}', "too-large"),
    "the largest": (b'{"a":"' + b"x" * (EVENT_MAX_BYTES - 8) + b'"}', "unknown-event-type"),
    "an unknown event": (changed(type="id.jejakizin.permit.imagined.v1"), "unknown-event-type"),
    "another prefix": (changed(type="org.example.permit.issued.v1"), "unknown-event-type"),
    "a newer version": (changed(type="id.jejakizin.permit.issued.v2"), "unknown-event-version"),
    "a much newer version": (changed(type="id.jejakizin.visit.reported.v17"), "unknown-event-version"),
    "version zero": (changed(type="id.jejakizin.permit.issued.v0"), "unknown-event-type"),
    "a version with a newline": (changed(type="id.jejakizin.permit.issued.v2\n"), "unknown-event-type"),
    "a type that is a number": (changed(type=7), "unknown-event-type"),
    "a type that is a list": (changed(type=["id.jejakizin.permit.issued.v1"]), "unknown-event-type"),
    "data of another event": (changed(type="id.jejakizin.visit.missed.v1"), "invalid-event"),
    "no data": (canonical({key: value for key, value in orjson.loads(PERMIT).items() if key != "data"}), "invalid-event"),
    "an unknown attribute": (changed(nik="6271"), "invalid-event"),
    "an older CloudEvents": (changed(specversion="0.3"), "invalid-event"),
    "a mistyped subject": (changed(subject="PKY-36BS-2WSW-K54E-G"), "invalid-event"),
    "an id of another subject": (changed(id="PKY-0000-0000-0000-0/issuance/5"), "wrong-event-id"),
    "an id of another sender": (changed(id="PKY-36BS-2WSW-K54E-F/intake/5"), "wrong-event-id"),
    "an id with too few parts": (changed(id="PKY-36BS-2WSW-K54E-F/5"), "wrong-event-id"),
    "an id with too many parts": (changed(id="x/PKY-36BS-2WSW-K54E-F/issuance/5"), "wrong-event-id"),
    "an id without a number": (changed(id="PKY-36BS-2WSW-K54E-F/issuance/"), "invalid-event"),
}


@pytest.mark.parametrize(("raw", "code"), BAD.values(), ids=BAD)
def test_bad_bytes_are_refused_with_their_code(raw: bytes, code: str) -> None:
    """Each kind of bad bytes has its code, which the catalogue of refusals explains."""
    assert code_of(raw) == code
    assert code in REFUSALS
    assert code in DECODING_CODES


def test_a_refusal_does_not_repeat_what_was_written() -> None:
    """The detail of a refused event names the place and the kind of the problem, never the value."""
    with pytest.raises(ContractError) as caught:
        decode(changed(data={"step": "Budi Santoso", "number": "1", "valid_from": "2026-01-01"}))
    assert caught.value.detail.startswith("data.")
    assert "Budi" not in str(caught.value)


@st.composite
def mutated(draw: st.DrawFn, whole: tuple[bytes, ...]) -> bytes:
    """Good bytes with a few bytes replaced, dropped, doubled or cut off."""
    raw = bytearray(draw(st.sampled_from(whole)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(raw) - 1)))
        piece = draw(st.sampled_from([b"", b'"', b"0", b",", b"{", b"}", b"[", b"\\", b"\xff", b"\0", b"null", b"1e9", b'"":0,']))
        raw[at : at + draw(st.integers(0, 3))] = piece
    return bytes(raw[: draw(st.sampled_from([len(raw), len(raw) // 2]))])


@settings(QUICK, max_examples=300)
@given(st.binary(max_size=300) | mutated(tuple(GOLDEN.values())) | json_values.map(canonical))
def test_decoding_raises_nothing_else(raw: bytes) -> None:
    """Arbitrary bytes and damaged events are an event of exactly these bytes or a `ContractError` of the known codes, nothing else."""
    code = code_of(raw)
    if code:
        assert code in DECODING_CODES
    else:
        assert encode(decode(raw)) == raw


@settings(QUICK, max_examples=300)
@given(st.binary(max_size=300) | mutated((LINE, make_entry(PERMIT, Stamp(1, 1, STAMP.recordedtime, "stale")).raw)))
def test_reading_an_entry_raises_nothing_else(raw: bytes) -> None:
    """Arbitrary bytes and damaged entries are an entry of exactly these bytes or `not-an-entry`, nothing else."""
    entry = entry_of(raw)
    assert entry == "not-an-entry" or (isinstance(entry, Entry) and make_entry(entry.event_raw, entry.stamp).raw == raw)


def entry_of(raw: bytes) -> Entry | str:
    """Returns the entry, or the code with which its bytes are refused."""
    try:
        return read_entry(raw)
    except ContractError as error:
        return error.code


def stamped(text: str) -> bytes:
    """Returns the golden permit with another ledger part."""
    return b'{"event":' + PERMIT + b',"ledger":' + text.encode() + b"}"


GOOD_STAMP = '{"position":7,"recordedtime":"2026-11-24T01:02:03.000004Z","sequence":3}'
BAD_LINES = {
    "nothing": b"",
    "an event alone": PERMIT,
    "no event": b'{"event":null,"ledger":' + GOOD_STAMP.encode() + b"}",
    "an event that is no object": b'{"event":{,"ledger":' + GOOD_STAMP.encode() + b"}",
    "an event without a subject": b'{"event":{},"ledger":' + GOOD_STAMP.encode() + b"}",
    "an event with a mistyped subject": b'{"event":{"subject":"PKY-1"},"ledger":' + GOOD_STAMP.encode() + b"}",
    "a subject that is a number": b'{"event":{"subject":5},"ledger":' + GOOD_STAMP.encode() + b"}",
    "no ledger part": b'{"event":' + PERMIT + b"}",
    "trailing newline": LINE + b"\n",
    "byte order mark": b"\xef\xbb\xbf" + LINE,
    "a space": LINE.replace(b'"ledger":{', b'"ledger": {'),
    "position zero": stamped(GOOD_STAMP.replace('"position":7', '"position":0')),
    "a negative position": stamped(GOOD_STAMP.replace('"position":7', '"position":-7')),
    "a float position": stamped(GOOD_STAMP.replace('"position":7', '"position":7.0')),
    "a position with an exponent": stamped(GOOD_STAMP.replace('"position":7', '"position":1e+30')),
    "a true position": stamped(GOOD_STAMP.replace('"position":7', '"position":true')),
    "a position as text": stamped(GOOD_STAMP.replace('"position":7', '"position":"7"')),
    "a position with a leading zero": stamped(GOOD_STAMP.replace('"position":7', '"position":07')),
    "a position beyond 2^53": stamped(GOOD_STAMP.replace('"position":7', f'"position":{2**60}')),
    "sequence zero": stamped(GOOD_STAMP.replace('"sequence":3', '"sequence":0')),
    "no sequence": stamped(GOOD_STAMP.replace(',"sequence":3', "")),
    "another order": stamped('{"sequence":3,"position":7,"recordedtime":"2026-11-24T01:02:03.000004Z"}'),
    "an unknown key": stamped(GOOD_STAMP.replace('"sequence"', '"seal":1,"sequence"')),
    "a date that is none": stamped(GOOD_STAMP.replace("11-24", "02-30")),
    "a time without microseconds": stamped(GOOD_STAMP.replace(".000004", "")),
    "a time of another zone": stamped(GOOD_STAMP.replace("000004Z", "0004+07")),
    "an empty refusal": stamped(GOOD_STAMP.replace('"sequence"', '"refused":"","sequence"')),
    "a refusal that is no code": stamped(GOOD_STAMP.replace('"sequence"', '"refused":"Budi Santoso","sequence"')),
    "a refusal that is null": stamped(GOOD_STAMP.replace('"sequence"', '"refused":null,"sequence"')),
    "another script's digits": stamped(GOOD_STAMP.replace('"position":7', '"position":\u0667')),
    "deep": b'{"event":{"a":' + b"[" * 100_000 + b',"ledger":' + GOOD_STAMP.encode() + b"}",
}


def test_the_good_stamp_is_good() -> None:
    """The ledger part that the bad ones are made of is read as what it says."""
    entry = read_entry(stamped(GOOD_STAMP))
    assert (entry.stamp, entry.raw) == (STAMP, LINE)


@pytest.mark.parametrize("raw", BAD_LINES.values(), ids=BAD_LINES)
def test_bad_entries_are_refused(raw: bytes) -> None:
    """A ledger part has one spelling, with positive integers, a real time and a refusal code only."""
    with pytest.raises(ContractError) as caught:
        read_entry(raw)
    assert caught.value.code == "not-an-entry"


@QUICK
@given(events(), st.integers(1, 10**15 - 1), st.integers(1, 10**15 - 1), st.sampled_from(["", *REFUSALS]))
def test_entries_are_read_as_they_were_made(event: e.AnyEvent, position: int, sequence: int, refused: str) -> None:
    """An entry made of an event and a stamp is canonical JSON of both and is read back as the same entry."""
    raw, stamp = encode(event), Stamp(position, sequence, "2026-11-24T01:02:03.000004Z", refused)
    entry = read_entry(make_entry(raw, stamp, event).raw)
    assert (entry.event_raw, entry.stamp, entry.event, entry.subject) == (raw, stamp, event, event.subject)
    assert entry == Entry(entry.raw, stamp, raw)
    assert rfc8785.dumps(orjson.loads(entry.raw)) == entry.raw


def test_an_entry_says_its_legal_time() -> None:
    """The legal time of an entry is the ledger's, as an aware instant."""
    entry = make_line(make_event(e.ApplicationWithdrawn(reason="batal"), time="2020-01-01T00:00:00.000000Z"))
    assert entry.recorded == MONDAY_MORNING


def test_a_bad_event_in_a_good_entry_shows_on_first_use() -> None:
    """Reading an entry does not decode its event; using the event does, and raises its `ContractError`."""
    raw = changed(type="id.jejakizin.permit.issued.v2")
    entry = read_entry(make_entry(raw, STAMP).raw)
    assert entry.subject == "PKY-36BS-2WSW-K54E-F"
    with pytest.raises(ContractError, match="unknown-event-version"):
        _ = entry.event


def test_hashes_are_sha_256() -> None:
    """The leaf hash is the one of RFC 6962 (known answer: SHA-256 of the byte zero for no data); a digest is plain SHA-256."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert event_digest(b"").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
