"""Histories that could happen: at each step something sensible or silly is said by somebody, or days pass."""

from typing import Any

from hypothesis import strategies as st

from shared import events as e
from shared.case import Case
from shared.sop import objections, rules
from shared.sop.people import was_accepted
from tests.builders import COMMITMENT, FACTS, OFFICER_ID, PARTIAL_ID, PBG, REKLAME, SIGNER_ID, SKP, History, correction, good_answer
from tests.strategies import SPREAD

GOOD_WEIGHT = 12
Move = tuple[e.Data, dict[str, Any]]
SENSITIVE = {**FACTS[SKP], "topik-sensitif": True}
SMALL = {**FACTS[PBG], "luas-lantai-m2": "120"}
HIGH = {**FACTS[REKLAME], "tinggi-m": "12", "luas-m2": "30"}
BEGINNINGS = ((SKP, None), (SKP, SENSITIVE), (REKLAME, None), (REKLAME, HIGH), (PBG, None), (PBG, SMALL))


def moves(case: Case) -> list[Move]:
    """Returns what may be tried now: good answers first, then findings, rejections, failures, repeats and words of the wrong people."""
    found: list[Move] = []
    for code in case.ready:
        found += [(good_answer(case, code), {})] * GOOD_WEIGHT
        found += [(data, {}) for data in _other_answers(case, code)]
    answers = [data for data, _ in found[:1]]
    found += [(data, {"agency": "bpprd"}) for data in answers]
    found += [(data, {"basis": max(0, case.sequence - 2)}) for data in answers]
    found += [(data, {"role": "rule", "authid": ""}) for data in answers]
    found += [(e.ApplicationWithdrawn(reason="batal"), {}), (e.ApplicationClosed(reason="no-payment"), {})]
    found += [(e.ReviewCompleted(step="lalin", round=case.round, result="passed"), {}), (_payment(case, "SKPD/9", 5), {})]
    found += _against_an_act(case)
    found += [(e.PermitIssued(step="tetap", number="IZIN/2", valid_from="2026-12-01"), {"authid": SIGNER_ID})]
    return found


def _against_an_act(case: Case) -> list[Move]:
    """An objection or appeal, its answer, and a wrong one; nothing as long as there is nothing to object to."""
    if case.act is None:
        return []
    grounds = ("penilaian-keliru",)
    lodged = [
        e.ObjectionLodged.of(number=objections.next_number(case, objections.OBJECTION), grounds=grounds, against=case.act.kind),
        e.AppealLodged.of(number=objections.next_number(case, objections.APPEAL), grounds=grounds, against=case.act.kind),
    ]
    found: list[Move] = [(data, {}) for data in lodged * 3]
    if waiting := case.open_objection:
        drafted = e.AnswerDrafted(number=waiting.number, result="granted", reasons=("x",))
        found += [(drafted, {})] * 3 + [(drafted, {"authid": OFFICER_ID})]
        found += [(e.InvolvedDrafterAllowed(number=waiting.number, officer=OFFICER_ID, reason="x"), {})]
        decided = e.ObjectionDecided if waiting.kind == objections.OBJECTION else e.AppealDecided
        found += [(decided(number=waiting.number, result=result, reasons=("x",)), {}) for result in ("granted", "rejected")] * 3
        found += [(e.ObjectionDecided(number="KEB/9", result="granted", reasons=("x",)), {"agency": "pupr"})]
    return found


def _other_answers(case: Case, code: str) -> list[e.Data]:  # noqa: PLR0911 - one list for each kind of step
    step = case.sop.step_by_code.get(code) if case.sop else None
    if code == rules.CORRECTION and case.correction is not None:
        return [correction(case, case.correction.findings[0].requirement)]
    if step is None:
        return []
    match step.kind:
        case "review" | "rule":
            read = [requirement for requirement in step.reads if requirement in case.requirements]
            findings = tuple(e.Finding(requirement=requirement, reason="kurang") for requirement in read[:2])
            found: list[e.Data] = [e.ReviewCompleted(step=code, round=case.round, result="rejected", reasons=("tata-ruang",))]
            led: list[e.Data] = [
                e.ReviewAssigned(step=code, officer=PARTIAL_ID),
                e.ReviewReassigned(step=code, officer=SIGNER_ID, reason="cuti"),
                e.ConflictDeclared(reason="keluarga"),
                *(e.RecheckAllowed(step=code, requirement=requirement, reason="informasi-baru") for requirement in read[:1]),
            ]
            return [
                *found,
                *led,
                *([e.ReviewCompleted(step=code, round=case.round, result="findings", findings=findings)] * 3 if findings else []),
            ]
        case "outsider":
            outside = {"source": "laboratorium", "number": "LHU/2", "read_on": "2026-11-24"}
            return [e.ExternalRecorded(step=code, round=case.round, result="rejected", **outside)]
        case "recommendation":
            return [e.RecommendationIssued(step=code, number="REK/2", opinion="reject")]
        case "visit":
            number = max((visit.number for visit in case.visits if visit.step == code), default=1)
            following = rules.next_visit_number(case, code)
            offered = e.VisitOffered(
                step=code,
                visit=following,
                dates=("2026-12-01", "2026-12-02"),
                agencies=step.agencies,
                assignment_letter="ST/1",
                answer_working_days=2,
            )
            chosen = e.VisitSlotChosen(step=code, visit=following, date="2026-12-02")
            drawn = e.InspectorsDrawn(step=code, visit=number, pool=4, warned=False, inspectors=("G" * 43,), persons=(COMMITMENT,))
            failed = e.VisitReported(step=code, visit=number, result="failed", failed_items=("titik-sesuai",), evidence=())
            moved = e.VisitMoved(step=code, visit=number, date="2026-12-03", reason="hujan")
            return [offered, chosen, drawn, failed, moved, e.VisitMissed(step=code, visit=number, reason="terkunci")]
        case "payment":
            charge = case.charges[-1]
            half = max(1, charge.amount_rupiah // 2)
            return [_payment(case, charge.number, half), _payment(case, charge.number, charge.amount_rupiah + 7)]
        case "decision":
            refusing = e.DecisionDrafted(step=code, outcome="refuse", reasons=("tata-ruang",))
            refused = e.ApplicationRefused(step=code, reasons=("tata-ruang",))
            return [refusing, e.DecisionReturned(step=code, reason="nomor-salah"), refused]
        case _:
            return []


def _payment(case: Case, charge: str, rupiah: int) -> e.PaymentConfirmed:
    return e.PaymentConfirmed(charge=charge, receipt=f"STS/{case.sequence}", amount_rupiah=rupiah)


spread_integers = st.integers(0, 2**30).map(lambda number: number * SPREAD % 1_000_003)


@st.composite
def walks(draw: st.DrawFn, max_size: int = 30) -> History:
    """An application of any shipped SOP after any number of moves."""
    sop, facts = draw(st.sampled_from(BEGINNINGS))
    history = History(sop).begin(facts)
    length = draw(st.integers(0, max_size))
    for choice in draw(st.lists(spread_integers, min_size=length, max_size=length)):
        if choice % 13 == 0:
            history.wait_days(1 + choice % 5)
            continue
        options = moves(history.case)
        data, fields = options[choice % len(options)]
        history.say(data, **fields)
    return history


def commanded(case: Case, command: str, code: str) -> e.Data:  # noqa: C901, PLR0911, PLR0912 - one event for each command
    """Returns the event that a command of an officer would say, as well filled in as this case allows."""
    assert case.sop is not None
    step = case.sop.step_by_code[code]
    visit = rules.last_visit(case, code)
    number = visit.number if visit else 1
    match command:
        case "offer-visit":
            following, dates = rules.next_visit_number(case, code), ("2026-12-01", "2026-12-02")
            return e.VisitOffered(
                step=code, visit=following, dates=dates, agencies=step.agencies, assignment_letter="ST/1", answer_working_days=2
            )
        case "draw-inspectors":
            return e.InspectorsDrawn(step=code, visit=number, pool=4, warned=False, inspectors=("G" * 43,), persons=(COMMITMENT,))
        case "schedule-visit":
            following = sum(item.step == code for item in case.visits) + 1
            return e.VisitScheduled(step=code, visit=following, date="2026-12-01", agencies=step.agencies, assignment_letter="ST/1")
        case "move-visit":
            another = "2026-12-04" if visit and visit.date == "2026-12-03" else "2026-12-03"
            return e.VisitMoved(step=code, visit=number, date=another, reason="hujan")
        case "miss-visit":
            return e.VisitMissed(step=code, visit=number, reason="terkunci")
        case "report-visit":
            return e.VisitReported(step=code, visit=number, result="passed", evidence=(COMMITMENT,))
        case "sign-visit-record":
            return e.VisitRecordSigned(step=code, visit=number)
        case "draft-decision":
            rejected = rules.is_rejected(case)
            return (
                e.DecisionDrafted(step=code, outcome="refuse", reasons=("x",))
                if rejected
                else e.DecisionDrafted(step=code, outcome="issue")
            )
        case "return-decision":
            return e.DecisionReturned(step=code, reason="nomor-salah")
        case "issue-permit":
            return e.PermitIssued(step=code, number="IZIN/1", valid_from="2026-12-01")
        case "renew-permit":
            return e.PermitRenewed(step=code, valid_from="2027-12-01", valid_until="2028-11-30")
        case "refuse-application":
            return e.ApplicationRefused(step=code, reasons=("tata-ruang",))
        case "assign-review":
            return e.ReviewAssigned(step=code, officer=SIGNER_ID)
        case "reassign-review":
            other = OFFICER_ID if case.officers.get(code) == SIGNER_ID else SIGNER_ID
            return e.ReviewReassigned(step=code, officer=other, reason="cuti")
        case "allow-recheck":
            accepted = [name for name in step.reads if was_accepted(case, code, name)]
            return e.RecheckAllowed(step=code, requirement=next(iter(accepted), "tidak-ada"), reason="informasi-baru")
        case "confirm-payment":
            return _payment(case, case.charges[-1].number if case.charges else "SKPD/1", 1)
        case _:
            return good_answer(case, code)
