"""Which deadlines run for a case, how long the agencies had it, when silence grants the permit, and when it is expected to end; pure.

Every deadline runs by the clock of its own party: on days of a decree of force majeure that clock stands still.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from shared.calendar import WIB, Calendar, OfficeTime, begin_of_day
from shared.case_model import Case
from shared.fields import to_instant
from shared.sop import after_issue, objections
from shared.sop.draws import SLOT
from shared.sop.lateness import CONTEST_WORKING_DAYS, ESCALATES_AFTER_WORKING_DAYS
from shared.sop.model import WAITED_FOR
from shared.sop.permit import STATES_OVER, TRANSFER_STEP, warning_step
from shared.sop.places import quota_missing
from shared.sop.rules import (
    APPLICANT,
    CORRECTION,
    CORRECTION_REQUEST,
    CORRECTION_REQUEST_WORKING_DAYS,
    agencies_among,
    payment_step,
    ready_step,
    step_applies,
)


class Deadline(NamedTuple):
    """What will be said when `due_at` passes.

    `kind` is `target`, `applicant`, `deemed-complete`, `deemed-granted`, `expiry`, `reminder` (so many days, its `level`, before the permit
    ends), `escalation` (to a `level`), `contest`, `objection` (or appeal, to be answered) or `settled` (the days to lodge one).
    """

    due_at: datetime
    kind: str
    step: str
    round: int
    party: str
    agency: str
    level: int = 0


def clock(case: Case, calendar: Calendar) -> tuple[Deadline, ...]:
    """Returns the deadlines that run now and were not yet said to be missed, earliest first."""
    if case.sop is None:
        return ()
    running = [*_permit_deadlines(case, calendar), *_breach_deadlines(case, calendar)]
    if case.outcome:
        return tuple(sorted((*_objection_deadlines(case, calendar), *running), key=_order))
    running += step_deadlines(case, case.ready, calendar)
    deemed = deemed_grant_at(case, calendar)
    if deemed is not None:
        running.append(Deadline(deemed, "deemed-granted", case.sop.decision_step.code, case.round, "agency", case.sop.owner))
    if case.offer is not None:
        due = party_calendar(case, calendar, APPLICANT).due_at(to_instant(case.offer.at), case.offer.answer_working_days)
        running.append(Deadline(due, "applicant", SLOT, case.offer.number, APPLICANT, ""))
    return tuple(sorted(running, key=_order))


# What has to be done until then about a step that somebody has.
OF_A_STEP: Final = ("target", "applicant", "objection")


def _order(deadline: Deadline) -> tuple[datetime, str, str]:
    return deadline.due_at, deadline.step, deadline.kind


def party_calendar(case: Case, calendar: Calendar, *parties: str) -> Calendar:
    """Returns the calendar by which the clocks of these parties run for this application."""
    return calendar.running(parties, case.system_of_record) if calendar.decrees else calendar


def _breach_deadlines(case: Case, calendar: Calendar) -> list[Deadline]:
    """Returns when missed deadlines are escalated, as long as their step is not done, and when they can no longer be contested."""
    found = []
    for breach in case.breaches:
        own = party_calendar(case, calendar, breach.agency)
        ready = case.ready.get(breach.step)
        waits = not case.outcome and ready is not None and ready.round == breach.round
        if waits and breach.level < len(ESCALATES_AFTER_WORKING_DAYS):
            due = own.due_at(to_instant(breach.due_at), ESCALATES_AFTER_WORKING_DAYS[breach.level])
            found.append(Deadline(due, "escalation", breach.step, breach.round, "agency", breach.agency, breach.level + 1))
        if breach.state == "open":
            due = own.due_at(to_instant(breach.at), CONTEST_WORKING_DAYS)
            found.append(Deadline(due, "contest", breach.step, breach.round, "agency", breach.agency))
    return found


def _objection_deadlines(case: Case, calendar: Calendar) -> list[Deadline]:
    """Returns until when an act may be objected to, or by when the objection or appeal has to be answered."""
    found = step_deadlines(case, case.ready, calendar)
    if (window := objections.window(case)) and case.act is not None:
        due = party_calendar(case, calendar, APPLICANT).due_at(window.since_instant, window.working_days)
        found.append(Deadline(due, "settled", window.kind, case.act.round, APPLICANT, ""))
    return found


def _permit_deadlines(case: Case, calendar: Calendar) -> tuple[Deadline, ...]:
    """Returns what runs for a permit in force: the days to answer the last warning, the visits that follow, and its own last day."""
    permit = case.permit
    if permit is None or permit.state in STATES_OVER:
        return ()
    found = []
    if permit.warnings:
        last, said = permit.warnings[-1], {item.step for item in case.missed}
        if (step := warning_step(last.level)) not in said:
            due = party_calendar(case, calendar, APPLICANT).due_at(to_instant(last.at), last.answer_working_days)
            found.append(Deadline(due, "applicant", step, last.level, APPLICANT, ""))
    found += [*visit_deadlines(case, calendar), *transfer_deadlines(case, calendar)]
    if permit.valid_until:
        found.append(Deadline(begin_of_day(permit.valid_until, 1), "expiry", "", case.round, APPLICANT, ""))
        days_before = case.sop.announced_days_before if case.sop else ()
        for days in days_before:
            if days not in permit.announced:
                found.append(Deadline(begin_of_day(permit.valid_until, -days), "reminder", "", case.round, APPLICANT, "", days))
    return tuple(found)


def transfer_deadlines(case: Case, calendar: Calendar) -> list[Deadline]:
    """Returns by when the issuing agency has to decide on a transfer that was accepted, where the ledger has not yet said that it was missed."""
    permit = case.permit
    transfer = permit.accepted_transfer if permit else None
    if case.sop is None or case.sop.transfer is None or permit is None or transfer is None:
        return []
    number = len(permit.transfers) + 1
    if any((item.step, item.round) == (TRANSFER_STEP, number) for item in case.missed):
        return []
    due = party_calendar(case, calendar, case.sop.owner).due_at(to_instant(transfer.accepted_at), case.sop.transfer.target_working_days)
    return [Deadline(due, "target", TRANSFER_STEP, number, "agency", case.sop.owner)]


def visit_deadlines(case: Case, calendar: Calendar) -> list[Deadline]:
    """Returns by when the next of each of the visits after issue has to take place, where the ledger has not yet said that it was missed."""
    missed = {(item.step, item.round) for item in case.missed}
    found = []
    for visit in after_issue.still_open(case):
        number = after_issue.held(case, visit.code) + 1
        if number <= visit.visits and (visit.code, number) not in missed:
            own = party_calendar(case, calendar, visit.agencies[0])
            due = own.due_at(to_instant(after_issue.since(case, visit)), number * visit.every_working_days)
            found.append(Deadline(due, "target", visit.code, number, "agency", visit.agencies[0]))
    return found


def step_deadlines(case: Case, codes: Iterable[str], calendar: Calendar) -> list[Deadline]:
    """Returns the deadlines of some of the ready steps that run now and were not yet said to be missed, in the steps' order."""
    found = [deadline for code in codes for deadline in _step_deadlines(case, code, calendar)]
    missed = {(item.step, item.round, item.party) for item in case.missed}
    return [item for item in found if item.kind == "deemed-complete" or (item.step, item.round, item.party) not in missed]


def _step_deadlines(case: Case, code: str, calendar: Calendar) -> Iterable[Deadline]:
    ready, sop = case.ready[code], case.sop
    since = to_instant(ready.at)
    if sop is None:
        return
    if code == CORRECTION:
        theirs = party_calendar(case, calendar, APPLICANT)
        yield Deadline(theirs.due_at(since, sop.correction_within_working_days), "applicant", code, ready.round, APPLICANT, "")
        return
    if answering := objections.party(case, code):
        due = party_calendar(case, calendar, answering).due_at(since, objections.ANSWER_WORKING_DAYS)
        yield Deadline(due, "objection", code, ready.round, "agency", answering)
        return
    step = ready_step(case, code)
    if step is None or step.kind in WAITED_FOR:
        return
    if step.kind == "payment":
        theirs = party_calendar(case, calendar, APPLICANT)
        yield Deadline(theirs.due_at(since, step.applicant_working_days), "applicant", code, ready.round, APPLICANT, "")
        return
    target = CORRECTION_REQUEST_WORKING_DAYS if code == CORRECTION_REQUEST else objections.target_working_days(case, step)
    own = party_calendar(case, calendar, step.agency)
    yield Deadline(own.due_at(since, target), "target", code, ready.round, "agency", step.agency)
    if step.kind == "completeness" and step.deemed_after_working_days is not None:
        yield Deadline(own.due_at(since, step.deemed_after_working_days), "deemed-complete", code, ready.round, "agency", step.agency)


def agency_minutes(case: Case, calendar: Calendar, until: datetime) -> int:
    """Returns the office minutes, since completeness, in which some agency had the case; of each turn the whole minutes."""
    if not case.completed_at or not case.turns:
        return 0
    complete, total = to_instant(case.completed_at), 0
    answering = {item.at for item in case.objections}  # turns of who answers, not of who works on the application
    passed: tuple[Calendar, OfficeTime] | None = None  # where the turn before ended, this one begins
    ends = [*(to_instant(turn.at) for turn in case.turns[1:]), until]
    for turn, end in zip(case.turns, ends, strict=True):
        agencies = agencies_among(turn.parties)
        if not agencies or end <= complete or turn.at in answering:
            passed = None
            continue
        # What party_calendar says, written out: asked once a turn of a long history, its call alone is a tenth of the clock's cost.
        own = calendar.running(agencies, case.system_of_record) if calendar.decrees else calendar
        begun = passed[1] if passed and passed[0] is own else own.office_time(max(complete, to_instant(turn.at)))
        passed = own, own.office_time(end)
        total += own.minutes_between(begun, passed[1])
    return total


def deemed_grant_at(case: Case, calendar: Calendar) -> datetime | None:
    """Returns when silence grants the permit, or its renewal, None when it cannot: forbidden, unpaid, no place, not the agencies' turn, refused before.

    The days of a renewal count from when it was complete; they are the SOP's own (UU 30/2014, article 53, knows no difference).
    """
    sop = case.sop
    if sop is None or not sop.deemed_approval.allowed or not case.completed_at or case.outcome or objections.reopened(case):
        return None
    agencies = agencies_among(case.parties)
    if quota_missing(case) or not agencies or (sop.deemed_approval.after_payment and not _is_paid(case)):
        return None
    now = to_instant(case.recorded)
    own = party_calendar(case, calendar, *agencies)
    hours = own.hours(_next_working_day(now, own))
    day_minutes = int((hours[1] - hours[0]).total_seconds() // 60) if hours else 480
    left = sop.deemed_approval.after_working_days * day_minutes - agency_minutes(case, calendar, now)
    return own.add_working_minutes(now, max(0, left))


def _next_working_day(instant: datetime, calendar: Calendar) -> date:
    day = instant.astimezone(WIB).date()
    for _ in range(60):
        if calendar.hours(day):
            break
        day += timedelta(days=1)
    return day


def _is_paid(case: Case) -> bool:
    step = payment_step(case)
    return not step or step in case.steps or (case.renewal is not None and step not in case.renewal.steps)


def expected_end(case: Case, calendar: Calendar) -> datetime | None:
    """Returns when the permit is due if nobody is late: the longest way over the steps still open, None when ended or not yet begun."""
    sop = case.sop
    if sop is None or case.outcome:
        return None
    finish: dict[str, datetime] = {}
    now = to_instant(case.recorded)
    for step in sop.steps:
        start = max((finish[need] for need in step.needs), default=now)
        if step.code in case.steps and case.steps[step.code].result != "findings":
            finish[step.code] = now
        elif not step_applies(step, case) or step.kind == "payment":
            finish[step.code] = start
        else:
            begin = to_instant(case.ready[step.code].at) if step.code in case.ready else start
            finish[step.code] = max(
                now, party_calendar(case, calendar, step.agency).due_at(begin, objections.target_working_days(case, step))
            )
    return finish[sop.decision_step.code]
