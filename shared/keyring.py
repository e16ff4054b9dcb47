"""Which keys seal what a sender says: folded from entries, so that a key is good from one position of the ledger to another.

A sender without a key speaks on its Kafka user alone; from its first key on everything that it says carries a seal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from shared.envelope import leaf_hash
from shared.events import AnyEvent, SenderKeyAdded, SenderKeyProposed, SenderKeyRevoked
from shared.events.rules import KeyAct
from shared.proof.errors import ProofError
from shared.proof.keys import LOG, VerifierKey
from shared.proof.seal import read_seal
from shared.proof.strict import read_base64url

NO_KEYS: Final[Mapping[str, "SenderKey"]] = {}


@dataclass(frozen=True, slots=True)
class SenderKey:
    """A registered key: until which local date it is good (empty: without end), and whether it was revoked."""

    verifier: VerifierKey
    valid_until: str = ""
    revoked: bool = False

    def state(self, today: str) -> str:
        """Returns `valid`, `expired` or `revoked` on a local date."""
        if self.revoked:
            return "revoked"
        return "expired" if self.valid_until and self.valid_until < today else "valid"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody proposed about a key, until somebody else confirms it."""

    data: SenderKeyProposed
    authid: str


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of every sender by their text, and what is proposed."""

    keys: Mapping[str, Mapping[str, SenderKey]]
    proposals: Mapping[tuple[str, str, KeyAct], Proposal]

    def of(self, sender: str) -> Mapping[str, SenderKey]:
        """Returns the keys that a sender ever had, by their text, in the order of their registration."""
        return self.keys.get(sender, NO_KEYS)


EMPTY: Final = Keyring({}, {})


def fold_keys(ring: Keyring, event: AnyEvent) -> Keyring:
    """Returns the keyring after an event of the ledger; any other event changes nothing."""
    data = event.data
    match data:
        case SenderKeyProposed():
            return replace(ring, proposals={**ring.proposals, (data.name, data.key, data.act): Proposal(data, event.authid)})
        case SenderKeyAdded():
            added = SenderKey(verifier_key(event.city, data.name, data.key), data.valid_until)
            return _settled(_with_key(ring, data.name, data.key, added), data.name, data.key)
        case SenderKeyRevoked() if (known := ring.of(data.name).get(data.key)) is not None:
            return _settled(_with_key(ring, data.name, data.key, replace(known, revoked=True)), data.name, data.key)
        case _:
            return ring


def verifier_key(city_name: str, sender: str, key: str) -> VerifierKey:
    """Returns a sender's public key, given as it stands in events, under the name that its signatures bear."""
    return VerifierKey(f"{city_name}/{sender}", LOG, read_base64url(key, "malformed-key", "the key"))


def _with_key(ring: Keyring, sender: str, text: str, key: SenderKey) -> Keyring:
    return replace(ring, keys={**ring.keys, sender: {**ring.of(sender), text: key}})


def _settled(ring: Keyring, sender: str, text: str) -> Keyring:
    left = {place: proposal for place, proposal in ring.proposals.items() if place[:2] != (sender, text)}
    return replace(ring, proposals=left)


def seal_problem(keys: Mapping[str, SenderKey], event_raw: bytes, seal: bytes, today: str) -> str:
    """Returns why a seal is none of a sender's valid keys on a local date, as a code; empty when it is, and of a sender without keys."""
    if not keys:
        return ""
    if not seal:
        return "not-sealed"
    try:
        read = read_seal(seal)
    except ProofError:
        return "malformed-seal"
    key = next((key for key in keys.values() if key.verifier.id == read.key_id), None)
    if key is None:
        return "unknown-key"
    if not read.is_of(key.verifier, leaf_hash(event_raw)):
        return "wrong-seal"
    state = key.state(today)
    return "" if state == "valid" else f"key-{state}"
