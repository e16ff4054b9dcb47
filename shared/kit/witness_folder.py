"""A witness's folder: its key, the public keys of the logs it follows, of each the last checkpoint it has cosigned, and evidence.

witness.key  witness.vkey  logs/NAME.vkey  logs/NAME.checkpoint  logs/NAME.evidence/
"""

import fcntl
import hashlib
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, NamedTuple
from urllib.parse import quote

from shared.proof.errors import ProofError
from shared.proof.keys import KEY_BYTES, WITNESS, SignerKey, VerifierKey, make_signer, read_signer, read_verifier
from shared.proof.note import Note
from shared.proof.witness import Held, Refused, check_followed, read_held, witness

KEY: Final = "witness.key"
VERIFIER: Final = "witness.vkey"
FILE_NAME_CHARACTERS_MAX: Final = 200
EVIDENCE_FILES_MAX: Final = 2000


class WitnessError(Exception):
    """A folder that cannot be used; the message is a sentence for the operator."""


class Followed(NamedTuple):
    """A log that a witness follows, and the last of its checkpoints that was cosigned."""

    key: VerifierKey
    held: Held | None


class WitnessFolder:
    """One witness. Used by one process at a time; any of its threads may call it."""

    def __init__(self, folder: Path) -> None:
        """Opens a folder; raises `WitnessError` when it is none, damaged, or in use: a witness that has forgotten must not sign."""
        self._folder = folder
        self._turn = threading.Lock()
        self._lock = _lock(folder)
        try:
            self.signer = _read_signer(folder)
            self._logs = _read_logs(folder)
            self._held = {log.name: held for log in self._logs.values() if (held := self._read_held(log)) is not None}
        except BaseException:
            self._lock.close()
            raise

    def close(self) -> None:
        """Gives the folder free."""
        self._lock.close()

    def followed(self) -> list[Followed]:
        """Returns the logs and what was last cosigned of each."""
        return [Followed(log, self._held.get(name)) for name, log in sorted(self._logs.items())]

    def add_checkpoint(self, raw: bytes, clock: Callable[[], int]) -> str:
        """Returns the signature line for a request's checkpoint, which is kept before; `clock` gives seconds since 1970. Raises `Refused`.

        What does not agree with the held checkpoint is kept beside it as evidence.
        """
        with self._turn:
            try:
                cosigned = witness(raw, self._logs, self._held, self.signer, clock())
            except Refused as refused:
                if refused.against is not None:
                    self._keep_evidence(refused.code, refused.against)
                raise
            origin = cosigned.held.checkpoint.origin
            write_durably(_file(self._folder, origin, "checkpoint"), cosigned.held.note.to_bytes())
            self._held[origin] = cosigned.held
            return cosigned.line

    def _keep_evidence(self, code: str, against: Note) -> None:
        """Keeps both notes, once for each checkpoint and no more than a disk can take."""
        origin = against.text.decode().split("\n", 1)[0]
        folder = _file(self._folder, origin, "evidence")
        folder.mkdir(exist_ok=True)
        name = f"{code}-{hashlib.sha256(against.text).hexdigest()[:16]}"
        if (folder / f"{name}.refused").exists() or sum(1 for _ in folder.iterdir()) >= EVIDENCE_FILES_MAX:
            return
        write_durably(folder / f"{name}.held", self._held[origin].note.to_bytes())
        write_durably(folder / f"{name}.refused", against.to_bytes())

    def _read_held(self, log: VerifierKey) -> Held | None:
        file = _file(self._folder, log.name, "checkpoint")
        try:
            return read_held(file.read_bytes(), log, self.signer)
        except FileNotFoundError:
            return None
        except ProofError as error:
            message = f"{file} is not a checkpoint that this witness has cosigned ({error}). Restore it; without it a rollback goes unseen."
            raise WitnessError(message) from None


def new_key(folder: Path, name: str) -> VerifierKey:
    """Makes a folder with a witness's key and returns the public one; raises `WitnessError` when there is a key already, or no such name."""
    try:
        made = make_signer(name, secrets.token_bytes(KEY_BYTES), WITNESS)
    except ProofError as error:
        message = f"{name!r} cannot name a witness ({error.detail}). Use a name of your own without spaces, as university.example/witness."
        raise WitnessError(message) from None
    if (folder / KEY).exists():
        message = f"{folder / KEY} is there already. A witness has one key; name another folder."
        raise WitnessError(message)
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    write_durably(folder / KEY, f"{made.to_text()}\n".encode(), mode=0o600)
    write_durably(folder / VERIFIER, f"{made.verifier.to_text()}\n".encode())
    return made.verifier


def follow(folder: Path, text: str) -> VerifierKey:
    """Has a witness follow a log from its next start on, and returns the log's key; raises `WitnessError`."""
    _read_signer(folder)
    try:
        key = read_verifier(text.strip())
        check_followed(key)
    except ProofError as error:
        message = f"This is not the public key of a log ({error.detail}). It is one line, name+id+key, handed out by the log's city."
        raise WitnessError(message) from None
    file = _file(folder, key.name, "vkey")
    if file.exists() and file.read_text(encoding="utf-8").strip() != key.to_text():
        message = f"Another key of {key.name} is followed already ({file}). A log that changes its key begins anew: ask its city why."
        raise WitnessError(message)
    write_durably(file, f"{key.to_text()}\n".encode())
    return key


def write_durably(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Replaces a file, whole or not at all, and returns when it would survive a power cut."""
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _file(folder: Path, origin: str, suffix: str) -> Path:
    """Returns one of a log's files; its name is the origin's, with what a file cannot be called written as `%2F`."""
    name = quote(origin, safe="")
    if len(name) > FILE_NAME_CHARACTERS_MAX:
        message = f"The log's name {origin!r} is too long."
        raise WitnessError(message)
    return folder / "logs" / f"{name}.{suffix}"


def _lock(folder: Path) -> IO[bytes]:
    try:
        handle = (folder / "lock").open("wb")
    except FileNotFoundError:
        message = f"There is no witness in {folder}. Make its key first: jejak witness new-key NAME."
        raise WitnessError(message) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        message = f"The witness in {folder} runs already. Two at once could sign two trees."
        raise WitnessError(message) from None
    return handle


def _read_signer(folder: Path) -> SignerKey:
    try:
        signer = read_signer((folder / KEY).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError, ProofError) as error:
        message = f"The witness's key {folder / KEY} cannot be used ({type(error).__name__}). Make one: jejak witness new-key NAME."
        raise WitnessError(message) from None
    if signer.kind != WITNESS:
        message = f"{folder / KEY} is a log's key. A witness has a key of its own: jejak witness new-key NAME."
        raise WitnessError(message)
    return signer


def _read_logs(folder: Path) -> dict[str, VerifierKey]:
    logs = {}
    for file in sorted((folder / "logs").glob("*.vkey")):
        try:
            key = read_verifier(file.read_text(encoding="utf-8").strip())
            check_followed(key)
        except (OSError, UnicodeDecodeError, ProofError) as error:
            message = f"{file} is not the public key of a log ({type(error).__name__}). Remove or restore it."
            raise WitnessError(message) from None
        logs[key.name] = key
    return logs
