"""Who may work under a version of an SOP: whoever has acknowledged it, everybody in its grace days, and whom a head has excused for a while.

It binds at the desk, where the person is known: an application's entries name people for that application alone, so the ledger could not
tell whether the officer of a review is the one who acknowledged the SOP. The ledger judges the acknowledgements and waivers themselves.
"""

from datetime import datetime
from typing import Final, Literal, NamedTuple

from shared.calendar import WIB
from shared.city import City
from shared.events import SopAcknowledged
from shared.fields import to_instant, to_timestamp
from shared.sop.model import Sop

State = Literal["acknowledged", "waived", "grace", "overdue"]
# Two weeks of office: who comes back from a week's leave still has a week. A demo value: no rule of the city was found.
GRACE_WORKING_DAYS: Final = 10
# A quarter: long enough for any duty away, too short to stand in place of the quiz. A demo value.
WAIVER_DAYS_MAX: Final = 92
# Sharing work out is not doing it (whom it is given to has to know), and a fact has happened, whoever tells it.
UNBOUND: Final = frozenset({"assign-review", "reassign-review", "draw-inspectors"})
FACTS: Final = frozenset({"record-external", "miss-visit", "report-visit", "sign-visit-record", "confirm-payment"})


class Standing(NamedTuple):
    """What holds for a person under a version, and until when if that ends: a moment of the ledger's clock, or a waiver's local day."""

    state: State
    until: str = ""


def previous_version(city: City, sop: Sop) -> Sop | None:
    """Returns the published version before this one, None for the first."""
    older = [other for other in city.sops.values() if other.permit_type == sop.permit_type and other.version < sop.version]
    return max(older, key=lambda other: other.version, default=None)


def grace_until(city: City, sop_name: str, agency: str) -> datetime | None:
    """Returns until when an agency's people may all work under a version; None where nobody is bound: it is not published, or nobody can acknowledge yet.

    The days run from the publication, not from the day on which the version comes into force: who is told early can learn early. They stand
    still by decree on the days on which the agency's deadlines under this version do: whoever flees a flood takes no quiz.
    """
    if city.contract < SopAcknowledged.SINCE_CONTRACT or sop_name not in city.published_at:
        return None
    own = city.calendar.running((agency,), city.sops[sop_name].system_of_record)
    return own.due_at(to_instant(city.published_at[sop_name]), GRACE_WORKING_DAYS)


def standing(city: City, sop_name: str, person: str, agency: str, now: datetime) -> Standing:
    """Returns what holds for a person who acts for an agency; `person` is their identity in the stream of the permit type."""
    if person in city.acknowledged.get(sop_name, {}):
        return Standing("acknowledged")
    until, waiver = grace_until(city, sop_name, agency), city.waivers.get(sop_name, {}).get(person)
    if until is None or now <= until:
        return Standing("grace", to_timestamp(until) if until else "")
    if waiver is not None and waiver.agency == agency and now.astimezone(WIB).date().isoformat() <= waiver.valid_until:
        return Standing("waived", waiver.valid_until)
    return Standing("overdue")


def binds(command: str) -> bool:
    """Says whether who does a command on a step has to know the SOP."""
    return command not in UNBOUND | FACTS


class Count(NamedTuple):
    """How the known people of an agency stand under a version."""

    acknowledged: int = 0
    waived: int = 0
    grace: int = 0
    overdue: int = 0


def counted(city: City, sop: Sop, agency: str, now: datetime) -> Count:
    """Counts the people of an agency by how they stand.

    Known are those who have acknowledged this version or the one before, or were waived for one of them: entries of applications name
    nobody across applications, so who else works there is for their head to know.
    """
    before = previous_version(city, sop)
    versions = [sop.name, *([before.name] if before else [])]
    people = {person for name in versions for person in _people(city, name, agency)}
    states: list[str] = [standing(city, sop.name, person, agency, now).state for person in people]
    return Count(*(states.count(state) for state in Count._fields))


def _people(city: City, sop_name: str, agency: str) -> set[str]:
    acknowledged = {person for person, of in city.acknowledged.get(sop_name, {}).items() if of == agency}
    return acknowledged | {person for person, waiver in city.waivers.get(sop_name, {}).items() if waiver.agency == agency}
