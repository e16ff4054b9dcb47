"""The tracker's live view: what the public may see of a case, without identities and commitments, and the digest of the whole.

No date that depends on the calendar stands in the row: pages ask the rules with the calendar in force when they are asked, as the ledger
does, and the projection stays cheap for every entry of the city.
"""

from collections.abc import Mapping
from typing import Any, Final

from shared.case import Case, case_state
from shared.case_model import (
    Act,
    Breach,
    Charge,
    Correction,
    Finished,
    Mirrored,
    Missed,
    Offer,
    Ready,
    Remedy,
    Renewal,
    Representation,
    StepState,
    Turn,
    Visit,
)
from shared.city import City
from shared.envelope import tree_digest
from shared.events import Finding
from shared.keeping import Keeps
from shared.objection_model import Objection
from shared.permit_model import Corrected, Duplicate, Handed, Permit, Renewed, Slip, Transfer, Transferred, Warned
from shared.sop.model import Sop

KEEPS: Final[Keeps] = "all"
BREACH_STATE: Final = 5  # the place of a breach's state in its row


def project(case: Case, _city: City) -> dict[str, Any] | None:
    """Returns the row of a case."""
    if case.sop is None:
        return None
    state = case_state(case)
    row = {name: state[name] for name in _AS_IT_IS}
    row["case_digest"] = tree_digest(state)
    if case.permit is not None:
        row["permit"] = _permit_row(state["permit"])
    row["requirements"] = {code: [item.sequence, item.at] for code, item in case.requirements.items()}
    row["steps"] = {code: [item.result, item.at] for code, item in case.steps.items()}
    row["ready"] = {code: [item.at, item.round] for code, item in case.ready.items()}
    row["findings"] = {code: _pairs(items) for code, items in case.findings.items()}
    row["turns"] = [[turn.sequence, turn.at, list(turn.parties)] for turn in case.turns]
    row["charges"] = [[getattr(item, name) for name in _OF_A_CHARGE] for item in case.charges]
    row["visits"] = [[item.step, item.number, item.date, list(item.agencies), item.state, list(item.signed)] for item in case.visits]
    row["offer"] = (
        [case.offer.step, case.offer.number, list(case.offer.dates), case.offer.answer_working_days, case.offer.at] if case.offer else None
    )
    row["missed"] = [[item.step, item.round, item.party, item.agency, item.due_at] for item in case.missed]
    row["breaches"] = [
        [item.step, item.round, item.agency, item.due_at, item.at, item.state, item.reason, item.level] for item in case.breaches
    ]
    row["acts"] = [[item.kind, item.round, item.sequence, item.at, item.settled_at] for item in case.acts]
    row["objections"] = [
        [item.kind, item.number, item.round, list(item.grounds), item.at, item.state, item.decided_at, list(item.reasons), item.against]
        for item in case.objections
    ]
    row["finished"] = [[item.step, item.round, item.agency, item.since, item.at, item.result, item.touched] for item in case.finished]
    row["rechecks"] = dict(case.rechecks)
    row["conflicts"] = len(case.conflicts)
    row["power"] = [case.representation.power, case.representation.valid_until, case.representation.ended] if case.representation else None
    row["mirrored"] = [[item.status, item.happened_at, item.at] for item in case.mirrored]
    renewal = case.renewal
    row["renewal"] = [renewal.sequence, renewal.at, list(renewal.steps), renewal.charges] if renewal else None
    row["refund_rupiah"] = sum(item.rupiah for item in case.remedies)
    row["refunded_rupiah"] = sum(item.paid_rupiah for item in case.remedies)
    row["correction"] = (
        {"at": case.correction.at, "round": case.correction.round, "findings": _pairs(case.correction.findings)}
        if case.correction
        else None
    )
    return row


_AS_IT_IS = (
    "audit_selected",
    "channel",
    "completed_at",
    "ended_at",
    "facts",
    "filed_as",
    "forgotten_at",
    "outcome",
    "outcome_reasons",
    "permit",
    "position",
    "recorded",
    "round",
    "sequence",
    "sop_name",
    "submitted_at",
)
_OF_A_CHARGE = ("step", "number", "basis", "amount_rupiah", "at", "paid_rupiah", "code", "qr", "settled", "reduced_from", "void")


def _pairs(findings: tuple[Finding, ...]) -> list[list[str]]:
    return [[item.requirement, item.reason] for item in findings]


def case_of(code: str, row: Mapping[str, Any], sop: Sop) -> Case:
    """Returns the case that a row tells of; what the row leaves out is empty, and no rule about turns and dates reads it."""
    correction = row["correction"]
    return Case(
        code=code,
        sop=sop,
        requirements={name: Handed("", sequence, at) for name, (sequence, at) in row["requirements"].items()},
        steps={name: StepState(result, 0, 0, at, "", "") for name, (result, at) in row["steps"].items()},
        # A row keeps objects by key; the rules want the order of the SOP.
        ready={name: Ready(0, *row["ready"][name]) for name in _in_order(sop, row["ready"])},
        findings={name: _findings(pairs) for name, pairs in row["findings"].items()},
        correction=Correction(correction["round"], _findings(correction["findings"]), correction["at"], 0) if correction else None,
        visits=tuple(
            Visit(step, number, date, tuple(agencies), "", state, (), tuple(signed))
            for step, number, date, agencies, state, signed in row["visits"]
        ),
        offer=_offer(row["offer"]) if row["offer"] else None,
        representation=Representation("", row["power"][0], "", *row["power"][1:]) if row["power"] else None,
        mirrored=tuple(Mirrored(*item) for item in row["mirrored"]),
        charges=tuple(Charge(**dict(zip(_OF_A_CHARGE, item, strict=True))) for item in row["charges"]),
        permit=_permit(row["permit"]) if row["permit"] else None,
        renewal=_renewal(row["renewal"]) if row["renewal"] else None,
        turns=tuple(Turn(sequence, at, tuple(parties)) for sequence, at, parties in row["turns"]),
        missed=tuple(Missed(*item) for item in row["missed"]),
        finished=tuple(Finished(*item) for item in row["finished"]),
        rechecks=row["rechecks"],
        acts=tuple(Act(kind, round_, sequence, at, settled_at=settled) for kind, round_, sequence, at, settled in row["acts"]),
        objections=tuple(_objection(item) for item in row["objections"]),
        breaches=tuple(Breach(*item) for item in row["breaches"]),
        remedies=(Remedy("refund", row["refund_rupiah"], 0, "", row["refunded_rupiah"]),) if row["refund_rupiah"] else (),
        **{name: row[name] for name in _AS_IT_IS if name not in ("outcome_reasons", "permit")},
        outcome_reasons=tuple(row["outcome_reasons"]),
    )


def _offer(row: list[Any]) -> Offer:
    step, number, dates, days, at = row
    return Offer(step, number, tuple(dates), (), "", days, at)


def _permit_row(permit: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what is shown of a permit: neither who drafts, offers or accepts something, nor what they have committed to."""
    slip, transfer = permit["slip"], permit["transfer"]
    shown = {"field": slip["field"], "reason": slip["reason"]} if slip else None
    return {**permit, "slip": shown, "transfer": {"at": transfer["at"], "accepted_at": transfer["accepted_at"]} if transfer else None}


def _renewal(row: list[Any]) -> Renewal:
    sequence, at, steps, charges = row
    return Renewal(sequence, at, tuple(steps), charges, None)


def _objection(row: list[Any]) -> Objection:
    kind, number, round_, grounds, at, state, decided_at, reasons, against = row
    return Objection(kind, number, round_, tuple(grounds), "", at, state, decided_at, tuple(reasons), against=against)


def _permit(row: Mapping[str, Any]) -> Permit:
    warnings = tuple(Warned(**{**item, "reasons": tuple(item["reasons"])}) for item in row["warnings"])
    kept: dict[str, Any] = {
        "reasons": tuple(row["reasons"]),
        "warnings": warnings,
        "overruled": tuple(row["overruled"]),
        "slip": Slip(**row["slip"], document="", authid="") if row["slip"] else None,
        "corrections": tuple(Corrected(**item) for item in row["corrections"]),
        "announced": tuple(row["announced"]),
        "renewals": tuple(Renewed(**{**item, "reasons": tuple(item["reasons"])}) for item in row["renewals"]),
        "transfer": Transfer(to="", **row["transfer"]) if row["transfer"] else None,
        "transfers": tuple(Transferred(**{**item, "reasons": tuple(item["reasons"])}) for item in row["transfers"]),
        "duplicates": tuple(Duplicate(**item) for item in row["duplicates"]),
    }
    return Permit(**{**row, **kept})


def _in_order(sop: Sop, codes: Mapping[str, Any]) -> list[str]:
    known = [step.code for step in sop.steps if step.code in codes]
    return [*known, *sorted(set(codes) - set(known))]


def _findings(pairs: list[list[str]]) -> tuple[Finding, ...]:
    return tuple(Finding(requirement=requirement, reason=reason) for requirement, reason in pairs)
