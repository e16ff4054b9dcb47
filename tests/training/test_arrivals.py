"""Arrivals: real ones keep their times and channels, made ones keep office hours, and both are the same again for the same seed."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.training.arrivals import FIRST_WAVE, KELURAHAN, PERMIT_TYPES, WAVE_DAYS, from_log, synthetic, wave_of, wave_start
from shared.calendar import WIB, Calendar
from shared.events import CalendarPublished, Holiday
from shared.xes import XesCase, XesEvent, XesLog, read_log
from tests.builders import catalogue

LOG = Path(__file__).parents[3] / "shared" / "data" / "receipt.xes.gz"
START = datetime(2011, 3, 1, 9, 0, tzinfo=UTC)
MONTHS_BY_RULE_MAX = 12


def make_log(channels: tuple[str, ...] = ("Internet", "Desk", "Post", "e-mail", "Intern", "Pigeon")) -> XesLog:
    """Returns a log with one case for each channel, each with two events in the wrong order."""
    cases = [
        XesCase(
            f"case-{number}",
            {"channel": channel},
            (
                XesEvent("later", START + timedelta(days=number, hours=5), "", "", {}),
                XesEvent("first", START + timedelta(days=number), "", "", {}),
            ),
        )
        for number, channel in enumerate(channels)
    ]
    return XesLog(tuple(reversed(cases)), "ab" * 32)


def test_a_case_arrives_with_its_first_event_over_its_own_channel() -> None:
    """The arrival is the earliest time of a case, in order of time, and an unknown channel counts as the web."""
    found = from_log(make_log(), seed=1)

    assert [arrival.at for arrival in found] == [START + timedelta(days=number) for number in range(6)]
    assert [arrival.channel for arrival in found] == ["web", "counter", "post", "email", "internal", "web"]
    assert [arrival.key for arrival in found] == [f"abababab/case-{number}" for number in range(6)]


def test_the_same_seed_gives_the_same_arrivals() -> None:
    """Arrivals are a pure function of log and seed; another seed changes what the log does not hold, and nothing else."""
    log = make_log(("Internet",) * 40)

    assert from_log(log, 1) == from_log(log, 1)
    assert [dict(a.facts) for a in from_log(log, 1)] == [dict(a.facts) for a in from_log(log, 1)]
    other = from_log(log, 2)
    assert [(a.at, a.channel, a.key) for a in other] == [(a.at, a.channel, a.key) for a in from_log(log, 1)]
    assert [a.permit_type for a in other] != [a.permit_type for a in from_log(log, 1)]


def test_made_arrivals_come_in_office_hours_of_working_days() -> None:
    """Nobody arrives on a weekend, on a published holiday, or while the offices are closed."""
    holiday = FIRST_WAVE + timedelta(days=1)
    published = CalendarPublished(
        year=FIRST_WAVE.year, holidays=(Holiday(date=holiday.isoformat(), kind="national"),), opens_minute=480, closes_minute=900
    )
    calendar = Calendar().with_year(published)

    found = synthetic(7, 100, 0, calendar)

    assert len(found) == len({arrival.key for arrival in found}) == 100
    for arrival in found:
        local = arrival.at.astimezone(WIB)
        hours = calendar.hours(local.date())
        assert hours is not None
        assert hours[0] <= local < hours[1]
    assert holiday not in {arrival.at.astimezone(WIB).date() for arrival in found}


def test_a_larger_wave_begins_with_the_smaller_one() -> None:
    """Asking for more applications later finds the same first ones, so that nothing is submitted twice under another name."""
    few, many = synthetic(1, 20, 0, Calendar()), {arrival.key: arrival for arrival in synthetic(1, 60, 0, Calendar())}

    assert [many[arrival.key] for arrival in few] == list(few)


def test_waves_do_not_share_keys_and_are_told_from_the_clock() -> None:
    """Each wave has keys of its own, and a clock in a wave's time tells its number; an unset clock is before the first."""
    first, second = synthetic(1, 10, 0, Calendar()), synthetic(1, 10, 1, Calendar())

    assert not {a.key for a in first} & {a.key for a in second}
    assert wave_of(first[-1].at) == 0
    assert wave_of(second[0].at) == 1
    assert wave_of(datetime(1990, 1, 1, tzinfo=UTC)) == -1
    assert wave_start(3) == FIRST_WAVE + timedelta(days=3 * WAVE_DAYS)


def test_every_applicant_is_made_up() -> None:
    """An identity number has the form of a real one and a date of birth that no calendar has; the place is one of the city's thirty."""
    found = synthetic(1, 200, 0, Calendar())

    assert all(len(arrival.nik) == 16 and arrival.nik[6:12] == "000000" for arrival in found)
    assert all("Contoh" in arrival.name for arrival in found)
    assert {arrival.kelurahan for arrival in found} <= set(KELURAHAN)
    assert len(KELURAHAN) == 30


def test_the_mix_of_types_and_facts_is_as_announced() -> None:
    """Every type of the catalogue is asked for in its share; a tenth of the research is sensitive, one in twenty too long for the rule."""
    found = synthetic(3, 2000, 0, Calendar())

    types = Counter(arrival.permit_type for arrival in found)
    research = [arrival.facts for arrival in found if arrival.permit_type == "skp-penelitian"]
    assert set(types) == {sop.permit_type for sop in catalogue().values()}
    assert sum(share for _, share in PERMIT_TYPES) == pytest.approx(1)
    assert all(0.7 * share < types[name] / 2000 < 1.3 * share for name, share in PERMIT_TYPES)
    assert 0.06 < sum(facts["topik-sensitif"] is True for facts in research) / len(research) < 0.14
    assert 0.02 < sum(int(facts["lama-bulan"]) > MONTHS_BY_RULE_MAX for facts in research) / len(research) < 0.09


@pytest.mark.skipif(not LOG.exists(), reason=f"the real log is not here: {LOG}")
def test_the_real_log_gives_its_arrivals() -> None:
    """The CoSeLoG receipt log's 1,434 applications keep their channels and the time between the first and the last."""
    with LOG.open("rb") as stream:
        found = from_log(read_log(stream), seed=1)

    assert len(found) == 1434
    assert Counter(a.channel for a in found) == {"web": 1250, "counter": 109, "post": 53, "email": 21, "internal": 1}
    assert (found[0].at.date().isoformat(), found[-1].at.date().isoformat()) == ("2010-10-02", "2012-01-23")
