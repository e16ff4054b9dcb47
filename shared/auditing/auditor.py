"""The audit of a ledger's entries: all rules over all histories in one pass, in the ledger's order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared import events as e
from shared.auditing import hands, times
from shared.auditing.findings import Finding
from shared.auditing.legacy import ROLES, TwoRoles
from shared.auditing.queues import Queues
from shared.auditing.rates import Custodian, Rate, custodians, rates
from shared.case import empty_case, fold
from shared.case_model import Case
from shared.city import City, fold_city, is_city_subject
from shared.code import is_code
from shared.envelope import Entry
from shared.tricks import count as count_tricks


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found; `partial` counts the applications that begin before the first entry, which are passed over."""

    entries: int
    applications: int
    partial: int
    findings: tuple[Finding, ...]
    custody: tuple[Custodian, ...]
    rates: tuple[Rate, ...]
    tricks: Counter[tuple[str, str, str]] = field(default_factory=Counter)


class Audit:
    """Follows entries in the order of their positions; `city` is what is known of the rules before the first."""

    def __init__(self, city: City | None = None, roles: tuple[str, str] = ROLES) -> None:
        self._city = city or City()
        self._cases: dict[str, Case] = {}
        self._drafted: dict[str, datetime] = {}
        self._partial: set[str] = set()
        self._eyes, self._queues, self._roles = hands.FourEyes(), Queues(), TwoRoles(roles)
        self._findings: list[Finding] = []
        self._entries = 0
        self._now = datetime(1970, 1, 1, tzinfo=UTC)

    def take(self, entry: Entry) -> None:
        """Follows the next entry; raises `ContractError` for an event that this program does not know."""
        self._entries += 1
        self._now = entry.recorded
        subject = entry.subject
        if is_code(subject):
            if entry.stamp.sequence > 1 and subject not in self._cases:
                self._partial.add(subject)
                return
            self._application(entry)
        elif not entry.stamp.refused:
            if is_city_subject(subject):
                self._findings += (*hands.conformance(empty_case(subject), entry, self._city), *self._eyes.take(entry))
            self._roles.take(entry)
        if is_city_subject(subject):
            self._city = fold_city(self._city, entry)

    def _application(self, entry: Entry) -> None:
        subject, calendar = entry.subject, self._city.calendar
        before = self._cases.get(subject) or empty_case(subject)
        after = self._cases[subject] = fold(before, entry, self._city.sops)
        if entry.stamp.refused:
            return
        self._findings += hands.conformance(before, entry, self._city)
        self._findings += self._eyes.take(entry)
        self._findings += times.claimed(entry)
        self._findings += times.approvals(before, entry, calendar, self._drafted.get(subject))
        self._findings += self._queues.take(before, after, entry, calendar)
        if isinstance(entry.event.data, e.DecisionDrafted):
            self._drafted[subject] = entry.recorded

    def report(self) -> Report:
        """Returns what was found so far."""
        calendar, cases = self._city.calendar, self._cases.values()
        return Report(
            self._entries,
            len(self._cases),
            len(self._partial),
            (*self._findings, *self._roles.findings()),
            tuple(custodians(cases, calendar, self._now)),
            (*rates(cases), *self._roles.rates()),
            count_tricks(cases, calendar),
        )


def audit(entries: Iterable[Entry], city: City | None = None, roles: tuple[str, str] = ROLES) -> Report:
    """Audits entries in the order of their positions."""
    found = Audit(city, roles)
    for entry in entries:
        found.take(entry)
    return found.report()
