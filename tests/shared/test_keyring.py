"""Which keys seal what a sender says, from which entry to which; and why a seal is none of them."""

from typing import Final

import pytest

from services.ledger import senders
from shared import events as e
from shared.city import City, fold_city
from shared.envelope import encode, leaf_hash
from shared.keyring import seal_problem
from shared.proof.keys import SignerKey, make_signer
from shared.proof.seal import seal_batch
from shared.proof.strict import to_base64url
from shared.refusals import Refusal
from tests.builders import make_city, make_event, make_line

NAME: Final = "palangka-raya/verification"
OLD, NEW = make_signer(NAME, b"o" * 32), make_signer(NAME, b"n" * 32)
OTHER_CITY: Final = make_signer("elsewhere/verification", b"o" * 32)
TODAY: Final = "2026-11-24"
RAW: Final = encode(make_event(e.ReviewCompleted(step="lalin", round=1, result="passed"), sender="verification"))
ANI, BUDI = "a" * 43, "b" * 43


def said(*data: e.Data, city: City, **fields: str) -> City:
    """Returns the city after what the ledger says about verification."""
    for item in data:
        city = fold_city(city, make_line(make_event(item, subject="sender:verification", **fields)))
    return city


def text(signer: SignerKey) -> str:
    """Returns a key's public part as it stands in events."""
    return to_base64url(signer.verifier.public)


def added(signer: SignerKey, valid_until: str = "") -> e.SenderKeyAdded:
    """Returns the registration of a key of verification."""
    return e.SenderKeyAdded.of(name="verification", key=text(signer), valid_until=valid_until)


def sealed(signer: SignerKey, raw: bytes = RAW) -> bytes:
    """Returns the seal of an event, signed with others."""
    return seal_batch([leaf_hash(b"another"), leaf_hash(raw)], signer)[1].to_bytes()


def problem(city: City, seal: bytes, today: str = TODAY) -> str:
    """Returns what is wrong with a seal of `RAW`."""
    return seal_problem(city.keyring.of("verification"), RAW, seal, today)


def test_a_sender_without_a_key_need_not_seal() -> None:
    """Given a sender that never had a key, when it says something without a seal, then nothing is wrong with it."""
    assert problem(make_city(), b"") == ""


def test_from_its_first_key_on_a_sender_must_seal() -> None:
    """Given a registered key, when something comes without a seal, with an unreadable one, or of another key or event, then each has its code."""
    city = said(added(OLD), city=make_city())
    assert problem(city, sealed(OLD)) == ""
    assert problem(city, b"") == "not-sealed"
    assert problem(city, b"x" * 80) == "malformed-seal"
    assert problem(city, sealed(NEW)) == "unknown-key"
    assert problem(city, sealed(OTHER_CITY)) == "unknown-key"
    assert problem(city, sealed(OLD, b"another event")) == "wrong-seal"


def test_a_key_is_good_up_to_its_last_day_and_until_it_is_revoked() -> None:
    """Given two keys, when one has had its last day and the other is revoked, then neither seals any more, each for its own reason."""
    city = said(added(OLD, valid_until=TODAY), added(NEW), city=make_city())
    assert [problem(city, sealed(key)) for key in (OLD, NEW)] == ["", ""]
    assert problem(city, sealed(OLD), today="2026-11-25") == "key-expired"
    city = said(e.SenderKeyRevoked(name="verification", key=text(NEW)), city=city)
    assert [problem(city, sealed(key)) for key in (OLD, NEW)] == ["", "key-revoked"]


def test_a_key_is_one_senders_own() -> None:
    """A key of one sender seals nothing of another one."""
    city = said(added(OLD), city=make_city())
    assert seal_problem(city.keyring.of("inspection"), RAW, b"", TODAY) == ""
    assert city.keyring.of("inspection") == {}


def proposal(signer: SignerKey, **fields: object) -> e.SenderKeyProposed:
    """Returns a proposal about a key of verification."""
    return e.SenderKeyProposed.model_validate({"name": "verification", "key": text(signer), "act": "add", "reason": "rotation", **fields})


def proposed(city: City, data: e.SenderKeyProposed, authid: str = ANI) -> City:
    """Returns the city after somebody's proposal."""
    rule = senders.key_proposed(city, data)
    return said(rule, city=city, authid=authid, role="custodian")


def test_two_people_register_a_key_and_two_revoke_it() -> None:
    """Given a proposal, when somebody else confirms it, then it holds; the proposer cannot, and what nobody proposed cannot be confirmed."""
    city = proposed(make_city(), proposal(NEW, valid_until="2027-01-01"))
    with pytest.raises(Refusal, match="key-same-person"):
        senders.key_confirmed(city, "verification", text(NEW), "add", ANI)
    with pytest.raises(Refusal, match="key-not-proposed"):
        senders.key_confirmed(city, "verification", text(NEW), "revoke", BUDI)
    city = said(senders.key_confirmed(city, "verification", text(NEW), "add", BUDI), city=city)
    assert city.keyring.proposals == {}
    assert city.keyring.of("verification")[text(NEW)].valid_until == "2027-01-01"
    city = proposed(city, proposal(NEW, act="revoke", reason="lost"), BUDI)
    city = said(senders.key_confirmed(city, "verification", text(NEW), "revoke", ANI), city=city)
    assert problem(city, sealed(NEW)) == "key-revoked"


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("key-known", proposal(OLD)),
        ("key-unknown", proposal(NEW, act="revoke")),
        ("sender-not-registered", proposal(NEW, name="nobody")),
        ("sender-not-registered", proposal(NEW, name="ledger")),
    ],
)
def test_a_proposal_that_makes_no_sense_is_refused(code: str, data: e.SenderKeyProposed) -> None:
    """Given a registered key, when somebody proposes it again, revokes a strange one, or names a sender that has none, then it is refused."""
    with pytest.raises(Refusal, match=code):
        proposed(said(added(OLD), city=make_city()), data)


def test_a_revoked_key_never_comes_back() -> None:
    """Given a revoked key, when it is proposed again, to be registered or to be revoked, then both are refused."""
    city = said(added(OLD), e.SenderKeyRevoked(name="verification", key=text(OLD)), city=make_city())
    for act, code in (("add", "key-known"), ("revoke", "key-unknown")):
        with pytest.raises(Refusal, match=code):
            proposed(city, proposal(OLD, act=act))
