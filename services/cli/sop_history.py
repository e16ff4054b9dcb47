"""What `jejak sop check --history` finds: steps that in the past never changed what came out."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from services.cli import histories
from services.cli.errors import FINDING, JejakError
from shared.sop.findings import Finding
from shared.sop.lint_history import DECIDED_MIN, Record, history_findings, step_records
from shared.sop.past import History


@dataclass(frozen=True, slots=True)
class Past:
    """The findings of a history, and what is known of each judging step."""

    findings: tuple[Finding, ...]
    records: tuple[Record, ...]

    @property
    def judged(self) -> int:
        """How many steps enough applications met."""
        return sum(record.cases >= DECIDED_MIN for record in self.records)


def past(history: str, map_: Path | None, data: Path) -> Past:
    """Returns what a log or the running city's ledger says of its steps; raises `JejakError`."""
    found = list(_ledger(data)) if history == histories.LEDGER else [histories.logged(Path(history), map_)]
    if not any(item.cases for item in found):
        raise JejakError(FINDING, "The history has no ended application.", "Choose another history.")
    return past_of(found)


def past_of(found: Iterable[History]) -> Past:
    """Returns what histories, one for each permit type, say of their steps."""
    known = [item for item in found if item.cases]
    records = tuple(record for item in known for record in step_records(item))
    return Past(tuple(finding for item in known for finding in history_findings(item)), records)


def _ledger(data: Path) -> Iterable[History]:
    from shared.sop.past import by_type

    return by_type(histories.ledger_entries(data, "jejak-check")).values()
