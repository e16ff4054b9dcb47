"""What an SOP says about a case: which steps are ready, whose turn it is, what an actor may do, which deadlines run, what is admissible.

Pure functions of a case, its pinned SOP and the calendar. The doors refuse with the same `admissible` that the ledger judges with, and the
screens' buttons come from `next_actions`, so what is offered, accepted and entered cannot differ.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from shared import events as e
from shared.case_model import Case, Visit
from shared.money import head_commands, payable
from shared.sop import after_issue, applicants, objections
from shared.sop.model import QUEUE, WAITED_FOR, AfterVisit, FactDefinition, FactValue, Sop, Step, as_number
from shared.sop.people import CONFLICT, HEAD, LEADING, OFFICER, leading_refusal, officer_refusal
from shared.sop.permit import COMMANDS as PERMIT_COMMANDS
from shared.sop.permit import CORRECTION_COMMANDS, STATES_OVER, TRANSFER_COMMANDS, permit_refusal

FOLLOWS_A_REFUSAL: Final = "follows-a-refusal"
CORRECTION_REQUEST: Final = "permintaan-perbaikan"
CORRECTION: Final = applicants.CORRECTION
CORRECTION_REQUEST_WORKING_DAYS: Final = 1
APPLICANT: Final = applicants.APPLICANT
RENEW: Final = "renew-permit"
DECLARE_CONFLICT: Final = "declare-conflict"
TREASURER: Final = "treasurer"
PAY_REFUND: Final = "pay-refund"
OUTSIDER: Final = "outsider:"  # before the name of a party that no agency can hurry
VISIT_PENDING_STATES: Final = ("scheduled", "passed")  # it has to take place, or its record to be signed, before another one
PARKED_AFTER_REFUSALS: Final = 2
_NOT_OFFERED: Final = {"issue-permit": "renewal-runs", RENEW: "no-renewal"}
REVIEW_KINDS: Final = ("rule", "review")
_ENDED_CODES: Final = {
    "issued": "already-issued",
    "deemed-granted": "already-deemed-granted",
    "refused": "already-refused",
    "withdrawn": "already-withdrawn",
    "closed": "already-closed",
}


# Which steps are ready


def step_applies(step: Step, case: Case) -> bool:
    """Says whether the step is part of this case, given its declared facts, and of its renewal while one is decided."""
    if case.renewal is not None and step.code not in case.renewal.steps:
        return False
    return step.when is None or step.when.holds(case.facts)


def ready_codes(case: Case) -> tuple[str, ...]:
    """Returns the codes of the steps that somebody can do now, in the SOP's order.

    Beside the SOP's own steps there are `permintaan-perbaikan`, when the reviews of a round have ended with findings, `perbaikan`, while
    the applicant has a list to answer, and after its end `keberatan` or `banding`, while it waits for its answer.
    """
    sop = case.sop
    if sop is None or case.outcome:
        return objections.codes(case)
    if is_rejected(case):
        return (sop.decision_step.code,)
    ready = _ready_steps(sop, case)
    codes = [step.code for step in ready]
    if case.correction is not None:
        codes.append(CORRECTION)
    elif case.findings and not any(step.kind in REVIEW_KINDS for step in ready):
        codes.append(CORRECTION_REQUEST)
    return tuple(codes)


def _ready_steps(sop: Sop, case: Case) -> list[Step]:
    # One pass is enough, because a step needs earlier steps only. What follows a reopened step waits again, even if it was done.
    ready: list[Step] = []
    over: set[str] = set()
    for step in sop.steps:
        if not over.issuperset(step.needs):
            continue
        state = case.steps.get(step.code)
        if not step_applies(step, case) or (state is not None and state.result != "findings"):
            over.add(step.code)
        elif state is None:
            ready.append(step)
    return ready


def joining_step(case: Case) -> Step | None:
    """Returns the step at which the reviews with findings come together: the first that needs them all, however far."""
    sop = case.sop
    if sop is None or not case.findings:
        return None
    needed: dict[str, set[str]] = {}
    for step in sop.steps:
        needed[step.code] = set(step.needs).union(*(needed[need] for need in step.needs)) if step.needs else set()
        if set(case.findings) <= needed[step.code]:
            return step
    return sop.decision_step


def ready_step(case: Case, code: str) -> Step | None:
    """Returns the SOP's step behind a ready code; for the request for correction, the joining step that owns it."""
    if case.sop is None or code not in case.ready:
        return None
    return joining_step(case) if code == CORRECTION_REQUEST else case.sop.step_by_code.get(code)


def whose_turn(case: Case) -> tuple[str, ...]:
    """Returns the parties that have something to do: agencies sorted by name, then outsiders, then `applicant`."""
    parties = {party for code in case.ready for party in step_parties(case, code)}
    return tuple(sorted(parties, key=lambda party: (party == APPLICANT, party.startswith(OUTSIDER), party)))


def step_parties(case: Case, code: str) -> tuple[str, ...]:
    """Returns who has a ready step: `applicant`, `outsider:<name>`, or the agencies that still have to act."""
    step = ready_step(case, code)
    if code == CORRECTION or (step is not None and step.kind == "payment") or (case.offer is not None and case.offer.step == code):
        return (APPLICANT,)
    if step is None:
        return (answering,) if (answering := objections.party(case, code)) else ()
    if step.kind in WAITED_FOR:
        return (OUTSIDER + (step.outsider or QUEUE),)
    return (step.agency,) if code == CORRECTION_REQUEST else pending_agencies(case, step)


@lru_cache(maxsize=4096)
def agencies_among(parties: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the agencies among the parties: only while there is one does the agencies' clock run."""
    return tuple(party for party in parties if party != APPLICANT and not party.startswith(OUTSIDER))


def pending_agencies(case: Case, step: Step) -> tuple[str, ...]:
    """Returns the agencies of a ready step that still have to act: after a joint visit only those that did not sign yet."""
    if step.kind != "visit":
        return step.agencies[:1]
    visit = last_visit(case, step.code)
    if visit is None or visit.state in ("scheduled", "missed"):
        return step.agencies
    return tuple(agency for agency in visit.agencies if agency not in visit.signed) or step.agencies


def last_visit(case: Case, step: str) -> Visit | None:
    """Returns the newest visit of a step or None."""
    return next((visit for visit in reversed(case.visits) if visit.step == step), None)


def next_visit_number(case: Case, step: str) -> int:
    """Returns the number of the next visit of a step."""
    return sum(visit.step == step for visit in case.visits) + 1


def next_visit_refusal(case: Case, step: str) -> str:
    """Returns why no further visit of a step may be arranged, empty when one may."""
    last = last_visit(case, step)
    pending = case.offer is not None or (last is not None and last.state in VISIT_PENDING_STATES)
    return "visit-pending" if pending else ""


def draw_refusal(case: Case, step: str, agency: str) -> str:
    """Returns why an agency may not draw its inspectors for the visit to come, empty when it may."""
    last = last_visit(case, step)
    if last is None or last.state != "scheduled":
        return "wrong-visit"
    return "already-drawn" if agency in last.drawn_by else ""


def items_to_visit(case: Case, step: str) -> tuple[str, ...]:
    """Returns the items of the checklist that the visit to come looks at: after a failed one only what failed there."""
    found = after_issue.visit_of(case, step)
    items = tuple(item.code for item in found.checklist) if found else ()
    if isinstance(found, AfterVisit):
        return items
    held = next((visit for visit in reversed(case.visits) if visit.step == step and visit.state in ("passed", "failed")), None)
    again = tuple(code for code in items if held is not None and code in held.failed_items)
    return again or items


def visits_held(case: Case, step: str) -> int:
    """Returns how many visits of a step took place."""
    return sum(visit.step == step and visit.state in ("passed", "failed") for visit in case.visits)


def reviews_reading(case: Case, requirements: Collection[str]) -> set[str]:
    """Returns the steps already done that read one of the requirements; what an objection has overruled is not held again."""
    if case.sop is None:
        return set()
    done = [step for step in case.sop.steps if step.code in case.steps and case.steps[step.code].result != objections.OVERRULED]
    return {step.code for step in done if set(step.reads) & set(requirements)}


def payment_step(case: Case) -> str:
    """Returns the code of the step in which the applicant pays, empty if there is none."""
    return next((step.code for step in case.sop.steps if step.kind == "payment"), "") if case.sop else ""


def is_rejected(case: Case) -> bool:
    """Says whether a review, recommendation or visit rejected the application for good."""
    return any(state.result == "rejected" for state in case.steps.values())


def open_findings(case: Case) -> tuple[e.Finding, ...]:
    """Returns everything the reviews of this round found, in the SOP's order: the one list that the applicant gets."""
    if case.sop is None:
        return ()
    return tuple(finding for step in case.sop.steps for finding in case.findings.get(step.code, ()))


def silence(case: Case) -> Literal["", "no-correction", "no-payment"]:
    """Returns why the application may be closed for the applicant's silence: `no-correction`, `no-payment`, or empty."""
    missed = {(item.step, item.round) for item in case.missed if item.party == APPLICANT}
    if case.correction is not None and (CORRECTION, case.round) in missed:
        return "no-correction"
    step = payment_step(case)
    return "no-payment" if step in case.ready and (step, case.ready[step].round) in missed else ""


def ended_code(case: Case) -> str:
    """Returns the refusal code of a case that has ended, empty for a running one."""
    return _ENDED_CODES.get(case.outcome, "")


def permit_in_force(case: Case, day: date) -> bool:
    """Says whether a case has a permit that is in force (or suspended) on a day or begins later; one without end is until it is ended."""
    return (
        case.permit is not None
        and case.permit.state not in STATES_OVER
        and (not case.permit.valid_until or day <= date.fromisoformat(case.permit.valid_until))
    )


def is_parked(case: Case, sender: str) -> bool:
    """Says whether a sender's rules stand still here for a person to look: refused twice in a row with the same code."""
    return case.refusals_in_a_row.get(sender, 0) >= PARKED_AFTER_REFUSALS


# Facts and days


def fact_problem(definition: FactDefinition, value: FactValue) -> bool:
    """Says whether a declared value has the wrong kind or is out of bounds."""
    if definition.kind == "boolean":
        return not isinstance(value, bool)
    if isinstance(value, bool):
        return True
    if definition.kind == "choice":
        return value not in definition.choices
    number = as_number(value)
    if number is None or (definition.kind == "count") != isinstance(value, int):
        return True
    return definition.at_most is not None and number > Decimal(str(definition.at_most))


# What an actor may do


@dataclass(frozen=True, slots=True)
class Action:
    """A command for a step; `refusal` is empty when the actor may do it now, else the code saying why not."""

    command: str
    step: str
    refusal: str = ""


COMMANDS: Final[dict[str, tuple[str, ...]]] = {
    "rule": ("complete-review",),
    "review": ("complete-review", *LEADING),
    "recommendation": ("issue-recommendation", *LEADING[:2]),
    "outsider": ("record-external",),
    "quota": (),
    "visit": ("offer-visit", "schedule-visit", "draw-inspectors", "move-visit", "miss-visit", "report-visit", "sign-visit-record"),
    "charge": ("assess-charge",),
    "payment": ("confirm-payment",),
    "decision": ("draft-decision", "return-decision", "issue-permit", RENEW, "refuse-application"),
    "completeness": ("declare-complete",),
    "draw": (),
}


def next_actions(case: Case, role: str, agency: str, authid: str, day: str = "") -> tuple[Action, ...]:
    """Returns what may be done next by an actor of this role, agency and (per application) identity, and for the rest why not.

    `day` is the local date, for powers of attorney that end with a day; without one they last.
    """
    if case.sop is None or role == applicants.COUNTER:
        return ()
    if role in applicants.ACTING_ROLES:
        against = objections.offered(case, role, agency, authid, day)
        return tuple(Action(*offered) for offered in (*applicants.offered(case, role, authid, day, ended_code(case)), *against))
    found = []
    for code in case.ready:
        step = ready_step(case, code)
        if step is None or code == CORRECTION_REQUEST:
            continue
        for command in COMMANDS[step.kind]:
            if command == ("issue-permit" if case.renewal else RENEW):
                continue
            why_not = _why_not(case, step, command, agency, authid)
            if command in LEADING and why_not not in ("wrong-agency", "not-by-hand"):
                # Whoever may not lead is told so before anything about the step.
                why_not = CONFLICT if authid in case.conflicts else "not-allowed" if role == OFFICER else why_not
            found.append(Action(command, code, why_not))
    if any(action.refusal != "wrong-agency" for action in found):
        found.append(Action(DECLARE_CONFLICT, "", CONFLICT if authid in case.conflicts else ""))
    return (*found, *_about_money(case, role, agency), *_with_the_permit(case, role, agency, authid))


def _about_money(case: Case, role: str, agency: str) -> tuple[Action, ...]:
    """Returns what treasurers and heads of assessing agencies may do about money, whatever step the case is at."""
    if role == TREASURER:
        return (Action(PAY_REFUND, ""),) if payable(case) else ()
    if role != HEAD:
        return ()
    return tuple(Action(command, step) for command, step in head_commands(case, agency))


def _with_the_permit(case: Case, role: str, agency: str, authid: str) -> tuple[Action, ...]:
    """Returns what an office may do about an objection, with a permit, and in the visits after it: nothing while there is none of these."""
    against = tuple(Action(*offered) for offered in objections.offered(case, role, agency, authid))
    if case.permit is None or case.sop is None:
        return against
    visits = (*against, *(Action(*offered) for offered in after_issue.offered(case, agency)))
    if agency != case.sop.owner:
        return visits
    commands = {HEAD: (*PERMIT_COMMANDS, *CORRECTION_COMMANDS, *TRANSFER_COMMANDS), OFFICER: CORRECTION_COMMANDS[:1]}.get(role, ())
    return (*visits, *(Action(command, "", permit_refusal(case, command, authid)) for command in commands))


def command_refusal(case: Case, command: str, code: str, role: str, agency: str, authid: str) -> str:
    """Returns why an actor may not do a command on a step now, empty when it is among the `next_actions`."""
    if after := after_issue.expected(case).get(code):
        return after_issue.refusal(case, after, command, agency)
    if case.outcome or case.sop is None or code not in case.sop.step_by_code:
        return ended_code(case) or "step-unknown"
    if command not in COMMANDS[case.sop.step_by_code[code].kind]:
        return "wrong-step"
    if code not in case.ready:
        return "step-done" if code in case.steps else "step-not-ready"
    found = next((action for action in next_actions(case, role, agency, authid) if (action.command, action.step) == (command, code)), None)
    return found.refusal if found else _NOT_OFFERED.get(command, "not-allowed")


def rule_rejections(step: Step, case: Case) -> tuple[str, ...]:
    """Returns the reasons for which a step's rules reject the declared facts."""
    return tuple(rejection.reason for rejection in step.rejects if rejection.when.holds(case.facts))


def _why_not(case: Case, step: Step, command: str, agency: str, authid: str) -> str:
    if command != "confirm-payment" and agency not in step.agencies:
        return "wrong-agency"
    if objections.by_rule(case, step):
        return "not-by-hand"
    if command in LEADING:
        return leading_refusal(case, step.code, command)
    refused = officer_refusal(case, step.code, authid)
    if not refused and step.kind == "visit":
        return _visit_why_not(case, step, command, agency)
    if not refused and step.kind == "decision":
        return _decision_why_not(case, command, authid)
    return refused


def _visit_why_not(case: Case, step: Step, command: str, agency: str) -> str:
    visit = last_visit(case, step.code)
    state = visit.state if visit else ""
    if command in ("schedule-visit", "offer-visit"):
        return next_visit_refusal(case, step.code)
    if command == "draw-inspectors":
        return draw_refusal(case, step.code, agency)
    if command == "sign-visit-record":
        return "" if visit and state in ("passed", "failed") and agency in visit.agencies and agency not in visit.signed else "wrong-visit"
    return "" if state == "scheduled" else "wrong-visit"


def _decision_why_not(case: Case, command: str, authid: str) -> str:
    if command == "draft-decision":
        return "draft-pending" if case.draft else ""
    if case.draft is None:
        return "no-draft"
    if command == "return-decision":
        return ""
    if command in ("issue-permit", RENEW) and is_rejected(case):
        return "must-refuse"
    if case.draft.authid == authid:
        return "same-officer"
    wanted = {"issue-permit": "issue", RENEW: "issue", "refuse-application": "refuse"}[command]
    return "" if case.draft.outcome == wanted else "draft-differs"
