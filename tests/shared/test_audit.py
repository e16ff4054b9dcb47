"""The audit finds what was seeded into a history, names its entries, and invents nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.archive import legacy_events
from services.cli import histories
from shared import events as e
from shared.auditing.auditor import Report, audit
from shared.auditing.findings import (
    AFTER_HOURS,
    CLAIMED_TIME,
    CONFORMANCE,
    FOUR_EYES,
    JUST_BEFORE_DEADLINE,
    NOT_CONFORMING,
    ONE_OFFICER,
    QUEUE_JUMP,
    WITHIN_SECONDS,
    WORDINGS,
    finding_json,
)
from shared.auditing.rates import interval
from shared.calendar import Calendar
from shared.case import fold
from shared.code import make_code
from shared.envelope import Entry
from shared.fields import to_instant, to_timestamp
from tests.builders import (
    MONDAY_MORNING,
    REKLAME,
    SIGNER_ID,
    SKP,
    History,
    catalogue,
    good_answer,
    make_city,
    make_event,
    make_line,
    publication,
)
from tests.model.bodies import Dice, declared
from tests.model.life import Life
from tests.model.test_lives import _finish
from tests.receipt import LOG
from tests.strategies import QUICK
from tests.walks import walks

STEP = "struktur-ruang"


def found(*histories_: History) -> Report:
    """Audits histories, one after the other, as one ledger's."""
    entries = [entry for history in histories_ for entry in history.entries]
    return audit(sorted(entries, key=lambda entry: entry.recorded), make_city())


def codes(report: Report) -> list[str]:
    """Returns the codes of what was found."""
    return [item.code for item in report.findings]


def force(history: History, data: e.Data, **fields: str) -> Entry:
    """Enters an event whatever its verdict is, as a program that was tampered with would."""
    event = history.event(data, **fields)
    history.now += timedelta(minutes=1)
    entry = make_line(event, len(history.entries) + 1, history.case.sequence + 1, history.now)
    history.numbers[event.sender] = event.number
    history.entries.append(entry)
    history.case = fold(history.case, entry, history.city.sops)
    return entry


def in_review() -> History:
    """Returns an application in review."""
    return History(REKLAME).begin().until(STEP)


def passed() -> e.ReviewCompleted:
    """Returns a review without findings."""
    return e.ReviewCompleted(step=STEP, round=1, result="passed")


def test_an_honest_history_asks_nothing() -> None:
    """Given applications decided in office hours by two people, minutes apart, then nothing is found, and figures are counted."""
    report = found(History(SKP).begin().finish())
    assert report.findings == ()
    assert report.applications == 1
    assert {item.party for item in report.custody} >= {"dpmptsp"}
    assert all(item.low <= item.per_thousand <= item.high for item in report.rates)


def test_a_step_that_was_skipped_is_found() -> None:
    """Given a permit entered before its steps, then the entry is named with the refusal that it should have met."""
    history = in_review()
    entry = force(
        history, e.PermitIssued(step="tetap", number="IZIN/9", valid_from="2026-12-01"), authid=SIGNER_ID, role="pejabat-penerbit"
    )
    report = found(history)
    assert codes(report)[0] == NOT_CONFORMING
    assert report.findings[0].sequences == (entry.stamp.sequence,)


def test_who_drafts_and_signs_is_found() -> None:
    """Given a decision signed by its drafter, then both entries are named, and it is told as four eyes only."""
    history = History(REKLAME).begin()
    while history.case.draft is None:
        history.must(good_answer(history.case, next(iter(history.case.ready))))
    drafted = history.case.sequence
    entry = force(history, good_answer(history.case, next(iter(history.case.ready))), authid=history.case.draft.authid)
    report = found(history)
    assert [(item.code, item.sequences) for item in report.findings] == [(FOUR_EYES, (drafted, entry.stamp.sequence))]


def test_an_sop_published_by_its_drafter_is_found() -> None:
    """Given an SOP drafted and published by one person, then its stream is named with both entries."""
    published = publication(catalogue()[SKP])
    said = (e.SopDrafted(**published.model_dump(exclude_defaults=True)), published)
    subject = f"sop:{SKP.partition('@')[0]}"
    events = [make_event(data, subject=subject, number=number, authid=SIGNER_ID, role="drafter") for number, data in enumerate(said, 1)]
    report = audit([make_line(event, number, number) for number, event in enumerate(events, 1)], replace(make_city(), sops={}))
    assert [(item.code, item.subject, item.sequences) for item in report.findings if item.code == FOUR_EYES] == [
        (FOUR_EYES, subject, (1, 2))
    ]


def test_an_approval_within_seconds_is_found() -> None:
    """Given a review passed seconds after it reached the desk, then the entry that brought it and the approval are named."""
    history = in_review()
    ready = history.case.ready[STEP]
    history.now = to_instant(ready.at) - timedelta(seconds=40)
    history.must(passed())
    report = found(history)
    assert [(item.code, item.sequences) for item in report.findings] == [(WITHIN_SECONDS, (ready.sequence, history.case.sequence))]
    assert dict(report.findings[0].about)["seconds"] == "20"


def test_an_approval_just_before_its_deadline_is_found() -> None:
    """Given a review passed half an hour before its limit, then it is found, and the same by a rule is not."""
    history = in_review()
    due = Calendar().due_at(to_instant(history.case.ready[STEP].at), 3)
    history.wait_until(due - timedelta(minutes=10))
    history.must(passed())
    assert codes(found(history)) == [JUST_BEFORE_DEADLINE]


def test_an_approval_outside_office_hours_is_found() -> None:
    """Given a review passed at nine in the evening, then it is found with its local time."""
    history = in_review()
    history.wait_until(MONDAY_MORNING.replace(hour=14))
    history.must(passed())
    report = found(history)
    assert codes(report) == [AFTER_HOURS]
    assert "21:0" in report.findings[0].sentence("id")


def test_a_claimed_time_far_from_legal_time_is_found() -> None:
    """Given an event that says it was of the week before, then it is found; an hour is nothing."""
    history = in_review()
    history.say(passed(), time=to_timestamp(history.now - timedelta(days=7)))
    assert codes(found(history)) == [CLAIMED_TIME]
    earlier = in_review()
    earlier.say(passed(), time=to_timestamp(earlier.now - timedelta(hours=1)))
    assert codes(found(earlier)) == []


def test_who_was_taken_before_others_is_found() -> None:
    """Given four that wait for a step since Monday, when one of Wednesday is done first, then the jump is found with how many it passed."""
    waiting = []
    for number in range(4):
        history = History(REKLAME, make_code(number + 1))
        history.case = history.case.having(code=history.code)
        waiting.append(history.begin().until(STEP))
    last = History(REKLAME, make_code(99), now=MONDAY_MORNING + timedelta(days=2))
    last.case = last.case.having(code=last.code)
    last.begin().until(STEP).must(passed())
    report = found(*waiting, last)
    assert [(item.code, item.subject) for item in report.findings] == [(QUEUE_JUMP, last.code)]
    assert dict(report.findings[0].about)["count"] == "4"


@QUICK
@given(walks())
def test_a_conforming_walk_breaks_no_rule(history: History) -> None:
    """Whatever was tried, what the ledger let stand conforms."""
    report = audit(history.entries, history.city)
    assert not {*codes(report)} & {*CONFORMANCE}
    for item in report.findings:
        assert all(1 <= sequence <= history.case.sequence for sequence in item.sequences)
        assert finding_json(item)["code"] in WORDINGS


@pytest.mark.parametrize("number", range(12))
def test_a_conforming_life_breaks_no_rule(number: int) -> None:
    """A random life through all services and the ledger, whatever people do in it, gives no finding of conformance."""
    dice = Dice((number + 1) * 2_305_843_009_213_693_951)
    sop = sorted(catalogue())[number % len(catalogue())]
    life = Life(make_city(), sop, declared(catalogue()[sop], dice))
    _finish(life, dice.number)
    assert not {*codes(audit(life.entries, life.city))} & {*CONFORMANCE}


def test_the_interval_is_wilsons() -> None:
    """The bounds are those of the textbook: 8 of 10 is 49.0 to 94.3 %, nothing of nothing says nothing."""
    assert interval(8, 10) == (490, 944)
    assert interval(0, 0) == (0, 1000)
    assert interval(0, 20)[0] == 0


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_rate(count: int, more: int) -> None:
    """The interval has the rate in it and stays between nothing and all."""
    low, high = interval(count, count + more)
    assert 0 <= low <= 1000 * count // (count + more) <= high <= 1000


@pytest.mark.skipif(not LOG.is_file(), reason="the recorded log is not part of the project")
def test_one_officer_in_both_roles_of_the_recorded_log() -> None:
    """Given the imported log of building permits, then in 1,042 of 1,303 cases one officer checked and determined."""
    events = legacy_events(histories.read_log_file(LOG), "receipt", "/kota/archive", b"k" * 32).events
    sequences: dict[str, int] = {}
    entries = []
    for position, event in enumerate(events, 1):
        sequences[event.subject] = sequences.get(event.subject, 0) + 1
        entries.append(make_line(event, position, sequences[event.subject]))
    report = audit(entries)
    assert set(codes(report)) == {ONE_OFFICER}
    assert len(report.findings) == 1042
    assert [(item.agency, item.times, item.of) for item in report.rates] == [("legacy:receipt", 1042, 1303)]
