"""What the ledger decides about an event that arrived, and what it says itself when a deadline passes; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from shared import events as e
from shared.calendar import WIB
from shared.case import Case, empty_case, fold
from shared.city import City, agency_subject, sop_subject, treasury_subject
from shared.code import is_code
from shared.envelope import Entry
from shared.fields import to_instant, to_timestamp
from shared.quota import PREFIX as QUOTA_PREFIX
from shared.sop import deadlines, objections, rules
from shared.sop.admissible import admissible
from shared.sop.permit import next_term, valid_until

CLOCK_AHEAD_MAX: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Subject:
    """What the ledger knows of a subject: its last sequence, each sender's last number, and for an application its case."""

    case: Case
    sequence: int = 0
    numbers: Mapping[str, int] = field(default_factory=dict)

    def after(self, entry: Entry, city: City) -> "Subject":
        """Returns the subject after one more entry."""
        event = entry.event
        case = fold(self.case, entry, city.sops) if is_code(event.subject) else replace(self.case, sequence=entry.stamp.sequence)
        numbers = {**self.numbers, event.sender: max(self.numbers.get(event.sender, 0), event.number)}
        if isinstance(event.data, e.NumberSkipped) and not entry.stamp.refused:
            numbers[event.data.sender] = max(numbers.get(event.data.sender, 0), event.data.number)
        return Subject(case, entry.stamp.sequence, numbers)


def new_subject(name: str) -> Subject:
    """Returns a subject before its first entry."""
    return Subject(empty_case(name))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an event: entered (with a refusal code or none), rejected with a code, seen already, or held for an earlier number."""

    kind: Literal["enter", "reject", "number-known", "hold"]
    code: str = ""


def judge(event: e.AnyEvent, topic_sender: str, city_name: str, subject: Subject, city: City, now: datetime) -> Verdict:
    """Returns the verdict on a decoded event that came over a sender's topic, in the order in which the ledger meets it."""
    if rejection := _not_authentic(event, topic_sender, city_name, city):
        return Verdict("reject", rejection)
    number = subject.numbers.get(event.sender, 0)
    if event.number <= number:
        return Verdict("number-known")
    if event.number > number + 1:
        return Verdict("hold")
    if rejection := _wrong_subject(event, subject):
        return Verdict("reject", rejection)
    if event.data.KIND == "decision" and to_instant(event.time) > now + CLOCK_AHEAD_MAX:
        return Verdict("enter", "clock-far-off")
    return Verdict("enter", admissible(subject.case, event, city.at(now)))


def _not_authentic(event: e.AnyEvent, topic_sender: str, city_name: str, city: City) -> str:
    if event.sender != topic_sender:
        return "wrong-topic"
    if event.source != f"/{city_name}/{event.sender}":
        return "wrong-city"
    registered = city.senders.get(event.sender)
    if registered is None:
        return "unknown-sender"
    if registered.stage not in event.data.SAID_BY:
        return "wrong-stage"
    if event.agency and not city.speaks_for(event.sender, event.agency):
        return "wrong-agency"
    return "contract-not-raised" if city.contract < event.data.SINCE_CONTRACT else ""


def _wrong_subject(event: e.AnyEvent, subject: Subject) -> str:
    data = event.data
    match data:
        case e.SopDrafted() | e.SopDraftReturned() | e.SopPublishedV1() | e.SopPublished() | e.SopWithdrawn():
            right = event.subject == sop_subject(data.sop)
        case e.SopAcknowledged() | e.SopWaived():
            right = event.subject == sop_subject(data.sop)
        case e.CalendarPublished():
            right = event.subject == f"calendar:{data.year}"
        case e.QuotaOpened() | e.QuotaChanged() | e.QuotaReserved() | e.QuotaReleased():
            right = event.subject == f"{QUOTA_PREFIX}{data.quota}"
        case e.ForceMajeureDeclared() | e.ForceMajeureEnded():
            right = event.subject.startswith("calendar:")
        case e.ActingAppointed():
            right = event.subject == agency_subject(data.agency)
        case e.LegacyRecorded():
            right = event.subject.startswith("legacy:")
        case e.DayReconciled():
            right = event.subject == treasury_subject(data.day)
        case e.ApplicationSubmitted():
            right = is_code(event.subject)
        case _:
            right = is_code(event.subject) and bool(subject.case.submitted_at or subject.sequence)
    return "" if right else "unknown-subject"


def due_events(case: Case, city: City, now: datetime) -> tuple[e.Data, ...]:
    """Returns what the ledger says about a case at this time: the earliest deadline that has passed, or nothing."""
    due = [deadline for deadline in deadlines.clock(case, city.calendar) if deadline.due_at <= now]
    return (said(due[0], case),) if due else ()


def next_due(case: Case, city: City) -> datetime | None:
    """Returns when the ledger has to look at a case again, None when nothing runs."""
    running = deadlines.clock(case, city.calendar)
    return running[0].due_at if running else None


def said(deadline: deadlines.Deadline, case: Case) -> e.Data:
    """Returns what the ledger says when a deadline of a case passes."""
    return _SAID.get(deadline.kind, _missed)(deadline, case)


def _missed(deadline: deadlines.Deadline, _case: Case) -> e.Data:
    return e.DeadlineMissed.of(
        step=deadline.step,
        round=deadline.round,
        party="applicant" if deadline.party == rules.APPLICANT else "agency",
        agency=deadline.agency,
        due_at=to_timestamp(deadline.due_at),
    )


def _deemed_granted(deadline: deadlines.Deadline, case: Case) -> e.Data:
    if case.sop is None:
        return _missed(deadline, case)
    basis, number = case.sop.deemed_approval.legal_basis, f"FP/{case.code}"
    if case.renewal is not None and case.permit is not None:
        first, last = next_term(case.permit, case.sop.validity_months)
        nth = sum(bool(item.deemed) for item in case.permit.renewals) + 1
        return e.PermitDeemedRenewed(number=f"{number}/P{nth}", legal_basis=basis, valid_from=first, valid_until=last)
    day = deadline.due_at.astimezone(WIB).date()
    start, end = day.isoformat(), valid_until(day.isoformat(), case.sop.validity_months)
    return e.PermitDeemedGranted.of(number=number, legal_basis=basis, valid_from=start, valid_until=end)


def _expired(_deadline: deadlines.Deadline, case: Case) -> e.Data:
    return e.PermitExpired(valid_until=case.permit.valid_until if case.permit else "")


def _announced(deadline: deadlines.Deadline, case: Case) -> e.Data:
    return e.PermitExpiryAnnounced(valid_until=case.permit.valid_until if case.permit else "", days_before=deadline.level)


def _objection_granted(deadline: deadlines.Deadline, case: Case) -> e.Data:
    granted = e.ObjectionDeemedGranted if deadline.step == objections.OBJECTION else e.AppealDeemedGranted
    return granted(number=case.objections[-1].number, legal_basis=objections.LEGAL_BASIS[deadline.step])


def _settled(deadline: deadlines.Deadline, case: Case) -> e.Data:
    unused: Literal["objection", "appeal"] = "objection" if deadline.step == objections.OBJECTION else "appeal"
    return e.RefusalSettled.of(round=deadline.round, unused=unused, against=case.act.kind if case.act else "refusal")


# What is not listed is a missed deadline.
_SAID: Final[Mapping[str, Callable[[deadlines.Deadline, Case], e.Data]]] = {
    "contest": lambda deadline, _case: e.BreachPublished(step=deadline.step, round=deadline.round, agency=deadline.agency),
    "escalation": lambda deadline, _case: e.DeadlineEscalated(
        step=deadline.step, round=deadline.round, agency=deadline.agency, level=deadline.level
    ),
    "deemed-complete": lambda deadline, _case: e.ApplicationDeemedComplete(step=deadline.step),
    "deemed-granted": _deemed_granted,
    "expiry": _expired,
    "reminder": _announced,
    "objection": _objection_granted,
    "settled": _settled,
}
