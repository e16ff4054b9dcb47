"""What changes in the steps from one SOP to another: which are the same, merged, split, added or removed, what runs in parallel, and each detail."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

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
    reordered,
    wider_is_better,
)
from shared.sop.model import ChargeRule, ChecklistItem, Condition, RuleRejection, Sop, Step
from shared.sop.timing import longest_path

# Steps of these kinds can stop an applicant, or take their time: one more is worse.
HURDLES: Final = frozenset({"review", "recommendation", "visit", "outsider", "draw"})
MERGING: Final = HURDLES | {"rule"}


@dataclass(frozen=True, slots=True)
class PathDays:
    """The working days of the longest ways of both SOPs for the same applicant."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Match:
    """Steps of one SOP that do the work of steps of the other: mostly one each, several where they were merged or split."""

    before: tuple[Step, ...]
    after: tuple[Step, ...]

    @property
    def place(self) -> str:
        """Where its changes stand: the first step of the newer SOP."""
        return f"steps/{self.after[0].code}"


def step_changes(before: Sop, after: Sop, paths: Sequence[PathDays]) -> list[Change]:
    """Returns every change of the steps, those that are gone first, then in the newer SOP's order.

    More or less time of a step matters only where some applicant's longest way becomes longer or shorter.
    """
    order = {f"steps/{step.code}": place for place, step in enumerate(after.steps)}
    found = _step_changes(before, after, paths)
    return sorted(found, key=lambda change: order.get("/".join(change.place.split("/")[:2]), -1))


def _step_changes(before: Sop, after: Sop, paths: Sequence[PathDays]) -> Iterable[Change]:
    felt = _felt(paths)
    found = matches(before, after)
    matched = {step.code for match in found for step in match.before}, {step.code for match in found for step in match.after}
    for step in before.steps:
        if step.code not in matched[0]:
            yield Change("step-removed", f"steps/{step.code}", content(step.title), None, "yes" if step.kind in HURDLES else "neutral")
            yield from _charge(f"steps/{step.code}", step.charge, None)
    for step in after.steps:
        if step.code not in matched[1]:
            yield Change("step-added", f"steps/{step.code}", None, content(step.title), "no" if step.kind in HURDLES else "neutral")
            yield from _charge(f"steps/{step.code}", None, step.charge)
            yield from (Change("rejection-added", f"steps/{step.code}", None, content(item), "no") for item in step.rejects)
    for match in found:
        yield from _match(match, before, after, felt)
    yield from _order(before, after, found, felt)


def _felt(paths: Sequence[PathDays]) -> Judge:
    """Returns the judge of days that an applicant feels only in the longest way."""
    shorter, longer = any(days.after < days.before for days in paths), any(days.after > days.before for days in paths)

    def judge(before: int, after: int) -> Better:
        better = less_is_better(before, after)
        return better if (shorter if better == "yes" else longer) else "neutral"

    return judge


def _worse(_before: object, _after: object) -> Better:
    return "no"


# Which steps do the same work


def matches(before: Sop, after: Sop) -> list[Match]:
    """Returns which steps do the same work: of the same name, the first and the last of both, and what was merged, split or renamed."""
    pairs = {step.code: after.step_by_code[step.code] for step in before.steps if step.code in after.step_by_code}
    for old, new in ((before.steps[0], after.steps[0]), (before.decision_step, after.decision_step)):
        if old.code not in pairs and new not in pairs.values():
            pairs[old.code] = new
    gone = [step for step in before.steps if step.code not in pairs]
    fresh = [step for step in after.steps if step not in pairs.values()]
    old_of = {new.code: before.step_by_code[code] for code, new in pairs.items()}
    merged = _absorbed(gone, after.steps, old_of, fresh, after)
    taken = {step.code for parts in merged.values() for step in parts}
    split = _absorbed(
        [step for step in fresh if step.code not in merged],
        before.steps,
        pairs,
        [step for step in gone if step.code not in taken],
        before,
    )
    found = [Match((before.step_by_code[code], *merged.get(new.code, ())), (new, *split.get(code, ()))) for code, new in pairs.items()]
    found += [Match(tuple(parts), (after.step_by_code[code],)) for code, parts in merged.items() if code not in old_of]
    found += [Match((before.step_by_code[code],), tuple(parts)) for code, parts in split.items() if code not in pairs]
    return found


def _absorbed(
    parts: Sequence[Step], wholes: Sequence[Step], old_of: Mapping[str, Step], fresh: Collection[Step], sop: Sop
) -> dict[str, list[Step]]:
    """Returns, by the code of a step, the steps of the other SOP whose work it took over: it is new, or does more than it did."""
    found: dict[str, list[Step]] = {}
    for part in parts:
        for whole in wholes:
            if (whole in fresh or whole.code in old_of) and _takes_over(whole, old_of.get(whole.code), part, sop):
                found.setdefault(whole.code, []).append(part)
                break
    return found


def _takes_over(whole: Step, whole_before: Step | None, part: Step, sop: Sop) -> bool:
    if whole.kind != part.kind or part.kind not in MERGING or not set(part.agencies) <= set(whole.agencies):
        return False
    if not {code for code in part.reads if code in sop.requirement_by_code} <= set(whole.reads):
        return False
    return whole_before is None or set(whole_before.agencies) < set(whole.agencies) or set(whole_before.reads) < set(whole.reads)


# What changed in them


def _match(match: Match, before: Sop, after: Sop, felt: Judge) -> Iterable[Change]:
    old, new = _joined(match.before, before), _joined(match.after, after)
    codes = tuple(step.code for step in match.before), tuple(step.code for step in match.after)
    if len(match.before) > 1:
        yield Change("steps-merged", match.place, codes[0], codes[1], "neutral")
    elif len(match.after) > 1:
        yield Change("step-split", match.place, codes[0], codes[1], "neutral")
    else:
        yield from changed("step-code", match.place, old.code, new.code, neutral)
        yield from changed("step-title", match.place, content(old.title), content(new.title), neutral)
        yield from _listing(match.place, old, new)
    yield from _fields(match.place, old, new, felt)
    if old.when != new.when:
        judge = narrower_is_better if new.kind in HURDLES else neutral
        yield Change("step-when", match.place, content(old.when), content(new.when), judge(old.when, new.when))
    yield from _by_rule(match.place, old, new)
    yield from _charge(match.place, old.charge, new.charge)
    yield from _rejections(match.place, old.rejects, new.rejects)
    yield from _checklist(match.place, old.checklist, new.checklist)


def _joined(parts: Sequence[Step], sop: Sop) -> Step:
    """Returns several steps as if one had done the work of all; it takes as long as their longest way."""
    first = parts[0]
    if len(parts) == 1:
        return first
    whens = [step.when for step in parts]
    update: dict[str, Any] = {
        "agencies": tuple(dict.fromkeys(agency for step in parts for agency in step.agencies)),
        "reads": tuple(dict.fromkeys(code for step in parts for code in step.reads)),
        "target_working_days": longest_path(sop, with_waits=True, applies=lambda step: step in parts).working_days,
        "when": first.when if whens.count(first.when) == len(whens) else None,
        "automatic": all(step.automatic for step in parts),
        "rejects": tuple(item for step in parts for item in step.rejects),
        "checklist": tuple(item for step in parts for item in step.checklist),
        "visits_max": max(step.visits_max for step in parts),
        "sample_percent": max(step.sample_percent for step in parts),
    }
    return first.model_copy(update=update)


def _listing(place: str, old: Step, new: Step) -> Iterable[Change]:
    # In which order joint agencies or documents are named says nothing, so it is told only where nothing else is.
    listed = {
        "agencies": (old.agencies, new.agencies),
        "reads": (old.reads, new.reads),
        "rejects": ([item.reason for item in old.rejects], [item.reason for item in new.rejects]),
        "checklist": ([item.code for item in old.checklist], [item.code for item in new.checklist]),
    }
    for name, (before, after) in listed.items():
        if set(before) == set(after) and (name != "agencies" or old.agency == new.agency):
            yield from reordered(f"{place}/{name}", before, after)


def _fields(place: str, old: Step, new: Step, felt: Judge) -> Iterable[Change]:
    # What is not part of the agencies' longest way is felt at once: the wait for an outsider, and for the treasury's word.
    target = less_is_better if new.kind in ("outsider", "quota", "payment") else felt
    fields: tuple[tuple[str, str, Judge], ...] = (
        ("step-kind", "kind", _gate),
        ("step-stage", "stage", neutral),
        ("step-role", "role", neutral),
        ("step-target", "target_working_days", target),
        ("step-visits-max", "visits_max", less_is_better),
        ("step-applicant-days", "applicant_working_days", more_is_better),
        ("step-sample", "sample_percent", less_is_better),
        ("step-outsider", "outsider", neutral),
        ("step-basis", "legal_basis", neutral),
        ("step-deemed-complete", "deemed_after_working_days", _sooner),
    )
    # The first agency answers for the step; in which order the others are named says nothing.
    if old.agency != new.agency or set(old.agencies) != set(new.agencies):
        yield Change("step-agencies", place, old.agencies, new.agencies, "neutral")
    if set(old.reads) != set(new.reads):
        yield Change("step-reads", place, old.reads, new.reads, "neutral")
    yield from changed("step-quota", place, content(old.quota), content(new.quota), neutral)
    for kind, field, judge in fields:
        yield from changed(kind, place, getattr(old, field), getattr(new, field), judge)


def _gate(before: str, after: str) -> Better:
    return less_is_better(before in HURDLES, after in HURDLES) if (before in HURDLES) != (after in HURDLES) else "neutral"


def _sooner(before: int | None, after: int | None) -> Better:
    if before is None or after is None:
        return "yes" if before is None else "no"
    return less_is_better(before, after)


def _by_rule(place: str, old: Step, new: Step) -> Iterable[Change]:
    yield from changed("step-automatic", place, old.automatic, new.automatic, better_if(wanted=True))
    if old.manual_when != new.manual_when:
        judge = _fewer_by_hand if old.automatic and new.automatic else neutral
        yield Change("step-manual-when", place, content(old.manual_when), content(new.manual_when), judge(old.manual_when, new.manual_when))


def _fewer_by_hand(before: Condition | None, after: Condition | None) -> Better:
    """Judges which cases an officer does by hand; without a condition there are none, so the relief's judge is turned round."""
    return _opposite(wider_is_better(before, after)) if before is None or after is None else narrower_is_better(before, after)


def _opposite(better: Better) -> Better:
    opposites: dict[Better, Better] = {"yes": "no", "no": "yes", "neutral": "neutral"}
    return opposites[better]


def _charge(place: str, old: ChargeRule | None, new: ChargeRule | None) -> Iterable[Change]:
    if old is None or new is None:
        kind = "charge-added" if old is None else "charge-removed"
        yield from changed(kind, place, content(old), content(new), lambda _before, after: "yes" if after is None else "no")
        return
    same = (old.method, old.factors) == (new.method, new.factors)
    yield from changed("charge-basis", place, old.basis, new.basis, neutral)
    # How much another method, or other factors, come to depends on each applicant.
    yield from changed("charge-method", place, old.method, new.method, _worse)
    yield from changed("charge-factors", place, old.factors, new.factors, _worse)
    yield from changed("charge-unit", place, old.unit_rupiah, new.unit_rupiah, less_is_better if same and new.method != "told" else neutral)
    yield from changed("charge-tariff", place, old.tariff, new.tariff, _worse if new.method == "told" else neutral)
    if old.exempt_when != new.exempt_when:
        judged = wider_is_better(old.exempt_when, new.exempt_when)
        yield Change("charge-exemption", place, content(old.exempt_when), content(new.exempt_when), judged)
    yield from changed("charge-legal-basis", place, old.legal_basis, new.legal_basis, neutral)


def _rejections(place: str, old: Sequence[RuleRejection], new: Sequence[RuleRejection]) -> Iterable[Change]:
    before, after = {item.reason: item for item in old}, {item.reason: item for item in new}
    for reason, item in before.items():
        if reason not in after:
            yield Change("rejection-removed", place, content(item), None, "yes")
        elif item.when != after[reason].when:
            judged = narrower_is_better(item.when, after[reason].when)
            yield Change("rejection-when", place, content(item), content(after[reason]), judged)
    yield from (Change("rejection-added", place, None, content(item), "no") for reason, item in after.items() if reason not in before)


def _checklist(place: str, old: Sequence[ChecklistItem], new: Sequence[ChecklistItem]) -> Iterable[Change]:
    before, after = {item.code: item for item in old}, {item.code: item for item in new}
    for code, item in before.items():
        if code not in after:
            yield Change("checklist-removed", place, content(item.title), None, "yes")
        else:
            yield from changed("checklist-title", f"{place}/{code}", content(item.title), content(after[code].title), neutral)
    yield from (Change("checklist-added", place, None, content(item.title), "no") for code, item in after.items() if code not in before)


# What waits for what


def _order(before: Sop, after: Sop, found: Sequence[Match], felt: Judge) -> Iterable[Change]:
    """Yields which steps now run in parallel, and which now wait for another."""
    names = {step.code: match.after[0].code for match in found for step in match.before}
    later = {step.code: match.after[0].code for match in found for step in match.after}
    old, new = _waits(before, names), _waits(after, later)
    silent = True
    for code in dict.fromkeys(later[step.code] for step in after.steps if step.code in later):
        parallel = sorted(other for other in old[code] - new[code] if code not in new[other])
        waits = new[code] - old[code]
        waits -= {other for other in waits if any(other in new[nearer] for nearer in waits)}
        if parallel:
            yield Change("step-now-parallel", f"steps/{code}", tuple(parallel), (), felt(1, 0))
        if waits:
            yield Change("step-now-waits", f"steps/{code}", (), tuple(sorted(waits)), felt(0, 1))
        silent = silent and not parallel and not waits
    same_steps = [step.code for step in before.steps] == [step.code for step in after.steps]
    if silent and set(before.step_by_code) == set(after.step_by_code):
        for step in after.steps:
            yield from changed("step-needs", f"steps/{step.code}", before.step_by_code[step.code].needs, step.needs, neutral)
        if not same_steps:
            yield Change("reordered", "steps", tuple(before.step_by_code), tuple(after.step_by_code), "neutral")


def _waits(sop: Sop, names: Mapping[str, str]) -> dict[str, set[str]]:
    """Returns, for each matched step by its common name, every other that it waits for, however far."""
    reached: dict[str, set[str]] = {}
    found: dict[str, set[str]] = {name: set() for name in names.values()}
    for step in sop.steps:
        reached[step.code] = set(step.needs).union(*(reached[need] for need in step.needs))
        if step.code in names:
            found[names[step.code]] |= {names[code] for code in reached[step.code] if code in names} - {names[step.code]}
    return found
