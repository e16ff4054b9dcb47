"""`jejak sop` as a person meets it: what it prints, how it ends, and what it says to somebody who named the wrong thing."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.__main__ import build
from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.sop_named import CATALOGUE, FILE_BYTES_MAX, named_sop
from shared.sop.diff import diff
from shared.web.sop_changes import WHAT, Wording
from tests.builders import PBG, catalogue
from tests.golden.renew_sop import GOLDEN, OUTPUTS, SECOND, output
from tests.sops import second_version


def run(*arguments: str) -> Result:
    """Runs a command of `jejak sop`."""
    return CliRunner().invoke(build(), ["sop", *arguments], catch_exceptions=False)


@pytest.mark.parametrize("name", OUTPUTS)
def test_it_prints_what_the_golden_file_says(name: str) -> None:
    """Each output is the golden one, to the letter."""
    assert output(*OUTPUTS[name]) == (GOLDEN / name).read_text(encoding="utf-8"), "see tests/golden/renew_sop.py"


# diff


def test_diff_names_its_columns() -> None:
    """Every table says in its head what stands in each column, in the language asked for."""
    lines = [line.split() for line in output(*OUTPUTS["diff.id.txt"]).splitlines()]
    assert ["Hal", "Sebelum", "Sesudah", "Bagi", "pemohon"] in lines
    assert ["Bagian", "Perubahan", "Sebelum", "Sesudah", "Bagi", "pemohon"] in lines
    english = [line.split() for line in output(*OUTPUTS["diff.en.txt"]).splitlines()]
    assert ["Part", "Change", "Before", "After", "For", "the", "applicant"] in english


def test_diff_begins_with_the_consequences() -> None:
    """The first sentence says what a head of agency wants to know."""
    sentence = output(*OUTPUTS["diff.id.txt"]).splitlines()[1]
    assert sentence.startswith("Bagi pemohon: dua dokumen lebih sedikit; satu kunjungan lebih sedikit; janji layanan 8 → 5 hari kerja")


def test_diff_as_json_has_the_same_changes() -> None:
    """The JSON form is the list of changes, each with its five keys."""
    tree = json.loads(output(*OUTPUTS["diff.json"]))
    changes = diff(named_sop("reklame-permanen@1"), named_sop(SECOND))
    assert [change["kind"] for change in tree["changes"]] == [change.kind for change in changes]
    assert all(set(change) == {"kind", "place", "before", "after", "better_for_applicant"} for change in tree["changes"])


def test_diff_of_the_same_says_so() -> None:
    """Nothing changed is one sentence and no table."""
    assert run("diff", "pbg-usaha", "pbg-usaha@2").stdout.endswith("Tidak ada perubahan.\n")


def test_diff_tells_what_it_compares() -> None:
    """Two types of permit, and a changed content under an old number, are named as such."""
    assert "dua jenis izin yang berbeda" in run("diff", "skp-penelitian", "pbg-usaha").stdout


def test_diff_warns_of_a_changed_content_under_an_old_number(tmp_path: Path) -> None:
    """A version that is published never changes, so the same number with another content is pointed out."""
    file = tmp_path / "skp.yaml"
    text = (CATALOGUE / "skp-penelitian-2.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("promise_working_days: 3", "promise_working_days: 2"), encoding="utf-8")
    assert "nomor versinya sama" in run("diff", "skp-penelitian", str(file)).stdout


def test_never_worse_is_a_finding_where_somebody_is() -> None:
    """With --never-worse the end is 1 if an applicant would be worse off, else 0."""
    assert run("diff", "reklame-permanen", SECOND).exit_code == 0
    assert run("diff", "reklame-permanen", SECOND, "--never-worse").exit_code == FINDING
    assert run("diff", "pbg-usaha", "pbg-usaha", "--never-worse").exit_code == 0


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_change_can_be_said(language: str) -> None:
    """Between any two SOPs at hand, every change has words in both languages and is shown once."""
    sops = [*catalogue().values(), second_version()]
    for before in sops:
        for after in sops:
            changes = diff(before, after)
            assert {change.kind for change in changes} <= set(WHAT)
            wording = Wording(before, after, language)
            rows = [*wording.details(changes), *wording.for_applicant(changes)]
            assert all(row.place and row.what and row.before and row.after and row.better for row in rows)


# Naming an SOP


def test_a_type_without_a_version_is_its_newest() -> None:
    """A type, a type with its version and the file are the same SOP."""
    assert named_sop("pbg-usaha") == named_sop("pbg-usaha@2") == named_sop(str(CATALOGUE / "pbg-usaha-2.yaml"))
    assert named_sop(PBG) == named_sop(str(CATALOGUE / "pbg-usaha.yaml"))


@pytest.mark.parametrize("name", ["pbg", "pbg-usaha@9", "", "lost.yaml", "folder/"])
def test_what_names_no_sop_is_a_usage_error(name: str) -> None:
    """An unknown type or version, and a file that is not there, end with a sentence and 2."""
    with pytest.raises(JejakError) as refused:
        named_sop(name)
    assert refused.value.code == USAGE


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read as YAML"),
        ("1: 2", "cannot be read as YAML"),
        ("language: 1", "is no SOP"),
        ("[]", "is no SOP"),
        ("#" * (FILE_BYTES_MAX + 1), "is larger than"),
    ],
)
def test_a_file_that_is_no_sop_is_a_usage_error(tmp_path: Path, content: str, said: str) -> None:
    """The sentence says what is wrong with the file, and no trace is shown."""
    file = tmp_path / "sop.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(JejakError, match=said) as refused:
        named_sop(str(file))
    assert refused.value.code == USAGE


# print


@pytest.mark.parametrize("form", ["sop-ap", "standar-pelayanan"])
def test_print_writes_a_file(tmp_path: Path, form: str) -> None:
    """Both kinds of file are written where the person says, the PDF as bytes of a PDF."""
    for kind, begin in (("pdf", b"%PDF"), ("html", b"<!doctype html>")):
        file = tmp_path / f"sop.{kind}"
        assert run("print", "pbg-usaha", "--form", form, "--format", kind, "-o", str(file)).exit_code == 0
        assert file.read_bytes().startswith(begin)


def test_print_to_standard_output_is_the_file_alone() -> None:
    """Without -o the bytes of the file go to standard output, so that they can be piped on."""
    assert run("print", "pbg-usaha", "--format", "pdf").stdout_bytes.startswith(b"%PDF")


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    """The sentence names the file, and no trace is shown."""
    with pytest.raises(JejakError, match="cannot be written") as refused:
        run("print", "pbg-usaha", "-o", str(tmp_path / "lost" / "sop.html"))
    assert refused.value.code == USAGE
