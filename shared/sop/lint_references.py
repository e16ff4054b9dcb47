"""What the parts of an SOP say about each other and does not hold: names that nothing has, names used twice, steps that are not whole; pure.

Together with the circles and the order of `lint_flow`, this is all that `Sop` refuses in parts that are valid by themselves.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from shared.sop.findings import Finding, Words, found
from shared.sop.model import Condition, SopParts, Step

CHARGE = Words("charge (tarif)", "charge (tariff)")
CHECKLIST = Words("checklist (daftar periksa)", "checklist")
OUTSIDER = Words("outsider (pihak luar)", "outsider")
POOL = Words("quota (kuota)", "quota")
OUTSIDER_KIND = Words("kind: outsider", "kind: outsider")


def reference_findings(sop: SopParts) -> Iterator[Finding]:
    """Yields every name that nothing has or that two things have, and every step that is not whole."""
    yield from _duplicates(sop)
    codes = [step.code for step in sop.steps]
    requirements = {requirement.code for requirement in sop.requirements}
    facts = {fact.name for fact in sop.facts}
    for step in sop.steps:
        place = f"steps/{step.code}"
        for name in _once(step.needs, codes):
            yield found("unknown-step", sop.name, f"{place}/needs", step=step.code, name=name, known=", ".join(codes))
        for name in _once(step.reads, requirements):
            yield found("unknown-requirement", sop.name, f"{place}/reads", step=step.code, name=name)
        for name in _once(step.charge.factors if step.charge else (), facts):
            yield found("unknown-fact", sop.name, f"{place}/charge/factors", name=name)
        yield from _unfinished(sop, step)
    for place, condition in conditions(sop):
        if condition.fact not in facts:
            yield found("unknown-fact", sop.name, place, name=condition.fact)
    bases = {basis.code for basis in sop.legal_bases}
    for place, code in resting(sop):
        if code not in bases:
            yield found("undeclared-basis", sop.name, place, name=code)
    decisions = [step.code for step in sop.steps if step.kind == "decision"]
    if sop.steps[0].kind != "completeness" or decisions != [sop.steps[-1].code]:
        yield found("no-single-decision", sop.name, "steps")


def conditions(sop: SopParts) -> list[tuple[str, Condition]]:
    """Returns every condition of an SOP with its place."""
    listed = [(f"requirements/{item.code}/when", item.when) for item in sop.requirements]
    for step in sop.steps:
        place = f"steps/{step.code}"
        listed += [(f"{place}/when", step.when), (f"{place}/manual_when", step.manual_when)]
        listed += [(f"{place}/rejects/{number}/when", rejection.when) for number, rejection in enumerate(step.rejects, 1)]
        listed += [(f"{place}/charge/exempt_when", step.charge.exempt_when)] if step.charge else []
    return [(place, condition) for place, condition in listed if condition]


def resting(sop: SopParts) -> list[tuple[str, str]]:
    """Returns every element that names a legal basis, by its place, with the basis."""
    listed = [("deemed_approval/legal_basis", sop.deemed_approval.legal_basis)]
    listed += [(f"requirements/{item.code}/legal_basis", item.legal_basis) for item in sop.requirements]
    listed += [(f"steps/{step.code}/legal_basis", step.legal_basis) for step in sop.steps]
    listed += [(f"steps/{step.code}/charge/legal_basis", step.charge.legal_basis) for step in sop.steps if step.charge]
    listed += [(f"conditions/{item.code}/legal_basis", item.legal_basis) for item in sop.conditions]
    return [(place, code) for place, code in listed if code]


def _once(names: Iterable[str], known: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in set(known)]


def _duplicates(sop: SopParts) -> Iterator[Finding]:
    named = {
        "steps": [step.code for step in sop.steps],
        "facts": [fact.name for fact in sop.facts],
        "legal_bases": [basis.code for basis in sop.legal_bases],
        "conditions": [condition.code for condition in sop.conditions],
    }
    for part, codes in named.items():
        for code, count in Counter(codes).items():
            if count > 1:
                yield found("duplicate-code", sop.name, f"{part}/{code}", name=code)


def _unfinished(sop: SopParts, step: Step) -> Iterator[Finding]:
    missing = [
        (CHARGE, step.kind == "charge" and step.charge is None),
        (CHECKLIST, step.kind == "visit" and not step.checklist),
        (POOL, step.kind == "quota" and step.quota is None),
        (OUTSIDER, step.kind == "outsider" and not step.outsider),
        (OUTSIDER_KIND, step.kind != "outsider" and bool(step.outsider)),
    ]
    for what, lacks in missing:
        if lacks:
            yield found("unfinished-step", sop.name, f"steps/{step.code}", step=step.code, kind=step.kind, missing=what)
