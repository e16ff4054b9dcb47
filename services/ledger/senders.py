"""What the ledger says about senders and their keys when people ask for it; pure, and each decision under the rules of its moment."""

from typing import Final

from shared.city import City
from shared.events import SenderKeyAdded, SenderKeyProposed, SenderKeyRevoked, SenderRegistered, SenderRevoked
from shared.events.rules import KeyAct
from shared.refusals import Refusal

LEDGER: Final = "ledger"


def subject(name: str) -> str:
    """Returns the stream in which everything about a sender stands."""
    return f"sender:{name}"


def revoked(city: City, name: str) -> SenderRevoked:
    """Takes the word from a sender; what comes from it afterwards is a dead letter. Raises `Refusal` when it has none."""
    if name not in city.senders or name == LEDGER:
        raise Refusal("sender-not-registered", name)
    return SenderRevoked(name=name)


def restored(city: City, name: str) -> SenderRegistered:
    """Gives a revoked sender its word back, as it was registered last. Raises `Refusal` when it was not revoked."""
    if name not in city.revoked:
        raise Refusal("sender-not-revoked", name)
    return city.revoked[name]


def key_proposed(city: City, proposal: SenderKeyProposed) -> SenderKeyProposed:
    """Proposes that a key may seal what a sender says, or may no longer. Raises `Refusal`."""
    known = city.keyring.of(proposal.name).get(proposal.key)
    if proposal.name == LEDGER or proposal.name not in {*city.senders, *city.revoked}:
        raise Refusal("sender-not-registered", proposal.name)
    if proposal.act == "add" and known is not None:
        raise Refusal("key-known", proposal.name)
    if proposal.act == "revoke" and (known is None or known.revoked):
        raise Refusal("key-unknown", proposal.name)
    return proposal


def key_confirmed(city: City, name: str, key: str, act: KeyAct, authid: str) -> SenderKeyAdded | SenderKeyRevoked:
    """Says what somebody else than the proposer confirms. Raises `Refusal`."""
    proposal = city.keyring.proposals.get((name, key, act))
    if proposal is None:
        raise Refusal("key-not-proposed", name)
    if proposal.authid == authid:
        raise Refusal("key-same-person", name)
    if act == "revoke":
        return SenderKeyRevoked(name=name, key=key)
    return SenderKeyAdded.of(name=name, key=key, valid_until=proposal.data.valid_until)
