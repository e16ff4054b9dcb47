"""What the tracker tells of objections and appeals: what may be lodged until when, and what became of each."""

from collections.abc import Sequence
from typing import Any

from services.tracker.words import reasons
from shared.agencies import party_tree
from shared.case import Case
from shared.fields import to_timestamp
from shared.sop import deadlines, objections

Tree = dict[str, Any]


def objection_tree(case: Case, running: Sequence[deadlines.Deadline]) -> Tree | None:
    """Returns what the applicant may lodge against a refusal and until when, None when nothing."""
    window = objections.window(case)
    if window is None:
        return None
    until = next(item.due_at for item in running if item.kind == "settled")
    return {
        "kind": window.kind,
        "working_days": window.working_days,
        "until": to_timestamp(until),
        "decided_by": party_tree(objections.party(case, window.kind)),
    }


def objections_tree(case: Case) -> list[Tree]:
    """Returns every objection and appeal with its state and answer."""
    return [
        {
            "kind": item.kind,
            "number": item.number,
            "grounds": reasons(item.grounds),
            "lodged_at": item.at,
            "decided_by": party_tree(objections.party(case, item.kind)),
            "state": item.state,
            "decided_at": item.decided_at,
            "reasons": reasons(item.reasons),
        }
        for item in case.objections
    ]
