"""What a stage's desk shows of a case: its ready steps there, who has them, since when and due when; a pure function of the case."""

from typing import Any

from shared.calendar import Calendar
from shared.case import Case
from shared.fields import to_timestamp
from shared.sop import deadlines, rules


def queue_row(case: Case, calendar: Calendar, stage: str) -> dict[str, Any] | None:
    """Returns a desk's row of a case, None before it is submitted; `agencies` are those with a task in this stage."""
    if case.sop is None:
        return None
    tasks: list[dict[str, Any]] = []
    for code, ready in case.ready.items():
        step = rules.ready_step(case, code)
        if step is None or (code != rules.CORRECTION_REQUEST and step.stage != stage):
            continue
        if code == rules.CORRECTION_REQUEST and stage != "verification":
            continue
        deadline = next((item for item in deadlines.step_deadlines(case, (code,), calendar) if item.kind in ("target", "applicant")), None)
        tasks.append(
            {
                "step": code,
                "kind": step.kind,
                "agencies": [step.agency] if code == rules.CORRECTION_REQUEST else list(rules.pending_agencies(case, step)),
                "role": step.role,
                "by_rule": step.runs_by_rule(dict(case.facts)) or code == rules.CORRECTION_REQUEST,
                "since": ready.at,
                "round": case.round,
                "due": to_timestamp(deadline.due_at) if deadline else "",
            }
        )
    return {
        "sop": case.sop_name,
        "outcome": case.outcome,
        "sequence": case.sequence,
        "position": case.position,
        "submitted_at": case.submitted_at,
        "round": case.round,
        "agencies": sorted({agency for task in tasks for agency in task["agencies"]}),
        "tasks": tasks,
        "late": [f"{item.step}/{item.round}" for item in case.missed],
    }
