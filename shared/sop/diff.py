"""What changes from one SOP to another: first the consequences for the applicant, then for each agency, then everything in detail.

Whoever may not be worse off, such as a running application that is moved to a newer SOP, asks `worse_for_applicant`.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, product
from typing import Final, Protocol, TypeVar

from shared.sop.change import (
    Better,
    Change,
    Judge,
    better_if,
    changed,
    content,
    less_is_better,
    more_is_better,
    narrower_is_better,
    neutral,
    ranked,
    reordered,
    zero_is_most,
)
from shared.sop.diff_steps import PathDays, step_changes
from shared.sop.model import (
    WAITED_FOR,
    AfterVisit,
    Condition,
    FactDefinition,
    FactValue,
    LegalBasis,
    PermitCondition,
    Requirement,
    Sop,
    Step,
    as_number,
)
from shared.sop.timing import longest_path, longest_path_working_days

SUMMARY_KINDS: Final = frozenset({"uploads", "visits", "promise", "longest-path", "longest-path-for-some"})
AGENCY_KINDS: Final = frozenset({"agency-steps", "agency-days"})
CONDITIONS_COMPARED_MAX: Final = 10  # each doubles the ways that are compared
RENEWAL_ORDER: Final = ("never", "if-changed", "again")


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


Item = TypeVar("Item", bound=_Coded)


def diff(before: Sop, after: Sop) -> tuple[Change, ...]:
    """Returns every change but that of the version, empty for the same content; never raises, even for two types of permit."""
    paths = _path_days(before, after)
    return (
        *_for_applicant(before, after, paths),
        *_for_agencies(before, after),
        *_whole(before, after),
        *_facts(before, after),
        *_requirements(before, after),
        *step_changes(before, after, paths),
        *_after_issue(before, after),
        *_conditions(before, after),
        *_legal_bases(before, after),
    )


def worse_for_applicant(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Returns the changes that would leave an applicant worse off, as far as can be told."""
    return tuple(change for change in changes if change.better_for_applicant == "no")


# Consequences


def uploads(sop: Sop) -> int:
    """Returns how many documents an applicant hands in at most."""
    return sum(item.source == "upload" for item in sop.requirements)


def visits(sop: Sop) -> int:
    """Returns how many visits an applicant receives at most, without repeated ones."""
    return sum(step.kind == "visit" for step in sop.steps)


def agency_load(sop: Sop) -> Mapping[str, tuple[int, int]]:
    """Returns, for each agency in the order of the steps, how many steps it takes part in and the sum of their targets in working days."""
    found: dict[str, tuple[int, int]] = {}
    for step in sop.steps:
        for agency in step.agencies:
            steps, days = found.get(agency, (0, 0))
            # The wait for an outsider is not the agency's.
            found[agency] = (steps + 1, days + (0 if step.kind in WAITED_FOR else step.target_working_days))
    return found


def _for_applicant(before: Sop, after: Sop, paths: Sequence[PathDays]) -> Iterable[Change]:
    yield from changed("uploads", "", uploads(before), uploads(after), less_is_better)
    yield from changed("visits", "", visits(before), visits(after), less_is_better)
    yield from changed("promise", "", before.promise_working_days, after.promise_working_days, less_is_better)
    whole = PathDays(longest_path_working_days(before), longest_path_working_days(after))
    yield from changed("longest-path", "", whole.before, whole.after, less_is_better)
    worst = max(paths, key=lambda days: days.after - days.before)
    if worst.after > worst.before and worst != whole:
        yield Change("longest-path-for-some", "", worst.before, worst.after, "no")


def _path_days(before: Sop, after: Sop) -> list[PathDays]:
    """Returns the longest ways of both for every combination of the conditions that their steps have."""
    distinct: list[Condition] = []
    for step in (*before.steps, *after.steps):
        if step.when is not None and step.when not in distinct:
            distinct.append(step.when)
    if len(distinct) > CONDITIONS_COMPARED_MAX:
        # Too many to compare one by one: the shortest way of the one with the longest of the other is surely not better.
        return [PathDays(longest_path(before, applies=lambda step: step.when is None).working_days, longest_path_working_days(after))]
    return [_path_days_where(before, after, distinct, held) for held in product((True, False), repeat=len(distinct))]


def _path_days_where(before: Sop, after: Sop, conditions: Sequence[Condition], held: Sequence[bool]) -> PathDays:
    def applies(step: Step) -> bool:
        return step.when is None or held[conditions.index(step.when)]

    return PathDays(longest_path(before, applies=applies).working_days, longest_path(after, applies=applies).working_days)


def _for_agencies(before: Sop, after: Sop) -> Iterable[Change]:
    old, new = agency_load(before), agency_load(after)
    for agency in dict.fromkeys((*old, *new)):
        (old_steps, old_days), (new_steps, new_days) = old.get(agency, (0, 0)), new.get(agency, (0, 0))
        yield from changed("agency-steps", f"agencies/{agency}", old_steps, new_steps, neutral)
        yield from changed("agency-days", f"agencies/{agency}", old_days, new_days, neutral)


# The whole SOP


def _whole(before: Sop, after: Sop) -> Iterable[Change]:
    fields: tuple[tuple[str, str, Judge], ...] = (
        ("permit-type", "permit_type", neutral),
        ("owner", "owner", neutral),
        ("system-of-record", "system_of_record", neutral),
        ("risk", "risk", neutral),
        ("demo-values", "demo_values", neutral),
        ("correction-days", "correction_within_working_days", more_is_better),
        ("validity", "validity_months", zero_is_most(more_is_better)),
        ("reminder", "reminder_days_before", more_is_better),
    )
    yield from changed("title", "", content(before.title), content(after.title), neutral)
    for kind, field, judge in fields:
        yield from changed(kind, "", getattr(before, field), getattr(after, field), judge)
    yield from _renewal(before, after)
    yield from changed("transfer", "", content(before.transfer), content(after.transfer), neutral)
    yield from _deemed(before, after)


def _renewal(before: Sop, after: Sop) -> Iterable[Change]:
    old, new = before.renewal, after.renewal
    if old is None or new is None:
        judge = neutral if before.validity_months == after.validity_months == 0 else _gained_is_better
        yield from changed("renewal", "", content(old), content(new), judge)
        return
    yield from changed("renewal-opens", "", old.opens_days_before, new.opens_days_before, more_is_better)
    yield from changed("renewal-steps", "", old.steps, new.steps, neutral)
    yield from changed("renewal-facts", "", old.facts, new.facts, neutral)
    yield from changed("renewal-self-assessment", "", old.self_assessment, new.self_assessment, better_if(wanted=True))


def _gained_is_better(before: object, _after: object) -> Better:
    return "yes" if before is None else "no"


def _deemed(before: Sop, after: Sop) -> Iterable[Change]:
    old, new = before.deemed_approval, after.deemed_approval
    yield from changed("deemed", "", old.allowed, new.allowed, better_if(wanted=True))
    # Where silence does not grant, how it would is neither better nor worse.
    granted = old.allowed and new.allowed
    yield from changed("deemed-days", "", old.after_working_days, new.after_working_days, less_is_better if granted else neutral)
    yield from changed("deemed-payment", "", old.after_payment, new.after_payment, better_if(wanted=False) if granted else neutral)
    yield from changed("deemed-audit", "", old.post_audit, new.post_audit, better_if(wanted=False) if granted else neutral)
    yield from changed("deemed-basis", "", old.legal_basis, new.legal_basis, neutral)


# What stands in lists


def paired(before: Sequence[Item], after: Sequence[Item]) -> tuple[list[Item], list[Item], list[tuple[Item, Item]]]:
    """Returns what is gone, what is new, and what stayed with its old and new form, by code."""
    old, new = {item.code: item for item in before}, {item.code: item for item in after}
    gone = [item for code, item in old.items() if code not in new]
    fresh = [item for code, item in new.items() if code not in old]
    return gone, fresh, [(item, new[code]) for code, item in old.items() if code in new]


def _facts(before: Sop, after: Sop) -> Iterable[Change]:
    old, new = before.fact_by_name, after.fact_by_name
    for name, fact in old.items():
        if name not in new:
            yield Change("fact-removed", f"facts/{name}", content(fact.title), None, "yes")
    for name, fact in new.items():
        if name not in old:
            yield Change("fact-added", f"facts/{name}", None, content(fact.title), "no")
        else:
            yield from _fact(f"facts/{name}", old[name], fact)
    yield from reordered("facts", tuple(old), tuple(new))


def _fact(place: str, old: FactDefinition, new: FactDefinition) -> Iterable[Change]:
    yield from changed("fact-title", place, content(old.title), content(new.title), neutral)
    yield from changed("fact-kind", place, old.kind, new.kind, _never_sure)
    yield from changed("fact-choices", place, old.choices, new.choices, _choices)
    yield from changed("fact-at-most", place, old.at_most, new.at_most, _bounds)


def _never_sure(_before: object, _after: object) -> Better:
    return "no"


def _choices(before: tuple[str, ...], after: tuple[str, ...]) -> Better:
    if set(before) == set(after):
        return "neutral"
    return "yes" if set(before) < set(after) else "no"


def _bounds(before: FactValue | None, after: FactValue | None) -> Better:
    low, high = (None if bound is None else as_number(bound) for bound in (before, after))
    if low == high:
        return "neutral"
    return "yes" if high is None or (low is not None and high > low) else "no"


def _requirements(before: Sop, after: Sop) -> Iterable[Change]:
    gone, fresh, kept = paired(before.requirements, after.requirements)
    for item in gone:
        yield Change("requirement-removed", _place(item), content(item.title), None, "yes" if item.source == "upload" else "neutral")
    for item in fresh:
        yield Change("requirement-added", _place(item), None, content(item.title), "no" if item.source == "upload" else "neutral")
    yield from chain.from_iterable(_requirement(_place(new), old, new) for old, new in kept)
    yield from reordered("requirements", tuple(before.requirement_by_code), tuple(after.requirement_by_code))


def _place(item: Requirement) -> str:
    return f"requirements/{item.code}"


def _requirement(place: str, old: Requirement, new: Requirement) -> Iterable[Change]:
    # What the city looks up itself burdens nobody; that it now has to be uploaded is a change of its own.
    asked = old.source == new.source == "upload"

    def burden(judge: Judge) -> Judge:
        return judge if asked else neutral

    yield from changed("requirement-title", place, content(old.title), content(new.title), neutral)
    yield from changed("requirement-source", place, old.source, new.source, better_if("lookup"))
    if old.when != new.when:
        judge = burden(narrower_is_better)
        yield Change("requirement-when", place, content(old.when), content(new.when), judge(old.when, new.when))
    yield from changed("requirement-issuer", place, old.issued_by, new.issued_by, burden(better_if("pemohon")))
    yield from changed("requirement-age", place, old.valid_months, new.valid_months, burden(zero_is_most(more_is_better)))
    yield from changed("requirement-renewal", place, old.on_renewal, new.on_renewal, burden(ranked(RENEWAL_ORDER)))
    yield from changed("requirement-personal", place, old.personal, new.personal, neutral)
    yield from changed("requirement-of-city", place, old.added_by_city, new.added_by_city, neutral)
    yield from changed("requirement-basis", place, old.legal_basis, new.legal_basis, neutral)
    yield from changed("requirement-permit", place, old.permit_type, new.permit_type, neutral)


def _conditions(before: Sop, after: Sop) -> Iterable[Change]:
    gone, fresh, kept = paired(before.conditions, after.conditions)
    for item in gone:
        yield Change("condition-removed", f"conditions/{item.code}", content(item.title), None, "yes")
    for item in fresh:
        yield Change("condition-added", f"conditions/{item.code}", None, content(item.title), "no")
    for old, new in kept:
        yield from _condition(f"conditions/{new.code}", old, new)
    yield from reordered("conditions", [item.code for item in before.conditions], [item.code for item in after.conditions])


def _condition(place: str, old: PermitCondition, new: PermitCondition) -> Iterable[Change]:
    yield from changed("condition-title", place, content(old.title), content(new.title), neutral)
    yield from changed("condition-basis", place, old.legal_basis, new.legal_basis, neutral)


def _after_issue(before: Sop, after: Sop) -> Iterable[Change]:
    gone, fresh, kept = paired(before.after_issue, after.after_issue)
    for item in gone:
        yield Change("after-removed", f"after-issue/{item.code}", content(item), None, "yes")
    for item in fresh:
        yield Change("after-added", f"after-issue/{item.code}", None, content(item), "no")
    for old, new in kept:
        yield from changed("after-changed", f"after-issue/{new.code}", content(old), content(new), _more_visits(old, new))


def _more_visits(old: AfterVisit, new: AfterVisit) -> Judge:
    def judge(_before: object, _after: object) -> Better:
        return "neutral" if old.visits == new.visits else less_is_better(old.visits, new.visits)

    return judge


def _legal_bases(before: Sop, after: Sop) -> Iterable[Change]:
    gone, fresh, kept = paired(before.legal_bases, after.legal_bases)
    yield from (Change("basis-removed", _basis_place(item), content(item.title), None, "neutral") for item in gone)
    yield from (Change("basis-added", _basis_place(item), None, content(item.title), "neutral") for item in fresh)
    for old, new in kept:
        yield from changed("basis-title", _basis_place(new), content(old.title), content(new.title), neutral)
    yield from reordered("legal-bases", [item.code for item in before.legal_bases], [item.code for item in after.legal_bases])


def _basis_place(item: LegalBasis) -> str:
    return f"legal-bases/{item.code}"
