"""`jejak sop estimate` prints the scores of the real log as they stand in its golden files, and asks for a history that is long enough."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.__main__ import build
from services.cli import histories
from services.cli.errors import FINDING, USAGE, JejakError
from shared import scoring
from tests.receipt import LOG, evaluation

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "estimate"
COMMANDS = {"receipt.en.txt": ("--lang", "en"), "receipt.json": ("--format", "json")}


def run(*arguments: str) -> str:
    """Runs the command and returns its output."""
    result = CliRunner().invoke(build(), ["sop", "estimate", *arguments])
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.mark.skipif(not LOG.exists(), reason=f"the real log is not here: {LOG}")
@pytest.mark.parametrize("name", COMMANDS)
def test_the_real_log_gives_its_golden_scores(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the receipt log gives is, to the letter, what is kept; scored once, printed in both forms."""
    monkeypatch.setattr(scoring, "evaluate", lambda _tracks: evaluation())
    assert run("--history", str(LOG), *COMMANDS[name]) == (GOLDEN / name).read_text(encoding="utf-8")


def test_a_history_has_to_be_long_enough(tmp_path: Path) -> None:
    """A few cases tell nothing, and a city or a log that is not there is named."""
    log = tmp_path / "small.xes"
    log.write_text(
        '<log><trace><string key="concept:name" value="a"/><event><string key="concept:name" value="Confirmation of receipt"/>'
        '<date key="time:timestamp" value="2011-01-03T09:00:00Z"/></event></trace></log>',
        encoding="utf-8",
    )
    with pytest.raises(JejakError, match="1 cases; 100 are needed") as short:
        run("--history", str(log), "--map", str(histories.SHIPPED / "receipt.yaml"))
    assert short.value.code == FINDING
    with pytest.raises(JejakError, match="There is no city") as missing:
        run("--history", "ledger", "--data", str(tmp_path))
    assert missing.value.code == USAGE
