"""Rates by unit with how sure they are, and who had applications how long; figures, not findings."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from math import ceil, floor, sqrt
from typing import Final, NamedTuple

from shared.calendar import Calendar
from shared.case_model import Case
from shared.custody import counted_until, custody

# The quantile of the normal distribution for an interval that holds the true rate in 95 of 100 cases.
NORMAL_95: Final = 1.959964
THOUSAND: Final = 1000
LATE: Final = "late"


class Rate(NamedTuple):
    """How often something came of a unit's work: so many of so many, per thousand, with the bounds of the Wilson 95 % interval."""

    agency: str
    step: str
    what: str
    times: int
    of: int
    per_thousand: int
    low: int
    high: int


class Custodian(NamedTuple):
    """A party over all applications: how many it had, its office minutes, and those in which nobody else had them."""

    party: str
    applications: int
    working_minutes: int
    alone_minutes: int


def interval(count: int, of: int) -> tuple[int, int]:
    """Returns the bounds of the Wilson score interval (E. B. Wilson 1927) for `count` of `of`, per thousand, rounded outwards."""
    if not of:
        return 0, THOUSAND
    share, square = count / of, NORMAL_95**2
    middle, spread = share + square / (2 * of), NORMAL_95 * sqrt(share * (1 - share) / of + square / (4 * of * of))
    low, high = ((middle + sign * spread) / (1 + square / of) * THOUSAND for sign in (-1, 1))
    return max(0, floor(low)), min(THOUSAND, ceil(high))


def rate(agency: str, step: str, what: str, count: int, of: int) -> Rate:
    """Makes a rate."""
    return Rate(agency, step, what, count, of, round(THOUSAND * count / of) if of else 0, *interval(count, of))


def rates(cases: Iterable[Case]) -> list[Rate]:
    """Returns by agency and step how often each result came of it, and how often its deadline was missed."""
    results, late, totals = Counter[tuple[str, str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for case in cases:
        missed = {(item.step, item.round) for item in case.missed}
        for done in case.finished:
            unit = (done.agency, done.step)
            totals[unit] += 1
            results[(*unit, done.result)] += 1
            late[unit] += (done.step, done.round) in missed
    found = [rate(agency, step, result, count, totals[agency, step]) for (agency, step, result), count in results.items()]
    return sorted(found + [rate(*unit, LATE, late[unit], of) for unit, of in totals.items()])


def custodians(cases: Iterable[Case], calendar: Calendar, now: datetime) -> list[Custodian]:
    """Returns every party's share, the longest first; open applications are counted up to `now`."""
    applications, working, alone = Counter[str](), Counter[str](), Counter[str]()
    for case in cases:
        for part in custody(case.turns, calendar, counted_until(case, now), case.system_of_record).parts:
            applications[part.party] += 1
            working[part.party] += part.working_minutes
            alone[part.party] += part.alone_minutes
    return [
        Custodian(party, applications[party], working[party], alone[party])
        for party in sorted(working, key=lambda name: (-working[name], name))
    ]
