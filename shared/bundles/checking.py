"""Checks a bundle from its own bytes and a public key alone: what it says that it is, its signatures, proofs, order, states and page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from shared.bundles.contents import CHECKPOINT, ENTRIES, KEY, MANIFEST, PAGE, STATES, Manifest, Members, read_manifest, receipt_name, states
from shared.bundles.page import PAGE_FORM, page
from shared.case import case_state
from shared.city import is_city_subject
from shared.envelope import ContractError, Entry, canonical, leaf_hash, read_entry
from shared.proof.checkpoint import Checkpoint, Signed, open_checkpoint
from shared.proof.errors import ProofError
from shared.proof.keys import VerifierKey, read_verifier
from shared.proof.merkle import check_inclusion
from shared.proof.receipt import read_receipt
from shared.verifying import Fault, Order

FILES: Final = (MANIFEST, CHECKPOINT, KEY, ENTRIES, STATES, PAGE)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: what the bundle is, its checkpoint, the key, how many applications were folded again, and what is wrong.

    `page_compared` is false when the page was written in another form than this program's, which then says nothing about it.
    """

    manifest: Manifest | None
    checkpoint: Checkpoint | None
    key: VerifierKey | None
    applications: int
    page_compared: bool
    faults: tuple[Fault, ...]


def check(members: Members, trusted: VerifierKey | None = None) -> Checked:
    """Checks the files of a bundle against a trusted key; without one, against the key in the bundle, which says nothing of whose it is."""
    try:
        manifest, key, signed = _open(members, trusted)
    except ProofError as error:
        return Checked(None, None, None, 0, page_compared=False, faults=(Fault("bundle", error.code, error.detail),))
    faults: list[Fault] = []
    entries = _entries(members[ENTRIES], faults)
    if not faults:
        faults += _scope(manifest, entries)
        faults += _order(manifest, entries)
        faults += _proofs(members, entries, signed)
    applications = 0
    compared = manifest.page == PAGE_FORM
    if not faults:
        try:
            cases = states(entries)
            applications = len(cases)
            if members[STATES] != canonical({code: case_state(case) for code, case in cases.items()}):
                faults.append(Fault(STATES, "wrong-state", "the states are not what the entries come to"))
            if compared and members[PAGE] != page(manifest.subject, entries, manifest.has, cases, members[CHECKPOINT]):
                faults.append(Fault(PAGE, "wrong-page", "the page does not say what the entries say"))
        except ContractError as error:
            faults.append(Fault(ENTRIES, "unreadable-event", str(error)))
    return Checked(manifest, signed.checkpoint, key, applications, compared, tuple(faults))


def _open(members: Members, trusted: VerifierKey | None) -> tuple[Manifest, VerifierKey, Signed]:
    for name in FILES:
        if name not in members:
            raise ProofError("missing", f"the bundle has no {name}")
    manifest = read_manifest(members[MANIFEST])
    try:
        key = read_verifier(members[KEY].decode("ascii").removesuffix("\n"))
    except UnicodeDecodeError:
        raise ProofError("malformed-key", f"{KEY} is not ASCII") from None
    if trusted is not None and key != trusted:
        raise ProofError("wrong-key", f"{KEY} is another key than the trusted one, {trusted.name}+{trusted.id.hex()}")
    return manifest, key, open_checkpoint(members[CHECKPOINT], key)


def _entries(raw: bytes, faults: list[Fault]) -> list[Entry]:
    lines = raw.split(b"\n")
    if lines.pop() != b"":
        faults.append(Fault(ENTRIES, "cut-off", "the last line does not end"))
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(read_entry(line))
        except ContractError:
            faults.append(Fault(f"{ENTRIES} line {number}", "not-an-entry", "these bytes are no entry"))
    return found


def _scope(manifest: Manifest, entries: Sequence[Entry]) -> Iterator[Fault]:
    """Yields where the entries are not those that the manifest announces."""
    about = [entry.stamp.position for entry in entries if manifest.has(entry)]
    found = (len(about), len(entries) - len(about))
    if found != (manifest.entries, manifest.rules):
        yield Fault(
            ENTRIES,
            "wrong-count",
            f"{found[0]} entries and {found[1]} of rules, where {manifest.entries} and {manifest.rules} are announced",
        )
    elif not about or (about[0], about[-1]) != (manifest.first, manifest.last):
        yield Fault(ENTRIES, "wrong-count", f"they are not those from position {manifest.first} to {manifest.last}")
    elif manifest.kind == "period" and len(about) != manifest.last - manifest.first + 1:
        yield Fault(ENTRIES, "wrong-count", f"the period has {manifest.last - manifest.first + 1} positions and {len(about)} entries")
    for entry in entries:
        if not manifest.has(entry) and not is_city_subject(entry.subject):
            yield Fault(f"position {entry.stamp.position}", "surplus", "neither an entry that the bundle is about nor a rule of the city")


def _order(manifest: Manifest, entries: Sequence[Entry]) -> Iterator[Fault]:
    """Yields what is wrong in the order: each subject has no gap, from its first entry on, or from where a period meets it."""
    order, last = Order(), 0
    met: set[tuple[str, str]] = set()
    for entry in entries:
        position, subject = entry.stamp.position, entry.subject
        if position <= last:
            yield Fault(f"position {position}", "position-broken", f"it stands after position {last}")
        last = position
        if manifest.kind == "period" and manifest.has(entry):
            _meet(order, entry, met)
        # Positions between are other people's; that each stands where it says its receipt proves.
        order.position = position - 1
        yield from order.take(position, entry.raw)
        met.add((subject, ""))


def _meet(order: Order, entry: Entry, met: set[tuple[str, str]]) -> None:
    """Lets a subject or a sender that a period meets in its middle go on from there."""
    subject = entry.subject
    try:
        event = entry.event
    except ContractError:
        return
    begun_before = entry.stamp.sequence > 1
    if (subject, "") not in met and begun_before:
        order.subjects[subject] = (entry.stamp.sequence - 1, {})
        met.add((subject, "middle"))
    if (subject, "middle") in met and (subject, event.sender) not in met:
        order.subjects[subject][1].setdefault(event.sender, event.number - 1)
    met.add((subject, event.sender))


def _proofs(members: Members, entries: Sequence[Entry], signed: Signed) -> Iterator[Fault]:
    """Yields which entries their receipts do not prove, and receipts of no entry."""
    note, tree = signed.note.to_bytes(), signed.checkpoint
    named = {receipt_name(entry.stamp.position) for entry in entries}
    for name in sorted(set(members) - named - set(FILES)):
        yield Fault(name, "surplus", "a receipt of no entry of this bundle")
    for entry in entries:
        name = receipt_name(entry.stamp.position)
        try:
            if name not in members:
                raise ProofError("missing", f"the entry at position {entry.stamp.position} has no receipt")
            receipt = read_receipt(members[name])
            # All receipts are of the one checkpoint whose signature was checked.
            if receipt.note.to_bytes() != note:
                raise ProofError("other-checkpoint", "the receipt is of another checkpoint than the bundle's")
            if receipt.index + 1 != entry.stamp.position:
                raise ProofError("wrong-position", f"the entry says position {entry.stamp.position}, the receipt {receipt.index + 1}")
            if receipt.extra != entry.raw:
                raise ProofError("other-entry", f"the entry in the receipt is not the one in {ENTRIES}")
            check_inclusion(leaf_hash(entry.raw), receipt.index, tree.size, receipt.proof, tree.root)
        except ProofError as error:
            yield Fault(name, error.code, error.detail)
