"""The autopilot: what each applicant and officer does next and when, a pure function of seed, arrival and case.

Everything that goes wrong in a real office goes wrong here in known shares: findings, silence, refusals, missed visits, late and forgotten
decisions, wrong payments (`paying.py`). It decides from what the ledger has entered alone, so it can stop and go on at any moment.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from deploy.training.chance import between, digest, one_of, weighted
from deploy.training.filing import acting, power_moves
from deploy.training.lateness import breach_moves
from deploy.training.moves import Known, Move, Script, head_of
from deploy.training.national import national_moves
from deploy.training.objections import objection_moves
from deploy.training.paying import crossing_payment, deposit_moves, payment_moves, refund_moves
from deploy.training.people import looks_again, people_moves, reviewer, second_look
from deploy.training.permits import heir_of, permit_moves, transfer_moves
from deploy.training.personal import personal_moves
from deploy.training.renewals import renewal_moves
from deploy.training.ticks import TICKS_A_DAY
from deploy.training.visits import later_visits, visit_moves
from shared.calendar import Calendar
from shared.kit.tokens import Actor
from shared.sop import objections, rules
from shared.sop.handing import handed_in
from shared.sop.model import Step, as_number
from shared.sop.people import may_be_found

ON_TIME_SHARE: Final = 0.93
LATE_TICKS_MAX: Final = 8
FORGOTTEN_DECISION_SHARE: Final = 0.02  # silence then grants the permit
FORGOTTEN_RENEWAL_SHARE: Final = 0.3  # the same for a renewal, of which there are few within a play
FORGOTTEN_COMPLETENESS_SHARE: Final = 0.3
DECLARES_WITHIN_TICKS: Final = 2
FORGOTTEN_REVIEW_SHARE: Final = 0.06  # the same, where silence counts before a payment
STUCK_REVIEW_SHARE: Final = 0.004  # nobody ever comes: these stay open
FINDINGS_SHARE: Final = (0.20, 0.06, 0.0)  # by round; a third round finds nothing
REJECTION_SHARE: Final = 0.07  # enough refusals for every way an objection may go
FINDINGS_MAX: Final = 2
CORRECTS_SHARE: Final = 0.85
WITHDRAWS_SHARE: Final = 0.03
WITHDRAWS_WITHIN_TICKS: Final = 20
OUTSIDER_REJECTION_SHARE: Final = 0.04
OPINIONS: Final = (("agree", 0.835), ("conditional", 0.095), ("reject", 0.07))
SCHEDULES_WITHIN_TICKS: Final = 2
RETURNED_SHARE: Final = 0.05
REFUSED_ANYWAY_SHARE: Final = 0.06
REFUSED_RENEWAL_SHARE: Final = 0.25  # few permits are renewed within a play
DEMO_TAX_RUPIAH_M2: Final = 175_000
FINDING_REASONS: Final = ("tidak-terbaca", "tidak-lengkap", "tidak-sesuai", "kedaluwarsa")
REJECTION_REASONS: Final = ("tidak-memenuhi-standar", "bertentangan-tata-ruang")
REASONS_MAX: Final = 10


def moves(seed: int, key: str, known: Known, calendar: Calendar, applicant: str) -> tuple[Move, ...]:
    """Returns what the people of an application will do as it stands now, earliest first; `applicant` is the applicant's local name."""
    case, permits = known.case, Script(seed, key, known, calendar)
    # A renewal is played like an application of its own: with draws and keys that nothing has used.
    script = Script(seed, f"{key}/renewal", known, calendar) if case.renewal else permits
    if case.sop is None:
        return ()
    moved = case.permit is not None and any(item.result == "transferred" for item in case.permit.transfers)
    holder = heir_of(applicant) if moved else applicant
    by_applicant = Actor(holder, "applicant")
    if case.outcome:
        after = (
            *crossing_payment(script, by_applicant),
            *refund_moves(script),
            *deposit_moves(script),
            *objection_moves(script, by_applicant),
            *permit_moves(script, by_applicant),
            *breach_moves(script),
            *personal_moves(script),
            *national_moves(script),
            *later_visits(script, by_applicant),
            *renewal_moves(script, by_applicant),
            *transfer_moves(script, applicant),
        )
        return tuple(sorted(after, key=lambda move: move.order))
    by_applicant = acting(script, holder)
    found = [
        *breach_moves(script),
        *refund_moves(permits),
        *national_moves(permits),
        *(() if moved else power_moves(permits, applicant)),
        *_withdrawal(script, by_applicant),
        *_correction(script, by_applicant),
    ]
    for code in case.ready:
        step = case.sop.step_by_code.get(code)
        if step is not None and not objections.by_rule(case, step):
            found += _STEPS[step.kind](script, step, by_applicant) if step.kind in _STEPS else ()
    found += later_visits(permits, by_applicant)
    return tuple(sorted(found, key=lambda move: move.order))


# The applicant


def _withdrawal(script: Script, applicant: Actor) -> Iterable[Move]:
    if script.chance("withdraws") < WITHDRAWS_SHARE:
        at = script.later(script.case.submitted_at, between(1, WITHDRAWS_WITHIN_TICKS, script.chance("withdraws-when")))
        yield script.move(at, "intake/withdraw", applicant, turn=1)


def _correction(script: Script, applicant: Actor) -> Iterable[Move]:
    asked, sop = script.case.correction, script.case.sop
    if asked is None or sop is None or script.chance("corrects", asked.round) >= CORRECTS_SHARE:
        return
    days = max(1, sop.correction_within_working_days)
    at = script.later(asked.at, between(1, TICKS_A_DAY * days, script.chance("corrects-when", asked.round)))
    found = {finding.requirement for finding in asked.findings}
    wanted = [item.code for item in handed_in(sop.requirements) if item.code in found]
    documents = [{"requirement": code, "digest": digest(script.seed, script.key, code, asked.round)} for code in wanted]
    yield script.move(at, "intake/correct", applicant, turn=asked.round, documents=documents)


# Officers


def acts_at(script: Script, step: Step, since: str, turn: object, within: int = 0) -> datetime:
    """Returns when an officer gets round to a step: within so many ticks or its target, or in a known share late."""
    within = within or max(1, TICKS_A_DAY * step.target_working_days)
    spread = script.chance(step.code, turn, "spread") ** 2  # most come early
    if script.chance(step.code, turn, "delay") < ON_TIME_SHARE:
        return script.later(since, between(1, within, spread))
    return script.later(since, within + between(1, LATE_TICKS_MAX, spread))


def _never(script: Script, step: Step) -> bool:
    case, deemed = script.case, script.case.sop.deemed_approval if script.case.sop else None
    silence_counts = deemed and deemed.allowed and not deemed.after_payment and not case.renewal and not objections.reopened(case)
    share = FORGOTTEN_REVIEW_SHARE if silence_counts else STUCK_REVIEW_SHARE
    return script.chance(step.code, "never") < share


def _review(script: Script, step: Step, _applicant: Actor) -> Iterable[Move]:
    if _never(script, step):
        return
    if first := [*people_moves(script, step)]:
        yield from first
        return
    number = script.case.round
    readable = [code for code in step.reads if code in script.case.requirements and may_be_found(script.case, step.code, code)]
    result = weighted(
        (("findings", FINDINGS_SHARE[min(number, len(FINDINGS_SHARE)) - 1]), ("rejected", REJECTION_SHARE), ("passed", 1.0)),
        script.chance(step.code, number, "result"),
    )
    if looks_again(script, step):
        result = "findings"
    at = acts_at(script, step, script.case.ready[step.code].at, number)
    if again := second_look(script, step):
        yield script.move(
            at, "verification/allow-recheck", head_of(step.agency), step=step.code, turn=number, requirement=again, reason="informasi-baru"
        )
        return
    if result == "findings" and not readable:
        result = "passed"  # all was accepted before, and nobody asks twice
    body: dict[str, object] = {"result": result}
    if result == "findings":
        body["findings"] = _findings(script, step, readable)
    elif result == "rejected":
        body["reasons"] = [one_of(REJECTION_REASONS, script.chance(step.code, "reason"))]
    yield script.move(at, "verification/complete-review", reviewer(script, step), step=step.code, turn=number, **body)


def _findings(script: Script, step: Step, readable: Sequence[str]) -> list[dict[str, str]]:
    number = script.case.round
    count = min(len(readable), between(1, FINDINGS_MAX, script.chance(step.code, number, "how-many")))
    ordered = sorted(readable, key=lambda code: script.chance(step.code, number, code))
    return [
        {"requirement": code, "reason": one_of(FINDING_REASONS, script.chance(step.code, number, code, "why")), "note": "Mohon diperbaiki."}
        for code in ordered[:count]
    ]


def _recommendation(script: Script, step: Step, _applicant: Actor) -> Iterable[Move]:
    opinion = weighted(OPINIONS, script.chance(step.code, "opinion"))
    body: dict[str, object] = {"opinion": opinion}
    if opinion == "conditional":
        body["conditions"] = ["lapor-saat-selesai"]
    at = acts_at(script, step, script.case.ready[step.code].at, script.case.round)
    yield script.move(at, "verification/issue-recommendation", script.head(step.agency, at), step=step.code, turn=script.case.round, **body)


def _outsider(script: Script, step: Step, _applicant: Actor) -> Iterable[Move]:
    result = weighted((("rejected", OUTSIDER_REJECTION_SHARE), ("passed", 1.0)), script.chance(step.code, "result"))
    at = acts_at(script, step, script.case.ready[step.code].at, script.case.round)
    body = {"result": result, "number": f"LHU/{script.case.code.removeprefix('PKY-')}", "read_on": at.date().isoformat()}
    yield script.move(at, "verification/record-external", script.officer(step.agency, step.code), step=step.code, turn=1, **body)


def _visit(script: Script, step: Step, applicant: Actor) -> Iterable[Move]:
    scheduled_at = acts_at(script, step, script.known.changed_at, len(script.case.visits), SCHEDULES_WITHIN_TICKS)
    return visit_moves(script, step, script.officer(step.agency, step.code), scheduled_at, applicant)


def _completeness(script: Script, step: Step, _applicant: Actor) -> Iterable[Move]:
    # Silence about completeness counts as complete.
    if script.chance(step.code, "never") >= FORGOTTEN_COMPLETENESS_SHARE:
        at = acts_at(script, step, script.case.ready[step.code].at, 1, DECLARES_WITHIN_TICKS)
        yield script.move(at, "intake/declare-complete", script.officer(step.agency, step.code), step=step.code, turn=1)


def _charge(script: Script, step: Step, _applicant: Actor) -> Iterable[Move]:
    facts, body = script.case.facts, {}
    if step.charge is not None and step.charge.method == "told":
        # The revenue agency's own system tells the tax; here it is the area times the faces at a demo tariff.
        area, faces = as_number(facts.get("luas-m2", "0")), as_number(facts.get("muka", 1))
        body["amount_rupiah"] = int((area or 0) * (faces or 1) * DEMO_TAX_RUPIAH_M2)
    at = acts_at(script, step, script.case.ready[step.code].at, 1)
    yield script.move(at, "issuance/assess-charge", script.officer(step.agency, step.code), step=step.code, turn=1, **body)


def _forgotten_share(script: Script) -> float:
    if script.case.renewal is None:
        return FORGOTTEN_DECISION_SHARE
    return FORGOTTEN_RENEWAL_SHARE if script.case.sop and script.case.sop.deemed_approval.allowed else 0


def _decision(script: Script, step: Step, _applicant: Actor) -> Iterable[Move]:
    case, attempt = script.case, script.known.drafts_returned + 1
    # After a granted objection the decision is made anew, and nobody forgets it or refuses it again.
    again = objections.reopened(case)
    turn = f"{attempt} after {len(case.objections)}" if again else attempt
    if case.draft is None:
        rejected = rules.is_rejected(case)
        if not rejected and not again and script.chance(step.code, "never") < _forgotten_share(script):
            return
        share = REFUSED_RENEWAL_SHARE if case.renewal else REFUSED_ANYWAY_SHARE
        refuses = rejected or (not again and script.chance(step.code, "refuses") < share)
        reasons = list(dict.fromkeys(case.outcome_reasons))[:REASONS_MAX] or ["bertentangan-tata-ruang"]
        body = {"outcome": "refuse", "reasons": reasons} if refuses else {"outcome": "issue"}
        since = case.ready[step.code].at if attempt == 1 else script.known.changed_at
        drafter = script.officer(step.agency, step.code)
        yield script.move(script.later(since, 1), "issuance/draft-decision", drafter, step=step.code, turn=turn, **body)
        return
    # The draft has used up half of the target.
    at = acts_at(script, step, script.known.changed_at, f"signs {turn}", 1)
    if attempt == 1 and not again and script.chance(step.code, "returned") < RETURNED_SHARE:
        yield script.move(
            at, "issuance/return-decision", script.head(step.agency, at), step=step.code, turn=attempt, reason="alasan-kurang-jelas"
        )
    elif case.draft.outcome == "issue":
        door = "issuance/renew-permit" if case.renewal else "issuance/issue-permit"
        yield script.move(at, door, script.head(step.agency, at), step=step.code, turn=turn)
    else:
        yield script.move(at, "issuance/refuse-application", script.head(step.agency, at), step=step.code, turn=turn)


_STEPS: Final = {
    "completeness": _completeness,
    "review": _review,
    "recommendation": _recommendation,
    "outsider": _outsider,
    "visit": _visit,
    "charge": _charge,
    "payment": payment_moves,
    "decision": _decision,
}
