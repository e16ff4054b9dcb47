"""Lateness: escalated by the ledger, contested and judged, published only then; and clocks that stand still by decree."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from shared import events as e
from shared.calendar import Calendar
from shared.case_model import Case
from shared.fields import to_instant
from shared.sop import deadlines, rules
from shared.sop.admissible import admissible
from shared.sop.lateness import CONTEST_WORKING_DAYS, ESCALATES_AFTER_WORKING_DAYS, PUBLISHED_STATES
from tests.builders import APPLICANT_ID, COMMITMENT, REKLAME, History, make_city, make_event
from tests.strategies import QUICK
from tests.walks import walks

STEP = "lalin"
CONTEST = e.BreachContested(step=STEP, round=1, reason="sistem-nasional-gangguan", evidence=(COMMITMENT,))
RULING: dict[str, Any] = {"step": STEP, "round": 1, "of_agency": "dishub"}


def late() -> History:
    """Returns an application whose traffic review has just missed its deadline."""
    history = History(REKLAME).begin().until(STEP)
    due = next(item for item in deadlines.clock(history.case, history.city.calendar) if item.step == STEP)
    history.wait_until(due.due_at)
    return history


def breach(history: History, step: str = STEP) -> str:
    """Returns what has become of a breach."""
    return next(item.state for item in history.case.breaches if item.step == step)


def decree(**fields: Any) -> e.ForceMajeureDeclared:  # noqa: ANN401 - fields of a decree
    """Returns a decree of three days from Tuesday."""
    known: dict[str, Any] = {"from_day": "2026-11-24", "until_day": "2026-11-26", **fields}
    return e.ForceMajeureDeclared(number="188/1", legal_basis="uu-24-2007", reason="kabut-asap", **known)


# Escalation


def test_a_late_step_is_escalated_to_the_head_and_then_to_the_secretary() -> None:
    """The ledger says each level once, so many working days after the missed deadline, and no third one."""
    history = late()
    history.wait_days(40)
    said = [entry.event.data for entry in history.entries if isinstance(entry.event.data, e.DeadlineEscalated)]
    mine = [data.level for data in said if data.step == STEP]
    when = [
        entry.recorded for entry in history.entries if isinstance(entry.event.data, e.DeadlineEscalated) and entry.event.data.step == STEP
    ]

    missed = next(to_instant(item.due_at) for item in history.case.breaches if item.step == STEP)
    assert mine == [1, 2]
    due = [history.city.calendar.due_at(missed, days) for days in ESCALATES_AFTER_WORKING_DAYS]
    assert [timedelta(0) <= at - limit < timedelta(minutes=10) for at, limit in zip(when, due, strict=True)] == [True, True]


def test_a_step_that_is_done_is_not_escalated() -> None:
    """What was late and is done is not told to anybody any more."""
    history = late().must(e.ReviewCompleted(step=STEP, round=1, result="passed"))
    passed = history.wait_days(40)
    assert [item.step for item in passed if item.kind == "escalation" and item.step == STEP] == []


# Contest and publication


def test_a_breach_that_nobody_contests_is_published_by_the_ledger() -> None:
    """After the days to contest the ledger publishes it, and then it is too late."""
    history = late()
    assert breach(history) == "open"
    missed = to_instant(next(item.at for item in history.case.breaches if item.step == STEP))
    history.wait_until(history.city.calendar.due_at(missed, CONTEST_WORKING_DAYS) - timedelta(minutes=1))
    assert breach(history) == "open"
    history.wait_days(1)
    assert breach(history) == "published"
    assert history.say(CONTEST) == "contest-too-late"


@pytest.mark.parametrize(("said", "state"), [(e.BreachUpheld, "upheld"), (e.BreachDismissed, "dismissed")])
def test_a_contested_breach_waits_for_the_inspectorate(said: type[e.BreachUpheld | e.BreachDismissed], state: str) -> None:
    """Once contested it is not published by the clock; the inspectorate alone rules on it, once."""
    history = late().must(CONTEST)
    assert history.say(CONTEST) == "breach-contested"
    history.wait_days(30)
    assert breach(history) == "contested"
    ruling = said(reason="bukti-cukup", **RULING)
    assert history.say(ruling, agency="dishub") == "wrong-agency"
    history.must(ruling)
    assert breach(history) == state
    assert (state in PUBLISHED_STATES) == (state == "upheld")
    assert history.say(ruling) == "breach-not-contested"


def test_only_the_agency_contests_its_own_breach_also_after_the_end() -> None:
    """Another agency has no such breach; the agency itself may contest although the application has ended."""
    history = late()
    assert history.say(CONTEST, agency="pupr") == "breach-unknown"
    history.must(e.ApplicationWithdrawn(reason="batal"))
    assert history.say(CONTEST) == ""
    assert history.say(e.BreachUpheld(step=STEP, round=2, of_agency="dishub", reason="dalam-kendali")) == "breach-unknown"


def test_an_applicants_missed_date_is_no_breach() -> None:
    """What an applicant lets pass is nobody's breach."""
    history = History(REKLAME).begin()
    history.until(rules.payment_step(history.case))
    before = len(history.case.breaches)
    history.wait_days(60)
    assert any(item.party == rules.APPLICANT for item in history.case.missed)
    assert all(item.agency for item in history.case.breaches[before:])


@QUICK
@given(walks())
def test_every_missed_deadline_of_an_agency_comes_to_an_end(history: History) -> None:
    """However an application goes, after a long time no breach is open, and each is one deadline that the ledger said was missed."""
    history.wait_days(400)
    assert all(item.state != "open" for item in history.case.breaches)
    assert len(history.case.breaches) == sum(item.party == "agency" for item in history.case.missed)


# Clocks that stand still


def due_of(history: History, calendar: Calendar, step: str) -> str:
    """Returns the day on which a step is due."""
    return next(item.due_at for item in deadlines.clock(history.case, calendar) if item.step == step).date().isoformat()


def in_review() -> History:
    """Returns an application in review by two agencies since Monday."""
    return History(REKLAME).begin().until(STEP)


def test_a_decree_moves_every_deadline_by_its_working_days() -> None:
    """Two working days counted from Monday end on Wednesday; with three days stopped they end on Monday."""
    history = in_review()
    assert due_of(history, Calendar(), STEP) == "2026-11-25"
    assert due_of(history, Calendar().with_decree(decree()), STEP) == "2026-11-30"


def test_a_decree_of_some_agencies_moves_theirs_only() -> None:
    """Clocks of the agencies that are named stand still, of others they run; and of systems alike."""
    history = in_review()
    own = Calendar().with_decree(decree(agencies=("dishub",)))
    assert (due_of(history, own, STEP), due_of(history, own, "struktur-ruang")) == ("2026-11-30", "2026-11-26")
    elsewhere = Calendar().with_decree(decree(systems=("simbg",)))
    assert due_of(history, elsewhere, STEP) == "2026-11-25"
    here = Calendar().with_decree(decree(systems=("city",)))
    assert due_of(history, here, STEP) == "2026-11-30"


def test_a_decree_that_ends_earlier_stops_fewer_days() -> None:
    """After an earlier end the clocks run again from the day after."""
    calendar = Calendar().with_decree(decree()).with_end(e.ForceMajeureEnded(number="188/1", last_day="2026-11-24"))
    assert due_of(in_review(), calendar, STEP) == "2026-11-26"


def test_deemed_approval_waits_for_the_decree() -> None:
    """Silence grants later by the working days on which every agency in charge stood still."""
    history = in_review().until("tetap")
    plain = deadlines.deemed_grant_at(history.case, Calendar())
    stopped = deadlines.deemed_grant_at(history.case, Calendar().with_decree(decree()))
    assert plain is not None
    assert stopped is not None
    assert Calendar().working_days_between(plain, stopped) == 3


def test_a_decree_is_judged_by_its_number_and_days() -> None:
    """A number is declared once, in order of its days, and ended within them."""
    city = make_city()
    said: dict[str, Any] = {"subject": "calendar:2026", "sender": "catalogue", "authid": APPLICANT_ID, "role": "catalogue-owner"}
    case = Case(code="calendar:2026")

    def judged(data: e.Data, calendar: Calendar) -> str:
        from dataclasses import replace

        return admissible(case, make_event(data, **said), replace(city, calendar=calendar))

    known = Calendar().with_decree(decree())
    assert judged(decree(), Calendar()) == ""
    assert judged(decree(), known) == "decree-known"
    assert judged(decree(until_day="2026-11-23"), Calendar()) == "decree-day"
    assert judged(e.ForceMajeureEnded(number="188/2", last_day="2026-11-24"), known) == "decree-unknown"
    assert judged(e.ForceMajeureEnded(number="188/1", last_day="2026-11-26"), known) == "decree-day"
    assert judged(e.ForceMajeureEnded(number="188/1", last_day="2026-11-25"), known) == ""
