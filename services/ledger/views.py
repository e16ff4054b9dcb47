"""What the ledger shows of an application: no row is kept, each state is folded from the history when it is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.case import case_state, fold_all
from shared.city import City
from shared.envelope import Entry
from shared.fields import to_instant, to_timestamp
from shared.refusals import Refusal
from shared.sop.model import Sop


def state(subject: str, entries: Sequence[Entry], sops: Mapping[str, Sop], *, as_of: str = "", sequence: int = 0) -> dict[str, Any]:
    """Returns the state of a history, now, as of a time or after a sequence; raises `Refusal` when the time is none."""
    chosen = _until(entries, as_of, sequence)
    return {"entries": len(chosen), "of": len(entries), "case": case_state(fold_all(subject, chosen, sops))}


def senders(city: City) -> dict[str, Any]:
    """Returns who may speak, and who may no longer: name, stage, agencies, keys as they stand today, and what is proposed about keys."""
    listed = [(sender, False) for sender in city.senders.values()] + [(sender, True) for sender in city.revoked.values()]
    rows = [
        {"name": s.name, "stage": s.stage, "agencies": list(s.agencies), "revoked": revoked, "keys": _keys(city, s.name)}
        for s, revoked in listed
    ]
    proposals = [
        {"name": name, "key": key, "act": act, "reason": proposal.data.reason, "valid_until": proposal.data.valid_until}
        for (name, key, act), proposal in city.keyring.proposals.items()
    ]
    return {"senders": sorted(rows, key=lambda row: row["name"]), "proposals": proposals}


def _keys(city: City, sender: str) -> list[dict[str, str]]:
    return [{"key": text, "state": key.state(city.today), "valid_until": key.valid_until} for text, key in city.keyring.of(sender).items()]


def _until(entries: Sequence[Entry], as_of: str, sequence: int) -> Sequence[Entry]:
    if sequence:
        return [entry for entry in entries if entry.stamp.sequence <= sequence]
    if as_of:
        try:
            limit = to_timestamp(to_instant(as_of))
        except ValueError:
            raise Refusal("malformed", "as_of") from None
        return [entry for entry in entries if entry.stamp.recordedtime <= limit]
    return entries
