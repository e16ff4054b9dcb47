"""The vault: values behind commitments, AES-256-GCM under a key of their subject, which a key-encryption key wraps.

Erasing a subject's key makes its values unreadable everywhere, in backups too once they apply the erasure.
"""

import os
from collections.abc import Callable, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import Cursor
from psycopg.rows import DictRow

from shared.envelope import Entry
from shared.events import SubjectForgotten
from shared.kit.store import Store
from shared.personal import SALT_BYTES, commitment, disclosure, open_disclosure

NONCE_BYTES: Final = 12
KEY_BITS: Final = 256
Random = Callable[[int], bytes]


class Vault:
    """Keeps one service's disclosures."""

    def __init__(self, store: Store, key_encryption_key: bytes, random: Random = os.urandom) -> None:
        self._store = store
        self._wrapping = AESGCM(key_encryption_key)
        self._random = random

    def commit(self, name: str, value: str) -> tuple[str, str]:
        """Returns the commitment for an event and the disclosure to keep."""
        disclosed = disclosure(self._random(SALT_BYTES), name, value)
        return commitment(disclosed), disclosed

    def keep(self, cursor: Cursor[DictRow], kept: Sequence[tuple[str, str, str, str]]) -> None:
        """Stores `(subject, name, commitment, disclosure)` of many subjects in the caller's transaction."""
        if not kept:
            return
        ciphers = {subject: AESGCM(key) for subject, key in self._keys(cursor, {row[0] for row in kept}).items()}
        sealed = [self._seal(ciphers[subject], disclosed.encode(), committed) for subject, _, committed, disclosed in kept]
        cursor.execute(
            "INSERT INTO vault_values (commitment, subject, name, sealed) SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::bytea[])",
            ([row[2] for row in kept], [row[0] for row in kept], [row[1] for row in kept], sealed),
        )

    def _keys(self, cursor: Cursor[DictRow], subjects: set[str]) -> dict[str, bytes]:
        """Returns each subject's key; makes and wraps one where there is none."""
        fresh = {subject: AESGCM.generate_key(KEY_BITS) for subject in sorted(subjects)}
        inserted = cursor.execute(
            "INSERT INTO vault_keys (subject, wrapped) SELECT * FROM unnest(%b::text[], %b::bytea[]) ON CONFLICT (subject) DO NOTHING RETURNING subject",
            (list(fresh), [self._seal(self._wrapping, key, subject) for subject, key in fresh.items()]),
        ).fetchall()
        known = subjects - {row["subject"] for row in inserted}
        if known:
            rows = cursor.execute("SELECT subject, wrapped FROM vault_keys WHERE subject = ANY(%b)", (sorted(known),)).fetchall()
            fresh.update({row["subject"]: self._open(self._wrapping, bytes(row["wrapped"]), row["subject"]) for row in rows})
        return fresh

    def read(self, subject: str) -> dict[str, tuple[str, str]]:
        """Returns commitment -> (name, value) of a subject; empty when its key was erased or nothing is kept."""
        keys = self._store.rows("SELECT wrapped FROM vault_keys WHERE subject = %s", (subject,))
        if not keys:
            return {}
        cipher = AESGCM(self._open(self._wrapping, bytes(keys[0]["wrapped"]), subject))
        rows = self._store.rows("SELECT commitment, sealed FROM vault_values WHERE subject = %s", (subject,))
        return {row["commitment"]: open_disclosure(self._open(cipher, bytes(row["sealed"]), row["commitment"]).decode()) for row in rows}

    def erase(self, cursor: Cursor[DictRow], subject: str) -> None:
        """Erases a subject's key and values."""
        cursor.execute("DELETE FROM vault_values WHERE subject = %s", (subject,))
        cursor.execute("DELETE FROM vault_keys WHERE subject = %s", (subject,))

    def forget(self, cursor: Cursor[DictRow], entries: Sequence[Entry]) -> None:
        """Erases the subjects that standing entries have forgotten, in the transaction that applies the entries."""
        forgotten = [entry for entry in entries if not entry.stamp.refused and isinstance(entry.event.data, SubjectForgotten)]
        for entry in forgotten:
            self.erase(cursor, entry.subject)
            # The digest of a command's body covers what a person wrote; without it the key only says that it was used.
            cursor.execute("UPDATE idempotency SET digest = '' WHERE subject = %s AND event_id <> %s", (entry.subject, entry.event.id))

    def _seal(self, cipher: AESGCM, plain: bytes, bound_to: str) -> bytes:
        # The name it is stored under is authenticated with it, so a value cannot be moved to another row.
        nonce = self._random(NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, bound_to.encode())

    def _open(self, cipher: AESGCM, sealed: bytes, bound_to: str) -> bytes:
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
        except InvalidTag:
            message = f"a stored value of {bound_to} does not open: wrong key file or altered row"
            raise VaultError(message) from None


class VaultError(Exception):
    """A value or key does not decrypt."""
