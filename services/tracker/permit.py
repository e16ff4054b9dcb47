"""What the tracker tells of a permit: its papers, its end and when it can be renewed, and of a renewal itself."""

from datetime import date, timedelta
from typing import Any

from services.tracker.words import field_name, reason_text, reasons
from shared.case import Case
from shared.sop import renewal
from shared.sop.handing import handed_in
from shared.sop.model import Sop
from shared.sop.permit import RENEWAL, permit_refusal

Tree = dict[str, Any]


def permit_tree(permit: Tree, sop: Sop) -> Tree:
    """Returns the permit with its papers in words, and when its end is announced and its renewal opens."""
    corrections = [{**item, "name": field_name(item["field"]), "text": reason_text(item["reason"])} for item in permit["corrections"]]
    duplicates = [{**item, "text": reason_text(item["reason"])} for item in permit["duplicates"]]
    opens = sop.renewal.opens_days_before if sop.renewal and permit["valid_until"] else 0
    return {
        **permit,
        "corrections": corrections,
        "duplicates": duplicates,
        "announced_days_before": list(sop.announced_days_before) if permit["valid_until"] else [],
        "transfers": [{**item, "reasons": reasons(item["reasons"])} for item in permit["transfers"]],
        "renewals": [{**item, "reasons": reasons(item["reasons"])} for item in permit["renewals"]],
        "renewal_from": (date.fromisoformat(permit["valid_until"]) - timedelta(days=opens)).isoformat() if opens else "",
    }


def renewal_tree(case: Case) -> Tree | None:
    """Returns the renewal that is being decided, or what one would ask for while it may be asked for; None when neither."""
    if case.renewal is not None:
        return {"runs_since": case.renewal.at, "asks": []}
    if permit_refusal(case, RENEWAL):
        return None
    return {"runs_since": "", "asks": [item.title.in_both() for item in handed_in(renewal.asked(case, case.facts))]}
