"""What verification says: reviews by officers and by rule, the one list of corrections, numbered recommendations; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.verification import quotas
from shared import events as e
from shared.case import Case
from shared.draft import Commit, Desk, Draft
from shared.reasons import checked, checked_all
from shared.sop import rules
from shared.sop.model import Step

NOTE = "catatan"


@dataclass(frozen=True, slots=True)
class Found:
    """What an officer found: requirement, reason by code, and own words that stay in the vault."""

    requirement: str
    reason: str
    note: str = ""


def complete_review(
    case: Case,
    step: str,
    result: Literal["passed", "findings", "rejected"],
    findings: Sequence[Found],
    reasons: Sequence[str],
    commit: Commit,
) -> Sequence[Draft]:
    """Returns the end of an agency's review in the current round."""
    committed = tuple(_finding(found, commit) for found in findings)
    given = checked_all("rejection", reasons)
    return (Draft(e.ReviewCompleted.of(step=step, round=case.round, result=result, findings=committed, reasons=given)),)


def _finding(found: Found, commit: Commit) -> e.Finding:
    note = commit(NOTE, found.note) if found.note else ""
    return e.Finding(requirement=found.requirement, reason=checked("finding", found.reason), **({"note": note} if note else {}))


def assign_review(step: str, officer: str) -> Sequence[Draft]:
    """Returns the first officer of a step, by their identity for this application."""
    return (Draft(e.ReviewAssigned(step=step, officer=officer)),)


def reassign_review(step: str, officer: str, reason: str) -> Sequence[Draft]:
    """Returns that a step goes to another officer, for a reason of the list."""
    return (Draft(e.ReviewReassigned(step=step, officer=officer, reason=checked("hand-over", reason))),)


def allow_recheck(step: str, requirement: str, reason: str) -> Sequence[Draft]:
    """Returns the head's reason why a requirement that was accepted is looked at again."""
    return (Draft(e.RecheckAllowed(step=step, requirement=requirement, reason=checked("recheck", reason))),)


def issue_recommendation(
    case: Case, step: str, opinion: Literal["agree", "conditional", "reject"], conditions: Sequence[str], agency: str
) -> Sequence[Draft]:
    """Returns the numbered recommendation of an agency's head."""
    number = f"REK/{agency.upper()}/{case.code.removeprefix('PKY-')}"
    return (Draft(e.RecommendationIssued.of(step=step, number=number, opinion=opinion, conditions=tuple(conditions))),)


def record_external(case: Case, step: str, result: Literal["passed", "rejected"], number: str, read_on: str) -> Sequence[Draft]:
    """Returns what an outsider's document says, as the agency of the step has read it."""
    source = case.sop.step_by_code[step].outsider if case.sop else ""
    return (Draft(e.ExternalRecorded(step=step, round=case.round, result=result, source=source, number=number, read_on=read_on)),)


def react(case: Case, desk: Desk) -> Sequence[Draft]:
    """Sees to the places, does the steps that a rule decides, and asks for corrections once the last review of a round has ended."""
    if drafts := quotas.react(case, desk):
        return drafts
    for code in case.ready:
        step = rules.ready_step(case, code)
        if step is None or not desk.speaks_for(step.agency):
            continue
        if code == rules.CORRECTION_REQUEST:
            data = e.CorrectionRequested(round=case.round, findings=rules.open_findings(case))
            return (Draft(data, step.agency),)
        if step.kind in rules.REVIEW_KINDS and step.runs_by_rule(dict(case.facts)):
            return (Draft(_by_rule(case, step), step.agency),)
    return ()


def _by_rule(case: Case, step: Step) -> e.ReviewCompleted:
    reasons = rules.rule_rejections(step, case)
    if reasons:
        return e.ReviewCompleted(step=step.code, round=case.round, result="rejected", reasons=reasons)
    return e.ReviewCompleted(step=step.code, round=case.round, result="passed")
