"""`jejak sop`: what a head of agency reads is laid out as recorded, errors name file, line and what to do, and exit codes say the rest."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from services.__main__ import build
from services.cli.errors import JejakError
from services.cli.sop_named import CATALOGUE
from shared.kit.shipped_plans import FILE
from shared.schemas import PLANS, SOP, schemas
from tests.architecture.sources import ROOT
from tests.builders import catalogue

GOLDEN = ROOT / "tests" / "golden" / "cli"
AS_OF = ("--on", "2026-11-24")
WRONG_PLANS = [
    ("plan", "buka-bank"),
    ("plan", "buka-kafe", "--fact", "gedung-baru"),
    ("plan", "buka-kafe", "--fact", "warna=biru"),
    ("plan", "buka-kafe", "--fact", "gedung-baru=mungkin"),
    ("plan", "--plans", "missing.yaml"),
    ("check", "--plans", "missing.yaml"),
]
CAFE = (
    "--fact",
    "gedung-baru=ya",
    "--fact",
    "isi-ulang-air-minum=true",
    "--fact",
    "papan-nama-di-jalan=ya",
    "--fact",
    "pbg-usaha.indeks=0,5",
)


def run(*words: str) -> tuple[int, str]:
    """Returns a command's exit code and what it wrote; raises `JejakError` as the command does."""
    result = CliRunner().invoke(build(), ["sop", *words])
    if isinstance(result.exception, JejakError):
        raise result.exception
    return result.exit_code, result.stdout


def as_json(*words: str) -> tuple[int, dict[str, Any]]:
    """Returns a command's exit code and the tree it wrote."""
    code, text = run(*words, "--format", "json")
    return code, dict(orjson.loads(text))


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are named as seen from the project's folder, without a terminal's width."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sop-check.id", ("check", *AS_OF)),
        ("sop-check.en", ("check", *AS_OF, "--lang", "en")),
        ("sop-list.id", ("list",)),
        ("sop-register.en", ("register", *AS_OF, "--lang", "en")),
        ("sop-plan.id", ("plan", "buka-kafe", *CAFE)),
        ("sop-plan.en", ("plan", "buka-kafe", *CAFE, "--lang", "en")),
    ],
)
def test_the_text_is_as_recorded(name: str, words: tuple[str, ...]) -> None:
    """The catalogue's check, list, register and plan read exactly as the golden files."""
    code, text = run(*words)
    assert code == 0
    assert text == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_json_says_the_same_as_the_text() -> None:
    """Every finding of the text is in the JSON, with file, line, days and both languages."""
    _, text = run("check", *AS_OF, "--lang", "en")
    code, tree = as_json("check", *AS_OF)
    findings = [finding for sop in tree["sops"] for finding in sop["findings"]] + tree["overlaps"]
    assert code == 0
    assert len(findings) == sum(tree["totals"][severity] for severity in ("error", "warning", "advice"))
    for finding in findings:
        assert f"{finding['code']}" in text
        assert f"{finding['file']}:{finding['line']}" in text
        assert set(finding["says"]) == set(finding["mend"]) == {"id", "en"}


def test_an_error_ends_with_one_and_names_file_line_and_what_to_do(tmp_path: Path) -> None:
    """A step that needs one which does not exist is found on its own line."""
    lines = (CATALOGUE / "skp-penelitian.yaml").read_text(encoding="utf-8").splitlines()
    number = lines.index("    needs: [aturan]")
    lines[number] = "    needs: [atruan]"
    file = tmp_path / "salah.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    code, tree = as_json("check", str(file))
    error = tree["sops"][0]["findings"][0]
    assert code == 1
    assert (error["severity"], error["code"], error["file"], error["line"]) == ("error", "unknown-step", str(file), number + 1)
    assert "aturan" in error["mend"]["en"]
    code, text = run("check", str(file))
    assert code == 1
    assert f"salah.yaml:{number + 1}" in text
    assert "jangan diterbitkan" in text


@pytest.mark.parametrize(("content", "line"), [(b"a: 1\nb: [", 2), (b"\xff\xfe", 1)])
def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path, content: bytes, line: int) -> None:
    """Broken YAML and broken text are errors with their line; listing such a file says where to look."""
    file = tmp_path / "rusak.yaml"
    file.write_bytes(content)
    code, tree = as_json("check", str(tmp_path))
    assert code == 1
    assert [(item["code"], item["line"]) for item in tree["sops"][0]["findings"]] == [("unreadable", line)]
    with pytest.raises(JejakError, match="jejak sop check"):
        run("list", str(file))


@pytest.mark.parametrize(
    "words", [("check", "missing.yaml"), ("check", "docs"), ("check", "--on", "2026-13-01"), ("register", "uu-0-0"), *WRONG_PLANS]
)
def test_wrong_use_ends_with_two(words: tuple[str, ...]) -> None:
    """A file, a folder without SOPs, a day, a regulation, a plan or a fact that is not there is told in one sentence."""
    with pytest.raises(JejakError) as refused:
        run(*words)
    assert refused.value.code == 2


def test_two_files_with_one_version_are_an_error(tmp_path: Path) -> None:
    """The later of the two files is named, for it has to change."""
    text = (CATALOGUE / "makam.yaml").read_text(encoding="utf-8")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    code, tree = as_json("check", str(tmp_path))
    assert code == 1
    assert [(item["code"], Path(item["file"]).name) for item in tree["overlaps"]] == [("same-version", "b.yaml")]


def test_the_list_has_every_sop() -> None:
    """Each shipped SOP is listed with its owner, system and promise."""
    code, tree = as_json("list")
    assert code == 0
    assert {item["sop"]: item["promise_working_days"] for item in tree["sops"]} == {
        sop.name: sop.promise_working_days for sop in catalogue().values()
    }
    assert all(item["demo_values"] for item in tree["sops"])


def test_one_regulation_shows_what_its_repeal_strikes() -> None:
    """The register names SOP and element."""
    code, tree = as_json("register", "skb-25-11-2024", *AS_OF)
    assert code == 0
    assert tree["regulations"][0]["hits"] == [
        {"sop": name, "place": place}
        for name in ("pbg-mbr@2", "pbg-mbr@1")
        for place in ("legal_bases/skb-25-11-2024", "requirements/bukti-mbr/legal_basis")
    ]


def test_every_shipped_sop_is_valid_by_the_published_schema() -> None:
    """An editor that knows the schema accepts what the city publishes, and refuses an unknown name."""
    validator = Draft202012Validator(schemas()[SOP])
    for file in CATALOGUE.glob("*.yaml"):
        tree = yaml.safe_load(file.read_text(encoding="utf-8"))
        validator.validate(tree)
        assert not validator.is_valid({**tree, "catatan": "x"})


def test_plans_of_a_file_are_listed_and_checked() -> None:
    """Given a file of plans, its plan is listed and made as a shipped one; a faulty one ends the check with 1 and names file and line."""
    folder = ROOT / "tests" / "golden" / "plans"
    code, listed = as_json("plan", "--plans", str(folder / "sound.yaml"))
    assert (code, [item["goal"] for item in listed["plans"]]) == (0, ["coba"])
    _, tree = as_json("plan", "coba", "--plans", str(folder / "sound.yaml"), "--fact", "baru=ya")
    assert [[permit["permit_type"] for permit in stage] for stage in tree["stages"]] == [["pbg-usaha"], ["slf-usaha"], ["apotek"]]
    code, found = as_json("check", str(CATALOGUE), "--plans", str(folder / "cycle.yaml"))
    assert (code, [(item["code"], item["line"]) for item in found["plans"]]) == (1, [("plan-cycle", 7)])


def test_the_shipped_plans_are_valid_by_the_published_schema() -> None:
    """An editor that knows plans.v1 accepts the shipped file."""
    Draft202012Validator(schemas()[PLANS]).validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
