"""Who asks for which permit, and when: from a real log's arrival times and channels, or all of it from a seed; pure.

Whatever a log does not hold (the permit type, the declared facts, the applicant) is drawn from the seed. The persons do not exist: their
identity numbers hold a date of birth that no calendar has.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from deploy.training.chance import between, chance, one_of, weighted
from shared.calendar import WIB, Calendar
from shared.events import Channel, FiledAs
from shared.sop.model import FactValue
from shared.xes import XesLog

REAL_LABEL: Final = "arrival times and channels are real ({source}); everything else is played by a seeded autopilot"
SYNTHETIC_LABEL: Final = "synthetic: arrivals, applicants and officers are all made from the seed"
FIRST_WAVE: Final = date(2026, 1, 5)
WAVE_DAYS: Final = 182  # half a year: longer than any application of the demo catalogue takes
PER_WORKING_DAY: Final = 8

CHANNELS: Final[Mapping[str, Channel]] = {"Internet": "web", "Desk": "counter", "Post": "post", "e-mail": "email", "Intern": "internal"}
SYNTHETIC_CHANNELS: Final[Sequence[tuple[Channel, float]]] = (("web", 0.7), ("counter", 0.2), ("email", 0.06), ("post", 0.04))
PERMIT_TYPES: Final = (
    ("skp-penelitian", 0.28),
    ("reklame-permanen", 0.14),
    ("pbg-usaha", 0.10),
    ("reklame-insidentil", 0.10),
    ("sip-perawat", 0.09),
    ("sip-dokter-mandiri", 0.05),
    ("makam", 0.06),
    ("pbg-mbr", 0.05),
    ("slhs-depot-air", 0.04),
    ("slf-usaha", 0.03),
    ("apotek", 0.03),
    ("trayek", 0.03),
)
# The kelurahan of Palangka Raya, by their official codes.
KELURAHAN: Final = tuple(
    f"62.71.{district:02}.{number}" for district, count in enumerate((6, 7, 4, 6, 7), 1) for number in range(1001, 1001 + count)
)
NAMES: Final = ("Aloysius", "Bawi", "Cornelia", "Damang", "Elsie", "Fitri", "Gerung", "Hawini", "Iban", "Juwita", "Kasongan", "Lestari")

SENSITIVE_SHARE: Final = 0.10
TOO_LONG_SHARE: Final = 0.05
RULE_MONTHS_MAX: Final = 12
PROTOTYPE_SHARE: Final = 0.6
ASSISTED_SHARE: Final = 0.7
KUASA_SHARE: Final = 0.12
MOVED_GRAVE_SHARE: Final = 0.1
LARGER_CEMETERY_SHARE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Arrival:
    """One application before it is submitted; `key` names it for ever, whatever code intake gives it."""

    key: str
    at: datetime
    channel: Channel
    permit_type: str
    kelurahan: str
    facts: Mapping[str, FactValue] = field(hash=False)
    name: str
    nik: str
    filed_as: FiledAs = "self"

    @property
    def person(self) -> str:
        """The local name under which the applicant signs in."""
        return f"pemohon {self.key}"


def from_log(log: XesLog, seed: int) -> tuple[Arrival, ...]:
    """Returns the arrivals of a log: a case arrives with its first event; an unknown channel counts as the web."""
    prefix = log.sha256[:8]
    found = [
        _arrival(
            seed, f"{prefix}/{case.name}", min(event.time for event in case.events), CHANNELS.get(case.attributes.get("channel", ""), "web")
        )
        for case in log.cases
        if case.events
    ]
    return tuple(sorted(found, key=lambda arrival: (arrival.at, arrival.key)))


def synthetic(seed: int, count: int, wave: int, calendar: Calendar) -> tuple[Arrival, ...]:
    """Returns a wave of made arrivals: some every working day from the wave's first day on, within office hours."""
    found: list[Arrival] = []
    day = wave_start(wave)
    while len(found) < count:
        hours = calendar.hours(day)
        if hours:
            today = range(len(found), min(count, len(found) + PER_WORKING_DAY))
            found += [_made(seed, f"synthetic/{wave}/{number:05}", *hours) for number in today]
        day += timedelta(days=1)
    return tuple(sorted(found, key=lambda arrival: (arrival.at, arrival.key)))


def _made(seed: int, key: str, opens: datetime, closes: datetime) -> Arrival:
    minutes = int((closes - opens).total_seconds() // 60)
    at = opens + timedelta(minutes=between(0, minutes - 1, chance(seed, key, "minute")))
    return _arrival(seed, key, at, weighted(SYNTHETIC_CHANNELS, chance(seed, key, "channel")))


def wave_start(wave: int) -> date:
    """Returns the first day of a wave."""
    return FIRST_WAVE + timedelta(days=wave * WAVE_DAYS)


def wave_of(now: datetime) -> int:
    """Returns the wave that a city's clock stands in, -1 before the first."""
    return max(-1, (now.astimezone(WIB).date() - FIRST_WAVE).days // WAVE_DAYS)


def _arrival(seed: int, key: str, at: datetime, channel: Channel) -> Arrival:
    permit_type = weighted(PERMIT_TYPES, chance(seed, key, "permit-type"))
    number = between(0, 9999, chance(seed, key, "nik"))
    return Arrival(
        key=key,
        at=at,
        channel=channel,
        permit_type=permit_type,
        kelurahan=one_of(KELURAHAN, chance(seed, key, "kelurahan")),
        facts=_FACTS[permit_type](seed, key),
        name=f"{one_of(NAMES, chance(seed, key, 'name'))} Contoh {number:04}",
        nik=f"627101000000{number:04}",
        filed_as=_filed_as(seed, key, channel),
    )


def _filed_as(seed: int, key: str, channel: Channel) -> FiledAs:
    """Returns by whom an application is filed: most who come to the counter are helped there, and some send an attorney in fact."""
    if channel == "counter":
        return "assisted" if chance(seed, key, "assisted") < ASSISTED_SHARE else "self"
    return "kuasa" if channel == "web" and chance(seed, key, "kuasa") < KUASA_SHARE else "self"


def _research(seed: int, key: str) -> dict[str, FactValue]:
    too_long = chance(seed, key, "too-long") < TOO_LONG_SHARE
    lowest, highest = (RULE_MONTHS_MAX + 1, 24) if too_long else (1, RULE_MONTHS_MAX)
    return {
        "topik-sensitif": chance(seed, key, "sensitive") < SENSITIVE_SHARE,
        "lama-bulan": between(lowest, highest, chance(seed, key, "months")),
    }


def _billboard(seed: int, key: str) -> dict[str, FactValue]:
    return {
        "luas-m2": str(between(2, 60, chance(seed, key, "area"))),
        "tinggi-m": str(between(3, 15, chance(seed, key, "height"))),
        "muka": between(1, 2, chance(seed, key, "faces")),
        "zona": one_of(("pusat-kota", "jalan-utama", "permukiman"), chance(seed, key, "zone")),
    }


def _building(seed: int, key: str) -> dict[str, FactValue]:
    return {
        "luas-lantai-m2": str(between(60, 900, chance(seed, key, "floor-area"))),
        "indeks": f"{between(5, 25, chance(seed, key, 'index')) / 10:.1f}",
        "lantai": between(1, 4, chance(seed, key, "storeys")),
    }


def _insidentil(seed: int, key: str) -> dict[str, FactValue]:
    too_long = chance(seed, key, "too-long") < TOO_LONG_SHARE
    return {
        "luas-m2": str(between(1, 20, chance(seed, key, "area"))),
        "lama-hari": between(31, 60, chance(seed, key, "days")) if too_long else between(1, 30, chance(seed, key, "days")),
        "jumlah-titik": between(1, 25, chance(seed, key, "places")),
    }


def _house(seed: int, key: str) -> dict[str, FactValue]:
    return {
        "luas-lantai-m2": str(between(21, 48, chance(seed, key, "floor-area"))),
        "memakai-prototipe": chance(seed, key, "prototype") < PROTOTYPE_SHARE,
    }


def _doctor(seed: int, key: str) -> dict[str, FactValue]:
    return {"jumlah-sip-lain": between(0, 2, chance(seed, key, "others"))}


def _fleet(seed: int, key: str) -> dict[str, FactValue]:
    route = one_of(("kota-tangkiling", "kota-kereng-bangkirai", "kota-menteng"), chance(seed, key, "route"))
    return {"jumlah-kendaraan": between(5, 40, chance(seed, key, "vehicles")), "trayek": route}


def _plot(seed: int, key: str) -> dict[str, FactValue]:
    cemetery = "km-12" if chance(seed, key, "cemetery") < LARGER_CEMETERY_SHARE else "km-2-5"
    return {"pemindahan": chance(seed, key, "pemindahan") < MOVED_GRAVE_SHARE, "tpu": cemetery}


def _told(**shares: float) -> Callable[[int, str], dict[str, FactValue]]:
    """Returns what makes yes-or-no facts true in these shares of the applications; a name's underscores stand for hyphens."""

    def facts(seed: int, key: str) -> dict[str, FactValue]:
        return {name.replace("_", "-"): chance(seed, key, name) < share for name, share in shares.items()}

    return facts


_FACTS: Final[Mapping[str, Callable[[int, str], dict[str, FactValue]]]] = {
    "skp-penelitian": _research,
    "reklame-permanen": _billboard,
    "pbg-usaha": _building,
    "reklame-insidentil": _insidentil,
    "pbg-mbr": _house,
    "sip-dokter-mandiri": _doctor,
    "trayek": _fleet,
    "sip-perawat": _told(perpanjangan=0.4, bekerja_di_instansi=0.5),
    "slf-usaha": _told(lift_atau_petir=0.3),
    "apotek": _told(pemilik_bukan_apoteker=0.4),
    "makam": _plot,
    "slhs-depot-air": _told(),
}
