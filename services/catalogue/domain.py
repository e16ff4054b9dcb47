"""What the catalogue says: an SOP version published or withdrawn, a year's calendar; pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from shared import events as e
from shared.case import Case
from shared.draft import Desk, Draft
from shared.envelope import canonical
from shared.reasons import checked
from shared.sop.model import Sop, content_digest, sop_content

OPENS_MINUTE: Final = 8 * 60
CLOSES_MINUTE: Final = 16 * 60


def publish_sop(sop: Sop) -> Sequence[Draft]:
    """Returns the publication of an SOP version with its whole content."""
    content = sop_content(sop)
    return (Draft(e.SopPublished(sop=sop.name, digest=content_digest(canonical(content)), content=content)),)


def withdraw_sop(sop_name: str) -> Sequence[Draft]:
    """Returns that no new application may pin a version."""
    return (Draft(e.SopWithdrawn(sop=sop_name)),)


def publish_calendar(year: int, days_off: Sequence[tuple[date, Literal["national", "collective-leave"]]]) -> Sequence[Draft]:
    """Returns a year's calendar; office hours are a demo value, eight to four."""
    holidays = tuple(e.Holiday(date=day.isoformat(), kind=kind) for day, kind in sorted(set(days_off)))
    return (Draft(e.CalendarPublished(year=year, holidays=holidays, opens_minute=OPENS_MINUTE, closes_minute=CLOSES_MINUTE)),)


def declare_force_majeure(
    number: str, legal_basis: str, reason: str, from_day: str, until_day: str, *, agencies: Sequence[str], systems: Sequence[str]
) -> Sequence[Draft]:
    """Returns that clocks stand still from day to day by a decree."""
    data = e.ForceMajeureDeclared.of(
        number=number,
        legal_basis=legal_basis,
        reason=checked("force-majeure", reason),
        from_day=from_day,
        until_day=until_day,
        agencies=tuple(agencies),
        systems=tuple(systems),
    )
    return (Draft(data),)


def end_force_majeure(number: str, last_day: str) -> Sequence[Draft]:
    """Returns that a decree's clocks run again earlier."""
    return (Draft(e.ForceMajeureEnded(number=number, last_day=last_day)),)


def appoint_acting(agency: str, kind: Literal["plh", "plt"], officer: str, letter: str, days: tuple[str, str]) -> Sequence[Draft]:
    """Returns who acts in the place of an agency's head; `officer` is their identity in the agency's stream."""
    valid_from, valid_until = days
    data = e.ActingAppointed(agency=agency, kind=kind, officer=officer, letter=letter, valid_from=valid_from, valid_until=valid_until)
    return (Draft(data),)


def react(_case: Case, _desk: Desk) -> Sequence[Draft]:
    """Has no step of an application."""
    return ()
