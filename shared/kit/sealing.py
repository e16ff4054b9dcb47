"""The hand that seals what a sender relays: its keys lie in a file, one a line, and the last one that the ledger knows as valid signs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from shared.envelope import leaf_hash
from shared.keyring import SenderKey
from shared.kit.relay import Seal, unsealed
from shared.kit.settings import Settings, SettingsError
from shared.proof.errors import ProofError
from shared.proof.keys import LOG, SignerKey, read_signer
from shared.proof.seal import BATCH_EVENTS_MAX, seal_batch
from shared.proof.strict import to_base64url

KEYS_MAX: Final = 100


class Sealer:
    """Seals batches of events in the name of one sender."""

    def __init__(self, file: Path, name: str, registered: Callable[[], Mapping[str, SenderKey]], today: Callable[[], str]) -> None:
        """`name` is `<city>/<sender>`; `registered` gives the keys that the ledger knows, by their text. Raises `SettingsError`."""
        self._file = file
        self._name = name
        self._registered = registered
        self._today = today
        self._signers = self._read()

    def seal(self, events: Sequence[bytes]) -> list[bytes]:
        """Returns the seal of each event."""
        signer = self._signer()
        sealed: list[bytes] = []
        for start in range(0, len(events), BATCH_EVENTS_MAX):
            leaves = [leaf_hash(raw) for raw in events[start : start + BATCH_EVENTS_MAX]]
            sealed += [seal.to_bytes() for seal in seal_batch(leaves, signer)]
        return sealed

    def _signer(self) -> SignerKey:
        valid = {text for text, key in self._registered().items() if key.state(self._today()) == "valid"}
        if valid and not valid & self._signers.keys():
            self._signers = self._read()  # a new key was registered, and the file has it since
        return next((self._signers[text] for text in reversed(self._signers) if text in valid), next(reversed(self._signers.values())))

    def _read(self) -> dict[str, SignerKey]:
        """Returns the file's keys by their public text, the newest last."""
        try:
            lines = self._file.read_text(encoding="ascii").split()[-KEYS_MAX:]
            signers = [read_signer(line) for line in lines]
        except (OSError, UnicodeDecodeError, ProofError) as error:
            message = (
                f"The key file {self._file} cannot be used ({type(error).__name__}). Restore it from your backup, or register a new key."
            )
            raise SettingsError(message) from None
        strangers = [signer.name for signer in signers if signer.name != self._name or signer.kind != LOG]
        if strangers or not signers:
            message = (
                f"The key file {self._file} holds {strangers[0] if strangers else 'no key'} and not {self._name}. Name the right file."
            )
            raise SettingsError(message)
        return {to_base64url(signer.verifier.public): signer for signer in signers}


def make_sealer(settings: Settings, registered: Callable[[], Mapping[str, SenderKey]], today: Callable[[], str]) -> Seal:
    """Returns what seals this process's events: empty seals where it has no key. Raises `SettingsError`."""
    if settings.sender_key_file is None:
        return unsealed
    return Sealer(settings.sender_key_file, f"{settings.city}/{settings.sender}", registered, today).seal
