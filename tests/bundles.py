"""A city's small log with one application in it, and bundles of it as `jejak export bundle` writes them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from shared.bundles.contents import Members, make
from shared.envelope import Entry, leaf_hash
from shared.proof.checkpoint import Checkpoint
from shared.proof.keys import SignerKey
from shared.proof.merkle import inclusion_proof, root_of_leaves
from shared.proof.note import sign_note
from shared.proof.receipt import Receipt
from shared.proof.tile import node_of
from tests.builders import CODE, MONDAY_MORNING, OTHER_CODE, SKP, History, catalogue, make_event, make_line, publication
from tests.signed_logs import SIGNER


@lru_cache(maxsize=1)
def log() -> tuple[Entry, ...]:
    """Returns the entries of the log: the SOP's publication, one application, then another one that has only begun."""
    published = make_line(make_event(publication(catalogue()[SKP]), subject=f"sop:{SKP.partition('@')[0]}"), 1, 1, MONDAY_MORNING)
    done = History(SKP).begin().finish()
    begun = History(SKP, OTHER_CODE, now=done.now)
    begun.case = begun.case.having(code=OTHER_CODE)
    begun.begin()
    found = [published]
    for entry in (*done.entries, *begun.entries):
        found.append(make_line(entry.event, len(found) + 1, entry.stamp.sequence, entry.recorded, entry.stamp.refused))
    return tuple(found)


def members(
    entries: Sequence[Entry],
    kind: Literal["application", "period"],
    chosen: Sequence[Entry],
    rules: Sequence[Entry],
    signer: SignerKey = SIGNER,
) -> Members:
    """Returns the files of a bundle of some entries of a log, proven whatever the entries are."""
    leaves = [leaf_hash(entry.raw) for entry in entries]
    note = sign_note(Checkpoint(SIGNER.name, len(entries), root_of_leaves(leaves)).to_text(), signer)
    draft = make(kind, CODE if kind == "application" else "", chosen, rules)
    receipts = {}
    for entry in draft.entries:
        index = entry.stamp.position - 1
        receipts[index + 1] = Receipt(
            index, inclusion_proof(node_of(lambda _tile: leaves, len(leaves)), index, len(leaves)), note, entry.raw
        )
    return draft.members(receipts, note.to_bytes(), signer.verifier)


def of_application(entries: Sequence[Entry] | None = None, signer: SignerKey = SIGNER) -> Members:
    """Returns the bundle of the application."""
    found = log() if entries is None else entries
    return members(found, "application", [entry for entry in found if entry.subject == CODE], found[:1], signer)


def of_period(first: int, last: int) -> Members:
    """Returns the bundle of a period."""
    return members(log(), "period", log()[first - 1 : last], log()[:1])


def again(entry: Entry, position: int | None = None, sequence: int | None = None) -> Entry:
    """Returns an entry elsewhere in the order."""
    stamp = entry.stamp
    return make_line(entry.event, position or stamp.position, sequence or stamp.sequence, entry.recorded, stamp.refused)
