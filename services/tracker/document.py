"""What the tracker tells of an application: one tree of facts, which the JSON doors give as it is and the page shows in words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from services.tracker.objection import objection_tree, objections_tree
from services.tracker.origin import filed, national
from services.tracker.permit import permit_tree, renewal_tree
from services.tracker.views import case_of
from services.tracker.words import headline, reason_text, reasons, stage_name, step_title
from shared.agencies import party_tree
from shared.calendar import DEFAULT_YEAR, WIB, Calendar
from shared.case import Case
from shared.case_model import Missed
from shared.city import City
from shared.custody import counted_until, custody
from shared.estimate import Range
from shared.fields import to_instant, to_timestamp
from shared.money import is_held
from shared.sop import after_issue, deadlines, objections, rules
from shared.sop.draws import SLOT
from shared.sop.model import QUEUE, WAITED_FOR, Requirement, Sop, Step
from shared.sop.places import quota_pool

STAGES: Final = ("intake", "verification", "inspection", "issuance")
Tree = dict[str, Any]
Estimate = Callable[[Case, datetime], Range | None]


def too_few(_case: Case, _now: datetime) -> Range | None:
    """Estimates nothing."""
    return None


def document(
    code: str, row: Mapping[str, Any], city: City, now: datetime, timeline: Sequence[Tree] | None = None, estimate: Estimate = too_few
) -> Tree:
    """Returns everything that is shown, by the rules and the calendar in force, at `now` or, if that is earlier, the row's own time."""
    sop = city.sops[row["sop_name"]]
    case = case_of(code, row, sop)
    now = max(now, to_instant(case.recorded))
    running = deadlines.clock(case, city.calendar)
    tree: Tree = {
        "application": code,
        "permit_type": {"sop": sop.name, "title": sop.title.in_both(), "demo_values": sop.demo_values},
        "outcome": case.outcome,
        "outcome_reasons": reasons(case.outcome_reasons),
        "submitted_at": case.submitted_at,
        "filed": filed(case),
        "national": national(case),
        "completed_at": case.completed_at,
        "ended_at": case.ended_at,
        "forgotten_at": case.forgotten_at,
        "stages": _stages(case),
        "turn": [{**item, **_pool(case, item["step"], city)} for item in _turn(case, city.calendar, now, running)],
        "next": _next(case),
        "promise": _promise(case, city.calendar, now, running),
        "estimate": _estimate(estimate(case, now), now),
        "requirements": _requirements(case),
        "charged": any(step.kind == "charge" and rules.step_applies(step, case) for step in sop.steps),
        "charges": _charges(case),
        "visits": _visits(case),
        "visits_after_issue": _after_issue(case, city.calendar),
        "offer": {"step": case.offer.step, "visit": case.offer.number, "dates": list(case.offer.dates)} if case.offer else None,
        "renewal": renewal_tree(case),
        "objection": objection_tree(case, running),
        "objections": objections_tree(case),
        "permit": permit_tree(row["permit"], sop) if row["permit"] else None,
        "refund_rupiah": row["refund_rupiah"],
        "refunded_rupiah": row["refunded_rupiah"],
        "missed": [_missed(case, item) for item in case.missed],
        "breaches": _breaches(case),
        "held": _held(case, city.calendar, now),
        "day_minutes": _day_minutes(city.calendar, now),
        "as_of": to_timestamp(now),
        "recorded": case.recorded,
        "position": case.position,
        "sequence": case.sequence,
        "case_digest": row["case_digest"],
    }
    tree["headline"] = headline(tree)
    if timeline is not None:
        tree["timeline"] = list(timeline)
    return tree


# Whose turn, and what follows


def _turn(case: Case, calendar: Calendar, now: datetime, running: Sequence[deadlines.Deadline]) -> list[Tree]:
    """Returns what is being waited for now: the step, the parties, since when, until when."""
    due = {item.step: item.due_at for item in running if item.kind in deadlines.OF_A_STEP}
    late = {(item.step, item.round): to_instant(item.due_at) for item in case.missed}
    found = []
    for code, ready in case.ready.items():
        chosen = due.get(SLOT) if case.offer is not None and case.offer.step == code else None
        until = chosen or due.get(code) or late.get((code, ready.round))
        found.append(
            {
                "step": code,
                "title": step_title(case.sop, code),
                "kind": _kind(case, code),
                "parties": [party_tree(name) for name in rules.step_parties(case, code)],
                "by_rule": _by_rule(case, code),
                "since": ready.at,
                "due": to_timestamp(until) if until else "",
                "late": until is not None and until < now,
                "escalated": max((item.level for item in case.breaches if (item.step, item.round) == (code, ready.round)), default=0),
                "stopped": _stopped(case, calendar, code, now),
                "working_days_left": _days_left(case, calendar, code, now, until),
            }
        )
    return found


def _pool(case: Case, code: str, city: City) -> Tree:
    """Returns the pool that a step reserves from and the application's place in its queue; none for another step."""
    step = rules.ready_step(case, code)
    quota = city.quotas.get(quota_pool(step, case)) if step and step.quota else None
    if quota is None:
        return {"place": 0, "pool": None}
    return {"place": quota.place(case.code), "pool": {"quota": quota.name, "capacity": quota.capacity, "free": quota.free}}


def _own_calendar(case: Case, calendar: Calendar, code: str) -> Calendar:
    return deadlines.party_calendar(case, calendar, *rules.step_parties(case, code))


def _days_left(case: Case, calendar: Calendar, code: str, now: datetime, until: datetime | None) -> int:
    return _own_calendar(case, calendar, code).working_days_between(now, until) if until and until > now else 0


def _stopped(case: Case, calendar: Calendar, code: str, now: datetime) -> Tree | None:
    """Returns the decree by which this step's clock stands still today, None while it runs."""
    today = now.astimezone(WIB).date()
    if today not in _own_calendar(case, calendar, code).stopped:
        return None
    parties = rules.step_parties(case, code)
    found = [
        item
        for item in calendar.decrees
        if item.from_day <= today <= item.until_day and any(item.stops(p, case.system_of_record) for p in parties)
    ]
    last = max(found, key=lambda item: item.until_day)
    return {"number": last.number, "reason": reason_text(last.reason), "until": last.until_day.isoformat()}


def _breaches(case: Case) -> list[Tree]:
    """Returns the missed deadlines of agencies with what has become of them; why one was contested is told by its reason."""
    return [
        {
            "step": item.step,
            "title": step_title(case.sop, item.step),
            "round": item.round,
            **party_tree(item.agency),
            "due": item.due_at,
            "state": item.state,
            "reason": reason_text(item.reason) if item.reason else None,
            "escalated": item.level,
        }
        for item in case.breaches
    ]


def _kind(case: Case, code: str) -> str:
    if code in (rules.CORRECTION, rules.CORRECTION_REQUEST):
        return "correction" if code == rules.CORRECTION else "correction-request"
    if code in (objections.OBJECTION, objections.APPEAL):
        return "objection" if code == objections.OBJECTION else "appeal"
    if case.offer is not None and case.offer.step == code:
        return "choose-slot"
    step = rules.ready_step(case, code)
    return step.kind if step else ""


def _by_rule(case: Case, code: str) -> bool:
    step = rules.ready_step(case, code)
    return code == rules.CORRECTION_REQUEST or (step is not None and objections.by_rule(case, step))


def _open_steps(case: Case) -> list[Step]:
    if case.sop is None or case.outcome:
        return []
    if rules.is_rejected(case):
        return [case.sop.decision_step]
    done = {code for code, state in case.steps.items() if state.result != "findings"}
    return [step for step in case.sop.steps if step.code not in done and rules.step_applies(step, case)]


def _next(case: Case) -> list[Tree]:
    """Returns the steps that follow what is being done now, in the SOP's order."""
    following = []
    for step in _open_steps(case):
        if step.code in case.ready:
            continue
        paying = step.kind == "payment"
        waits = rules.OUTSIDER + (step.outsider or QUEUE) if step.kind in WAITED_FOR else ""
        parties = (rules.APPLICANT,) if paying else ((waits,) if waits else step.agencies)
        days = step.applicant_working_days if paying else step.target_working_days
        following.append(
            {
                "step": step.code,
                "title": step.title.in_both(),
                "parties": [party_tree(name) for name in parties],
                "target_working_days": days,
            }
        )
    return following


def _stages(case: Case) -> list[Tree]:
    """Returns the stages this application passes: `done`, `now`, `later`, or `stopped` where it ended before they were done."""
    sop = case.sop
    if sop is None:
        return []
    steps = [step for step in sop.steps if rules.step_applies(step, case)]
    open_codes = {step.code for step in _open_steps(case)}
    found = []
    for stage in STAGES:
        mine = [step for step in steps if step.stage == stage and step.kind != "draw"]
        if not mine:
            continue
        if case.outcome:
            state = "done" if case.outcome == "issued" or all(step.code in case.steps for step in mine) else "stopped"
        else:
            # A reopened step that waits for another one again is open, though it was done.
            waiting = [step for step in mine if step.code in open_codes or step.code in case.ready]
            state = "now" if any(step.code in case.ready for step in waiting) else "later" if waiting else "done"
        if state == "later" and stage == "verification" and {rules.CORRECTION, rules.CORRECTION_REQUEST} & set(case.ready):
            state = "now"
        found.append({"stage": stage, "name": stage_name(stage), "state": state})
    return found


def _promise(case: Case, calendar: Calendar, now: datetime, running: Sequence[deadlines.Deadline]) -> Tree:
    """Returns the promised date; on the applicant's turn it is not fixed, and what the agencies have left is told in working days."""
    sop = case.sop
    expected = deadlines.expected_end(case, calendar)
    theirs = case.parties == (rules.APPLICANT,)
    deemed = next((item.due_at for item in running if item.kind == "deemed-granted"), None)
    return {
        "working_days": sop.promise_working_days if sop else 0,
        "expected_end": to_timestamp(expected) if expected and not theirs else "",
        "late": bool(expected and not theirs and expected < now),
        "working_days_after_applicant": calendar.working_days_between(to_instant(case.recorded), expected) if expected and theirs else 0,
        "waits_for_applicant": theirs,
        "deemed_granted_at": to_timestamp(deemed) if deemed else "",
    }


def _estimate(found: Range | None, now: datetime) -> Tree | None:
    """Returns by when half of similar applications were over, and by when nine of ten; None where too few are known."""
    if found is None:
        return None
    half, nine_of_ten = (to_timestamp(now + timedelta(minutes=minutes)) for minutes in (found.p50_minutes, found.p90_minutes))
    return {"half_by": half, "nine_of_ten_by": nine_of_ten, "similar": found.similar}


# What was handed in, what it costs, what is arranged


def _requirements(case: Case) -> list[Tree]:
    if case.sop is None:
        return []
    wrong: dict[str, list[str]] = {}
    for finding in case.correction.findings if case.correction else ():
        wrong.setdefault(finding.requirement, []).append(finding.reason)
    return [
        {
            "code": item.code,
            "title": item.title.in_both(),
            "source": item.source,
            "issued_by": party_tree(item.issued_by),
            "state": "to-correct" if item.code in wrong else _handed(case, item),
            "reasons": reasons(tuple(dict.fromkeys(wrong.get(item.code, ())))),
        }
        for item in case.sop.required(case.facts)
    ]


def _handed(case: Case, item: Requirement) -> str:
    handed = case.requirements.get(item.code)
    if handed is None:
        return "missing"
    submitted = case.turns[0].sequence if case.turns else handed.sequence
    renewals = {item.sequence for item in case.permit.renewals} if case.permit else set()
    if case.renewal is not None:
        renewals.add(case.renewal.sequence)
    return "corrected" if handed.sequence > submitted and handed.sequence not in renewals else "handed-in"


def _charges(case: Case) -> list[Tree]:
    return [
        {
            "number": item.number,
            "basis": item.basis,
            "assessed_by": [party_tree(name) for name in _agencies(case.sop, item.step)],
            "amount_rupiah": item.amount_rupiah,
            "paid_rupiah": item.paid_rupiah,
            "open_rupiah": item.open_rupiah,
            "code": item.code if item.open_rupiah and not case.outcome else "",
            "qr": item.qr if item.open_rupiah and not case.outcome else "",
            "reduced_from_rupiah": item.reduced_from,
            "assessed_at": item.at,
            "deposit": item.settled or ("held" if is_held(case, item) else ""),
        }
        for item in case.charges
    ]


def _visits(case: Case) -> list[Tree]:
    return [
        {
            "step": item.step,
            "title": step_title(case.sop, item.step),
            "number": item.number,
            "date": item.date,
            "parties": [party_tree(name) for name in item.agencies],
            "state": item.state,
            "drawn": bool(item.drawn_by),
        }
        for item in case.visits
    ]


def _after_issue(case: Case, calendar: Calendar) -> list[Tree]:
    """Returns the visits that follow this permit: how many of how many took place, and by when the next one has to."""
    due = {item.step: to_timestamp(item.due_at) for item in deadlines.visit_deadlines(case, calendar)}
    late = {item.step: item.due_at for item in case.missed}
    return [
        {
            "step": code,
            "title": visit.title.in_both(),
            "parties": [party_tree(name) for name in visit.agencies],
            "held": after_issue.held(case, code),
            "visits": visit.visits,
            "due": due.get(code, ""),
            "missed": late.get(code, ""),
        }
        for code, visit in after_issue.expected(case).items()
    ]


def _agencies(sop: Sop | None, code: str) -> tuple[str, ...]:
    step = sop.step_by_code.get(code) if sop else None
    return step.agencies[:1] if step else ()


def _missed(case: Case, item: Missed) -> Tree:
    party = item.agency if item.party == "agency" and item.agency else rules.APPLICANT
    return {"step": item.step, "title": step_title(case.sop, item.step), **party_tree(party), "due": item.due_at}


# Who had it how long


def _held(case: Case, calendar: Calendar, now: datetime) -> list[Tree]:
    """Returns each party's office minutes with the case, parallel parties each counted, up to now or the end."""
    found = custody(case.turns, calendar, counted_until(case, now), case.system_of_record)
    return [
        {
            **party_tree(part.party),
            "working_minutes": part.working_minutes,
            "alone_minutes": part.alone_minutes,
            "stopped_minutes": part.stopped_minutes,
        }
        for part in found.parts
    ]


def _day_minutes(calendar: Calendar, now: datetime) -> int:
    year = calendar.years.get(now.astimezone(WIB).year, DEFAULT_YEAR)
    return year.closes_minute - year.opens_minute
