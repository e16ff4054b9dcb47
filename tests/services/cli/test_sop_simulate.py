"""`jejak sop simulate` prints the figures of the real log as they stand in its golden files, and says what was typed wrong."""

import io
import json
from pathlib import Path

import httpx
import orjson
import pytest
from typer.testing import CliRunner

from services.__main__ import build
from services.cli import histories
from services.cli.errors import FINDING, USAGE, JejakError
from tests.builders import SKP, History

ROOT = Path(__file__).parents[3]
LOG = ROOT.parent / "shared" / "data" / "receipt.xes.gz"
GOLDEN = ROOT / "tests" / "golden" / "simulate"
EXAMPLES = ROOT / "docs" / "how-to" / "examples"
PARALLEL, MERGED = str(EXAMPLES / "receipt-parallel.yaml"), str(EXAMPLES / "receipt-merged.yaml")
PARTS = "periksa-tetapkan=periksa+tetapkan-terima"
COMMANDS = {
    "parallel.id.txt": ("--with", PARALLEL),
    "parallel.json": ("--with", PARALLEL, "--format", "json"),
    "merged.en.txt": ("--with", MERGED, "--merged", PARTS, "--lang", "en"),
    "capacity.en.txt": ("--with", PARALLEL, "--capacity", "kelompok-1=6", "--lang", "en"),
}
SMALL = """<log><trace><string key="concept:name" value="a"/><event><string key="concept:name" value="Confirmation of receipt"/>
<date key="time:timestamp" value="2011-01-03T09:00:00Z"/></event></trace></log>"""


def run(*arguments: str) -> str:
    """Runs the command and returns its output."""
    result = CliRunner().invoke(build(), ["sop", "simulate", *arguments])
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.mark.skipif(not LOG.exists(), reason=f"the real log is not here: {LOG}")
@pytest.mark.parametrize("name", COMMANDS)
def test_the_real_log_gives_its_golden_output(name: str) -> None:
    """What the receipt log gives under the examples of the how-to is, to the letter, what is kept."""
    assert run("--history", str(LOG), *COMMANDS[name]) == (GOLDEN / name).read_text(encoding="utf-8")


def test_a_wrong_history_or_sop_is_told_in_a_sentence(tmp_path: Path) -> None:
    """What is missing, unreadable or unknown is named, with what to do."""
    log, broken = tmp_path / "receipt.xes", tmp_path / "broken.yaml"
    log.write_text(SMALL, encoding="utf-8")
    broken.write_text("language: [", encoding="utf-8")
    half = tmp_path / "half.yaml"
    half.write_text("language: 1", encoding="utf-8")
    wrong = {
        "There is no file": ("--history", "missing.xes", "--with", "missing.yaml"),
        "not readable YAML": ("--history", str(log), "--with", str(broken)),
        "is no SOP": ("--history", str(log), "--with", str(half)),
        "is no map": ("--history", str(log), "--with", PARALLEL, "--map", str(half)),
        "No map of the activities": ("--history", str(tmp_path / "other.xes"), "--with", PARALLEL),
        "no ended application": ("--history", str(log), "--with", PARALLEL),
        "does not say what a step is made of": ("--history", str(log), "--with", PARALLEL, "--merged", "a"),
        "no number of officers": ("--history", str(log), "--with", PARALLEL, "--capacity", "dlh=0"),
        "There is no city": ("--history", "ledger", "--with", PARALLEL, "--data", str(tmp_path)),
    }
    for sentence, arguments in wrong.items():
        with pytest.raises(JejakError, match=sentence):
            run(*arguments)


def small_log(folder: Path) -> tuple[str, str]:
    """Writes a log of one closed case and a map in which every case is closed; returns both names."""
    log, mapping = folder / "small.xes", folder / "small.yaml"
    log.write_text(SMALL, encoding="utf-8")
    shipped = (histories.SHIPPED / "receipt.yaml").read_text(encoding="utf-8").replace("closed_by: enddate\n", "")
    mapping.write_text(shipped.replace("receipt-sop.yaml", str(histories.SHIPPED / "receipt-sop.yaml")), encoding="utf-8")
    return str(log), str(mapping)


def test_a_merged_step_and_a_capacity_have_to_be_known(tmp_path: Path) -> None:
    """Merging into or from a step that is not there, and officers of an agency that is not, are usage errors that list what there is."""
    log, mapping = small_log(tmp_path)
    known = ("--history", log, "--map", mapping, "--with", PARALLEL)
    for sentence, arguments in {
        "has no step baru": ("--merged", "baru=periksa"),
        "history has no step lama": ("--merged", "kirim=lama"),
        "has no agency dlh": ("--capacity", "dlh=1"),
    }.items():
        with pytest.raises(JejakError, match=sentence) as refused:
            run(*known, *arguments)
        assert refused.value.code == USAGE
    catalogue = str(ROOT / "shared" / "sop" / "catalogue" / "skp-penelitian.yaml")
    with pytest.raises(JejakError, match="shares no step"):
        run("--history", log, "--map", mapping, "--with", catalogue)


def test_a_named_map_is_used(tmp_path: Path) -> None:
    """A log of another name is read with the map that is named; one case of one step saves nothing."""
    log, mapping = small_log(tmp_path)

    found = json.loads(run("--history", log, "--map", mapping, "--with", PARALLEL, "--format", "json"))

    assert [(row["agency"], row["cases"], row["saved_total_minutes"]) for row in found["rows"]] == [
        ("*", 1, 0),
        ("kelompok-1", 1, 0),
        ("kelompok-1", 1, 0),
    ]


def test_the_ledger_is_read_page_by_page_up_to_its_head() -> None:
    """Every entry up to the head is read once; an answer that is no success ends with a sentence."""
    lines = [entry.raw for entry in History(SKP).begin().finish().entries]

    def answer(request: httpx.Request) -> httpx.Response:
        after = int(request.url.params["after"])
        page = io.BytesIO(b"".join(line + b"\n" for line in lines[after : after + 2])).getvalue()
        return httpx.Response(200, content=page, headers={"jejak-head": str(len(lines))})

    with httpx.Client(base_url="http://ledger", transport=httpx.MockTransport(answer)) as reader:
        assert [entry.raw for entry in histories.entries(reader)] == lines
    with (
        httpx.Client(base_url="http://ledger", transport=httpx.MockTransport(lambda _: httpx.Response(503))) as reader,
        pytest.raises(JejakError, match="503") as refused,
    ):
        list(histories.entries(reader))
    assert refused.value.code == FINDING


def test_the_shipped_map_names_steps_of_its_sop() -> None:
    """Every activity of the shipped map belongs to a step of the SOP that it names, and the examples share its steps."""
    mapping = histories.read_map(histories.SHIPPED / "receipt.yaml")
    sop = histories.read_sop(histories.SHIPPED / mapping.sop)

    assert set(mapping.activities.values()) == set(sop.step_by_code)
    assert len(mapping.activities) == 27
    assert set(histories.read_sop(Path(PARALLEL)).step_by_code) == set(sop.step_by_code)
    assert orjson.loads(histories.read_tree(Path(MERGED)))["promise_working_days"] == 4
