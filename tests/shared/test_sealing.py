"""The hand that seals: which of its keys signs, and what it says about a file that holds none of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from shared.envelope import leaf_hash
from shared.keyring import SenderKey
from shared.kit.sealing import KEYS_MAX, Sealer
from shared.kit.settings import SettingsError
from shared.proof.keys import SignerKey, make_signer
from shared.proof.seal import BATCH_EVENTS_MAX, read_seal
from shared.proof.strict import to_base64url

NAME: Final = "palangka-raya/intake"
OLD, NEW = make_signer(NAME, b"o" * 32), make_signer(NAME, b"n" * 32)
TODAY: Final = "2026-11-24"


def write(file: Path, *signers: SignerKey) -> Path:
    """Writes a key file."""
    file.write_text("".join(f"{signer.to_text()}\n" for signer in signers))
    return file


def registered(*signers: SignerKey, valid_until: str = "", revoked: bool = False) -> Mapping[str, SenderKey]:
    """Returns what the ledger knows of these keys."""
    return {to_base64url(signer.verifier.public): SenderKey(signer.verifier, valid_until, revoked) for signer in signers}


def signer_of(sealer: Sealer) -> bytes:
    """Returns the id of the key that seals now."""
    return read_seal(sealer.seal([b"event"])[0]).key_id


def test_the_newest_key_that_the_ledger_knows_signs(tmp_path: Path) -> None:
    """Given an old and a new key, when the ledger knows the old one only, then it signs; once it knows both, the new one does."""
    known = dict(registered(OLD))
    sealer = Sealer(write(tmp_path / "keys", OLD, NEW), NAME, lambda: known, lambda: TODAY)
    assert signer_of(sealer) == OLD.verifier.id
    known |= registered(NEW)
    assert signer_of(sealer) == NEW.verifier.id
    known |= registered(NEW, revoked=True)
    assert signer_of(sealer) == OLD.verifier.id


def test_a_key_that_came_to_the_file_later_is_found_when_it_is_needed(tmp_path: Path) -> None:
    """Given a running service, when its key has run out and another one stands in the file and in the ledger, then that one signs."""
    known = {**registered(OLD, valid_until="2026-11-23"), **registered(NEW)}
    file = write(tmp_path / "keys", OLD)
    sealer = Sealer(file, NAME, lambda: known, lambda: TODAY)
    write(file, OLD, NEW)
    assert signer_of(sealer) == NEW.verifier.id


def test_without_a_word_of_the_ledger_the_newest_key_signs(tmp_path: Path) -> None:
    """Given a ledger that knows no key yet, when something is sealed, then by the newest key of the file."""
    assert signer_of(Sealer(write(tmp_path / "keys", OLD, NEW), NAME, dict, lambda: TODAY)) == NEW.verifier.id


def test_more_events_than_a_batch_are_sealed_in_several(tmp_path: Path) -> None:
    """Given more events than one batch may have, when they are sealed, then each has a seal of its own."""
    events = [b"%d" % number for number in range(BATCH_EVENTS_MAX + 2)]
    sealed = Sealer(write(tmp_path / "keys", OLD), NAME, dict, lambda: TODAY).seal(events)
    assert all(read_seal(raw).is_of(OLD.verifier, leaf_hash(event)) for raw, event in zip(sealed, events, strict=True))


@pytest.mark.parametrize("content", ["", "no key\n", f"{make_signer('palangka-raya/treasury', b'o' * 32).to_text()}\n", "\xff"])
def test_a_file_without_its_own_key_stops_the_start(tmp_path: Path, content: str) -> None:
    """Given a file that is empty, unreadable or another sender's, when a service starts, then one sentence says so."""
    file = tmp_path / "keys"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(SettingsError, match="key file"):
        Sealer(file, NAME, dict, lambda: TODAY)


def test_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    """Given no file, when a service starts, then one sentence says so."""
    with pytest.raises(SettingsError, match="cannot be used"):
        Sealer(tmp_path / "none", NAME, dict, lambda: TODAY)


def test_only_so_many_keys_are_read(tmp_path: Path) -> None:
    """Given a file with very many lines, when it is read, then only its last ones count."""
    strangers = [make_signer("another", bytes([number]) * 32) for number in range(3)]
    file = write(tmp_path / "keys", *strangers, *([OLD] * KEYS_MAX))
    assert signer_of(Sealer(file, NAME, dict, lambda: TODAY)) == OLD.verifier.id
