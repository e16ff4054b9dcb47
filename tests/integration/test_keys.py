"""Keys against a stolen way in: whoever writes to a sender's topic without its key enters nothing in the ledger."""

import random
from collections.abc import Callable
from functools import partial
from typing import Final

import pytest

from services.ledger import senders
from shared import events as e
from shared.draft import Draft
from shared.envelope import encode, leaf_hash
from shared.kit.kafka import Record
from shared.kit.settings import topic_of
from shared.proof.keys import SignerKey, make_signer
from shared.proof.seal import seal_batch
from shared.proof.strict import to_base64url
from tests.builders import CITY_NAME, CODE, REKLAME, catalogue, make_event, submission
from tests.integration.minicity import APPLICANT, MiniCity

TREASURY: Final = "treasury"
OWN, NEXT, STRANGER = (make_signer(f"{CITY_NAME}/{TREASURY}", seed * 32) for seed in (b"o", b"n", b"s"))
FORGERIES: Final = 10_000


def text(signer: SignerKey) -> str:
    """Returns a key's public part."""
    return to_base64url(signer.verifier.public)


def register(city: MiniCity, signer: SignerKey) -> None:
    """Registers a key by two people."""
    proposal = e.SenderKeyProposed(name=TREASURY, key=text(signer), act="add", reason="rotation")
    stream = senders.subject(TREASURY)
    city.ledger.decide(stream, partial(senders.key_proposed, proposal=proposal), role="custodian", authid="a" * 43)
    rule = partial(senders.key_confirmed, name=TREASURY, key=text(signer), act="add", authid="b" * 43)
    city.ledger.decide(stream, rule, role="custodian", authid="b" * 43)


def payment(number: int, receipt: str = "STS/1") -> bytes:
    """Returns a payment's event with this number of its sender."""
    data = e.PaymentConfirmed(charge="SKPD/1", receipt=receipt, amount_rupiah=1)
    return encode(make_event(data, sender=TREASURY, number=number))


def seal_of(raw: bytes, signer: SignerKey) -> bytes:
    """Returns the seal of an event that is relayed alone."""
    return seal_batch([leaf_hash(raw)], signer)[0].to_bytes()


class Wire:
    """The treasury's topic, as somebody writes to it who has its Kafka user."""

    def __init__(self, city: MiniCity) -> None:
        self._city = city
        self._offset = 0

    def write(self, *records: tuple[bytes, bytes]) -> None:
        """Writes events with their seals and has the ledger judge them."""
        found = [Record(topic_of(TREASURY), self._offset + place, raw, seal=seal) for place, (raw, seal) in enumerate(records)]
        self._offset += len(found)
        self._city.ledger.ingest(found)


def submitted(city: MiniCity) -> Wire:
    """Submits an application in a city where the treasury has a key."""
    city.say("intake", CODE, APPLICANT, Draft(submission(catalogue()[REKLAME])))
    city.pump()
    register(city, OWN)
    return Wire(city)


def test_a_sealed_event_is_entered_with_its_seal(minicity: MiniCity) -> None:
    """Given a sender with a key, when its sealed event comes, then its entry holds the seal, in the ledger and wherever the entry goes."""
    wire, raw = submitted(minicity), payment(1)
    wire.write((raw, seal_of(raw, OWN)))
    minicity.pump()
    last = minicity.entries(CODE)[-1]
    assert (last.event_raw, last.stamp.seal) == (raw, to_base64url(seal_of(raw, OWN)))
    kept = minicity.stores["tracker"].rows("SELECT raw FROM entries WHERE position = %s", (last.stamp.position,))
    assert bytes(kept[0]["raw"]) == last.raw


def test_an_event_that_waited_keeps_its_seal(minicity: MiniCity) -> None:
    """Given a second event that came before the first, when the ledger starts anew and the first comes, then both stand, each with its seal."""
    wire, first, second = submitted(minicity), payment(1), payment(2, "STS/2")
    wire.write((second, seal_of(second, OWN)))
    minicity.open_ledger()
    wire.write((first, seal_of(first, OWN)))
    assert [entry.stamp.seal for entry in minicity.entries(CODE)[-2:]] == [to_base64url(seal_of(raw, OWN)) for raw in (first, second)]


FORGED: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("not-sealed", lambda _raw: b""),
    ("malformed-seal", lambda raw: seal_of(raw, OWN)[:-1]),
    ("unknown-key", lambda raw: seal_of(raw, STRANGER)),
    ("unknown-key", lambda raw: seal_of(raw, make_signer(f"{CITY_NAME}/intake", b"o" * 32))),
    ("wrong-seal", lambda _raw: seal_of(payment(1, "STS/9"), OWN)),
]


@pytest.mark.parametrize(("code", "forge"), FORGED)
def test_what_is_not_sealed_by_the_senders_key_is_rejected(minicity: MiniCity, code: str, forge: Callable[[bytes], bytes]) -> None:
    """Given a stolen Kafka user, when an event comes without a valid seal, then it is a dead letter, and the sender's own is entered after it."""
    wire, raw = submitted(minicity), payment(1)
    wire.write((raw, forge(raw)))
    assert [letter for _, letter in minicity.letters("ledger")] == [code]
    wire.write((raw, seal_of(raw, OWN)))
    assert minicity.names(CODE)[-1] == "payment.confirmed"


def test_a_key_is_changed_without_a_pause(minicity: MiniCity) -> None:
    """Given a second key, when the first is revoked by two people, then from that entry on only the second one seals."""
    wire = submitted(minicity)
    register(minicity, NEXT)
    first, second, third = payment(1), payment(2, "STS/2"), payment(3, "STS/3")
    wire.write((first, seal_of(first, OWN)), (second, seal_of(second, NEXT)))
    proposal = e.SenderKeyProposed(name=TREASURY, key=text(OWN), act="revoke", reason="compromised")
    stream = senders.subject(TREASURY)
    minicity.ledger.decide(stream, partial(senders.key_proposed, proposal=proposal), role="custodian", authid="b" * 43)
    rule = partial(senders.key_confirmed, name=TREASURY, key=text(OWN), act="revoke", authid="a" * 43)
    minicity.ledger.decide(stream, rule, role="custodian", authid="a" * 43)
    wire.write((third, seal_of(third, OWN)))
    assert [letter for _, letter in minicity.letters("ledger")] == ["key-revoked"]
    wire.write((third, seal_of(third, NEXT)))
    assert minicity.names(CODE)[-3:] == ["payment.confirmed"] * 3


def test_no_forged_event_of_thousands_is_entered(minicity: MiniCity) -> None:
    """Given thousands of forged, altered and replayed events over a stolen Kafka user, when the ledger has judged them, then none is entered."""
    wire, real = submitted(minicity), payment(1)
    seal = seal_of(real, OWN)
    wire.write((real, seal))
    head, dice = minicity.ledger.head, random.Random(1)  # noqa: S311 - a repeatable choice, no secret

    def forged(number: int) -> tuple[bytes, bytes]:
        raw = payment(2 + number % 3, f"STS/{number}")
        match number % 5:
            case 0:
                return raw, seal
            case 1:
                return raw, seal_of(raw, STRANGER)
            case 2:
                altered = bytearray(seal_of(raw, OWN))
                altered[dice.randrange(len(altered))] ^= 1 << dice.randrange(8)
                return raw, bytes(altered)
            case 3:
                return real, seal  # a replay: dropped as a repeat
            case _:
                return raw, b""

    for start in range(0, FORGERIES, 500):
        wire.write(*(forged(number) for number in range(start, start + 500)))
    assert minicity.ledger.head == head
    assert len(minicity.letters("ledger")) == FORGERIES - FORGERIES // 5
