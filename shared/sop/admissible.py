"""The verdict on one event: may it stand, given the case it meets? The doors ask before storing, the ledger asks in its own order.

`admissible` never raises; it returns a code of `shared/refusals.py` or an empty string. Facts always stand: the fold opens the remedy.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from shared import events as e
from shared.calendar import WIB
from shared.case import Case
from shared.city import City, published_sop
from shared.fields import to_instant
from shared.sop import rules
from shared.sop.model import Sop, Step
from shared.sop.permit import SURRENDER, permit_refusal
from shared.upcast import upcast_data

RULE_ROLE: Final = "rule"
LEDGER: Final = "ledger"
DATA_PROTECTION_ROLE: Final = "pdp-officer"
_PERMIT_COMMANDS: Final[dict[type[e.Data], str]] = {
    e.WarningIssued: "warn-holder",
    e.PermitSuspended: "suspend-permit",
    e.PermitReinstated: "reinstate-permit",
    e.PermitRevoked: "revoke-permit",
    e.PermitAnnulled: "annul-permit",
    e.PermitSurrendered: SURRENDER,
}
_ALSO_AFTER_THE_END: Final[tuple[type[e.Data], ...]] = (
    e.ApplicationSubmitted,
    e.LegalHoldPlaced,
    e.LegalHoldLifted,
    e.SubjectForgotten,
    *_PERMIT_COMMANDS,
)

Check = Callable[[Case, e.AnyEvent, Any, City], str]


def admissible(case: Case, event: e.AnyEvent, city: City) -> str:
    """Returns the refusal code of an authentic event in the ledger's order, empty when it stands."""
    data = upcast_data(event.data)
    if data.KIND == "fact" or event.sender == LEDGER:
        return ""
    if city.contract < event.data.SINCE_CONTRACT:
        return "contract-not-raised"
    check = _CITY_CHECKS.get(type(data))
    if check:
        return check(case, event, data, city)
    check = _CHECKS.get(type(data))
    return (_order(case, event) or check(case, event, data, city)) if check else "wrong-stage"


def _order(case: Case, event: e.AnyEvent) -> str:
    if event.basis > case.sequence:
        return "basis-unknown"
    refused_at, _ = case.refusals.get(event.sender, (0, ""))
    if event.basis < refused_at:
        return rules.FOLLOWS_A_REFUSAL
    if case.outcome and not isinstance(event.data, _ALSO_AFTER_THE_END):
        return rules.ended_code(case)
    return ""


# The city's rules


def _sop_published(_case: Case, _event: e.AnyEvent, data: e.SopPublished, city: City) -> str:
    if data.sop in city.sops:
        return "sop-version-taken"
    return "" if published_sop(data) else "sop-invalid"


def _sop_withdrawn(_case: Case, _event: e.AnyEvent, data: e.SopWithdrawn, city: City) -> str:
    return "" if data.sop in city.sops else "unknown-sop"


def _always(_case: Case, _event: e.AnyEvent, _data: e.Data, _city: City) -> str:
    return ""


# Intake


def _submitted(case: Case, _event: e.AnyEvent, data: e.ApplicationSubmitted, city: City) -> str:
    if case.submitted_at:
        return "already-submitted"
    sop = city.sops.get(data.sop)
    if sop is None:
        return "unknown-sop"
    if sop.name in city.withdrawn:
        return "sop-not-in-force"
    return facts_problem(sop, data)[0] or attachments_problem(sop, data)[0]


def facts_problem(sop: Sop, data: e.ApplicationSubmitted) -> tuple[str, str]:
    """Returns the code and the fact's name of the first wrong declared fact, empty strings when all are right."""
    declared = {fact.name: fact.value for fact in data.facts}
    for name, value in declared.items():
        definition = sop.fact_by_name.get(name)
        if definition is None:
            return "fact-unknown", name
        if rules.fact_problem(definition, value):
            return "fact-invalid", name
    missing = next((fact.name for fact in sop.facts if fact.name not in declared), "")
    return ("fact-missing", missing) if missing else ("", "")


def attachments_problem(sop: Sop, data: e.ApplicationSubmitted) -> tuple[str, str]:
    """Returns the code and the requirement of the first missing or unknown attachment, empty strings when all are right."""
    facts = {fact.name: fact.value for fact in data.facts}
    handed = [item.requirement for item in data.attachments]
    required = {item.code for item in sop.required(facts)}
    unknown = next((code for index, code in enumerate(handed) if code not in required or code in handed[:index]), "")
    if unknown:
        return "requirement-unknown", unknown
    missing = next((item.code for item in sop.required(facts) if item.code not in handed), "")
    return ("requirement-missing", missing) if missing else ("", "")


def _completed(case: Case, event: e.AnyEvent, data: e.ApplicationCompleted, _city: City) -> str:
    problem = _step_problem(case, event, data.step, "completeness")
    if problem or case.sop is None:
        return problem
    required = {item.code for item in case.sop.required(case.facts)}
    return "" if required <= set(case.requirements) else "requirement-missing"


def _corrected(case: Case, event: e.AnyEvent, data: e.CorrectionSubmitted, _city: City) -> str:
    if case.correction is None:
        return "no-correction-open"
    if event.authid != case.submitter:
        return "not-yours"
    if data.round != case.correction.round:
        return "wrong-round"
    asked = {finding.requirement for finding in case.correction.findings}
    given = [item.requirement for item in data.attachments]
    if not set(given) <= asked or len(set(given)) != len(given):
        return "not-asked-for"
    return "" if asked <= set(given) else "correction-incomplete"


def _withdrawn(case: Case, event: e.AnyEvent, _data: e.ApplicationWithdrawn, _city: City) -> str:
    return "" if event.authid == case.submitter else "not-yours"


def _closed(case: Case, _event: e.AnyEvent, data: e.ApplicationClosed, _city: City) -> str:
    return "" if rules.silence(case) == data.reason else "nothing-to-close"


# Reviews


def _step_problem(case: Case, event: e.AnyEvent, code: str, *kinds: str) -> str:
    if case.sop is None or code not in case.sop.step_by_code:
        return "step-unknown"
    step = case.sop.step_by_code[code]
    if step.kind not in kinds:
        return "wrong-step"
    if code not in case.ready:
        return "step-done" if code in case.steps and case.steps[code].result != "findings" else "step-not-ready"
    if event.agency not in step.agencies:
        return "wrong-agency"
    return _by_whom(case, event, step)


def _by_whom(case: Case, event: e.AnyEvent, step: Step) -> str:
    by_rule = step.runs_by_rule(case.facts)
    if (event.role == RULE_ROLE) == by_rule:
        return ""
    return "not-by-hand" if by_rule else "not-by-rule"


def _assigned(case: Case, event: e.AnyEvent, data: e.ReviewAssigned, _city: City) -> str:
    return _step_problem(case, event, data.step, "review", "recommendation")


def _reviewed(case: Case, event: e.AnyEvent, data: e.ReviewCompleted, _city: City) -> str:
    problem = _step_problem(case, event, data.step, *rules.REVIEW_KINDS)
    if problem or case.sop is None:
        return problem
    reads = case.sop.step_by_code[data.step].reads
    if any(case.requirements[code].sequence > event.basis for code in reads if code in case.requirements):
        return "stale"
    if data.round != case.round:
        return "wrong-round"
    if (data.result == "findings") != bool(data.findings):
        return "findings-missing"
    if (data.result == "rejected") != bool(data.reasons):
        return "reasons-missing"
    return "" if all(finding.requirement in reads and finding.requirement in case.requirements for finding in data.findings) else "not-read"


def _correction_requested(case: Case, event: e.AnyEvent, data: e.CorrectionRequested, _city: City) -> str:
    if case.correction is not None:
        return "correction-open"
    step = rules.ready_step(case, rules.CORRECTION_REQUEST)
    if step is None:
        return "step-not-ready"
    if event.agency != step.agency:
        return "wrong-agency"
    if data.round != case.round:
        return "wrong-round"
    return "" if data.findings == rules.open_findings(case) else "findings-differ"


def _recommended(case: Case, event: e.AnyEvent, data: e.RecommendationIssued, _city: City) -> str:
    return _step_problem(case, event, data.step, "recommendation")


# Visits


def _drawn(case: Case, event: e.AnyEvent, data: e.AuditDrawn, _city: City) -> str:
    return _step_problem(case, event, data.step, "draw")


def _visit_scheduled(case: Case, event: e.AnyEvent, data: e.VisitScheduled, _city: City) -> str:
    problem = _step_problem(case, event, data.step, "visit")
    if problem or case.sop is None:
        return problem
    last = rules.last_visit(case, data.step)
    if last is not None and last.state in rules.VISIT_PENDING_STATES:
        return "visit-pending"
    if data.visit != sum(visit.step == data.step for visit in case.visits) + 1:
        return "wrong-visit"
    return "" if set(data.agencies) == set(case.sop.step_by_code[data.step].agencies) else "agencies-differ"


def _visit_moved(case: Case, event: e.AnyEvent, data: e.VisitMoved, _city: City) -> str:
    problem = _step_problem(case, event, data.step, "visit")
    last = rules.last_visit(case, data.step)
    if problem:
        return problem
    return "" if last is not None and last.number == data.visit and last.state == "scheduled" else "wrong-visit"


# Charges and the decision


def _charged(case: Case, event: e.AnyEvent, data: e.ChargeAssessed, _city: City) -> str:
    problem = _step_problem(case, event, data.step, "charge")
    if problem or case.sop is None:
        return problem
    tariff = rules.charge_rupiah(case.sop.step_by_code[data.step], case)
    if tariff is not None and tariff != data.amount_rupiah:
        return "amount-differs"
    return "charge-number-taken" if any(charge.number == data.number for charge in case.charges) else ""


def _drafted(case: Case, event: e.AnyEvent, data: e.DecisionDrafted, _city: City) -> str:
    problem = _step_problem(case, event, data.step, "decision")
    if problem:
        return problem
    if case.draft is not None:
        return "draft-pending"
    if data.outcome == "issue":
        return "must-refuse" if rules.is_rejected(case) else ""
    return "" if data.reasons else "reasons-missing"


def _returned(case: Case, event: e.AnyEvent, data: e.DecisionReturned, _city: City) -> str:
    return _step_problem(case, event, data.step, "decision") or _signer_problem(case, event, "")


def _issued(case: Case, event: e.AnyEvent, data: e.PermitIssued, _city: City) -> str:
    problem = _step_problem(case, event, data.step, "decision")
    if problem or rules.is_rejected(case):
        return problem or "must-refuse"
    return "" if event.role == RULE_ROLE else _signer_problem(case, event, "issue")


def _refused(case: Case, event: e.AnyEvent, data: e.ApplicationRefused, _city: City) -> str:
    problem = _step_problem(case, event, data.step, "decision")
    if problem:
        return problem
    return "" if event.role == RULE_ROLE else _signer_problem(case, event, "refuse")


def _signer_problem(case: Case, event: e.AnyEvent, outcome: str) -> str:
    if case.draft is None:
        return "no-draft"
    if event.authid == case.draft.authid:
        return "same-officer"
    return "draft-differs" if outcome and case.draft.outcome != outcome else ""


# The permit after it was issued


def _permit_changed(case: Case, event: e.AnyEvent, data: e.Data, _city: City) -> str:
    if case.sop is None:
        return "no-permit"
    if isinstance(data, e.PermitSurrendered):
        mine = "" if event.authid == case.submitter else "not-yours"
        return mine or permit_refusal(case, SURRENDER)
    if event.agency != case.sop.owner:
        return "wrong-agency"
    if refusal := permit_refusal(case, _PERMIT_COMMANDS[type(data)]):
        return refusal
    if isinstance(data, e.WarningIssued) and case.permit is not None and data.level != len(case.permit.warnings) + 1:
        return "warning-level"
    basis = getattr(data, "legal_basis", "")
    return "" if not basis or any(item.code == basis for item in case.sop.legal_bases) else "legal-basis-unknown"


# Personal data after the end


def _hold_placed(case: Case, event: e.AnyEvent, data: e.LegalHoldPlaced, _city: City) -> str:
    if problem := _data_protection_problem(case, event):
        return problem
    return "hold-known" if data.number in case.legal_holds else ""


def _hold_lifted(case: Case, event: e.AnyEvent, data: e.LegalHoldLifted, _city: City) -> str:
    if problem := _data_protection_problem(case, event):
        return problem
    return "" if data.number in case.legal_holds else "hold-unknown"


def _forgotten(case: Case, event: e.AnyEvent, _data: e.SubjectForgotten, _city: City) -> str:
    if problem := _data_protection_problem(case, event):
        return problem
    if not case.outcome:
        return "still-open"
    if case.legal_holds:
        return "legal-hold"
    # A sender's clock may run up to a day ahead of the ledger's, so a whole day has to lie between.
    day_before = to_instant(event.time).astimezone(WIB).date() - timedelta(days=1)
    return "permit-in-force" if rules.permit_in_force(case, day_before) else ""


def _data_protection_problem(case: Case, event: e.AnyEvent) -> str:
    if event.role != DATA_PROTECTION_ROLE:
        return "not-allowed"
    return "already-forgotten" if case.forgotten_at else ""


_CITY_CHECKS: Final[dict[type[e.Data], Check]] = {
    e.SopPublished: _sop_published,
    e.SopWithdrawn: _sop_withdrawn,
    e.CalendarPublished: _always,
}
_CHECKS: Final[dict[type[e.Data], Check]] = {
    e.ApplicationSubmitted: _submitted,
    e.ApplicationCompleted: _completed,
    e.CorrectionSubmitted: _corrected,
    e.ApplicationWithdrawn: _withdrawn,
    e.ApplicationClosed: _closed,
    e.ReviewAssigned: _assigned,
    e.ReviewCompleted: _reviewed,
    e.CorrectionRequested: _correction_requested,
    e.RecommendationIssued: _recommended,
    e.AuditDrawn: _drawn,
    e.VisitScheduled: _visit_scheduled,
    e.VisitMoved: _visit_moved,
    e.ChargeAssessed: _charged,
    e.DecisionDrafted: _drafted,
    e.DecisionReturned: _returned,
    e.PermitIssued: _issued,
    e.ApplicationRefused: _refused,
    **dict.fromkeys(_PERMIT_COMMANDS, _permit_changed),
    e.LegalHoldPlaced: _hold_placed,
    e.LegalHoldLifted: _hold_lifted,
    e.SubjectForgotten: _forgotten,
}
