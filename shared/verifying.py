"""Verifying a whole log from outside: its signed checkpoint, the tree over every entry, and that the entries themselves have no gap.

Nothing here asks the ledger what it thinks: files are read by an argument, and all else follows from their bytes and a public key.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import orjson

from shared.calendar import WIB
from shared.envelope import ContractError, Entry, canonical, leaf_hash, read_entry
from shared.keyring import EMPTY, Keyring, SenderKey, fold_keys, seal_problem
from shared.proof.checkpoint import Checkpoint, open_checkpoint
from shared.proof.errors import ProofError
from shared.proof.keys import LOG, VerifierKey
from shared.proof.seal import seal_bytes
from shared.proof.strict import read_base64url
from shared.proof.tile import WIDTH, Growth, Tile, bundles_of, read_tile, split_entries, split_hashes
from shared.proof.witness import Witnesses

FAULTS_MAX: Final = 200
SKIPPED: Final = "id.jejakizin.number.skipped.v1"
KNOWN_VERSION: Final = 1
KEYS_OF: Final = "sender:"
Read = Callable[[str], bytes | None]


class Fault(NamedTuple):
    """Something that is wrong: where (`position 12`, or a file of the log), a stable code, and a sentence."""

    place: str
    code: str
    sentence: str


@dataclass
class Order:
    """How far the entries have been followed: position, legal time, of each subject the sequence and its senders' numbers, and the keys."""

    position: int = 0
    recorded: str = ""
    subjects: dict[str, tuple[int, dict[str, int]]] = field(default_factory=dict)
    keyring: Keyring = EMPTY

    def take(self, position: int, raw: bytes) -> list[Fault]:
        """Follows the entry at a position; after a fault it goes on from what the entry says, so that one fault is told once."""
        place = f"position {position}"
        try:
            tree, entry = orjson.loads(raw), read_entry(raw)
        except (orjson.JSONDecodeError, ContractError) as error:
            self.position = position
            return [Fault(place, "not-an-entry", f"these bytes are no entry ({type(error).__name__})")]
        faults = [] if _is_canonical(tree, raw) else [Fault(place, "not-canonical", "the entry is not in its one canonical form")]
        stamp, subject = entry.stamp, entry.subject
        if stamp.position != self.position + 1:
            faults.append(Fault(place, "position-broken", f"the entry says position {stamp.position} after {self.position}"))
        if stamp.recordedtime < self.recorded:
            faults.append(Fault(place, "time-broken", f"its legal time {stamp.recordedtime} is before {self.recorded}"))
        self.position, self.recorded = stamp.position, stamp.recordedtime
        sequence, numbers = self.subjects.get(subject, (0, {}))
        if stamp.sequence != sequence + 1:
            faults.append(Fault(place, "sequence-broken", f"{subject} goes on with sequence {stamp.sequence} after {sequence}"))
        faults += _follow_sender(place, subject, tree["event"], numbers)
        self.subjects[subject] = (stamp.sequence, numbers)
        return faults + self._look_at_seal(place, entry, tree["event"])

    def _look_at_seal(self, place: str, entry: Entry, event: dict[str, Any]) -> list[Fault]:
        """Checks the seal by the keys that held before this entry, and follows what it says about keys."""
        sender = str(event.get("source", "")).rpartition("/")[2]
        try:
            seal = seal_bytes(entry.stamp.seal) if entry.stamp.seal else b""
        except ProofError:
            return [Fault(place, "malformed-seal", "the seal is not in its one spelling")]
        problem = seal_problem(self.keyring.of(sender), entry.event_raw, seal, entry.recorded.astimezone(WIB).date().isoformat())
        if entry.subject.startswith(KEYS_OF) and not entry.stamp.refused:
            try:
                self.keyring = fold_keys(self.keyring, entry.event)
            except ContractError as error:
                return [Fault(place, error.code, error.detail)]
        return [Fault(place, problem, f"the seal is not a valid one of {sender}")] if problem else []


def _is_canonical(tree: Any, raw: bytes) -> bool:  # noqa: ANN401 - any JSON value
    try:
        return canonical(tree) == raw
    except orjson.JSONEncodeError:
        return False


def _follow_sender(place: str, subject: str, event: dict[str, Any], numbers: dict[str, int]) -> list[Fault]:
    """Follows the numbers of an entry's sender, which it changes; an id that is none is a fault."""
    sender = str(event.get("source", "")).rpartition("/")[2]
    before = numbers.get(sender, 0)
    number = str(event.get("id", "")).removeprefix(f"{subject}/{sender}/")
    if not number.isascii() or not number.isdecimal():
        return [Fault(place, "wrong-event-id", "the event's id is not subject, sender and number")]
    numbers[sender] = int(number)
    if event.get("type") == SKIPPED:
        given_up = event["data"]
        numbers[given_up["sender"]] = max(numbers.get(given_up["sender"], 0), given_up["number"])
    if int(number) == before + 1:
        return []
    return [Fault(place, "number-broken", f"{sender} goes on in {subject} with number {number} after {before}")]


@dataclass
class Known:
    """What was verified before, from which a later verification goes on: the checkpoint's note, the tree's open tiles, the order."""

    note: bytes = b""
    levels: list[list[bytes]] = field(default_factory=list)
    order: Order = field(default_factory=Order)

    def to_bytes(self) -> bytes:
        """Returns it as the file that is kept."""
        return orjson.dumps(
            {
                "version": KNOWN_VERSION,
                "checkpoint": self.note.decode(),
                "levels": [[each.hex() for each in level] for level in self.levels],
                "position": self.order.position,
                "recorded": self.order.recorded,
                "subjects": self.order.subjects,
                "keys": {
                    sender: [[text, key.verifier.name, key.valid_until, key.revoked] for text, key in keys.items()]
                    for sender, keys in self.order.keyring.keys.items()
                },
            }
        )


def read_known(raw: bytes, log: VerifierKey) -> Known:
    """Reads what was verified before; raises `ProofError` when the file is none, of another log, or does not agree with itself."""
    try:
        tree = orjson.loads(raw)
        levels = [[bytes.fromhex(each) for each in level] for level in tree["levels"]]
        subjects = {subject: (int(sequence), dict(numbers)) for subject, (sequence, numbers) in tree["subjects"].items()}
        keys = {sender: {row[0]: _read_key(*row) for row in rows} for sender, rows in tree["keys"].items()}
        order = Order(int(tree["position"]), str(tree["recorded"]), subjects, Keyring(keys, {}))
        known = Known(tree["checkpoint"].encode(), levels, order)
        version = tree["version"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ProofError("malformed-state", "not a file that an earlier verification has written") from None
    checkpoint = open_checkpoint(known.note, log).checkpoint
    growth = Growth(levels)
    if version != KNOWN_VERSION or (growth.size, growth.edge().root()) != (checkpoint.size, checkpoint.root):
        raise ProofError("malformed-state", "its tree is not the one of its checkpoint")
    return known


def _read_key(text: str, name: str, valid_until: str, revoked: bool) -> SenderKey:  # noqa: FBT001 - a row of the file
    return SenderKey(VerifierKey(name, LOG, read_base64url(text, "malformed-state", "a key")), str(valid_until), revoked is True)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found: the checkpoint where one was signed, how many entries were new, and what is wrong.

    `faults` are the first `FAULTS_MAX` of `faults_count`; `known` is what a later one goes on from, where nothing is wrong; `witnesses` are
    the names of those trusted ones that have signed the checkpoint.
    """

    checkpoint: Checkpoint | None
    entries: int
    faults: tuple[Fault, ...]
    faults_count: int
    known: Known | None
    witnesses: tuple[str, ...] = ()


def verify_log(
    read: Read,
    log: VerifierKey,
    known: Known | None = None,
    tell: Callable[[int, int], None] = lambda _done, _of: None,
    witnesses: Witnesses = Witnesses(),  # noqa: B008 - frozen
) -> Verified:
    """Verifies the log whose files `read` gives by their addresses, from `known` on; `tell` hears how many entries of how many are done.

    `witnesses` says whose signatures the checkpoint must have beside the log's.
    """
    return _Verification(read, log, known or Known(), tell, witnesses).run()


class _Verification:
    def __init__(self, read: Read, log: VerifierKey, known: Known, tell: Callable[[int, int], None], witnesses: Witnesses) -> None:
        self._read = read
        self._log = log
        self._witnesses = witnesses
        self._known = known
        self._tell = tell
        self._growth = Growth(known.levels)
        self._order = known.order
        self._faults: list[Fault] = []
        self._count = 0
        self._signed_by: tuple[str, ...] = ()

    def run(self) -> Verified:
        begun = self._growth.size
        try:
            raw = self._read("checkpoint")
            if raw is None:
                raise ProofError("missing", "the log has no checkpoint")
            signed = self._witnesses.check(raw, self._log)
        except ProofError as error:
            self._fault(Fault("checkpoint", error.code, error.detail))
            return self._found(None, 0, None)
        checkpoint = signed.checkpoint
        self._signed_by = tuple(key.name for key in signed.witnesses)
        if checkpoint.size < begun:
            self._fault(Fault("checkpoint", "rolled-back", f"{checkpoint.size} entries are signed, and {begun} were before"))
            return self._found(checkpoint, 0, None)
        if self._follow(checkpoint):
            self._check_root(checkpoint, begun)
        whole = Known(signed.note.to_bytes(), self._growth.levels(), self._order)
        return self._found(checkpoint, self._growth.size - begun, None if self._faults else whole)

    def _found(self, checkpoint: Checkpoint | None, entries: int, known: Known | None) -> Verified:
        return Verified(checkpoint, entries, tuple(self._faults), self._count, known, self._signed_by)

    def _fault(self, *faults: Fault) -> None:
        self._count += len(faults)
        self._faults += faults[: FAULTS_MAX - len(self._faults)]

    def _follow(self, checkpoint: Checkpoint) -> bool:
        """Reads bundle after bundle; returns whether the tree could be followed to its end."""
        for bundle in bundles_of(checkpoint.size, since=self._growth.size):
            hashes = self._hashes(Tile(0, bundle.index, bundle.width))
            entries = self._entries(bundle)
            # An entry with other bytes than the tree has is told by its position; the tree is then followed as its tiles have it.
            leaves = hashes or entries
            if leaves is None:
                first = bundle.index * WIDTH + 1
                self._fault(
                    Fault(bundle.path(), "unreadable", f"neither entries nor hashes: nothing from position {first} on was verified")
                )
                return False
            self._compare(bundle, entries or leaves, leaves)
            for tile, data in self._growth.add(leaves[self._growth.size - bundle.index * WIDTH :]):
                self._check_tile(tile, data)
            self._tell(self._growth.size, checkpoint.size)
        for tile, data in self._growth.partial():
            self._check_tile(tile, data)
        return True

    def _entries(self, bundle: Tile) -> list[bytes] | None:
        """Follows the entries of a bundle that are new, and returns the leaf hashes of all; None where they cannot be read."""
        data = self._get(bundle)
        try:
            entries = None if data is None else split_entries(data, bundle.width)
        except ProofError as error:
            self._fault(Fault(bundle.path(), error.code, error.detail))
            return None
        if entries is None:
            return None
        first = bundle.index * WIDTH
        for position, raw in enumerate(entries[self._growth.size - first :], self._growth.size + 1):
            self._fault(*self._order.take(position, raw))
        return [leaf_hash(raw) for raw in entries]

    def _hashes(self, tile: Tile) -> list[bytes] | None:
        data = self._get(tile)
        try:
            return None if data is None else split_hashes(data, tile.width)
        except ProofError as error:
            self._fault(Fault(tile.path(), error.code, error.detail))
            return None

    def _get(self, tile: Tile) -> bytes | None:
        """Returns a file of the log, a partial one also out of the full one that has replaced it; None, and a fault, where there is none."""
        try:
            data = read_tile(self._read, tile)
        except ProofError as error:
            self._fault(Fault(tile.full.path(), error.code, error.detail))
            return None
        if data is None:
            self._fault(Fault(tile.path(), "missing", "the log does not have this file"))
        return data

    def _compare(self, bundle: Tile, leaves: Sequence[bytes], hashes: Sequence[bytes]) -> None:
        """Compares the entries' own leaf hashes with those of an earlier verification and with those in the tree."""
        first = bundle.index * WIDTH + 1
        for position, (leaf, known) in enumerate(zip(leaves, self._growth.open_hashes(), strict=False), first):
            if leaf != known:
                self._fault(Fault(f"position {position}", "altered-since", "the entry is another one than at the last verification"))
        tile = replace(bundle, level=0).path()
        for position, (leaf, hashed) in enumerate(zip(leaves, hashes, strict=True), first):
            if leaf != hashed:
                self._fault(Fault(f"position {position}", "altered", f"the entry's bytes are not those that {tile} has hashed"))

    def _check_tile(self, tile: Tile, data: bytes) -> None:
        """Compares a tile above the leaves with what follows from the entries."""
        if tile.level and (served := self._get(tile)) is not None and served != data:
            self._fault(Fault(tile.path(), "wrong-tile", "the tile is not the one that follows from the entries"))

    def _check_root(self, checkpoint: Checkpoint, begun: int) -> None:
        if self._growth.edge().root() != checkpoint.root:
            since = f", from the {begun} entries verified before and those after them" if begun else ""
            self._fault(Fault("checkpoint", "wrong-root", f"the signed root is not that of the {checkpoint.size} entries{since}"))
