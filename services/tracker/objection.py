"""What the tracker tells of objections and appeals: what may be lodged against which act until when, and what became of each."""

from collections.abc import Sequence
from typing import Any, Final

from services.tracker.words import act_name, reasons
from shared.agencies import party_tree
from shared.case import Case
from shared.fields import to_timestamp
from shared.sop import deadlines, objections
from shared.web.formats import both

Tree = dict[str, Any]
_DECIDED_ANEW: Final = ("keputusan baru menyusul dalam lima hari kerja", "a new decision follows within five working days")
_STANDS_AGAIN: Final = ("izin berlaku kembali seperti semula", "the permit stands again as before")
# What follows a granted objection, by the act that it takes back.
_FOLLOWS: Final = {
    "refusal": _DECIDED_ANEW,
    "renewal-refusal": _DECIDED_ANEW,
    "closing": ("permohonan dilanjutkan dari tempatnya berhenti", "the application goes on from where it had stopped"),
    "revocation": _STANDS_AGAIN,
    "annulment": _STANDS_AGAIN,
}


def objection_tree(case: Case, running: Sequence[deadlines.Deadline]) -> Tree | None:
    """Returns what the applicant may lodge, against which act and until when, None when nothing."""
    window = objections.window(case)
    if window is None or case.act is None:
        return None
    until = next(item.due_at for item in running if item.kind == "settled")
    return {
        "kind": window.kind,
        "against": case.act.kind,
        "act": act_name(case.act.kind),
        "working_days": window.working_days,
        "until": to_timestamp(until),
        "decided_by": party_tree(objections.party(case, window.kind)),
    }


def objections_tree(case: Case) -> list[Tree]:
    """Returns every objection and appeal with its state and answer."""
    return [
        {
            "kind": item.kind,
            "against": item.against,
            "act": act_name(item.against),
            "follows": both(_FOLLOWS[item.against]),
            "number": item.number,
            "grounds": reasons(item.grounds),
            "lodged_at": item.at,
            "decided_by": party_tree(objections.party(case, item.kind, item.against)),
            "state": item.state,
            "decided_at": item.decided_at,
            "reasons": reasons(item.reasons),
        }
        for item in case.objections
    ]
