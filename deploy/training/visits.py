"""The autopilot in the field: a visit is scheduled, moved, missed or reported, its record signed, and held again if it failed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from deploy.training.chance import between, digest, one_of, weighted
from deploy.training.moves import Move, Script
from deploy.training.ticks import TICKS_A_DAY, day_ticks, ticks_later
from shared.calendar import WIB
from shared.case_model import Offer, Visit
from shared.kit.tokens import Actor
from shared.sop import after_issue, objections, rules
from shared.sop.draws import POOL_MIN
from shared.sop.model import AfterVisit, Step

VISITS: Final = (("moved", 0.08), ("missed", 0.2), ("failed", 0.15), ("passed", 1.0))
FORGOTTEN_SHARE: Final = 0.05
SCHEDULED_BEFORE_DAYS: Final = 5  # before the last day on which a visit after issue has to take place
MOVED_TICKS: Final = 4
OFFERED_SHARE: Final = 0.4
OFFERED_AFTER_TICKS: Final = 12
OFFERED_DAYS: Final = 3
ANSWERS_SHARE: Final = 0.7
DRAWN_SHARE: Final = 0.6
FEW_SHARE: Final = 0.2
VISIT_AFTER_TICKS_MAX: Final = 2
MISSED_REASONS: Final = ("pemohon-tidak-di-tempat", "hujan-lebat", "kendaraan-tidak-tersedia")


def visit_moves(script: Script, step: Step | AfterVisit, officer: Actor, ready_at: datetime, applicant: Actor) -> Iterable[Move]:
    """Returns what the inspectors do next in a joint visit; `ready_at` is when somebody gets round to scheduling it."""
    visit = rules.last_visit(script.case, step.code)
    if script.case.offer is not None:
        yield from _chosen(script, step, applicant, script.case.offer)
    elif (
        isinstance(step, Step)
        and visit is not None
        and visit.state == "scheduled"
        and not visit.drawn_by
        and script.chance(step.code, visit.number, "drawn") < DRAWN_SHARE
    ):
        yield _drawn(script, step, visit)
    elif visit is None or visit.state == "missed":
        yield _scheduled(script, step, officer, ready_at, visit)
    elif visit.state == "scheduled":
        yield _held(script, step, officer, visit)
    else:
        unsigned = [agency for agency in visit.agencies if agency not in visit.signed]
        if unsigned:
            yield _signed(script, step, unsigned[0], visit)
        elif visit.state == "failed":
            yield _scheduled(script, step, officer, ready_at, visit)


def later_visits(script: Script, applicant: Actor) -> Iterable[Move]:
    """Returns what the inspectors do next in the visits that follow a permit; in a known share nobody ever comes."""
    for after in after_issue.still_open(script.case):
        if script.chance(after.code, "forgotten") < FORGOTTEN_SHARE:
            continue
        number = min(after_issue.held(script.case, after.code) + 1, after.visits)
        ticks = TICKS_A_DAY * (after.every_working_days * number - SCHEDULED_BEFORE_DAYS)
        at = max(script.later(script.case.ended_at, max(1, ticks)), script.later(script.known.changed_at, 1))
        officer = script.officer(after_issue.pending_agencies(script.case, after)[0], after.code)
        last = rules.last_visit(script.case, after.code)
        if last is not None and last.state in after_issue.HELD and not after_issue.unsigned(last):
            yield _scheduled(script, after, officer, at, last)
        else:
            yield from visit_moves(script, after, officer, at, applicant)


def _scheduled(script: Script, step: Step | AfterVisit, officer: Actor, at: datetime, last: Visit | None) -> Move:
    number = last.number + 1 if last else 1
    later = between(1, VISIT_AFTER_TICKS_MAX, script.chance(step.code, number, "date"))
    letter = f"ST/{digest(script.seed, script.key, step.code, number)[:12].upper()}"
    # A refusal may have come before anybody chose one of the days: after a granted objection the same visit is arranged again.
    turn = f"{number} after {len(script.case.objections)}" if objections.reopened(script.case) else number
    if isinstance(step, Step) and script.chance(step.code, number, "offered") < OFFERED_SHARE:
        days = [_local_date(ticks_later(script.calendar, at, OFFERED_AFTER_TICKS + TICKS_A_DAY * extra)) for extra in range(OFFERED_DAYS)]
        return script.move(at, "inspection/offer-visit", officer, step=step.code, turn=turn, dates=days, assignment_letter=letter)
    day = _local_date(ticks_later(script.calendar, at, later))
    return script.move(at, "inspection/schedule-visit", officer, step=step.code, turn=turn, date=day, assignment_letter=letter)


def _chosen(script: Script, step: Step | AfterVisit, applicant: Actor, offer: Offer) -> Iterable[Move]:
    """The applicant chooses a day soon, or, in a known share, does not answer: then the first one stands."""
    if script.chance(step.code, offer.number, "answers") >= ANSWERS_SHARE:
        return
    at, date_chosen = script.later(offer.at, 2), one_of(offer.dates, script.chance(step.code, offer.number, "slot"))
    turn = f"{offer.number} of {offer.dates[0]}"
    yield script.move(at, "intake/choose-slot", applicant, step=step.code, turn=turn, visit=offer.number, date=date_chosen)


def _drawn(script: Script, step: Step, visit: Visit) -> Move:
    """The head has two inspectors drawn, in most agencies from five, in some from three only."""
    few = script.chance(step.agency, "few inspectors") < FEW_SHARE
    pool = [f"pengawas {step.agency} {number}" for number in range(1, (POOL_MIN if few else POOL_MIN + 2))]
    at = script.later(script.known.changed_at, 1)
    head = script.head(step.agency, at)
    return script.move(at, "inspection/draw-inspectors", head, step=step.code, turn=visit.number, pool=pool, count=2)


def _held(script: Script, step: Step | AfterVisit, officer: Actor, visit: Visit) -> Move:
    at, turn = _tick_of(script, visit), f"{visit.number}.{visit.date}"
    happens = weighted(VISITS, script.chance(step.code, turn, "happens"))
    if happens == "moved":
        day = _local_date(ticks_later(script.calendar, at, MOVED_TICKS))
        return script.move(
            at, "inspection/move-visit", officer, step=step.code, turn=turn, visit=visit.number, date=day, reason="permintaan-pemohon"
        )
    if happens == "missed":
        reason = one_of(MISSED_REASONS, script.chance(step.code, turn, "why"))
        return script.move(at, "inspection/miss-visit", officer, step=step.code, turn=turn, visit=visit.number, reason=reason)
    looked_at = rules.items_to_visit(script.case, step.code)
    failed = [one_of(looked_at, script.chance(step.code, turn, "item"))] if happens == "failed" else []
    evidence = [digest(script.seed, script.key, step.code, turn)]
    return script.move(
        at,
        "inspection/report-visit",
        officer,
        step=step.code,
        turn=turn,
        visit=visit.number,
        result=happens,
        failed_items=failed,
        evidence=evidence,
    )


def _signed(script: Script, step: Step | AfterVisit, agency: str, visit: Visit) -> Move:
    at, actor = script.later(script.known.changed_at, 1), script.officer(agency, step.code)
    return script.move(at, "inspection/sign-visit-record", actor, step=step.code, turn=f"{visit.number}.{agency}", visit=visit.number)


def _tick_of(script: Script, visit: Visit) -> datetime:
    """The last tick of the visit's day, or the one after it when that day has become a day off."""
    day = date.fromisoformat(visit.date)
    ticks = day_ticks(script.calendar, day)
    return ticks[-1] if ticks else ticks_later(script.calendar, datetime.combine(day, datetime.min.time(), WIB) + timedelta(days=1), 1)


def _local_date(instant: datetime) -> str:
    return instant.astimezone(WIB).date().isoformat()
