"""Approvals whose time asks a question: within seconds, just before a deadline, outside office hours; and claimed times far from legal time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from shared import events as e
from shared.auditing.findings import AFTER_HOURS, CLAIMED_TIME, JUST_BEFORE_DEADLINE, WITHIN_SECONDS, Finding, finding
from shared.calendar import WIB, Calendar
from shared.case_model import Case
from shared.envelope import Entry
from shared.fields import to_instant
from shared.sop.checks.parts import RULE_ROLE
from shared.sop.deadlines import party_calendar

SECONDS_MIN: Final = 60
BEFORE_DEADLINE: Final = timedelta(minutes=30)
# A stage that could not reach the ledger sends later: a day is an outage. A clock is never ahead by more than minutes.
LATE_MAX: Final = timedelta(days=1)
AHEAD_MAX: Final = timedelta(minutes=5)


def approval_step(entry: Entry) -> str:
    """Returns the step that a person approves with an entry, empty for anything else and for what a rule does."""
    event = entry.current
    data = event.data
    if not event.authid or event.role == RULE_ROLE:
        return ""
    if isinstance(data, e.ReviewCompleted):
        return data.step if data.result == "passed" else ""
    if isinstance(data, e.RecommendationIssued):
        return data.step if data.opinion != "reject" else ""
    return data.step if isinstance(data, e.PermitIssued | e.PermitRenewed) else ""


def approvals(case: Case, entry: Entry, calendar: Calendar, drafted_at: datetime | None) -> Iterator[Finding]:
    """Yields what the time of an approval asks; `case` and `calendar` as they were before it, `drafted_at` when its draft was entered."""
    code = approval_step(entry)
    ready = case.ready.get(code)
    if not code or ready is None or case.sop is None:
        return
    agency, at = entry.event.agency, entry.recorded
    since = max(to_instant(ready.at), drafted_at or to_instant(ready.at))
    about = {"step": code, "agency": agency}
    sequences = (ready.sequence, entry.stamp.sequence) if ready.sequence != entry.stamp.sequence else (entry.stamp.sequence,)
    if at - since < timedelta(seconds=SECONDS_MIN):
        yield finding(WITHIN_SECONDS, entry.subject, sequences, **about, seconds=int((at - since).total_seconds()))
    own = party_calendar(case, calendar, agency)
    step = case.sop.step_by_code.get(code)
    if step is not None and step.target_working_days:
        left = own.due_at(to_instant(ready.at), step.target_working_days) - at
        if timedelta() <= left <= BEFORE_DEADLINE:
            yield finding(JUST_BEFORE_DEADLINE, entry.subject, sequences, **about, minutes=int(left.total_seconds() // 60))
    # A decree stops clocks and closes no office.
    hours = calendar.hours(at.astimezone(WIB).date())
    if hours is None or not hours[0] <= at <= hours[1]:
        yield finding(AFTER_HOURS, entry.subject, (entry.stamp.sequence,), **about, local=at.astimezone(WIB).strftime("%Y-%m-%d %H:%M"))


def claimed(entry: Entry) -> Iterator[Finding]:
    """Yields a finding where a sender's own time is far from legal time; another system's history has its own times."""
    event = entry.event
    if isinstance(event.data, e.LegacyRecorded):
        return
    late = entry.recorded - to_instant(event.time)
    if late > LATE_MAX or -late > AHEAD_MAX:
        yield finding(CLAIMED_TIME, entry.subject, (entry.stamp.sequence,), said=event.time, recorded=entry.stamp.recordedtime)
