"""The reference says what the code says, and the glossary has the word for everything that can happen."""

import re

import pytest

from services.cli.reference import commands, pages
from shared.events import EVENTS
from shared.kit.settings import Settings
from shared.refusals import REFUSALS
from shared.schemas import schema_name
from shared.sop.findings import KINDS
from tests.architecture.sources import ROOT

REFERENCE = ROOT / "docs" / "reference"
MADE = pages.pages()


@pytest.mark.parametrize("page", sorted(MADE))
def test_the_reference_is_current(page: str) -> None:
    """Each generated page is what the code says now."""
    assert (REFERENCE / page).read_text(encoding="utf-8") == MADE[page], "run: jejak reference --write"


def test_no_old_page_is_left() -> None:
    """No document of a service that is gone stays in the reference."""
    kept = {file.relative_to(REFERENCE).as_posix() for folder in ("openapi", "asyncapi") for file in (REFERENCE / folder).iterdir()}
    assert kept == {page for page in MADE if "/" in page}


def test_every_event_has_its_section() -> None:
    """The page of events describes every version that the contract knows, with a link to its schema."""
    text = MADE["events.md"]
    for data in EVENTS:
        assert f"## {schema_name(data)}\n" in text
        assert (REFERENCE / "schemas" / f"{schema_name(data)}.json").is_file()


def test_every_refusal_setting_and_command_is_listed() -> None:
    """What a person may meet - a refusal, a setting, a command, a finding - is found in the reference."""
    assert all(f"| `{code}` |" in MADE["refusals.md"] for code in REFUSALS)
    assert all(f"| `JEJAK_{setting.upper()}` |" in MADE["settings.md"] for setting in Settings.model_fields)
    assert all(f"## jejak {command}\n" in MADE["commands.md"] for command in commands.tree())
    assert all(f"| `{code}` | {kind.severity} |" in MADE["sop-findings.md"] for code, kind in KINDS.items())
    assert all(field.description for field in Settings.model_fields.values())


def test_the_glossary_has_every_event() -> None:
    """The glossary names each event by its code, in Indonesian and in English, as the contract's labels do."""
    rows = re.findall(r"^\| `([a-z.-]+)` \| ([^|]+) \| ([^|]+) \|$", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = {code: (label_id.strip(), label_en.strip()) for code, label_id, label_en in rows}
    for data in EVENTS:
        assert listed.get(data.NAME) == data.LABELS, data.NAME
