"""`jejak verify`: a receipt and a log's folder, accepted or refused in one sentence, without any server."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.__main__ import build
from services.cli.errors import FINDING, USAGE, JejakError
from shared.envelope import leaf_hash
from shared.proof.checkpoint import Checkpoint
from shared.proof.keys import WITNESS, SignerKey, make_signer, read_verifier
from shared.proof.merkle import inclusion_proof, root_of_leaves
from shared.proof.note import Note, cosign_note, read_note, sign_note
from shared.proof.receipt import Receipt, read_receipt
from shared.proof.tile import node_of
from tests.signed_logs import OTHER, SIGNER, city, files

SIZE = 40


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The file with the log's public key."""
    file = tmp_path / "log.vkey"
    file.write_text(f"{SIGNER.verifier.to_text()}\n", encoding="ascii")
    return file


def receipt(index: int, entry: bytes | None = None) -> bytes:
    """Returns the receipt of an entry of the log, with it or with another one."""
    leaves = [leaf_hash(each) for each in city(SIZE)]
    note = sign_note(Checkpoint(SIGNER.name, SIZE, root_of_leaves(leaves)).to_text(), SIGNER)
    proof = inclusion_proof(node_of(lambda _tile: leaves, SIZE), index, SIZE)
    return Receipt(index, proof, note, city(SIZE)[index] if entry is None else entry).to_bytes()


def lay(folder: Path, size: int) -> Path:
    """Writes a log's files into a folder."""
    for path, data in files(city(size)).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def run(*words: str | Path) -> str:
    """Runs `jejak verify` and returns what it wrote; raises the `JejakError` with which it ended."""
    result = CliRunner().invoke(build(), ["verify", *map(str, words)])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_a_receipt_is_checked_offline(tmp_path: Path, key: Path) -> None:
    """Given a receipt and the key, then a sentence says which entry stands in which log; no city is needed."""
    (tmp_path / "a.tlog-proof").write_bytes(receipt(8))
    assert run(tmp_path / "a.tlog-proof", "--key", key).splitlines() == [
        "jejak verify: accepted",
        "  entry      sender:s1, sequence 2: id.jejakizin.sender.registered.v1",
        "  entered    2026-11-24T01:00:00.000000Z, position 9",
        "  stands in  kota/ledger, checkpoint of 40 entries",
    ]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (receipt(8, city(SIZE)[9]), "wrong-proof"),
        (receipt(8, b""), "wrong-proof"),
        (receipt(8).replace(b"index 8", b"index 9"), "wrong-proof"),
        (receipt(8).replace(b"kota/ledger\n40", b"kota/ledger\n41"), "wrong-signature"),
        (receipt(8)[:-10], "malformed-note"),
        (b"extra" * 200_000, "malformed-receipt"),
    ],
)
def test_an_altered_receipt_proves_nothing(tmp_path: Path, key: Path, raw: bytes, why: str) -> None:
    """Given a receipt with another entry, place, size or end, then the command ends with 1 and says why."""
    (tmp_path / "a.tlog-proof").write_bytes(raw)
    with pytest.raises(JejakError, match=f"proves nothing: {why}") as refused:
        run(tmp_path / "a.tlog-proof", "--key", key)
    assert refused.value.code == FINDING


def test_a_receipt_takes_less_than_a_second_of_the_processor(tmp_path: Path, key: Path) -> None:
    """From the words on the command line to the verdict a second of the processor is enough."""
    (tmp_path / "a.tlog-proof").write_bytes(receipt(8))
    started = time.process_time()
    assert run(tmp_path / "a.tlog-proof", "--key", key).startswith("jejak verify: accepted")
    assert time.process_time() - started <= 1


def test_a_folder_is_verified_and_gone_on_from(tmp_path: Path, key: Path) -> None:
    """Given a log's folder, then all entries are accepted, and the next time only those that came since."""
    since = tmp_path / "verified.json"
    first = run(lay(tmp_path / "log", 300), "--key", key, "--since", since)
    assert first.splitlines()[-1] == "jejak verify: 300 entries, all accepted"
    again = run(lay(tmp_path / "log", 700), "--key", key, "--since", since)
    assert again.splitlines()[-1] == "jejak verify: 700 entries, all accepted (400 of them new)"
    kept = since.read_bytes()
    for path, data in files(city(300)).items():
        (tmp_path / "log" / path).write_bytes(data)
    with pytest.raises(JejakError, match="not accepted; faults: 1") as refused:
        run(tmp_path / "log", "--key", key, "--since", since)
    assert refused.value.code == FINDING
    assert since.read_bytes() == kept


def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, key: Path) -> None:
    """Given a folder with altered entries, then each place is told, twenty at most."""
    folder = lay(tmp_path / "log", 300)
    bundle = folder / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b'"agencies":["dlh"]', b'"agencies":["dlx"]'))
    result = CliRunner().invoke(build(), ["verify", str(folder), "--key", str(key)])
    assert isinstance(result.exception, JejakError)
    lines = result.stdout.splitlines()
    assert lines[1].startswith("  position 1: the entry's bytes are not those that tile/0/000 has hashed")
    assert len(lines) == 1 + 20 + 1
    assert lines[-1].startswith("  ... and ")


def test_usage(tmp_path: Path, key: Path) -> None:
    """A key that is none, a path that is nothing, another log's file of an earlier verification: exit code 2 and what to do."""
    (tmp_path / "no.vkey").write_text("nonsense", encoding="ascii")
    (tmp_path / "other.json").write_bytes(b"{}")
    other = tmp_path / "other.vkey"
    other.write_text(OTHER.verifier.to_text(), encoding="ascii")
    for words in (
        (tmp_path, "--key", tmp_path / "no.vkey"),
        (tmp_path, "--key", tmp_path / "missing.vkey"),
        (tmp_path / "missing", "--key", key),
        (lay(tmp_path / "log", 5), "--key", key, "--since", tmp_path / "other.json"),
        ("--data", tmp_path),
    ):
        with pytest.raises(JejakError) as refused:
            run(*words)
        assert refused.value.code == USAGE
    with pytest.raises(JejakError, match="not accepted"):
        run(tmp_path / "log", "--key", other)


def cosigned(note: Note, *witnesses: SignerKey) -> Note:
    """Returns a note with the signatures of witnesses."""
    for witness in witnesses:
        note = cosign_note(note, witness, 1_700_000_000)
    return note


def test_fewer_witnesses_than_asked_for_are_refused(tmp_path: Path, key: Path) -> None:
    """Given a receipt and a log that one of two witnesses has signed, then one is enough where one is asked for, and else both are refused."""
    campus, press = (make_signer(f"{name}/saksi", name.encode().ljust(32, b"."), WITNESS) for name in ("kampus", "pers"))
    (tmp_path / "press.vkey").write_text(f"{press.verifier.to_text()}\n", encoding="ascii")
    folder = lay(tmp_path / "log", SIZE)
    note = cosigned(read_note((folder / "checkpoint").read_bytes()), campus)
    (folder / "checkpoint").write_bytes(note.to_bytes())
    found = read_receipt(receipt(8))
    (tmp_path / "a.tlog-proof").write_bytes(replace(found, note=note).to_bytes())
    both = ("--key", key, "--witness", campus.verifier.to_text(), "--witness", tmp_path / "press.vkey")
    assert run(tmp_path / "a.tlog-proof", *both, "--quorum", "1").splitlines()[-1] == "  witnessed  kampus/saksi"
    assert "cosigned by    kampus/saksi" in run(folder, *both, "--quorum", "1")
    for what in (tmp_path / "a.tlog-proof", folder):
        for words in (both, (*both, "--quorum", "2"), ("--key", key, "--witness", tmp_path / "press.vkey")):
            with pytest.raises(JejakError) as refused:
                run(what, *words)
            assert refused.value.code == FINDING
    result = CliRunner().invoke(build(), ["verify", str(folder), *map(str, both)])
    assert "signed by 1 of the 2 witnesses, and 2 are asked for (few-witnesses)" in result.stdout
    for wrong in (
        (*both, "--quorum", "3"),
        (*both, "--witness", tmp_path / "press.vkey"),
        ("--key", key, "--witness", key),
        ("--key", key, "--witness", "nonsense"),
        ("--key", key, "--quorum", "1"),
    ):
        with pytest.raises(JejakError) as refused:
            run(folder, *wrong)
        assert refused.value.code == USAGE


def test_a_witness_is_made_and_follows_a_log(tmp_path: Path, key: Path) -> None:
    """Given a new folder, then its public key is printed once and a log is followed; what is wrong is told in a sentence."""
    folder = str(tmp_path / "saksi")

    def witness(*words: str) -> str:
        result = CliRunner().invoke(build(), ["witness", *words, "--folder", folder])
        if result.exception is not None:
            raise result.exception
        return result.stdout

    made = read_verifier(witness("new-key", "kampus/saksi").strip())
    assert (made.name, made.kind) == ("kampus/saksi", WITNESS)
    assert witness("follow", str(key)) == "kota/ledger is followed from the next start of the witness on.\n"
    assert witness("follow", SIGNER.verifier.to_text()).startswith("kota/ledger")
    for words in (
        ("new-key", "kampus/saksi"),
        ("follow", made.to_text()),
        ("follow", OTHER.verifier.to_text()),
        ("follow", "missing.vkey"),
    ):
        with pytest.raises(JejakError) as refused:
            witness(*words)
        assert refused.value.code == USAGE
    (tmp_path / "saksi" / "witness.key").unlink()
    with pytest.raises(JejakError, match="new-key"):
        witness("serve")
