"""Where a log's tiles, bundles and checkpoint lie: files under their own addresses, so that any web server could hand them out.

This is all that the log needs of a place to keep them; an object store would have the same five functions.
"""

import os
import shutil
from pathlib import Path
from typing import Final

from shared.proof.errors import ProofError
from shared.proof.tile import Tile, read_tile

CHECKPOINT: Final = "checkpoint"
SIGNED: Final = "signed"


class Altered(Exception):  # noqa: N818 - says what is the matter
    """What never changes is stored with other bytes; the message says where."""


class TileFolder:
    """A folder with the files of one log; a file is written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, tile: Tile) -> bytes | None:
        """Returns a tile or bundle, a partial one also out of the full one that has replaced it, or None. Raises `ProofError`."""
        return read_tile(self._read, tile)

    def has(self, tile: Tile) -> bool:
        """Says whether a tile or bundle is there, itself or out of the full one."""
        return (self._folder / tile.path()).is_file() or (self._folder / tile.full.path()).is_file()

    def keep(self, tile: Tile, data: bytes) -> None:
        """Writes a tile or bundle; raises `Altered` where other bytes are stored in its place."""
        try:
            known = self.read(tile)
        except ProofError as error:
            raise Altered(f"{tile.full.path()} is malformed ({error.detail})") from None
        if known is None:
            self._write(tile.path(), data)
        elif known != data:
            raise Altered(f"{tile.path()} is stored with other bytes")

    def drop_partial(self, tile: Tile) -> None:
        """Removes the partial forms of a full tile, which has all that they had."""
        shutil.rmtree(self._folder / f"{tile.full.path()}.p", ignore_errors=True)

    def checkpoint(self) -> bytes | None:
        """Returns the published checkpoint."""
        return self._read(CHECKPOINT)

    def signed(self) -> bytes | None:
        """Returns the last signed checkpoint where it waits, or has waited, for witnesses."""
        return self._read(SIGNED)

    def keep_checkpoint(self, note: bytes) -> None:
        """Replaces the published checkpoint."""
        self._write(CHECKPOINT, note)

    def keep_signed(self, note: bytes) -> None:
        """Replaces the signed checkpoint that waits for witnesses."""
        self._write(SIGNED, note)

    def _read(self, path: str) -> bytes | None:
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _write(self, path: str, data: bytes) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        with part.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(target)
