"""A simulation gives back the past under its own SOP, and under another one just what the change brings about."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.envelope import Entry
from shared.resampling import intervals, median, p90, quantile
from shared.sop.model import Sop, sop_content
from shared.sop.past import OPEN_CASES, OTHER_TYPES, UNKNOWN_STEPS, Done, History, HistoryMap, PastCase, from_entries, from_log
from shared.sop.replays import Change, alone, plan, queued, unchanged, works
from shared.sop.savings import WHOLE, Row
from shared.sop.simulate import Officers, Simulation, officers_today, simulate
from shared.xes import XesCase, XesEvent, XesLog
from tests.builders import PBG, SKP, catalogue, make_event, make_line, publication
from tests.builders import History as Application

CHANCE_SEED = 1
HISTORIES = Path(__file__).parents[2] / "shared" / "sop" / "histories"
MONDAY = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # 08:00 in the city
OFFICE = {"utc_offset_minutes": 420, "opens_minute": 480, "closes_minute": 960, "days_off": []}
TREE: Mapping[str, Any] = yaml.safe_load((HISTORIES / "receipt-sop.yaml").read_text(encoding="utf-8"))
CODES = [step["code"] for step in TREE["steps"]]


def sop_with(changes: Mapping[str, Mapping[str, Any]] | None = None, steps: tuple[str, ...] = (), **fields: Any) -> Sop:  # noqa: ANN401 - fields of an SOP
    """Returns the receipt's SOP with some steps changed, or with these steps only."""
    tree: dict[str, Any] = {**TREE, **fields}
    kept = [{**step, **(changes or {}).get(step["code"], {})} for step in TREE["steps"] if not steps or step["code"] in steps]
    tree["steps"] = [
        {**step, "needs": [need for need in step.get("needs", []) if need in {item["code"] for item in kept}]} for step in kept
    ]
    return Sop.model_validate_json(orjson.dumps(tree))


OLD = sop_with()
PARALLEL = sop_with({"saran": {"needs": ["terima"]}, "tindak-lanjut": {"needs": ["kirim", "tanda-henti"]}}, version=2)


def log_of(*cases: tuple[tuple[str, int], ...], officer: str = "") -> XesLog:
    """Returns a log whose cases have these activities, each so many minutes after Monday's opening."""
    return XesLog(
        tuple(
            XesCase(
                f"case-{number}",
                {"end": "x"},
                tuple(XesEvent(activity, MONDAY + timedelta(minutes=minutes), officer, "", {}) for activity, minutes in events),
            )
            for number, events in enumerate(cases)
        ),
        "ab" * 32,
    )


def history_of(*cases: tuple[tuple[str, int], ...], officer: str = "") -> History:
    """Returns the history of a log whose activities are the steps' own codes."""
    tree = {"language": 1, "sop": "x", "activities": {code: code for code in CODES}, "office": OFFICE}
    return from_log(log_of(*cases, officer=officer), HistoryMap.model_validate_json(orjson.dumps(tree)), OLD)


def simulated(history: History, sop: Sop, merged: Mapping[str, tuple[str, ...]] | None = None, **options: Any) -> Simulation:  # noqa: ANN401 - of a simulation
    """Simulates with few resamples."""
    return simulate(history, Change(sop, merged or {}, options.pop("takes", "longest")), chance(), Officers(**options), resamples=40)


def row_of(found: Simulation, agency: str = WHOLE, step: str = WHOLE) -> Row:
    """Returns one row of a simulation."""
    return next(row for row in found.rows if (row.agency, row.step) == (agency, step))


def chance() -> random.Random:
    """Returns chance with a seed."""
    return random.Random(CHANCE_SEED)  # noqa: S311 - resampling needs no secret


STRAIGHT = (("terima", 0), ("periksa", 60), ("tetapkan-terima", 90), ("kirim", 100), ("saran", 180), ("tanda-henti", 200))
PAST_CASES = st.lists(
    st.lists(st.tuples(st.sampled_from(CODES), st.integers(0, 5000)), min_size=1, max_size=9).map(tuple), min_size=1, max_size=8
)


@given(PAST_CASES)
def test_the_past_under_its_own_sop_is_the_past(cases: list[tuple[tuple[str, int], ...]]) -> None:
    """Whatever the order in which its steps were done, an application replayed under its own SOP ends each step when it ended."""
    history = history_of(*cases)

    for case in history.cases:
        replayed = alone(case.arrived, works(case, unchanged(case.sop), history.clock))
        assert {code: spell.finished for code, spell in replayed.items()} == {code: done.finished for code, done in case.done.items()}
    found = simulated(history, OLD)
    assert all((row.saved_total_minutes, row.late_before) == (0, row.late_after) for row in found.rows)


@given(PAST_CASES)
def test_fewer_needs_never_make_anything_later(cases: list[tuple[tuple[str, int], ...]]) -> None:
    """An SOP that only takes needs away ends no step of any application later."""
    history = history_of(*cases)
    free = sop_with({code: {"needs": []} for code in CODES})

    for case in history.cases:
        after = alone(case.arrived, works(case, plan(OLD, Change(free, {})), history.clock))
        assert all(spell.finished <= case.done[code].finished for code, spell in after.items())


def test_parallel_steps_save_the_shorter_way() -> None:
    """Where the confirmation took 100 minutes and the question of a stop 100 more, both at once take 100."""
    found = simulated(history_of(STRAIGHT), PARALLEL)

    assert row_of(found)[2:8] == (1, 200, 100, 100, 100, 100)
    assert row_of(found, "kelompok-1", "saran")[2:8] == (1, 80, 80, 100, 100, 100)
    assert row_of(found, "kelompok-4", "periksa").saved_total_minutes == 0
    assert row_of(found, "kelompok-1").saved_total_minutes == 0
    assert found.out_of_order == 0


def test_a_merged_step_takes_its_longest_part_or_all() -> None:
    """A step made of two takes as long as the longer or as both, and its agency and the other's change by what they had."""
    sop = sop_with(
        {"tetapkan-terima": {"code": "satu", "needs": ["terima"]}, "kirim": {"needs": []}},
        ("terima", "tetapkan-terima", "kirim", "tindak-lanjut"),
    )
    tree = sop_content(sop)
    tree["steps"][2]["needs"] = ["satu"]
    merged = Sop.model_validate_json(orjson.dumps(tree))
    history = history_of((*STRAIGHT[:4], ("tindak-lanjut", 300)))

    longest = simulated(history, merged, {"satu": ("periksa", "tetapkan-terima")})
    both = simulated(history, merged, {"satu": ("periksa", "tetapkan-terima")}, takes="sum")

    assert row_of(longest, "kelompok-2", "kirim").saved_total_minutes == 30
    assert row_of(longest, "kelompok-3", "satu")[3:6] == (90, 60, 30)
    assert row_of(both, "kelompok-2", "kirim").saved_total_minutes == 0
    assert longest.dropped == ("saran", "tanda-henti")


def test_a_step_that_waited_for_one_part_waits_for_that_part() -> None:
    """Where advice was given after the check and before the determination, the step of both holds it up as long as the check alone."""
    tree = sop_content(OLD)
    tree["steps"][2] |= {"code": "satu", "needs": ["terima"]}
    tree["steps"][3]["needs"] = ["satu"]
    del tree["steps"][1]
    merged = Sop.model_validate_json(orjson.dumps(tree))
    history = history_of((("terima", 0), ("periksa", 10), ("saran", 15), ("tetapkan-terima", 110), ("kirim", 120)))

    found = simulated(history, merged, {"satu": ("periksa", "tetapkan-terima")})

    assert found.out_of_order == 1
    assert row_of(found, "kelompok-1", "saran").saved_total_minutes == 0
    assert row_of(found, "kelompok-3", "satu").saved_total_minutes == 10


def test_a_rule_takes_no_time_and_a_new_step_its_target() -> None:
    """A step that becomes automatic ends when its needs do; one that the history does not know takes the working days of its target."""
    history = history_of(STRAIGHT)
    by_rule = simulated(history, sop_with({"periksa": {"automatic": True}}))
    tree = sop_content(OLD)
    tree["steps"].insert(1, {**tree["steps"][1], "code": "baru", "target_working_days": 2})
    tree["steps"][2]["needs"] = ["baru"]
    with_new = simulated(history, Sop.model_validate_json(orjson.dumps(tree)))

    assert row_of(by_rule).saved_total_minutes == 60
    assert row_of(with_new).saved_total_minutes == -960
    assert with_new.invented == ("baru",)


def test_lateness_is_against_the_promise_and_the_targets_of_each_sop() -> None:
    """A shorter promise makes late what was in time, and says how much of that the old way would have been as well."""
    history = history_of((*STRAIGHT[:5], ("tanda-henti", 3 * 1440 + 1)))

    found = simulated(history, sop_with(promise_working_days=2))

    assert (row_of(found).late_before, row_of(found).late_after, found.late_before_by_new_promise) == (0, 1, 1)
    assert row_of(found, "kelompok-1", "tanda-henti").late_before == 1
    assert row_of(found, "kelompok-4", "periksa").late_before == 0


def test_one_officer_serves_one_application_after_the_other() -> None:
    """Two applications at once and one officer: the second waits for the first; two officers, and nobody waits."""
    first, second = history_of((("terima", 0), ("periksa", 60)), (("terima", 0), ("periksa", 60))).cases
    steps = [(case.arrived, works(case, unchanged(OLD), history_of(STRAIGHT).clock)) for case in (first, second)]

    one = queued(steps, {"kelompok-4": 1})
    two = queued(steps, {"kelompok-4": 2})

    assert [spells["periksa"].finished for spells in one] == [60, 120]
    assert [spells["periksa"].finished for spells in two] == [60, 60]


@given(PAST_CASES)
def test_more_officers_than_applications_are_as_good_as_no_queue(cases: list[tuple[tuple[str, int], ...]]) -> None:
    """With an officer for every step of every application a queue changes nothing where work takes all of the time."""
    history = history_of(*cases)
    capacity = {step.agency: 200 for step in OLD.steps}
    steps = [(case.arrived, works(case, plan(OLD, Change(PARALLEL, {})), history.clock)) for case in history.cases]

    assert queued(steps, capacity) == [alone(arrived, found) for arrived, found in steps]


def test_work_is_bounded_by_the_officers_previous_completion() -> None:
    """The work on a step is at most the time since the same officer's last completion; today's officers are those at work in a week."""
    history = history_of(STRAIGHT, officer="x")

    assert [done.work_minutes for done in history.cases[0].done.values()] == [0, 60, 30, 10, 80, 20]
    shared_officer = history_of((("terima", 0), ("periksa", 60)), (("terima", 50), ("periksa", 65)), officer="x")
    assert [case.done["periksa"].work_minutes for case in shared_officer.cases] == [10, 5]
    assert officers_today(history, "kelompok-4") == 1
    found = simulated(history, OLD, then={"kelompok-1": 2})
    assert found.officers.today == {"kelompok-1": 1}


def test_a_log_gives_its_closed_cases_and_says_what_it_leaves_out() -> None:
    """Cases without the closing attribute and activities without a step are counted, not taken; an empty log is an empty history."""
    tree = {"language": 1, "sop": "x", "activities": {"terima": "terima"}, "office": OFFICE, "closed_by": "end"}
    mapping = HistoryMap.model_validate_json(orjson.dumps(tree))
    log = log_of((("terima", 0), ("other", 5)), (("terima", 9),))
    open_case = XesCase("open", {}, log.cases[0].events)

    found = from_log(XesLog((*log.cases, open_case), log.sha256), mapping, OLD)

    assert [case.name for case in found.cases] == ["case-0", "case-1"]
    assert found.left_out == {OPEN_CASES: 1, UNKNOWN_STEPS: 1}
    assert from_log(XesLog((), ""), mapping, OLD).cases == ()


def feed(*applications: Application) -> list[Entry]:
    """Returns the ledger's feed: the SOPs, then the applications."""
    published = [make_line(_of(publication(sop), f"sop:{sop.permit_type}")) for sop in catalogue().values()]
    return [*published, *(entry for application in applications for entry in application.entries)]


def _of(data: e.Data, subject: str) -> e.AnyEvent:
    return make_event(data, subject=subject)


def test_the_ledger_gives_each_step_from_ready_to_done() -> None:
    """An ended application's steps take the office minutes in which they were ready; payment is the applicant's time."""
    application = Application(PBG).begin().finish()

    found = from_entries(feed(application, Application(SKP, code="PKY-F8XS-9HEJ-W7W0-0").begin()), "pbg-usaha")

    (case,) = found.cases
    assert found.left_out == {OTHER_TYPES: 1}
    assert set(case.done) == set(application.case.steps)
    assert case.done["bayar"].minutes == 0
    assert case.done["bayar"].others_minutes == 1
    assert {code: done.finished for code, done in case.done.items()} == {
        code: spell.finished for code, spell in alone(case.arrived, works(case, unchanged(case.sop), found.clock)).items()
    }


def test_an_applicants_correction_is_nobody_elses_time() -> None:
    """What passes between a review with findings and the corrected application is not the agency's, and promises do not count it."""
    application = Application(PBG).begin()
    application.must(e.ApplicationCompleted(step="lengkap"))
    finding = e.Finding(requirement="dokumen-lingkungan", reason="tidak-terbaca")
    application.must(e.ReviewCompleted(step="lingkungan", round=1, result="findings", findings=(finding,)))
    for code in ("tpa", "kebakaran", "lalin"):
        application.must(e.ReviewCompleted(step=code, round=1, result="passed"))
    application.must(
        e.CorrectionRequested(round=1, findings=application.case.correction.findings if application.case.correction else (finding,))
    )
    application.wait_days(2)
    application.finish()

    (case,) = from_entries(feed(application), "pbg-usaha").cases

    assert case.done["lingkungan"].others_minutes >= 2 * 480 - 30
    assert case.done["lingkungan"].minutes < 10


def test_open_applications_are_left_out() -> None:
    """An application that has not ended tells no duration."""
    found = from_entries(feed(Application(PBG).begin()), "pbg-usaha")

    assert (found.cases, found.left_out) == ((), {OPEN_CASES: 1})


def test_the_same_seed_gives_the_same_intervals() -> None:
    """Chance is an argument: equal seeds agree to the last minute, and an interval contains the figure that it is of."""
    history = history_of(*[(*STRAIGHT[:5], ("tanda-henti", 180 + number * 7)) for number in range(30)])

    assert simulated(history, PARALLEL).total_intervals == simulated(history, PARALLEL).total_intervals
    found = simulated(history, PARALLEL)
    assert found.total_intervals[0].low <= row_of(found).saved_total_minutes <= found.total_intervals[0].high


@given(st.lists(st.integers(), min_size=1), st.integers(1, 1000))
def test_a_quantile_is_the_smallest_value_with_enough_below(values: list[int], permille: int) -> None:
    """At least so many of a thousand do not exceed it, and it is one of the values; nothing has the quantile 0."""
    found = quantile(values, permille)

    assert found in values
    assert sum(value <= found for value in values) * 1000 >= permille * len(values)
    assert sum(value < found for value in values) * 1000 < permille * len(values)
    assert (median([]), p90([])) == (0, 0)
    assert intervals([], 0, chance(), 3) == []


def test_a_past_step_of_nobody_known_takes_all_its_time_as_work() -> None:
    """Without an officer the work is bounded by the step alone."""
    case = PastCase("a", OLD, 0, 0, {"terima": Done(5, 5, 0, 5)})

    assert works(case, unchanged(OLD), history_of(STRAIGHT).clock)[0].work_minutes == 5
