"""How reviews, outsiders' results, corrections and recommendations change a case."""

from collections.abc import Mapping
from typing import Final

from shared import events as e
from shared.case_model import Case, Correction
from shared.folding.parts import Handler, done, handed_in
from shared.sop import rules
from shared.sop.model import Sop


def _assigned(case: Case, _event: e.AnyEvent, data: e.ReviewAssigned, _sops: Mapping[str, Sop], at: str) -> Case | None:
    if case.officers.get(data.step) == data.officer:
        return None
    return case.having(officers={**case.officers, data.step: data.officer}, touched={**case.touched, data.step: at})


def _reviewed(case: Case, event: e.AnyEvent, data: e.ReviewCompleted, _sops: Mapping[str, Sop], at: str) -> Case:
    others = {step: findings for step, findings in case.findings.items() if step != data.step}
    findings = {**others, data.step: data.findings} if data.findings else others
    reasons = case.outcome_reasons + data.reasons if data.result == "rejected" else case.outcome_reasons
    changed = done(case, event, data.step, data.result, at).having(findings=findings, outcome_reasons=reasons)
    return changed.having(accepted=_accepted(case, data))


def _accepted(case: Case, data: e.ReviewCompleted) -> Mapping[str, int]:
    """Returns what reviews have accepted: by `step/requirement` the sequence at which it had been handed in."""
    step = case.sop.step_by_code.get(data.step) if case.sop else None
    if step is None:
        return case.accepted
    found = {finding.requirement for finding in data.findings}
    read = [code for code in step.reads if code in case.requirements]
    kept = {f"{data.step}/{code}": case.requirements[code].sequence for code in read if code not in found}
    gone = {f"{data.step}/{code}" for code in found}
    return {**{key: sequence for key, sequence in case.accepted.items() if key not in gone}, **kept}


def _external(case: Case, event: e.AnyEvent, data: e.ExternalRecorded, _sops: Mapping[str, Sop], at: str) -> Case | None:
    step = case.sop.step_by_code.get(data.step) if case.sop else None
    if step is None or step.kind != "outsider" or data.step not in case.ready:
        return None
    reasons = (*case.outcome_reasons, "outsider-rejects") if data.result == "rejected" else case.outcome_reasons
    return done(case, event, data.step, data.result, at).having(outcome_reasons=reasons)


def _correction_requested(case: Case, _event: e.AnyEvent, data: e.CorrectionRequested, _sops: Mapping[str, Sop], at: str) -> Case:
    return case.having(correction=Correction(data.round, data.findings, at, case.sequence))


def _corrected(case: Case, _event: e.AnyEvent, data: e.CorrectionSubmitted, _sops: Mapping[str, Sop], at: str) -> Case:
    changed = handed_in(case, data.attachments, at)
    reopened = rules.reviews_reading(case, changed) | set(case.findings)
    return case.having(
        requirements={**case.requirements, **changed},
        steps={code: state for code, state in case.steps.items() if code not in reopened},
        findings={},
        correction=None,
        round=case.round + 1,
    )


def _recommended(case: Case, event: e.AnyEvent, data: e.RecommendationIssued, _sops: Mapping[str, Sop], at: str) -> Case:
    result = "rejected" if data.opinion == "reject" else data.opinion
    reasons = (*case.outcome_reasons, "recommendation-rejects") if data.opinion == "reject" else case.outcome_reasons
    return done(case, event, data.step, result, at).having(outcome_reasons=reasons)


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.ReviewAssigned: _assigned,
    e.ReviewCompleted: _reviewed,
    e.ExternalRecorded: _external,
    e.CorrectionRequested: _correction_requested,
    e.CorrectionSubmitted: _corrected,
    e.RecommendationIssued: _recommended,
}
