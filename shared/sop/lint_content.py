"""Who does what, what is asked of whom, and on which regulation it rests; pure, as of a given day."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from shared.agencies import AGENCIES, short_name
from shared.mirrors import NATIONAL_SYSTEMS
from shared.roles import ROLES, SYSTEM
from shared.sop.findings import Finding, Words, found, words_of
from shared.sop.legal import Register, Regulation
from shared.sop.lint_references import resting
from shared.sop.model import Requirement, SopParts, Step

ANOTHER: Final = Words("peraturan yang berlaku", "a regulation that is in force")
NO_DAY: Final = Words("", "")
SINCE: Final = Words(" sejak {day}", " since {day}")


def people_findings(sop: SopParts) -> Iterator[Finding]:
    """Yields steps that nobody may do: an agency or a role that no register knows, or the system where no rule acts."""
    if sop.owner not in AGENCIES:
        yield found("unknown-agency", sop.name, "owner", name=sop.owner)
    for step in sop.steps:
        place = f"steps/{step.code}"
        for agency in dict.fromkeys(step.agencies):
            if agency not in AGENCIES:
                yield found("unknown-agency", sop.name, f"{place}/agencies", name=agency)
        if step.role not in ROLES:
            yield found("unknown-role", sop.name, f"{place}/role", name=step.role, step=step.code)
        if step.role == SYSTEM and (not step.automatic or step.manual_when):
            yield found("nobody-acts", sop.name, f"{place}/role", step=step.code)


def requirement_findings(sop: SopParts) -> Iterator[Finding]:
    """Yields what is asked twice, never read, issued by the city itself, or added to a national permit."""
    read = {code for step in sop.steps for code in step.reads}
    yield from _asked_twice(sop)
    for item in dict.fromkeys(sop.requirements):
        place = f"requirements/{item.code}"
        if item.code not in read:
            yield found("never-read", sop.name, place, name=item.code)
        if item.source == "upload" and item.issued_by in AGENCIES:
            agency = Words(*(short_name(item.issued_by)[language] for language in ("id", "en")))
            yield found("city-issued-upload", sop.name, f"{place}/source", name=item.code, agency=agency)
        if item.source == "upload" and item.issued_by in NATIONAL_SYSTEMS:
            yield found("national-asked-again", sop.name, f"{place}/source", name=item.code, system=item.issued_by.upper())
        if item.added_by_city and sop.system_of_record != "city":
            yield found("added-by-city", sop.name, f"{place}/added_by_city", name=item.code, system=sop.system_of_record)


def legal_findings(sop: SopParts, register: Register, on: date) -> Iterator[Finding]:
    """Yields money without a basis, deemed approval forbidden without one, and bases that are unknown, in doubt or not in force that day."""
    for step in sop.steps:
        if step.charge and not (step.charge.legal_basis or step.legal_basis):
            yield found("charge-without-basis", sop.name, f"steps/{step.code}/charge", step=step.code)
    basis = register.by_code.get(sop.deemed_approval.legal_basis)
    if not sop.deemed_approval.allowed and (basis is None or basis.deemed != "forbids"):
        yield found("deemed-forbidden", sop.name, "deemed_approval", name=sop.deemed_approval.legal_basis)
    for item in dict.fromkeys(basis.code for basis in sop.legal_bases):
        regulation = register.by_code.get(item)
        if regulation is None:
            yield found("unknown-basis", sop.name, f"legal_bases/{item}", name=item)
        else:
            yield from _standing(sop, regulation, register, on)


def _standing(sop: SopParts, regulation: Regulation, register: Register, on: date) -> Iterator[Finding]:
    place = f"legal_bases/{regulation.code}"
    elements = ", ".join(element for element, code in resting(sop) if code == regulation.code) or place
    successor = register.by_code.get(regulation.repealed_by)
    named: dict[str, Any] = {"number": regulation.number, "elements": elements, "successor": successor.number if successor else ANOTHER}
    match regulation.standing(on):
        case "repealed":
            day = regulation.repealed_on
            since = Words(*(text.format(day=day) for text in SINCE)) if day else NO_DAY
            yield found("repealed-basis", sop.name, place, since=since, **named)
        case "repeal-coming":
            yield found("repeal-coming", sop.name, place, day=regulation.repealed_on, **named)
        case "not-yet-in-force":
            yield found("not-yet-in-force", sop.name, place, day=regulation.in_force_from, **named)
        case "in-force":
            if regulation.source == "doubtful":
                note = words_of(regulation.note) if regulation.note else NO_DAY
                yield found("doubtful-basis", sop.name, place, note=note, **named)


def _asked_twice(sop: SopParts) -> Iterator[Finding]:
    """Yields a requirement that an earlier one repeats by code or title, unless no application can be asked for both."""
    for code, count in Counter(item.code for item in sop.requirements).items():
        if count > 1:
            title = words_of(sop.requirement_by_code[code].title)
            yield found("asked-twice", sop.name, f"requirements/{code}", name=code, title=title)
    for index, item in enumerate(sop.requirements):
        before = [other for other in sop.requirements[:index] if other.code != item.code and same_title(other, item)]
        if any(not exclude_each_other(other, item) for other in before):
            title = words_of(item.title)
            yield found("asked-twice", sop.name, f"requirements/{item.code}", name=item.code, title=title)


def same_title(one: Requirement | Step, other: Requirement | Step) -> bool:
    """Says whether two elements have the same title in either language, spelling and signs aside."""
    return any(words(read(one)) == words(read(other)) for read in TITLES)


TITLES: Final[tuple[Callable[[Requirement | Step], str], ...]] = (lambda item: item.title.id, lambda item: item.title.en)


def words(title: str) -> tuple[str, ...]:
    """Returns the words of a title in small letters, without signs."""
    return tuple("".join(character if character.isalnum() else " " for character in title.casefold()).split())


def exclude_each_other(one: Requirement, other: Requirement) -> bool:
    """Says whether the conditions of two requirements ask for different values of one fact, so that never both apply."""
    if one.when is None or other.when is None or one.when.fact != other.when.fact:
        return False
    values = [{condition.equals, *condition.one_of} - {None} for condition in (one.when, other.when)]
    return all(values) and not values[0] & values[1]
