"""Makes receipts of entries from the log's public files alone: its checkpoint and its tiles of hashes, as anybody can."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from services.cli.errors import FINDING, USAGE, JejakError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.envelope import Entry
    from shared.proof.checkpoint import Signed
    from shared.proof.keys import VerifierKey
    from shared.proof.receipt import Receipt
    from shared.proof.tile import Tile
    from shared.verifying import Read


class Receipts:
    """The receipts of a log under one signed checkpoint; `read` gives its files by their addresses."""

    def __init__(self, read: "Read", log: "VerifierKey") -> None:
        from shared.proof.checkpoint import open_checkpoint
        from shared.proof.errors import ProofError
        from shared.proof.tile import node_of

        self._read = read
        self._tiles: dict[Tile, Sequence[bytes]] = {}
        self._log = log
        try:
            self.signed: Signed = open_checkpoint(read("checkpoint") or b"", log)
        except ProofError as error:
            raise JejakError(FINDING, f"The log's checkpoint is not accepted: {error}.", "Check whose key you use.") from None
        self._node = node_of(self._hashes, self.size)

    @property
    def size(self) -> int:
        """How many entries the checkpoint covers."""
        return self.signed.checkpoint.size

    def of(self, entry: "Entry") -> "Receipt":
        """Returns the receipt of an entry, with the entry along, once it is checked; raises `JejakError` when the log does not prove it."""
        from shared.envelope import leaf_hash
        from shared.proof.errors import ProofError
        from shared.proof.merkle import inclusion_proof
        from shared.proof.receipt import Receipt, check_receipt

        index = entry.stamp.position - 1
        try:
            receipt = Receipt(index, inclusion_proof(self._node, index, self.size), self.signed.note, entry.raw)
            check_receipt(receipt, leaf_hash(entry.raw), self._log)
        except ProofError as error:
            sentence = f"The log does not prove the entry at position {entry.stamp.position}: {error}."
            raise JejakError(FINDING, sentence, "Verify the whole log with `jejak verify`.") from None
        return receipt

    def entries(self, first: int, last: int) -> "list[Entry]":
        """Returns the entries from a position to another out of the log's bundles, which are for auditors; raises `JejakError`."""
        from shared.envelope import ContractError, read_entry
        from shared.proof.errors import ProofError
        from shared.proof.tile import WIDTH, bundles_of, split_entries

        found = []
        try:
            for bundle in bundles_of(self.size, since=first - 1):
                start = bundle.index * WIDTH + 1
                if start > last:
                    break
                raws = split_entries(self._file(bundle), bundle.width)
                found += [read_entry(raw) for position, raw in enumerate(raws, start) if first <= position <= last]
        except (ProofError, ContractError) as error:
            raise JejakError(FINDING, f"The log's entries cannot be read: {error}.", "Verify the whole log with `jejak verify`.") from None
        return found

    def _hashes(self, tile: "Tile") -> "Sequence[bytes]":
        from shared.proof.tile import split_hashes

        if tile not in self._tiles:
            self._tiles[tile] = split_hashes(self._file(tile), tile.width)
        return self._tiles[tile]

    def _file(self, tile: "Tile") -> bytes:
        """Returns a file of the log, a partial one also out of the full one that has replaced it."""
        from shared.proof.errors import ProofError
        from shared.proof.tile import read_tile

        data = read_tile(self._read, tile)
        if data is None:
            raise ProofError("missing", f"the log has no {tile.path()}")
        return data


def print_proof(used: "Sequence[Entry]", data: Path, ledger: str, key: Path | None, form: str) -> None:
    """Checks a receipt of each entry that a replay used, and lists them; raises `JejakError` when the log does not prove one."""
    from services.cli.client import local_stack
    from services.cli.verify import log_reader, read_key
    from shared.envelope import canonical
    from shared.proof.strict import to_base64

    if ledger and key is None:
        raise JejakError(USAGE, "The key of another city's log is not known.", "Name its file with --key FILE.")
    log = read_key(key or local_stack(data).log_verifier_file)
    with log_reader(None, data, ledger) as (read, _):
        receipts = Receipts(read, log)
        proven = sorted((entry for entry in used if entry.stamp.position <= receipts.size), key=lambda entry: entry.stamp.position)
        for entry in proven:
            receipts.of(entry)
    tree, waiting = receipts.signed.checkpoint, len(used) - len(proven)
    if form != "text":
        rows = [_place(entry) for entry in proven]
        proof = {
            "kind": "proof",
            "origin": tree.origin,
            "size": tree.size,
            "root": to_base64(tree.root),
            "entries": rows,
            "waiting": waiting,
        }
        typer.echo(canonical(proof))
        return
    typer.echo(f"\nproven: {len(proven)} of {len(used)} entries used stand in {tree.origin}, checkpoint of {tree.size} entries")
    typer.echo(f"root {to_base64(tree.root)}")
    for entry in proven:
        typer.echo(f"  position {entry.stamp.position}  {entry.subject} #{entry.stamp.sequence}  {entry.type}")
    if waiting:
        typer.echo(f"  waiting for a checkpoint: {waiting}")


def _place(entry: "Entry") -> dict[str, Any]:
    return {"subject": entry.subject, "sequence": entry.stamp.sequence, "position": entry.stamp.position}
