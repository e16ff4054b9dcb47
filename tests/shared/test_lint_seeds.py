"""Seeded faulty SOPs: each file has exactly the findings that it says it has, no more and no fewer, and no code is left out."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from services.cli.sop_files import check, check_plans, sop_paths
from shared.kit.shipped_plans import FILE
from shared.sop.findings import KINDS, Finding
from shared.sop.lint import Registers
from tests.builders_lint import DAY, registers

SEEDS = Path(__file__).parents[1] / "golden" / "sops"
PLANS = SEEDS.with_name("plans")
FROM_HISTORY = {"never-changed"}  # no file can hold the past; tests/shared/test_lint_history.py does
# Files whose names begin alike are one catalogue.
GROUPS = sorted({path.name.partition(".")[0] for path in SEEDS.glob("*.yaml")})


def files(group: str) -> list[Path]:
    """Returns the files of a group."""
    return sorted(SEEDS.glob(f"{group}.*yaml"))


def head(path: Path, word: str) -> list[str]:
    """Returns what a file says of itself after `# word: `."""
    return [line.partition(": ")[2] for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(f"# {word}: ")]


def known(group: str) -> Registers:
    """Returns the registers as of the day that a group names."""
    days = [day for path in files(group) for day in head(path, "on")]
    return replace(registers(), on=date.fromisoformat(days[0])) if days else replace(registers(), on=DAY)


def spelled(finding: Finding, *, with_days: bool) -> str:
    """Returns a finding as a file expects it: code, place, and days where the file names some."""
    return " ".join([finding.code, finding.place, *([str(finding.days)] if with_days and finding.days else [])]).strip()


@pytest.mark.parametrize("group", GROUPS)
def test_every_seeded_fault_is_found_and_nothing_else(group: str) -> None:
    """The findings on each file, overlaps with others included, are exactly those it expects; days are compared where it names them."""
    checked, overlaps = check(files(group), known(group))
    expected = Counter(line for path in files(group) for line in head(path, "expects"))
    wants_days = {line.rpartition(" ")[0] for line in expected if line.rpartition(" ")[2].isdigit()}
    findings = [*(finding for file in checked for finding in file.findings), *overlaps]
    said = Counter(spelled(finding, with_days=spelled(finding, with_days=False) in wants_days) for finding in findings)
    assert said == expected


def test_every_code_has_a_seed() -> None:
    """Whatever the lint may say is said of at least one seeded SOP."""
    expected = {line.partition(" ")[0] for path in (*SEEDS.glob("*.yaml"), *PLANS.glob("*.yaml")) for line in head(path, "expects")}
    assert expected == set(KINDS) - FROM_HISTORY


@pytest.mark.parametrize("group", GROUPS)
def test_every_place_has_its_line(group: str) -> None:
    """The line of each finding holds the last word of its place, or the part around it when something is missing there."""
    checked, _ = check(files(group), known(group))
    for file in checked:
        lines = file.path.read_text(encoding="utf-8").splitlines()
        for finding in file.findings:
            shown = lines[file.line(finding) - 1]
            words = finding.place.split("/")[-2:] or [""]
            assert any(word in shown for word in words) or file.sop is None, (finding.place, shown)


@pytest.mark.parametrize("path", sorted(PLANS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_seeded_fault_of_a_plan_is_found_and_nothing_else(path: Path) -> None:
    """The findings on each file of plans, under the shipped catalogue and the SOP that stands beside it, are exactly those it expects."""
    sops = [file.sop for file in check([*sop_paths([]), *PLANS.glob(f"{path.stem}.sop")], registers())[0] if file.sop]
    found = check_plans(path, sops)
    assert Counter(spelled(finding, with_days=False) for finding in found.findings) == Counter(head(path, "expects"))
    assert all(finding.says.id and finding.mend.en and finding.severity for finding in found.findings)


def test_the_shipped_plans_fit_the_shipped_catalogue() -> None:
    """Nothing is found on them, and each names a type that is always or sometimes needed."""
    sops = [file.sop for file in check(sop_paths([]), registers())[0] if file.sop]
    assert check_plans(FILE, sops).findings == ()
