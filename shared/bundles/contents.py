"""What a bundle holds: a manifest, exact entries, a receipt for each, the signed checkpoint, the log's key, states to compare, and a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from shared.bundles.page import PAGE_FORM, page
from shared.case import case_state, empty_case, fold
from shared.case_model import Case
from shared.city import City, fold_city, is_city_subject
from shared.code import is_code
from shared.envelope import Entry, canonical
from shared.proof.errors import ProofError
from shared.proof.keys import VerifierKey
from shared.proof.receipt import Receipt

VERSION: Final = 1
MANIFEST: Final = "manifest.json"
CHECKPOINT: Final = "checkpoint"
KEY: Final = "log.vkey"
ENTRIES: Final = "entries.ndjson"
STATES: Final = "states.json"
PAGE: Final = "index.html"
Members = dict[str, bytes]


def receipt_name(position: int) -> str:
    """Returns the name of the receipt of an entry."""
    return f"receipts/{position}.tlog-proof"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says that it is: one application up to its last entry here, or all entries from a position to another.

    `first` and `last` are positions; `rules` says how many further entries of the city's rules these rest on.
    """

    kind: Literal["application", "period"]
    subject: str
    first: int
    last: int
    entries: int
    rules: int
    page: int = PAGE_FORM

    def to_bytes(self) -> bytes:
        """Returns it as the file in the bundle."""
        tree = {name: getattr(self, name) for name in ("kind", "subject", "first", "last", "entries", "rules", "page")}
        return canonical({"version": VERSION, **tree})

    def has(self, entry: Entry) -> bool:
        """Says whether an entry is one of those that the bundle is about, not one of the rules that they rest on."""
        if self.kind == "application":
            return entry.subject == self.subject
        return self.first <= entry.stamp.position <= self.last


def read_manifest(raw: bytes) -> Manifest:
    """Reads a manifest; raises `ProofError` (`malformed-manifest`)."""
    try:
        tree: Any = orjson.loads(raw)
        numbers = {name: tree[name] for name in ("first", "last", "entries", "rules", "page")}
        manifest = Manifest(tree["kind"], tree["subject"], **numbers)
        known = tree["version"] == VERSION and all(type(number) is int and number >= 0 for number in numbers.values())
        is_one = known and (
            is_code(manifest.subject) if manifest.kind == "application" else (manifest.kind, manifest.subject) == ("period", "")
        )
        if is_one and manifest.to_bytes() == raw:
            return manifest
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise ProofError("malformed-manifest", f"{MANIFEST} is none of version {VERSION}")


def states(entries: Iterable[Entry]) -> dict[str, Case]:
    """Folds entries in the order of their positions, and returns the applications whose whole history up to the last one is there."""
    city, cases = City(), dict[str, Case]()
    for entry in entries:
        subject = entry.subject
        if is_city_subject(subject):
            city = fold_city(city, entry)
        elif is_code(subject) and (entry.stamp.sequence == 1 or subject in cases):
            cases[subject] = fold(cases.get(subject) or empty_case(subject), entry, city.sops)
    return cases


def make(kind: Literal["application", "period"], subject: str, chosen: Sequence[Entry], rules: Iterable[Entry]) -> "Draft":
    """Puts together the entries of a bundle: those it is about (one or more), and those of the city's rules that they rest on."""
    about = {entry.stamp.position: entry for entry in chosen}
    further = {entry.stamp.position: entry for entry in rules if entry.stamp.position not in about}
    entries = tuple(entry for _, entry in sorted({**about, **further}.items()))
    return Draft(Manifest(kind, subject, min(about), max(about), len(about), len(further)), entries)


@dataclass(frozen=True, slots=True)
class Draft:
    """A bundle's entries before they have their receipts."""

    manifest: Manifest
    entries: tuple[Entry, ...]

    def members(self, receipts: Mapping[int, Receipt], checkpoint: bytes, key: VerifierKey) -> Members:
        """Returns the bundle's files; `receipts` has by position one with its entry along for each of the entries."""
        proofs = {receipt_name(position): receipt.to_bytes() for position, receipt in receipts.items()}
        cases = states(self.entries)
        return {
            **proofs,
            MANIFEST: self.manifest.to_bytes(),
            CHECKPOINT: checkpoint,
            KEY: key.to_text().encode() + b"\n",
            ENTRIES: b"".join(entry.raw + b"\n" for entry in self.entries),
            STATES: canonical({code: case_state(case) for code, case in cases.items()}),
            PAGE: page(self.manifest.subject, self.entries, self.manifest.has, cases, checkpoint),
        }
