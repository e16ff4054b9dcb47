"""Applications whose system of record is national: what was mirrored, how late, and where that system and the city differ; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median_low
from typing import Final, get_args

from shared.case_model import Case, Mirrored
from shared.events import NationalSystem
from shared.fields import to_instant

CITY: Final = "city"
NATIONAL_SYSTEMS: Final[tuple[NationalSystem, ...]] = get_args(NationalSystem)
# What an outcome here is called in a national system.
STATUS_OF: Final = {"issued": "issued", "deemed-granted": "issued", "refused": "refused", "withdrawn": "withdrawn", "closed": "withdrawn"}
OPEN: Final = ("received", "in-process")
STATUSES: Final[dict[str, tuple[str, str]]] = {
    "received": ("diterima", "received"),
    "in-process": ("diproses", "in process"),
    "issued": ("izin terbit", "permit issued"),
    "refused": ("ditolak", "refused"),
    "withdrawn": ("ditarik", "withdrawn"),
    "revoked": ("izin dicabut", "permit revoked"),
}
DIVERGENCES: Final[dict[str, tuple[str, str]]] = {
    "national-ahead": ("sistem nasional sudah selesai, di sini masih terbuka", "the national system has ended it, here it is open"),
    "ours-ahead": ("di sini sudah selesai, di sistem nasional masih terbuka", "it has ended here, the national system has it open"),
    "other-outcome": ("hasilnya berbeda", "the outcomes differ"),
}


def mirror_refusal(case: Case, system: str, status: str, happened_at: str) -> str:
    """Returns why a national status cannot be mirrored: another system owns the type, or it is here already."""
    if case.system_of_record != system:
        return "not-of-this-system"
    return "already-mirrored" if any((item.status, item.happened_at) == (status, happened_at) for item in case.mirrored) else ""


def national_state(case: Case) -> Mirrored | None:
    """Returns the newest status by the national system's own time: what comes late does not turn it back, an end is after its beginning."""
    return max(case.mirrored, key=lambda item: (item.happened_at, item.status not in OPEN, item.at), default=None)


def divergence(case: Case) -> str:
    """Returns in which way the national system and the city differ now, empty when they agree or nothing is mirrored."""
    state = national_state(case)
    if state is None:
        return ""
    theirs = "" if state.status in OPEN else state.status
    ours = "revoked" if case.permit and case.permit.state == "revoked" else STATUS_OF.get(case.outcome, "")
    if theirs == ours:
        return ""
    if not ours:
        return "national-ahead"
    return "other-outcome" if theirs else "ours-ahead"


@dataclass(frozen=True, slots=True)
class Mirroring:
    """One national system: applications of its types, how many are mirrored, statuses, the median lag in minutes, divergences by kind."""

    system: str
    applications: int
    mirrored: int
    statuses: int
    lag_minutes_median: int
    divergences: Mapping[str, int] = field(hash=False)


def mirroring(cases: Iterable[Case]) -> tuple[Mirroring, ...]:
    """Returns the measure of each national system that owns one of the applications; the lag is from that system's moment to our entry."""
    by_system: dict[str, list[tuple[list[int], str]]] = {}
    for case in cases:  # none of which is kept: there may be very many
        if case.system_of_record not in ("", CITY):
            by_system.setdefault(case.system_of_record, []).append((_lags(case), divergence(case)))
    return tuple(_measured(system, by_system[system]) for system in sorted(by_system))


def _lags(case: Case) -> list[int]:
    return [max(0, int((to_instant(item.at) - to_instant(item.happened_at)).total_seconds()) // 60) for item in case.mirrored]


def _measured(system: str, found: list[tuple[list[int], str]]) -> Mirroring:
    lags = [lag for of_a_case, _ in found for lag in of_a_case]
    kinds = Counter(kind for _, kind in found)
    divergences = {kind: kinds[kind] for kind in DIVERGENCES}
    mirrored = sum(bool(of_a_case) for of_a_case, _ in found)
    return Mirroring(system, len(found), mirrored, len(lags), median_low(lags) if lags else 0, divergences)
