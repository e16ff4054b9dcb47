"""What every stage's desk may say beside its own steps: a conflict of interest, a breach contested and ruled on; pure."""

from collections.abc import Sequence
from typing import Final, Literal

from shared import events as e
from shared.draft import Commit, Draft
from shared.reasons import checked

EVIDENCE: Final = "bukti"


def declare_conflict(reason: str) -> Sequence[Draft]:
    """Returns that the officer who says it does nothing more on this application."""
    return (Draft(e.ConflictDeclared(reason=checked("conflict", reason))),)


def contest_breach(step: str, round_: int, reason: str, evidence: Sequence[str], commit: Commit) -> Sequence[Draft]:
    """Returns why a missed deadline is not its agency's breach; `evidence` are SHA-256 digests of documents."""
    committed = tuple(commit(EVIDENCE, digest) for digest in evidence)
    return (Draft(e.BreachContested(step=step, round=round_, reason=checked("contest", reason), evidence=committed)),)


def rule_on_breach(step: str, round_: int, agency: str, ruling: Literal["upheld", "dismissed"], reason: str) -> Sequence[Draft]:
    """Returns what the inspectorate finds about a contested breach."""
    said = e.BreachUpheld if ruling == "upheld" else e.BreachDismissed
    return (Draft(said(step=step, round=round_, of_agency=agency, reason=checked("ruling", reason))),)
