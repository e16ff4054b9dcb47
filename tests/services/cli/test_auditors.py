"""What auditors run over a log's files: the audit, and exports for process mining, without any city."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from services.__main__ import build
from services.cli.errors import FINDING, USAGE, JejakError
from shared.xes import read_log
from tests import bundles
from tests.builders import CODE, OTHER_CODE
from tests.signed_logs import files


def run(*words: str | Path) -> str:
    """Runs `jejak` and returns what it wrote; raises the `JejakError` with which it ended."""
    result = CliRunner().invoke(build(), list(map(str, words)))
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a log's files."""
    for path, data in files(entry.raw for entry in bundles.log()).items():
        file = tmp_path / "log" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return tmp_path / "log"


def test_a_folder_and_its_export_are_audited_the_same(folder: Path, tmp_path: Path) -> None:
    """Given a log's files and the ndjson written from them, then both have the exact entries and the same audit."""
    lines = tmp_path / "x.ndjson"
    run("export", "ndjson", folder, "-o", lines)
    assert lines.read_bytes() == b"".join(entry.raw + b"\n" for entry in bundles.log())
    report = orjson.loads(run("audit", folder, "--format", "json"))
    assert report == orjson.loads(run("audit", lines, "--format", "json"))
    assert (report["entries"], report["applications"]) == (len(bundles.log()), 2)


def test_the_text_of_an_audit_names_entries_and_what_to_ask(folder: Path) -> None:
    """Given a log without the senders' registration or the contract, then each entry, the sentence and the question are printed."""
    text = run("audit", folder, "--lang", "en")
    assert f"{len(bundles.log())} entries, 2 applications" in text
    assert f"{CODE} #1: This entry does not conform" in text
    assert "Ask: Why did the ledger accept it" in text
    assert "Tanyakan: Mengapa" in run("audit", folder, "--code", "not-conforming")


def test_xes_and_ocel_have_every_application(folder: Path, tmp_path: Path) -> None:
    """Given a log in which two applications are mixed, then each form has both, each with its events in order."""
    run("export", "xes", folder, "-o", tmp_path / "x.xes")
    with (tmp_path / "x.xes").open("rb") as opened:
        cases = read_log(opened).cases
    assert {case.name for case in cases} == {CODE, OTHER_CODE}
    assert all([event.time for event in case.events] == sorted(event.time for event in case.events) for case in cases)
    run("export", "ocel", folder, "-o", tmp_path / "x.json")
    tree = orjson.loads((tmp_path / "x.json").read_bytes())
    assert {item["id"] for item in tree["objects"] if item["type"] == "application"} == {CODE, OTHER_CODE}
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("audit", "nowhere"), USAGE),
        (("audit", "x.ndjson"), FINDING),
        (("audit", "."), FINDING),
        (("audit", "x.ndjson", "--roles", "T02"), USAGE),
        (("audit", "x.ndjson", "--code", "gossip"), USAGE),
        (("export", "ocel", "x.ndjson", "-o", "y"), FINDING),
        (("export", "bundle", "-o", "y.zip"), USAGE),
        (("export", "bundle", CODE, "--until", "3", "-o", "y.zip"), USAGE),
        (("export", "bundle", CODE, "--ledger", "http://127.0.0.1:9", "-o", "y.zip"), USAGE),
    ],
)
def test_what_cannot_be_read_is_told(words: tuple[str, ...], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given no file, no entries or a wrong word, then one sentence says so, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    Path("x.ndjson").write_bytes(b"{}\n")
    with pytest.raises(JejakError) as refused:
        run(*words)
    assert refused.value.code == code
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.ndjson"]
