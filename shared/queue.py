"""What a stage's desk shows of a case: its ready steps there, who has them, since when and due when; a pure function of the case."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.calendar import Calendar
from shared.case import Case
from shared.fields import to_timestamp
from shared.sop import after_issue, deadlines, objections, rules
from shared.sop.model import Sop
from shared.sop.people import OFFICER
from shared.sop.permit import TRANSFER_COMMANDS, TRANSFER_STEP, permit_refusal


def own_tasks(row: Mapping[str, Any], speaks_for: Callable[[str], bool]) -> dict[str, Any]:
    """Returns a row with those tasks only that this deployment can do: of agencies that it speaks for.

    The row itself has all, because it is a function of the case alone, whoever keeps it and whatever the registry says later.
    """
    tasks = [task for task in row["tasks"] if any(speaks_for(agency) for agency in task["agencies"])]
    return {**row, "agencies": [agency for agency in row["agencies"] if speaks_for(agency)], "tasks": tasks}


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
        deadline = next((item for item in deadlines.step_deadlines(case, (code,), calendar) if item.kind in deadlines.OF_A_STEP), None)
        tasks.append(
            {
                "step": code,
                "kind": step.kind,
                "agencies": [step.agency] if code == rules.CORRECTION_REQUEST else list(rules.pending_agencies(case, step)),
                "role": step.role,
                "by_rule": objections.by_rule(case, step) or code == rules.CORRECTION_REQUEST,
                "since": ready.at,
                "round": case.round,
                "due": to_timestamp(deadline.due_at) if deadline else "",
            }
        )
    if stage == "inspection":
        tasks += _visits_after_issue(case, calendar)
    if stage == "issuance":
        tasks += _transfer(case, case.sop, calendar)
        tasks += _to_answer(case, calendar)
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


def _transfer(case: Case, sop: Sop, calendar: Calendar) -> list[dict[str, Any]]:
    """Returns the transfer that waits for the issuing agency, if one does."""
    permit = case.permit
    if permit is None or permit_refusal(case, TRANSFER_COMMANDS[0]) or permit.transfer is None:
        return []
    due = [to_timestamp(deadline.due_at) for deadline in deadlines.transfer_deadlines(case, calendar)]
    return [
        {
            "step": TRANSFER_STEP,
            "kind": "transfer",
            "agencies": [sop.owner],
            "role": sop.decision_step.role,
            "by_rule": False,
            "since": permit.transfer.accepted_at,
            "round": len(permit.transfers) + 1,
            "due": due[0] if due else "",
        }
    ]


def _visits_after_issue(case: Case, calendar: Calendar) -> list[dict[str, Any]]:
    due = {deadline.step: to_timestamp(deadline.due_at) for deadline in deadlines.visit_deadlines(case, calendar)}
    return [
        {
            "step": visit.code,
            "kind": "visit",
            "agencies": list(after_issue.pending_agencies(case, visit)),
            "role": visit.role,
            "by_rule": False,
            "since": after_issue.since(case, visit),
            "round": min(after_issue.held(case, visit.code) + 1, visit.visits),
            "due": due.get(visit.code, ""),
        }
        for visit in after_issue.still_open(case)
    ]


def _to_answer(case: Case, calendar: Calendar) -> list[dict[str, Any]]:
    """Returns the objection or appeal that waits for its answer."""
    due = {item.step: to_timestamp(item.due_at) for item in deadlines.step_deadlines(case, case.ready, calendar)}
    return [
        {
            "step": code,
            "kind": "objection" if code == objections.OBJECTION else "appeal",
            "agencies": [answering],
            "role": objections.ANSWERS[code] if case.open_objection and case.open_objection.opinion else OFFICER,
            "by_rule": False,
            "since": ready.at,
            "round": case.round,
            "due": due[code],
        }
        for code, ready in case.ready.items()
        if (answering := objections.party(case, code))
    ]
