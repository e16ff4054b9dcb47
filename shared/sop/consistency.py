"""Whether the parts of an SOP fit together: what refers to something that is not there, and what lacks a part that it needs; pure."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shared.sop.model import SopParts, Step

POOL_CHARACTERS_MAX: Final = 64
NOT_IN_A_RENEWAL: Final = ("completeness", "decision", "draw", "quota")  # always part of it, or done once


def problems_of(sop: "SopParts") -> list[str]:
    """Returns everything that keeps the parts from being one SOP, in words, empty when they fit."""
    return [*_unknown_references(sop), *_shape_problems(sop), *_renewal_problems(sop), *_transfer_problems(sop)]


def _renewal_problems(sop: "SopParts") -> list[str]:
    if sop.renewal is None:
        return []
    steps, facts = sop.step_by_code, sop.fact_by_name
    problems = [f"the renewal takes {code}, which no step is" for code in sop.renewal.steps if code not in steps]
    problems += [f"the renewal declares {name}, which no fact is" for name in sop.renewal.facts if name not in facts]
    taken = {code: steps[code].kind for code in sop.renewal.steps if code in steps}
    problems += [f"a renewal has no step like {code}" for code, kind in taken.items() if kind in NOT_IN_A_RENEWAL]
    if ("charge" in taken.values()) != ("payment" in taken.values()):
        problems.append("a renewal takes a charge and its payment together")
    places = {name for step in sop.quota_steps if step.quota for name in (step.quota.by_fact, step.quota.places_fact)}
    return problems + [f"the renewal declares {name}, on which places depend" for name in sop.renewal.facts if name in places]


def _transfer_problems(sop: "SopParts") -> list[str]:
    if sop.transfer is None:
        return []
    problems = [
        f"a transfer asks for {code}, which no requirement is" for code in sop.transfer.documents if code not in sop.requirement_by_code
    ]
    if not sop.transfer.allowed and not sop.transfer.legal_basis:
        problems.append("a transfer that is not allowed names no legal basis")
    return problems


def _unknown_references(sop: "SopParts") -> list[str]:
    steps = [*(step.code for step in sop.steps), *(visit.code for visit in sop.after_issue)]
    requirements = {requirement.code for requirement in sop.requirements}
    facts = {fact.name for fact in sop.facts}
    bases = {basis.code for basis in sop.legal_bases}
    problems = [f"two steps are named {code}" for code in sorted({code for code in steps if steps.count(code) > 1})]
    for index, step in enumerate(sop.steps):
        problems += [f"step {step.code} needs {need}, which no earlier step is" for need in step.needs if need not in steps[:index]]
        problems += [f"step {step.code} reads {code}, which no requirement is" for code in step.reads if code not in requirements]
        factors = step.charge.factors if step.charge else ()
        problems += [f"step {step.code} multiplies {name}, which no fact is" for name in factors if name not in facts]
        problems += _quota_problems(sop, step)
    conditions = [(f"step {step.code}", c) for step in sop.steps for c in (step.when, step.manual_when) if c]
    conditions += [(f"step {step.code}", rejection.when) for step in sop.steps for rejection in step.rejects]
    conditions += [(f"requirement {item.code}", item.when) for item in sop.requirements if item.when]
    conditions += [
        (f"charge of step {step.code}", step.charge.exempt_when) for step in sop.steps if step.charge and step.charge.exempt_when
    ]
    problems += [
        f"{place} asks for the fact {condition.fact}, which is not declared"
        for place, condition in conditions
        if condition.fact not in facts
    ]
    return problems + [
        f"{place} rests on {code}, which is no legal basis of this SOP"
        for place, code in _legal_references(sop)
        if code and code not in bases
    ]


def _quota_problems(sop: "SopParts", step: "Step") -> list[str]:
    rule = step.quota
    if (step.kind == "quota") != (rule is not None):
        return [f"quota step {step.code} names no pool" if rule is None else f"step {step.code} is no quota step and names a pool"]
    if rule is None:
        return []
    problems = [] if step.automatic and step.stage == "verification" else [f"quota step {step.code} is done by rule in verification"]
    by, places = sop.fact_by_name.get(rule.by_fact), sop.fact_by_name.get(rule.places_fact)
    if rule.by_fact and (by is None or by.kind != "choice"):
        problems.append(f"quota step {step.code} chooses its pool by {rule.by_fact}, which is no declared choice")
    elif by and any(len(f"{rule.pool}-{choice}") > POOL_CHARACTERS_MAX for choice in by.choices):
        problems.append(f"quota step {step.code} has a pool whose name is too long")
    if rule.places_fact and (places is None or places.kind != "count"):
        problems.append(f"quota step {step.code} counts places by {rule.places_fact}, which is no declared count")
    return problems


def _legal_references(sop: "SopParts") -> list[tuple[str, str]]:
    """Returns every element that may rest on a legal basis, with the basis that it names, empty where it names none."""
    found = [("deemed approval", sop.deemed_approval.legal_basis)]
    found += [(f"requirement {item.code}", item.legal_basis) for item in sop.requirements]
    found += [(f"step {step.code}", step.legal_basis) for step in sop.steps]
    found += [(f"visit after issue {item.code}", item.legal_basis) for item in sop.after_issue]
    found += [(f"charge of step {step.code}", step.charge.legal_basis) for step in sop.steps if step.charge]
    found += [("the transfer", sop.transfer.legal_basis)] if sop.transfer else []
    found += [(f"condition {item.code}", item.legal_basis) for item in sop.conditions]
    return found


def _shape_problems(sop: "SopParts") -> list[str]:
    problems = []
    if sop.steps[0].kind != "completeness" or sop.steps[-1].kind != "decision":
        problems.append("the first step is completeness and the last is the decision")
    problems += [f"step {step.code} assesses no charge" for step in sop.steps if step.kind == "charge" and step.charge is None]
    problems += [f"visit {step.code} has no checklist" for step in sop.steps if step.kind == "visit" and not step.checklist]
    problems += [f"outsider step {step.code} names no outsider" for step in sop.steps if (step.kind == "outsider") != bool(step.outsider)]
    if sum(step.kind == "decision" for step in sop.steps) != 1:
        problems.append("exactly one step decides")
    return problems
