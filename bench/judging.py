"""Rows 12 to 14: what the rules cost on a long history, the catalogue's check, and ten thousand histories under another SOP; no server runs."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from statistics import median
from typing import Any, Final

from bench.measure import Cost, Figure, described, heap_aside, measured
from services.catalogue import shipped
from services.cli import sop_files
from shared import events as e
from shared.calendar import Calendar
from shared.kit.shipped_plans import FILE
from shared.office_clock import OfficeClock
from shared.sop import deadlines, rules
from shared.sop.admissible import admissible
from shared.sop.model import Sop
from shared.sop.past import OTHERS_KINDS, Done, PastCase
from shared.sop.past import History as Past
from shared.sop.replays import Change
from shared.sop.simulate import Officers, simulate
from tests.builders import OFFICER_ID, PBG, History, catalogue, correction, good_answer, make_city
from tests.sops import with_fields

RULE_MICROSECONDS: Final = 60.0
CHECK_SECONDS: Final = 2.0
SIMULATION_SECONDS: Final = 30.0
ENTRIES_MIN: Final = 30
CORRECTED_ROUNDS: Final = 4
ASKED: Final = 5_000
HISTORIES: Final = 10_000
WORKING_DAYS: Final = 1_000


def run(chosen: frozenset[str], rounds: int, *, quick: bool) -> list[Figure]:
    """Measures the chosen of rows 12, 13 and 14, by the CPU of this process."""
    figures: list[Figure] = []
    with heap_aside():
        if "12" in chosen:
            figures += _rules(rounds)
        if "13" in chosen:
            check = [measured(1, _check) for _ in range(rounds)]
            figures.append(_seconds("13", f"check of the catalogue's {len(catalogue())} SOPs and its plans", check, CHECK_SECONDS))
        if "14" in chosen:
            histories = HISTORIES // 10 if quick else HISTORIES
            past, change = _past(catalogue()[PBG], histories), Change(catalogue()[f"{PBG.partition('@')[0]}@2"], {})
            costs = [measured(1, partial(_simulate, past, change)) for _ in range(rounds)]
            figures.append(_seconds("14", f"simulation of {histories:,} histories", costs, SIMULATION_SECONDS * histories / HISTORIES))
    return figures


def _seconds(row: str, name: str, costs: Sequence[Cost], target: float) -> Figure:
    cpu = tuple(cost.cpu_seconds for cost in costs)
    return Figure(row, f"{name}, CPU", median(cpu), "s", target, "lower", cpu, gated=True)


# Row 12


def long_history() -> History:
    """Returns a building approval of thirty entries at least: four rounds of corrections, every review of the fifth late, and silence that grants."""
    # With the charge unpaid nobody would count the agencies' time; here it counts, as in most types.
    granting = catalogue()[PBG].deemed_approval.model_copy(update={"after_payment": False})
    city = replace(make_city(), sops={**catalogue(), PBG: with_fields(catalogue()[PBG], deemed_approval=granting)})
    history = History(PBG, city=city).begin().must(e.ApplicationCompleted(step="lengkap"))
    for _ in range(CORRECTED_ROUNDS):
        for code in tuple(history.case.ready):
            found = e.Finding(requirement=history.city.sops[PBG].step_by_code[code].reads[0], reason="tidak-terbaca")
            history.must(e.ReviewCompleted(step=code, round=history.case.round, result="findings", findings=(found,)))
        history.must(good_answer(history.case, rules.CORRECTION_REQUEST))
        history.must(correction(history.case))
    while len(history.entries) < ENTRIES_MIN:
        history.wait_days(1)
    return history


def _rules(rounds: int) -> list[Figure]:
    history = long_history()
    case, city = history.case, history.city
    reviewed = next(iter(case.ready))
    step = city.sops[PBG].step_by_code[reviewed]
    event = history.event(e.ReviewCompleted(step=reviewed, round=case.round, result="passed"))
    asked: Mapping[str, Callable[[], Any]] = {
        "ready steps": lambda: rules.ready_codes(case),
        "next actions of an officer": lambda: rules.next_actions(case, step.role, step.agency, OFFICER_ID),
        "clock": lambda: deadlines.clock(case, city.calendar),
        "admissible": lambda: admissible(case, event, city),
    }
    return [_rule(f"{name}, history of {len(history.entries)} entries", rule, rounds) for name, rule in asked.items()]


def _rule(name: str, rule: Callable[[], Any], rounds: int) -> Figure:
    def often() -> None:
        for _ in range(ASKED):
            rule()

    rule()
    costs = [measured(ASKED, often) for _ in range(rounds)]
    cpu = tuple(cost.cpu_microseconds for cost in costs)
    note = described(costs, "call")
    return Figure("12", f"{name}, CPU", median(cpu), "us", RULE_MICROSECONDS, "lower", cpu, gated=True, notes=(note,))


# Row 13


def _check() -> None:
    checked, _ = sop_files.check(sop_files.sop_paths([]), shipped.registers(date(2026, 11, 24)))
    sop_files.check_plans(FILE, [file.sop for file in checked if file.sop])


# Row 14


def _past(sop: Sop, count: int) -> Past:
    """Returns so many applications of an SOP over years, each step as long as chance with a fixed seed has it."""
    clock = OfficeClock(Calendar(), date(2026, 1, 1), date(2029, 12, 31))
    chance = random.Random(1)  # noqa: S311 - the figures need no secret
    cases = []
    for number in range(count):
        day = number * WORKING_DAYS // count
        arrived = day * clock.minutes_a_day + chance.randrange(clock.minutes_a_day)
        done: dict[str, Done] = {}
        for step in sop.steps:
            minutes = 0 if step.automatic else int(chance.expovariate(1 / (480 * max(1, step.target_working_days))))
            start = max((done[need].finished for need in step.needs), default=arrived)
            others = step.kind in OTHERS_KINDS
            held, waited = (0, minutes) if others else (minutes, 0)
            done[step.code] = Done(start + minutes, held, waited, held, f"officer-{chance.randrange(40)}")
        cases.append(PastCase(f"case-{number}", sop, arrived, day * 7 // 5, done))
    return Past(tuple(cases), clock)


def _simulate(past: Past, change: Change) -> None:
    simulate(past, change, random.Random(1), Officers())  # noqa: S311 - resampling needs no secret
