"""Bundles for auditors: what was exported is accepted from its bytes alone, and whatever was changed in it is found and named."""

import io
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from services.__main__ import build
from services.cli.errors import JejakError
from shared.bundles.checking import check
from shared.bundles.container import Limits, pack, unpack
from shared.bundles.contents import Members
from shared.proof.errors import ProofError
from shared.proof.keys import VerifierKey
from tests import bundles
from tests.builders import CODE
from tests.signed_logs import OTHER, SIGNER
from tests.strategies import QUICK

KEY = SIGNER.verifier


def codes(members: Members, trusted: VerifierKey | None = KEY) -> set[str]:
    """Returns what is wrong in a bundle."""
    return {fault.code for fault in check(members, trusted).faults}


def test_what_was_exported_is_accepted() -> None:
    """Given the bundle of an application, when it is packed, unpacked and checked, then all is accepted and its state folded again."""
    found = check(unpack(pack(bundles.of_application())), KEY)
    assert found.faults == ()
    assert found.applications == 1
    assert found.page_compared
    assert found.manifest is not None
    assert (found.manifest.subject, found.manifest.rules) == (CODE, 1)


@pytest.mark.parametrize("period", [(1, 5), (4, 9), (2, len(bundles.log())), (3, 3)])
def test_a_period_may_begin_in_the_middle(period: tuple[int, int]) -> None:
    """Given a period that meets applications in their middle, then their sequences go on from there, and only whole ones are folded."""
    found = check(bundles.of_period(*period), KEY)
    assert found.faults == ()
    assert found.applications == sum(
        entry.stamp.sequence == 1 and entry.subject.startswith("PKY") for entry in bundles.log()[period[0] - 1 : period[1]]
    )


def _replaced(name: str, change: Callable[[bytes], bytes]) -> Members:
    made = bundles.of_application()
    return {**made, name: change(made[name])}


def _without(name: str) -> Members:
    return {key: value for key, value in bundles.of_application().items() if key != name}


@pytest.mark.parametrize(
    ("members", "code"),
    [
        (_replaced("entries.ndjson", lambda raw: raw.replace(b'"passed"', b'"failed"', 1)), "other-entry"),
        (_replaced("entries.ndjson", lambda raw: raw[:-1]), "cut-off"),
        (_replaced("entries.ndjson", lambda raw: raw + b"{}\n"), "not-an-entry"),
        (_replaced("entries.ndjson", lambda raw: raw + raw.splitlines()[-1] + b"\n"), "wrong-count"),
        (_replaced("states.json", lambda raw: raw.replace(b'"issued"', b'"refused"')), "wrong-state"),
        (_replaced("index.html", lambda raw: raw + b" "), "wrong-page"),
        (_replaced("checkpoint", lambda raw: raw.replace(b"kota/ledger\n", b"kota/ledgar\n", 1)), "wrong-signature"),
        (_replaced("receipts/2.tlog-proof", lambda raw: raw.replace(b"index 1", b"index 2")), "wrong-position"),
        (_replaced("receipts/2.tlog-proof", lambda _: bundles.of_application()["receipts/3.tlog-proof"]), "wrong-position"),
        (_replaced("manifest.json", lambda raw: raw.replace(b'"first":2', b'"first":3')), "wrong-count"),
        (_replaced("manifest.json", lambda raw: raw.replace(b'"version":1', b'"version":9')), "malformed-manifest"),
        (_replaced("manifest.json", lambda _: b"[" * 100_000), "malformed-manifest"),
        (_replaced("log.vkey", lambda _: OTHER.verifier.to_text().encode()), "wrong-key"),
        (_replaced("log.vkey", lambda _: b"\xff"), "malformed-key"),
        (_without("receipts/2.tlog-proof"), "missing"),
        (_without("checkpoint"), "missing"),
        (_without("states.json"), "missing"),
        ({**bundles.of_application(), "receipts/99.tlog-proof": b""}, "surplus"),
        (bundles.of_application(signer=OTHER), "wrong-key"),
    ],
)
def test_whatever_was_changed_is_named(members: Members, code: str) -> None:
    """Given a bundle in which one thing was changed, then the check names just that."""
    assert code in codes(members)


def test_a_bundle_is_bound_to_its_own_key_only_without_a_trusted_one() -> None:
    """Given a bundle that somebody signed with a key of their own, then only the trusted key tells it from the city's."""
    assert codes(bundles.of_application(signer=OTHER), trusted=None) == set()
    assert codes(bundles.of_application(signer=OTHER)) == {"wrong-key"}


def test_a_gap_in_a_proven_history_is_found() -> None:
    """Given a log whose operator left out an entry before signing, then the proofs hold and the gap is told."""
    entries = bundles.log()
    left = [*entries[:3], *(bundles.again(entry, position=entry.stamp.position - 1) for entry in entries[4:])]
    assert {"sequence-broken"} <= codes(bundles.of_application(left))


def test_an_application_cut_off_in_its_middle_is_found() -> None:
    """Given a bundle that leaves out an application's first entry with its receipt, then the gap is told."""
    entries = bundles.log()
    made = bundles.members(entries, "application", [entry for entry in entries if entry.subject == CODE][1:], entries[:1])
    assert "sequence-broken" in codes(made)


@QUICK
@given(st.data())
def test_no_changed_byte_is_accepted(data: st.DataObject) -> None:
    """Given a bundle with one byte of one member changed, then it is not accepted, and the check does not break."""
    made = bundles.of_application()
    name = data.draw(st.sampled_from(sorted(set(made) - {"log.vkey"})))
    place = data.draw(st.integers(0, len(made[name]) - 1))
    changed = bytearray(made[name])
    changed[place] ^= data.draw(st.integers(1, 255))
    found = check({**made, name: bytes(changed)}, KEY)
    # Another form of the page in the manifest says that nothing is known about the page, and that is told.
    assert found.faults or not found.page_compared


# The zip file around it


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Returns a zip file of these members, whatever their names are."""
    file = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(file, "w", method) as opened:
        for name, data in members:
            opened.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def understated() -> bytes:
    """Returns a zip file whose member is larger than its directory says."""
    raw = zipped(("states.json", b"0" * 5000))
    return raw.replace((5000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


SMALL = Limits(file_bytes=1_000_000, members=50, member_bytes=1_000_000, all_bytes=2_000_000)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (zipped(("../etc/passwd", b"x")), "wrong-name"),
        (zipped(("/checkpoint", b"x")), "wrong-name"),
        (zipped(("receipts/../checkpoint", b"x")), "wrong-name"),
        (zipped(("receipts/1.tlog-proof_.png", b"x")).replace(b"_", b"\0"), "wrong-name"),
        (zipped(("receipts/01.tlog-proof", b"x")), "wrong-name"),
        (zipped(("checkpoint", b"x"), ("checkpoint", b"y")), "duplicate-name"),
        (zipped(("states.json", b"0" * 1_000_001)), "too-large"),
        (zipped(*((name, b"0" * 999_999) for name in ("states.json", "index.html", "entries.ndjson"))), "too-large"),
        (zipped(*((f"receipts/{number}.tlog-proof", b"") for number in range(1, 52))), "too-large"),
        (zipped(("checkpoint", b"x"), method=zipfile.ZIP_BZIP2), "unknown-packing"),
        (b"0" * 1_000_001, "too-large"),
        (b"PK\x03\x04 and no more", "broken-zip"),
        (b"", "broken-zip"),
        (pack({"checkpoint": b"x" * 500})[:-30], "broken-zip"),
        (understated(), "broken-zip"),
    ],
)
def test_a_hostile_zip_file_is_refused(raw: bytes, code: str) -> None:
    """Given a bomb, a climbing path, a double name, a foreign packing or a broken file, then it is refused with the reason."""
    with pytest.raises(ProofError) as refused:
        unpack(raw, SMALL)
    assert refused.value.code == code


@QUICK
@given(st.data())
def test_no_bytes_break_the_reader(data: st.DataObject) -> None:
    """Given a bundle's file with some bytes changed or cut off, then it is read or refused, and never more."""
    raw = bytearray(pack(bundles.of_application()))
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=5)):
        raw[place] = data.draw(st.integers(0, 255))
    try:
        members = unpack(bytes(raw[: data.draw(st.integers(len(raw) // 2, len(raw)))]))
    except ProofError:
        return
    check(members, KEY)


# The command


def run(*words: str | Path) -> str:
    """Runs `jejak verify` and returns what it wrote; raises the `JejakError` with which it ended."""
    result = CliRunner().invoke(build(), ["verify", *map(str, words)])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_a_bundle_is_checked_offline_within_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a bundle in a folder with no city, then the command accepts it in a second of the processor and says whose key it used."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.zip").write_bytes(pack(bundles.of_application()))
    (tmp_path / "log.vkey").write_text(KEY.to_text())
    began = time.process_time()
    assert "IN THE BUNDLE" in run("x.zip")
    assert time.process_time() - began <= 1
    assert "the trusted key" in run("x.zip", "--key", "log.vkey")


def test_an_altered_bundle_ends_the_command_with_its_faults(tmp_path: Path) -> None:
    """Given a bundle whose state was changed, then the command says where, and ends with 1."""
    tree = orjson.loads(bundles.of_application()["states.json"])
    tree[CODE]["outcome"] = "refused"
    (tmp_path / "x.zip").write_bytes(pack({**bundles.of_application(), "states.json": orjson.dumps(tree)}))
    (tmp_path / "broken.zip").write_bytes(b"PK")
    with pytest.raises(JejakError, match="not accepted; faults: 1"):
        run(tmp_path / "x.zip")
    with pytest.raises(JejakError, match="broken-zip"):
        run(tmp_path / "broken.zip")
