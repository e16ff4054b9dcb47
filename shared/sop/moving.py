"""May a running application go on under a newer version of its SOP, and what does that change for it? Never to the applicant's disadvantage.

Both versions are compared as they are for the facts of this one application, so that a burden for others keeps nobody back. What cannot
be compared counts as worse (`shared/sop/change.py`). Pure functions of the case and the newer SOP.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from shared.case_model import Case, StepState
from shared.events import Finding
from shared.sop import rules
from shared.sop.change import Change, content
from shared.sop.diff import diff, worse_for_applicant
from shared.sop.model import FactValue, Sop, Step


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a move means for one application: what is no longer asked, which steps it is spared or gets, and the promise before and after."""

    requirements_dropped: tuple[str, ...]
    steps_dropped: tuple[str, ...]
    steps_added: tuple[str, ...]
    promise_before: int
    promise_after: int
    worse: tuple[str, ...]


def move_refusal(case: Case, after: Sop) -> str:
    """Returns why a running application may not move to a version, empty when it may."""
    if case.sop is None:
        return "unknown-code"
    if case.outcome:
        return rules.ended_code(case)
    if case.renewal is not None:
        return "renewal-runs"
    if after.permit_type != case.sop.permit_type or after.version <= case.sop.version:
        return "sop-not-newer"
    if rules.is_rejected(case) or case.draft is not None or _is_charged_otherwise(case, after):
        return "sop-move-too-late"
    return "worse-for-applicant" if worse_changes(case, after) else ""


def worse_changes(case: Case, after: Sop) -> tuple[Change, ...]:
    """Returns what would leave this applicant worse off."""
    if case.sop is None:
        return ()
    found = worse_for_applicant(diff(for_facts(case.sop, case.facts), for_facts(after, case.facts)))
    listed = {change.place for change in found}
    lacking = [item for item in after.required(case.facts) if item.code not in case.requirements]
    more = [Change("requirement-added", f"requirements/{item.code}", None, content(item.title), "no") for item in lacking]
    return (*found, *(change for change in more if change.place not in listed), *_done_again(case, case.sop, after))


def _done_again(case: Case, before: Sop, after: Sop) -> Iterable[Change]:
    """Yields the steps done that the newer version has as steps of another kind: for whoever comes anew that is as good, not after the work."""
    for code, state in case.steps.items():
        old, new = before.step_by_code.get(code), after.step_by_code.get(_place(code, before, after))
        if old and new and old.kind != new.kind and state.result != "findings":
            yield Change("step-kind", f"steps/{new.code}", old.kind, new.kind, "no")


def _place(code: str, before: Sop, after: Sop) -> str:
    """Returns under which code the newer version has a step: the first step is the same under whatever code."""
    return after.steps[0].code if code == before.steps[0].code else code


def consequences(case: Case, after: Sop) -> Consequences:
    """Returns what a move would change for one application."""
    before = case.sop or after
    old, new = _open_steps(before, case), _open_steps(after, case)
    asked = {item.code for item in after.required(case.facts)}
    return Consequences(
        tuple(item.code for item in before.required(case.facts) if item.code not in asked),
        tuple(code for code in old if code not in new),
        tuple(code for code in new if code not in old),
        before.promise_working_days,
        after.promise_working_days,
        tuple(dict.fromkeys(f"{change.kind} {change.place}".strip() for change in worse_changes(case, after))),
    )


def _open_steps(sop: Sop, case: Case) -> tuple[str, ...]:
    return tuple(step.code for step in sop.steps if step.code not in case.steps and rules.step_applies(step, case))


def _is_charged_otherwise(case: Case, after: Sop) -> bool:
    """Says whether a charge was assessed of which the newer version knows nothing: it has to be settled by the old rules."""
    kinds = {step.code: step.kind for step in after.steps}
    payment = rules.payment_step(case)
    return any(kinds.get(charge.step) != "charge" for charge in case.charges) or (
        bool(case.charges) and bool(payment) and kinds.get(payment) != "payment"
    )


def for_facts(sop: Sop, facts: Mapping[str, FactValue]) -> Sop:
    """Returns the SOP as it is for these facts: only the steps and requirements that apply, without conditions."""
    steps: list[Step] = []
    instead: dict[str, tuple[str, ...]] = {}  # what has to be done before a step that does not apply counts as over
    for step in sop.steps:
        needs = tuple(dict.fromkeys(code for need in step.needs for code in instead.get(need, (need,))))
        if step.when is None or step.when.holds(facts) or step is sop.decision_step:
            held = tuple(item for item in step.rejects if item.when.holds(facts))
            by_rule = step.runs_by_rule(facts)
            changes = {"needs": needs, "when": None, "rejects": held, "automatic": by_rule, "manual_when": None}
            steps.append(step.model_copy(update=changes))
        else:
            instead[step.code] = needs
    requirements = tuple(item.model_copy(update={"when": None}) for item in sop.required(facts))
    # A plain copy would keep the tables that the old form has computed already.
    fields = {name: getattr(sop, name) for name in Sop.model_fields}
    return Sop.model_construct(**{**fields, "steps": tuple(steps), "requirements": requirements})


def moved(case: Case, after: Sop) -> Case:
    """Returns the case under the newer version: steps done stay done, what is no longer asked need not be corrected."""
    before = case.sop or after
    asked = {item.code for item in after.required(case.facts)}
    findings = {code: kept for code, items in case.findings.items() if (kept := _asked(items, asked)) and code in after.step_by_code}
    correction = case.correction
    if correction is not None:
        kept = _asked(correction.findings, asked)
        correction = replace(correction, findings=kept) if kept else None
    return case.having(
        sop=after,
        sop_name=after.name,
        steps=_steps_kept(case, before, after, findings),
        findings=findings,
        correction=correction,
        visits=tuple(visit for visit in case.visits if visit.step in after.step_by_code or visit.state in ("passed", "failed")),
    )


def _asked(findings: tuple[Finding, ...], asked: set[str]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.requirement in asked)


def _steps_kept(case: Case, before: Sop, after: Sop, findings: Mapping[str, tuple[Finding, ...]]) -> dict[str, StepState]:
    """Returns the steps that stay done: of the same code and kind, and completeness under whatever code, since its clock never restarts."""
    kept: dict[str, StepState] = {}
    for code, state in case.steps.items():
        place = _place(code, before, after)
        step, old = after.step_by_code.get(place), before.step_by_code.get(code)
        if step is None or old is None or step.kind != old.kind:
            continue
        nothing_left = state.result == "findings" and place not in findings
        kept[place] = replace(state, result="passed") if nothing_left else state
    return kept
