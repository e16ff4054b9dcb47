"""`jejak import` against a running city: another system's history is in the ledger whole, once, or not at all."""

import gzip
from pathlib import Path

import pytest

from deploy.local.supervisor import City as LocalCity
from services.catalogue.archive import legacy_events
from services.cli.rebuild import settings_of
from shared.kit.archive import at_work, keep
from shared.kit.settings import read_key
from shared.xes import read_log
from tests.faults.harness import position
from tests.integration.commands import jejak

RECEIPT = Path(__file__).parents[3] / "shared" / "data" / "receipt.xes.gz"
EVENT = '<event><string key="concept:name" value="{}"/><date key="time:timestamp" value="2019-03-04T08:00:0{}.000+07:00"/></event>'


def small_log(folder: Path, *activities: str, name: str = "old.xes") -> Path:
    """Writes a log of one case."""
    events = "".join(EVENT.format(activity, second) for second, activity in enumerate(activities))
    file = folder / name
    file.write_text(f'<log xmlns="http://www.xes-standard.org/"><trace><string key="concept:name" value="case-1"/>{events}</trace></log>')
    return file


@pytest.mark.skipif(not RECEIPT.exists(), reason="the log of 8,577 events is not on this machine")
@pytest.mark.timeout(400)
def test_a_whole_log_comes_out_of_the_ledger_as_it_is(real_city: LocalCity) -> None:
    """The figures that the ledger gives back are the log's own; importing it again imports nothing and says the same."""
    first = jejak(real_city, "import", str(RECEIPT), "--format", "json")
    head = position(real_city, "ledger")
    again = jejak(real_city, "import", str(RECEIPT), "--format", "json")
    shown = jejak(real_city, "replay", "receipt/case-10011", "--format", "json")

    assert first.code == 0, first.error
    figures = ("cases", "events", "activities", "performers", "closed", "late")
    assert [first.tree[name] for name in figures] == [1434, 8577, 27, 48, 1329, 377]
    assert (first.tree["imported"], again.tree["imported"]) == (8577, 0)
    assert {**again.tree, "imported": 8577} == first.tree
    assert position(real_city, "ledger") == head
    assert [entry["data"]["activity"] for entry in shown.tree["entries"]] == [
        "Confirmation of receipt",
        "T02 Check confirmation of receipt",
        "T03 Adjust confirmation of receipt",
        "T02 Check confirmation of receipt",
    ]


@pytest.mark.parametrize("broken", ["truncated", "damaged", "entities", "bomb", "other"])
def test_a_file_that_is_no_whole_log_is_refused_with_its_place(real_city: LocalCity, tmp_path: Path, broken: str) -> None:
    """Nothing of it is imported, and the sentence names line and column."""
    whole = small_log(tmp_path, "One", "Two").read_bytes()
    contents = {
        "truncated": gzip.compress(whole)[:-12],
        "damaged": whole.replace(b"</event>", b"</eevent>", 1),
        "entities": b'<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + whole.replace(b"One", b"&b;"),
        "bomb": gzip.compress(whole.replace(b"</log>", b" " * (64 << 20) + b"</log>")),
        "other": b"<html><body>log</body></html>",
    }
    file = tmp_path / f"{broken}.xes"
    file.write_bytes(contents[broken])
    head = position(real_city, "ledger")

    ran = jejak(real_city, "import", str(file))

    assert ran.code == 1
    assert "line 1, column" in ran.error
    assert "Nothing was imported" in ran.error
    assert position(real_city, "ledger") == head


def test_an_interrupted_import_goes_on(real_city: LocalCity, tmp_path: Path) -> None:
    """What was stored and not yet sent when an import was killed reaches the ledger with the same command."""
    file = small_log(tmp_path, "One", "Two", "Three", name="interrupted.xes")
    settings = settings_of("archive", real_city.stack.data)
    with file.open("rb") as stream:
        mapped = legacy_events(read_log(stream), "interrupted", f"/{settings.city}/archive", read_key(settings.city_key_file))
    with at_work(settings) as store:
        assert keep(store, mapped.events) == 3

    ran = jejak(real_city, "import", str(file), "--format", "json")

    assert (ran.code, ran.tree["imported"], ran.tree["events"]) == (0, 0, 3)
    assert len(jejak(real_city, "replay", "interrupted/case-1", "--format", "json").tree["entries"]) == 3


def test_another_log_under_the_same_name_is_refused(real_city: LocalCity, tmp_path: Path) -> None:
    """A name stands for one log: a second one needs its own, and then is imported beside the first."""
    assert jejak(real_city, "import", str(small_log(tmp_path, "One"))).code == 0
    changed = small_log(tmp_path, "One", "Two")

    refused = jejak(real_city, "import", str(changed))
    beside = jejak(real_city, "import", str(changed), "--system", "old-2", "--lang", "en")

    assert refused.code == 1
    assert "Choose another one with --system" in refused.error
    assert beside.code == 0
    assert "2 events imported" in beside.out
