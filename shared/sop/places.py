"""What a case needs of the pools of places: from which pool a step reserves, and whether a place is still missing; pure."""

from shared.case_model import Case
from shared.sop.model import Step


def quota_pool(step: Step, case: Case) -> str:
    """Returns the name of the pool that a step of this case reserves from, empty when it is no quota step."""
    return step.quota.subject_name(case.facts) if step.quota else ""


def quota_missing(case: Case) -> bool:
    """Says whether a place that this case needs was not reserved for it yet."""
    steps = case.sop.quota_steps if case.sop else ()
    if case.renewal is not None:
        steps = tuple(step for step in steps if step.code in case.renewal.steps)
    return any((step.when is None or step.when.holds(case.facts)) and step.code not in case.steps for step in steps)
