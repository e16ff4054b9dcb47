"""What inspection says: visits scheduled, moved, missed, reported and signed, and the draw by rule; pure."""

import hashlib
from collections.abc import Sequence
from typing import Literal

from shared import events as e
from shared.case import Case
from shared.draft import Commit, Desk, Draft, Identify
from shared.reasons import checked
from shared.refusals import Refusal
from shared.sop import after_issue, draws, rules

NOTE = "catatan"
EVIDENCE = "bukti"
INSPECTOR = "pengawas"
PERCENT = 100


def schedule_visit(case: Case, step: str, date: str, assignment_letter: str) -> Sequence[Draft]:
    """Returns the next visit of a step, with all its agencies together."""
    found = after_issue.visit_of(case, step)
    agencies = found.agencies if found else ()
    number = rules.next_visit_number(case, step)
    return (Draft(e.VisitScheduled(step=step, visit=number, date=date, agencies=agencies, assignment_letter=assignment_letter)),)


def offer_visit(case: Case, step: str, dates: Sequence[str], assignment_letter: str, answer_working_days: int) -> Sequence[Draft]:
    """Returns days for the next visit of a step, from which the applicant chooses."""
    data = e.VisitOffered(
        step=step,
        visit=rules.next_visit_number(case, step),
        dates=tuple(dates),
        agencies=case.sop.step_by_code[step].agencies if case.sop else (),
        assignment_letter=assignment_letter,
        answer_working_days=answer_working_days,
    )
    return (Draft(data),)


def draw_inspectors(case: Case, step: str, people: Sequence[str], count: int, identify: Identify, commit: Commit) -> Sequence[Draft]:
    """Returns who of the named people goes on the visit to come: drawn blindly, without those who have judged the application."""
    visit = rules.last_visit(case, step)
    if visit is None:
        raise Refusal("wrong-visit", step)
    out = draws.involved(case)
    pool = {authid: person for person in people if (authid := identify(person)) not in out}
    if len(pool) < count:
        raise Refusal("pool-too-small", step)
    chosen = draws.drawn(case, step, visit.number, pool, count)
    data = e.InspectorsDrawn(
        step=step,
        visit=visit.number,
        pool=len(pool),
        warned=len(pool) < draws.POOL_MIN,
        inspectors=chosen,
        persons=tuple(commit(INSPECTOR, pool[authid]) for authid in chosen),
    )
    return (Draft(data),)


def move_visit(step: str, visit: int, date: str, reason: str) -> Sequence[Draft]:
    """Returns another date for a scheduled visit."""
    return (Draft(e.VisitMoved(step=step, visit=visit, date=date, reason=checked("move", reason))),)


def miss_visit(case: Case, step: str, visit: int, reason: str) -> Sequence[Draft]:
    """Returns that a scheduled visit could not take place."""
    _scheduled(case, step, visit)
    return (Draft(e.VisitMissed(step=step, visit=visit, reason=checked("miss", reason))),)


def report_visit(
    case: Case,
    step: str,
    visit: int,
    result: Literal["passed", "failed"],
    failed_items: Sequence[str],
    evidence: Sequence[str],
    note: str,
    commit: Commit,
) -> Sequence[Draft]:
    """Returns what the inspectors saw; `evidence` are SHA-256 digests of photographs, `note` stays in the vault."""
    _scheduled(case, step, visit)
    if not set(failed_items) <= set(rules.items_to_visit(case, step)) or (result == "failed") != bool(failed_items):
        raise Refusal("findings-missing", "failed_items")
    committed = [commit(EVIDENCE, digest) for digest in evidence]
    if note:
        committed.append(commit(NOTE, note))
    report = e.VisitReported.of(step=step, visit=visit, result=result, failed_items=tuple(failed_items), evidence=tuple(committed))
    return (Draft(report),)


def _scheduled(case: Case, step: str, number: int) -> None:
    visit = rules.last_visit(case, step)
    if visit is None or visit.number != number or visit.state != "scheduled":
        raise Refusal("wrong-visit", step)


def sign_visit_record(step: str, visit: int) -> Sequence[Draft]:
    """Returns an agency's signature under the visit record."""
    return (Draft(e.VisitRecordSigned(step=step, visit=visit)),)


def react(case: Case, desk: Desk) -> Sequence[Draft]:
    """Draws by rule which applications are checked after issue."""
    for code in case.ready:
        step = rules.ready_step(case, code)
        if step is not None and step.kind == "draw" and step.runs_by_rule(dict(case.facts)) and desk.speaks_for(step.agency):
            return (Draft(e.AuditDrawn(step=code, selected=drawn(case.code, code, step.sample_percent)), step.agency),)
    return ()


def drawn(application: str, step: str, percent: int) -> bool:
    """Says whether the draw picks an application: by SHA-256 of its code and the step, which nobody chooses."""
    digest = hashlib.sha256(f"{application}\n{step}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % PERCENT < percent
