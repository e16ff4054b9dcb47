"""Visits that follow a permit: which are still to come, by when, and who may do what with them; pure functions of the case.

They never delay a permit. What a visit finds is for the head of the issuing agency to answer with a warning; once the permit is over,
nobody visits any more. A visit counts once it took place, whatever it found; one that was missed does not.
"""

from collections.abc import Mapping

from shared.case_model import Case, Visit
from shared.sop.model import AfterVisit, Step
from shared.sop.permit import STATES_OVER

HELD = ("passed", "failed")
COMMANDS = ("schedule-visit", "move-visit", "miss-visit", "report-visit", "sign-visit-record")


def expected(case: Case) -> Mapping[str, AfterVisit]:
    """Returns the visits after issue that belong to this case, by code: none without a permit in force."""
    if case.sop is None or case.permit is None or case.permit.state in STATES_OVER:
        return {}
    occasions = {"always": True, "drawn": case.audit_selected, "deemed": bool(_silent_since(case))}
    return {visit.code: visit for visit in case.sop.after_issue if occasions[visit.occasion]}


def since(case: Case, visit: AfterVisit) -> str:
    """Returns the legal time from which the days of a visit after issue count: the permit's, or that at which silence renewed it."""
    return _silent_since(case) if visit.occasion == "deemed" else case.ended_at


def _silent_since(case: Case) -> str:
    """Returns when silence granted the permit, or first renewed it; empty when people decided."""
    if case.permit is None or case.permit.deemed:
        return case.ended_at if case.permit else ""
    return next((item.at for item in case.permit.renewals if item.deemed), "")


def still_open(case: Case) -> tuple[AfterVisit, ...]:
    """Returns those of which a visit or a signature is still to come, in the SOP's order."""
    return tuple(visit for code, visit in expected(case).items() if held(case, code) < visit.visits or unsigned(_last(case, code)))


def held(case: Case, code: str) -> int:
    """Returns how many of them took place."""
    return sum(visit.step == code and visit.state in HELD for visit in case.visits)


def _last(case: Case, code: str) -> Visit | None:
    return next((visit for visit in reversed(case.visits) if visit.step == code), None)


def unsigned(visit: Visit | None) -> tuple[str, ...]:
    """Returns the agencies that have still to sign the record of a visit that took place."""
    return tuple(agency for agency in visit.agencies if agency not in visit.signed) if visit and visit.state in HELD else ()


def pending_agencies(case: Case, after: AfterVisit) -> tuple[str, ...]:
    """Returns the agencies that have something to do now."""
    return unsigned(_last(case, after.code)) or after.agencies


def refusal(case: Case, after: AfterVisit, command: str, agency: str) -> str:
    """Returns why an agency may not do a command on these visits now, empty when it may."""
    visit = _last(case, after.code)
    state = visit.state if visit else ""
    if agency not in after.agencies:
        return "wrong-agency"
    match command:
        case "schedule-visit" if state == "scheduled" or unsigned(visit):
            return "visit-pending"
        case "schedule-visit":
            return "step-done" if held(case, after.code) >= after.visits else ""
        case "move-visit" | "miss-visit" | "report-visit":
            return "" if state == "scheduled" else "wrong-visit"
        case "sign-visit-record":
            return "" if agency in unsigned(visit) else "wrong-visit"
        case _:
            return "wrong-step"


def visit_of(case: Case, code: str) -> Step | AfterVisit | None:
    """Returns what an SOP says of a visit, before the decision or after issue, None where it says nothing."""
    return (case.sop.step_by_code.get(code) or case.sop.after_issue_by_code.get(code)) if case.sop else None


def offered(case: Case, agency: str) -> tuple[tuple[str, str, str], ...]:
    """Returns each command that an agency has in these visits, the visits' code, and why it may not be given now, empty when it may."""
    mine = [visit for visit in still_open(case) if agency in visit.agencies]
    return tuple((command, visit.code, refusal(case, visit, command, agency)) for visit in mine for command in COMMANDS)
