"""What is told of a plan: one tree of facts, which the command and the door give as it is and the page shows in words; pure."""

from typing import Any

from shared.agencies import party_tree
from shared.sop.model import SopParts, Step
from shared.sop.plans import Charge, Document, Goal, Permit, Plan, Question, charge_total

Tree = dict[str, Any]


def goal_tree(goal: Goal) -> Tree:
    """Returns an undertaking's line of the list."""
    return {
        "goal": goal.code,
        "title": goal.title.in_both(),
        "demo_values": goal.demo_values,
        "permit_types": [item.code for item in goal.permits],
    }


def plan_tree(plan: Plan) -> Tree:
    """Returns the whole plan: stages of permits that can run side by side, what is asked once for all, the charges and the days."""
    known, later = charge_total(plan.permits)
    stages = sorted({permit.stage for permit in plan.permits})
    return {
        **goal_tree(plan.goal),
        "stages": [[_permit(permit) for permit in plan.permits if permit.stage == stage] for stage in stages],
        "undecided": [{**_type(sop), "facts": list(facts)} for sop, facts in plan.undecided],
        "closed": list(plan.closed),
        "documents": [_document(document) for document in plan.documents],
        "charges": {"known_rupiah": known, "told_later": later},
        "working_days": plan.working_days,
        "longest_path": list(plan.path),
        "questions": [_question(question) for question in plan.questions],
        "elsewhere": [
            {"code": item.code, "title": item.title.in_both(), "where": item.where.in_both(), "needed": "yes" if state else "undecided"}
            for item, state in plan.elsewhere
        ],
    }


def _type(sop: SopParts) -> Tree:
    return {"permit_type": sop.permit_type, "sop": sop.name, "title": sop.title.in_both()}


def _permit(permit: Permit) -> Tree:
    sop = permit.sop
    agencies = dict.fromkeys(agency for step in sop.steps for agency in step.agencies)
    return {
        **_type(sop),
        "system_of_record": sop.system_of_record,
        "after": list(permit.after),
        "begins_after_working_days": permit.begins_after_working_days,
        "working_days": sop.promise_working_days,
        "own_work": permit.own_work.in_both() if permit.own_work else None,
        "agencies": [party_tree(agency) for agency in agencies],
        "waits": [
            {"step": step.code, "title": step.title.in_both(), **party_tree(_waits_for(step)), "working_days": step.target_working_days}
            for step in permit.waits
        ],
        "charges": [_charge(charge) for charge in permit.charges],
        "demo_values": sop.demo_values,
    }


def _waits_for(step: Step) -> str:
    return step.outsider or step.agency


def _charge(charge: Charge) -> Tree:
    return {
        "title": charge.step.title.in_both(),
        "basis": charge.step.charge.basis if charge.step.charge else "",
        "rupiah": charge.rupiah,
        "facts": list(charge.facts),
        "assessed_by": party_tree(charge.step.agency),
    }


def _document(document: Document) -> Tree:
    titles = list(dict.fromkeys(item.title for _, item in document.asked_by))
    first = document.asked_by[0][1]
    return {
        "code": first.code,
        "titles": [title.in_both() for title in titles],
        "from": "plan" if document.permit_type else "applicant" if document.uploaded else "city",
        "permit_type": document.permit_type,
        "issued_by": [party_tree(name) for name in dict.fromkeys(item.issued_by for _, item in document.asked_by)],
        "asked_by": [permit_type for permit_type, _ in document.asked_by],
        "facts": list(document.facts),
    }


def _question(question: Question) -> Tree:
    definition = question.definition
    return {
        "name": question.name,
        "title": definition.title.in_both(),
        "kind": definition.kind,
        "choices": list(definition.choices),
        "at_most": definition.at_most,
        "permit_type": question.permit_type,
        "answer": question.answer,
    }
