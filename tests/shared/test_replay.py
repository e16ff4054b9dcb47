"""What a replay shows, and what it says about a live view."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.views import KEEPS, project
from shared import events as e
from shared.calendar import WIB
from shared.case import Case
from shared.case_model import Turn
from shared.city import City
from shared.envelope import ContractError, Entry
from shared.fields import to_instant, to_timestamp
from shared.keeping import KEPT
from shared.replay import (
    Folding,
    LivePage,
    LiveRow,
    compare_page,
    end_json,
    held,
    missing_rows,
    moment_json,
    read_moment,
    replay,
    row_digest,
    rules_subjects,
    state_digest,
    until,
)
from tests.builders import CODE, MONDAY_MORNING, OTHER_CODE, REKLAME, SKP, History, catalogue, make_line, publication

HOURS = timedelta(hours=1)
READ_AT = to_timestamp(MONDAY_MORNING)


def rules_lines(*names: str) -> list[Entry]:
    """Returns the entries that publish SOPs, at positions before any application's."""
    found = [(publication(catalogue()[name]), f"sop:{name.partition('@')[0]}") for name in names]
    return [_line(data, subject, position) for position, (data, subject) in enumerate(found, start=1)]


def _line(data: e.Data, subject: str, position: int, at: datetime = MONDAY_MORNING) -> Entry:
    from tests.builders import make_event

    return make_line(make_event(data, subject=subject), position, 1, at)


def moved(entries: list[Entry], by: int) -> list[Entry]:
    """Returns the entries as if others stood before them in the city's order."""
    return [
        make_line(entry.event, entry.stamp.position + by, entry.stamp.sequence, entry.recorded, entry.stamp.refused) for entry in entries
    ]


def test_each_entry_is_shown_with_the_state_after_it() -> None:
    """A replay's last state is the fold of the whole history, and each moment names whose turn it was and what was due."""
    history = History(SKP).begin().finish()
    entries = moved(history.entries, 1)

    shown = replay(CODE, entries, rules_lines(SKP), len(entries))

    assert [moment.entry.event.data.NAME for moment in shown.moments] == history.names()
    assert shown.moments[0].case.parties == ("dpmptsp",)
    assert shown.moments[0].ready[0].code == "lengkap"
    assert shown.moments[0].ready[0].due_at == "2026-11-23T09:00:00.000000Z"
    assert shown.case.outcome == "issued"
    assert state_digest(shown.case) == state_digest(history.case.having(position=entries[-1].stamp.position))


def test_due_dates_follow_the_calendar_in_force_at_the_position() -> None:
    """A calendar published between two entries moves what is due after it, and leaves what was due before as it was shown then."""
    history = History(SKP).begin({"topik-sensitif": True, "lama-bulan": 6})
    history.must(e.ApplicationCompleted(step="lengkap"), e.ReviewCompleted(step="aturan", round=1, result="passed"))
    entries = [
        make_line(entry.event, position, sequence, entry.recorded)
        for sequence, (position, entry) in enumerate(zip((2, 3, 5), history.entries, strict=True), 1)
    ]
    holiday = e.Holiday(date="2026-11-24", kind="national")
    calendar = e.CalendarPublished(year=2026, holidays=(holiday,), opens_minute=480, closes_minute=960)

    plain = replay(CODE, entries, rules_lines(SKP), 3)
    with_holiday = replay(CODE, entries, [*rules_lines(SKP), _line(calendar, "calendar:2026", 4)], 3)

    assert [step.due_at for step in plain.moments[1].ready] == [step.due_at for step in with_holiday.moments[1].ready]
    due = {step.code: step.due_at for step in plain.moments[2].ready}
    due_later = {step.code: step.due_at for step in with_holiday.moments[2].ready}
    assert due_later["telaah"] == _next_day(due["telaah"])


def _next_day(text: str) -> str:
    from shared.fields import to_instant, to_timestamp

    return to_timestamp(to_instant(text) + timedelta(days=1))


def test_a_refused_entry_stands_in_the_history_and_changes_no_turn() -> None:
    """What the ledger refused is listed with its code, between states that are the same."""
    history = History(SKP).begin()
    refused = history.say(e.PermitIssued(step="tetap", number="503/1", valid_from="2026-11-23"), role="kepala", agency="dpmptsp")

    shown = replay(CODE, moved(history.entries, 1), rules_lines(SKP), 2)

    assert refused
    assert moment_json(shown.moments[1])["refused"] == refused
    assert shown.moments[1].case.parties == shown.moments[0].case.parties


def test_a_history_is_cut_by_time_or_by_sequence() -> None:
    """Only entries recorded up to the time, and up to the sequence, are chosen."""
    entries = History(SKP).begin().finish().entries
    at_second = entries[1].recorded

    assert until(entries, at_second, None) == entries[:2]
    assert until(entries, at_second - timedelta(microseconds=1), None) == entries[:1]
    assert until(entries, None, 3) == entries[:3]
    assert until(entries, at_second, 1) == entries[:1]
    assert until(entries, None, None) == entries


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-24", datetime(2026, 11, 24, 16, 59, 59, 999999, tzinfo=UTC)),
        ("2026-11-24T15:30", datetime(2026, 11, 24, 15, 30, tzinfo=WIB)),
        ("2026-11-24T08:30:00Z", datetime(2026, 11, 24, 8, 30, tzinfo=UTC)),
        ("2026-11-24T08:30:00+09:00", datetime(2026, 11, 23, 23, 30, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_people_write_them(text: str, instant: datetime) -> None:
    """A day is its end, a time without an offset is the city's, an offset is respected."""
    assert read_moment(text) == instant


@pytest.mark.parametrize("text", ["", "kemarin", "2026-13-01", "2026-11-24T25:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """Anything else is a ValueError."""
    with pytest.raises(ValueError, match=r".*"):
        read_moment(text)


def test_time_is_counted_for_each_party_over_all_its_turns() -> None:
    """Turns of one party add up, two parties may have the case at once, and time outside office hours is no office time."""
    case = Case(
        code=CODE,
        turns=(
            Turn(1, "2026-11-23T01:00:00.000000Z", ("dpmptsp",)),  # Monday 08:00
            Turn(2, "2026-11-23T03:00:00.000000Z", ("dlh", "dpupr")),  # 10:00
            Turn(3, "2026-11-24T02:00:00.000000Z", ("dpmptsp",)),  # Tuesday 09:00
            Turn(4, "2026-11-24T03:00:00.000000Z", ()),
        ),
    )

    found = {item.party: item for item in held(case, City().calendar, MONDAY_MORNING + 100 * HOURS)}

    assert list(found) == ["dpmptsp", "dlh", "dpupr"]
    assert (found["dpmptsp"].working_minutes, found["dpmptsp"].working_days, found["dpmptsp"].elapsed_minutes) == (180, 0, 180)
    assert (found["dlh"].working_minutes, found["dlh"].working_days, found["dlh"].elapsed_minutes) == (420, 1, 23 * 60)
    assert replace(found["dlh"], party="dpupr") == found["dpupr"]


def test_an_open_turn_is_counted_up_to_the_given_time() -> None:
    """Whoever has the case now has had it until the end of the count, and never for less than nothing."""
    case = Case(code=CODE, turns=(Turn(1, "2026-11-23T01:00:00.000000Z", ("dpmptsp",)),))

    assert held(case, City().calendar, MONDAY_MORNING + HOURS)[0].working_minutes == 60
    assert held(case, City().calendar, MONDAY_MORNING - HOURS)[0].elapsed_minutes == 0


def test_the_end_says_what_is_known_at_the_end() -> None:
    """The summary counts what is shown of how many entries and carries the digest of the last state."""
    history = History(SKP).begin().finish()
    shown = replay(CODE, moved(history.entries[:2], 1), rules_lines(SKP), len(history.entries))

    end = end_json(shown, MONDAY_MORNING + HOURS)

    assert (end["entries"], end["of"]) == (2, len(history.entries))
    assert end["digest"] == moment_json(shown.moments[-1])["state"]["digest"]
    assert end["turn"] == list(shown.case.parties)


def test_a_replay_asks_for_its_own_sop_and_calendars_only() -> None:
    """The rules that a replay needs are those of the pinned type, and of the years from the one before the first entry to the next."""
    entries = History(REKLAME).begin().entries

    assert rules_subjects(entries, datetime(2027, 1, 5, tzinfo=UTC)) == (
        "sop:reklame-permanen",
        "calendar:2025",
        "calendar:2026",
        "calendar:2027",
        "calendar:2028",
    )


# Live views


def folded(history: History) -> Folding:
    """Returns the whole city folded."""
    folding = Folding()
    for entry in [*rules_lines(SKP), *moved(history.entries, 1)]:
        folding.take(entry)
    return folding


def live(folding: Folding) -> LiveRow:
    """Returns the right row of the application."""
    case = folding.cases[CODE]
    digest = row_digest(project(case, folding.city))
    return LiveRow(CODE, case.sequence, digest, digest)


def test_a_right_row_is_no_difference() -> None:
    """A row whose digest is the projection's is passed over."""
    folding = folded(History(SKP).begin())
    page = LivePage("intake", folding.position, (live(folding),), READ_AT)

    assert list(compare_page(page, folding.cases, folding.city, project)) == []
    assert list(missing_rows(page, {}, folding.city, project, KEEPS)) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"stored": "0" * 64}, "altered"),
        ({"stored": "0" * 64, "digest": "0" * 64}, "differs"),
        ({"sequence": 0}, "behind"),
        ({"subject": OTHER_CODE}, "surplus"),
    ],
)
def test_a_wrong_row_is_named_with_its_kind(changes: dict[str, object], kind: str) -> None:
    """A row altered behind the service's back, of another content, left behind or unknown is told apart."""
    folding = folded(History(SKP).begin())
    row = replace(live(folding), **changes)  # type: ignore[arg-type]  # fields of a row

    found = list(compare_page(LivePage("intake", folding.position, (row,), READ_AT), folding.cases, folding.city, project))

    assert [(item.kind, item.subject) for item in found] == [(kind, row.subject)]


def test_an_application_without_a_row_is_named() -> None:
    """What the ledger has and the view has not is missing; an application whose every entry was refused has no row anywhere."""
    folding = folded(History(SKP).begin())
    folding.cases[OTHER_CODE] = Case(code=OTHER_CODE, sequence=1)

    page = LivePage("intake", folding.position, (), READ_AT)
    found = list(missing_rows(page, folding.cases, folding.city, project, KEEPS))

    assert [(item.kind, item.subject) for item in found] == [("missing", CODE)]


@pytest.mark.parametrize(("seconds", "missing"), [(-1, [CODE]), (0, [])])
def test_what_a_service_has_let_go_of_is_not_missing(seconds: int, missing: list[str]) -> None:
    """An ended application may be absent from the moment at which its service lets go of it, and not a second earlier."""
    folding = folded(History(SKP).begin().finish())
    read_at = to_timestamp(to_instant(folding.cases[CODE].recorded) + KEPT + timedelta(seconds=seconds))

    page = LivePage("intake", folding.position, (), read_at)
    found = list(missing_rows(page, folding.cases, folding.city, project, KEEPS))

    assert [item.subject for item in found] == missing


def test_a_row_of_an_ended_application_does_not_depend_on_the_calendar() -> None:
    """Rows are made again when the calendar changes only while an application is open, so an ended one must be the same under any."""
    history = History(SKP).begin().finish()
    other = City(calendar=City().calendar.with_year(e.CalendarPublished(year=2026, holidays=(), opens_minute=1, closes_minute=2)))

    assert project(history.case, City()) == project(history.case, other)


def test_a_gap_in_the_feed_is_not_folded_over() -> None:
    """Folding takes the next position only."""
    entries = History(SKP).begin().finish().entries
    folding = Folding()
    folding.take(entries[0])

    with pytest.raises(ContractError, match="sequence-broken"):
        folding.take(entries[2])
