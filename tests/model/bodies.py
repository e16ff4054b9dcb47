"""What people write into the bodies of their commands in a random life: mostly what fits the case, sometimes what does not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from shared.case import Case
from shared.kit.tokens import Actor
from shared.money import owed
from shared.sop import objections, renewal, rules
from shared.sop.applicants import on_their_side
from shared.sop.handing import handed_in
from shared.sop.model import FactDefinition, FactValue, Requirement, Sop, Step
from tests.stages import authid

ChoiceT = TypeVar("ChoiceT")
Body = dict[str, Any]
DIGEST: Final = "a" * 64
DATES: Final = ("2026-12-01", "2026-12-08", "2027-01-05")


@dataclass
class Dice:
    """Choices out of one number, so that a whole life is a short list of numbers and shrinks well."""

    number: int

    def pick(self, options: Sequence[ChoiceT]) -> ChoiceT:
        """Returns one of the options; the first ones come from the smallest numbers."""
        self.number, index = divmod(self.number, len(options))
        return options[index]

    def one_in(self, count: int) -> bool:
        """Says yes once in so many numbers, never for the smallest."""
        return self.pick(range(count)) == count - 1


def declared(sop: Sop, dice: Dice) -> dict[str, FactValue]:
    """Returns facts that an applicant may declare for an SOP: within their bounds, small and large."""
    return {fact.name: _value(fact, dice) for fact in sop.facts}


def _value(fact: FactDefinition, dice: Dice) -> FactValue:
    options: dict[str, Sequence[FactValue]] = {
        "boolean": (False, True),
        "count": (1, 2, 12),
        "measure": ("12.5", "6", "600"),
        "choice": fact.choices,
    }
    fitting = [value for value in options[fact.kind] if not rules.fact_problem(fact, value)]
    return dice.pick(fitting)


def _step(case: Case, code: str) -> Step | None:
    return case.sop.step_by_code.get(code) if case.sop else None


def _review(case: Case, code: str, dice: Dice) -> Body:
    step = _step(case, code)
    readable = [item for item in (step.reads if step else ()) if item in case.requirements]
    result = dice.pick(("passed", "passed", "passed", "findings", "findings", "rejected"))
    if result == "findings":
        found = readable[: 1 + dice.pick((0, 1))] if not dice.one_in(12) else ["ktp"]
        return {"step": code, "result": result, "findings": [{"requirement": item, "reason": "tidak-lengkap"} for item in found]}
    return {"step": code, "result": result, **({"reasons": ["tidak-memenuhi-standar"]} if result == "rejected" else {})}


def _recommendation(_case: Case, code: str, dice: Dice) -> Body:
    opinion = dice.pick(("agree", "agree", "agree", "conditional", "reject"))
    return {"step": code, "opinion": opinion, **({"conditions": ["lapor-saat-selesai"]} if opinion == "conditional" else {})}


def _external(case: Case, code: str, dice: Dice) -> Body:
    return {"step": code, "result": dice.pick(("passed", "passed", "rejected")), "number": f"LHU/{case.sequence}", "read_on": DATES[0]}


def _visit_number(case: Case, code: str, dice: Dice) -> int:
    last = rules.last_visit(case, code)
    number = last.number if last else 1
    return number + 1 if dice.one_in(15) else number


def _schedule(case: Case, code: str, dice: Dice) -> Body:
    return {"step": code, "date": dice.pick(DATES), "assignment_letter": f"ST/{case.sequence}"}


def _move_visit(case: Case, code: str, dice: Dice) -> Body:
    return {"step": code, "visit": _visit_number(case, code, dice), "date": dice.pick(DATES), "reason": "hujan"}


def _miss_visit(case: Case, code: str, dice: Dice) -> Body:
    return {"step": code, "visit": _visit_number(case, code, dice), "reason": "terkunci"}


def _report_visit(case: Case, code: str, dice: Dice) -> Body:
    step = _step(case, code)
    body = {"step": code, "visit": _visit_number(case, code, dice), "result": "passed", "evidence": [DIGEST]}
    if step is not None and step.checklist and dice.one_in(3):
        return {**body, "result": "failed", "failed_items": [rules.items_to_visit(case, code)[0]]}
    return body


def _sign_record(case: Case, code: str, dice: Dice) -> Body:
    return {"step": code, "visit": _visit_number(case, code, dice)}


def _charge(case: Case, code: str, dice: Dice) -> Body:
    step = _step(case, code)
    told = step is not None and step.charge is not None and step.charge.method == "told"
    return {"step": code, "amount_rupiah": dice.pick((250_000, 0, 1))} if told or dice.one_in(10) else {"step": code}


def _reduce(case: Case, _code: str, dice: Dice) -> Body:
    charge = dice.pick(case.charges) if case.charges else None
    amount = dice.pick((0, charge.amount_rupiah // 2, charge.amount_rupiah)) if charge else 0
    number = charge.number if charge else "SKPD/LAIN"
    return {"charge": number, "amount_rupiah": amount, "reason": "tidak-mampu", "legal_basis": _basis(case, dice)}


def _deposit(case: Case, dice: Dice) -> str:
    return dice.pick((*(item.number for item in case.charges if item.basis == "deposit"), "JAM/LAIN"))


def _payment(case: Case, _code: str, dice: Dice) -> Body:
    charge = case.charges[dice.pick(range(len(case.charges)))] if case.charges else None
    due = max(1, charge.amount_rupiah - charge.paid_rupiah) if charge else 1
    receipts = [receipt for item in case.charges for receipt in item.receipts] or ["STS/1"]
    receipt = dice.pick(receipts) if dice.one_in(8) else f"STS/{case.sequence}/{dice.pick(range(50))}"
    number = charge.number if charge and not dice.one_in(12) else "SKPD/LAIN"
    return {"charge": number, "receipt": receipt, "amount_rupiah": dice.pick((due, due, due, due + 500, max(1, due // 2)))}


def _refund(case: Case, _code: str, dice: Dice) -> Body:
    receipt = dice.pick((*(item.receipt for item in owed(case)), *(item.receipt for item in case.remedies), "STS/LAIN"))
    return {"number": f"SP2D/{case.sequence}", **({"receipt": receipt} if receipt else {})}


def _draft(case: Case, code: str, dice: Dice) -> Body:
    refuses = rules.is_rejected(case) != dice.one_in(6)
    return {"step": code, "outcome": "refuse", "reasons": ["bertentangan-tata-ruang"]} if refuses else {"step": code, "outcome": "issue"}


def _of_the_applicant(case: Case, dice: Dice) -> Sequence[Requirement]:
    """Returns what the SOP asks of an applicant, and now and then also what the city looks up, which the doors refuse."""
    listed = case.sop.requirements if case.sop else ()
    return listed if dice.one_in(12) else handed_in(listed)


def _correct(case: Case, _code: str, dice: Dice) -> Body:
    found = {item.requirement for item in case.correction.findings} if case.correction else set()
    asked = [item.code for item in _of_the_applicant(case, dice) if item.code in found] if case.correction else ["ktp"]
    given = asked[1:] or ["ktp"] if dice.one_in(8) else asked
    return {"documents": [{"requirement": item, "digest": DIGEST} for item in given]}


def _basis(case: Case, dice: Dice) -> str:
    return case.sop.legal_bases[0].code if case.sop and not dice.one_in(8) else "uu-tidak-ada"


def _change(case: Case, _code: str, dice: Dice) -> Body:
    return {"reasons": ["tidak-sesuai-izin"], "legal_basis": _basis(case, dice)}


def _hold(case: Case, _code: str, dice: Dice) -> Body:
    return {"number": dice.pick((*case.legal_holds, "B/1", "B/2")), "reason": "audit"}


def replaced(case: Case, person: str) -> str:
    """Returns who does the work of somebody: they themselves, or after a declared conflict (or help at the counter) the first replacement without one."""
    while (who := authid(Actor(person, "officer"), case.code)) in case.conflicts or on_their_side(case, who):
        person = f"{person} pengganti"
    return person


def _officer(case: Case, code: str, dice: Dice) -> Body:
    step = _step(case, code)
    agency = step.agency if step else "pupr"
    people = [replaced(case, f"petugas {agency}"), replaced(case, f"kepala {agency}")]
    # Good will, which takes the first, gives a step to somebody who does not have it yet.
    people.sort(key=lambda person: authid(Actor(person, "officer"), case.code) == case.officers.get(code))
    return {"step": code, "officer": dice.pick(people)}


def _choose(case: Case, _code: str, dice: Dice) -> Body:
    if case.offer is None:
        return {"step": "lapangan", "visit": 1, "date": DATES[0]}
    return {"step": case.offer.step, "visit": case.offer.number, "date": dice.pick((*case.offer.dates, DATES[2]))}


def _recheck(case: Case, code: str, dice: Dice) -> Body:
    step = _step(case, code)
    return {"step": code, "requirement": dice.pick((*(step.reads if step else ()), "ktp")), "reason": "informasi-baru"}


def _breach(case: Case, dice: Dice) -> Body:
    found = dice.pick(case.breaches) if case.breaches else None
    return {"step": found.step if found else "lalin", "round": found.round if found else 1}


def _ruling(case: Case, _code: str, dice: Dice) -> Body:
    agencies = [item.agency for item in case.breaches] or ["pupr"]
    return {**_breach(case, dice), "agency": dice.pick(agencies), "ruling": dice.pick(("upheld", "dismissed")), "reason": "bukti-cukup"}


def _slip(_case: Case, _code: str, dice: Dice) -> Body:
    return {"field": dice.pick(("holder-name", "dates")), "reason": "salah-ketik", "document": DIGEST}


def _renewal(case: Case, _code: str, dice: Dice) -> Body:
    own = {item.code for item in _of_the_applicant(case, dice)}
    wanted = [item.code for item in renewal.asked(case, case.facts) if item.code in own]
    changed = [code for code, item in (case.sop.requirement_by_code if case.sop else {}).items() if item.on_renewal == renewal.IF_CHANGED]
    handed = wanted[1:] if dice.one_in(8) else [*wanted, *(code for code in changed if code in case.requirements and dice.one_in(3))]
    return {"documents": [{"requirement": code, "digest": DIGEST} for code in dict.fromkeys(handed)]}


def _acceptance(case: Case, _code: str, dice: Dice) -> Body:
    documents = case.sop.transfer.documents if case.sop and case.sop.transfer else ()
    wanted = [item.code for item in _of_the_applicant(case, dice) if item.code in documents]
    handed = wanted[1:] if dice.one_in(8) else wanted
    handed_over = [{"requirement": code, "digest": DIGEST} for code in handed]
    return {"applicant": {"name": "Orang Lain", "nik": "6271010101010002"}, "documents": handed_over}


def _objection(_case: Case, _code: str, dice: Dice) -> Body:
    return {"grounds": [dice.pick(("penilaian-keliru", "bukti-baru"))], "statement": dice.pick(("", "Mohon ditinjau kembali."))}


def _answer(_case: Case, _code: str, dice: Dice) -> Body:
    result = dice.pick(("granted", "rejected", "rejected"))
    return {"result": result, "reasons": ["keberatan-beralasan" if result == "granted" else "penolakan-sesuai-aturan"]}


def _drafter(case: Case, _code: str, dice: Dice) -> Body:
    agency = objections.party(case, case.open_objection.kind) if case.open_objection else "dpmptsp"
    return {"officer": dice.pick((f"petugas {agency}", f"kepala {agency}")), "reason": "tidak-ada-pegawai-lain"}


BODIES: Final[Mapping[str, Callable[[Case, str, Dice], Body]]] = {
    "declare-complete": lambda _case, code, _dice: {"step": code},
    "correct": _correct,
    "withdraw": lambda _case, _code, _dice: {},
    "record-national": lambda case, _code, dice: {
        "system": dice.pick((case.system_of_record, "oss")) if case.system_of_record != "city" else "oss",
        "number": "N/1",
        "status": dice.pick(("received", "issued")),
        "happened_at": dice.pick((case.submitted_at, "2026-11-23T02:00:00.000000Z")),
    },
    "give-power": lambda _case, _code, dice: {
        "attorney": dice.pick(("kuasa siti", "orang lain", "siti")),
        "name": "Dewi",
        "document": DIGEST,
        "power": dice.pick(("khusus", "akta-notaris")),
        "valid_until": dice.pick(("2026-12-15", "2027-12-15", "2026-01-01")),
    },
    "end-representation": lambda _case, _code, dice: {"reason": dice.pick(("withdrawn", "laid-down"))},
    "surrender-permit": lambda _case, _code, _dice: {},
    "ask-duplicate": lambda _case, _code, dice: {"reason": dice.pick(("hilang", "rusak"))},
    "ask-renewal": _renewal,
    "offer-transfer": lambda _case, _code, dice: {"to": dice.pick(("orang lain", "siti"))},
    "accept-transfer": _acceptance,
    "confirm-transfer": lambda _case, _code, _dice: {},
    "refuse-transfer": lambda _case, _code, _dice: {"reasons": ["data-tidak-benar"]},
    "place-legal-hold": _hold,
    "lift-legal-hold": lambda case, _code, dice: {"number": dice.pick((*case.legal_holds, "B/1"))},
    "forget": lambda _case, _code, _dice: {"reason": "retention-ended"},
    "complete-review": _review,
    "assign-review": _officer,
    "reassign-review": lambda case, code, dice: {**_officer(case, code, dice), "reason": "cuti"},
    "allow-recheck": _recheck,
    "declare-conflict": lambda _case, _code, _dice: {"reason": "keluarga"},
    "contest-breach": lambda case, _code, dice: {**_breach(case, dice), "reason": "keadaan-kahar", "evidence": [DIGEST]},
    "rule-on-breach": _ruling,
    "issue-recommendation": _recommendation,
    "record-external": _external,
    "schedule-visit": _schedule,
    "offer-visit": lambda case, code, dice: {
        "step": code,
        "dates": list(DATES[: dice.pick((1, 2, 3))]),
        "assignment_letter": f"ST/{case.sequence}",
    },
    "choose-slot": _choose,
    "draw-inspectors": lambda _case, code, dice: {"step": code, "pool": [f"pengawas {n}" for n in range(dice.pick((5, 4, 1)))], "count": 2},
    "move-visit": _move_visit,
    "miss-visit": _miss_visit,
    "report-visit": _report_visit,
    "sign-visit-record": _sign_record,
    "assess-charge": _charge,
    "reduce-charge": _reduce,
    "release-deposit": lambda case, _code, dice: {"charge": _deposit(case, dice), "reason": "sudah-dibongkar"},
    "forfeit-deposit": lambda case, _code, dice: {
        "charge": _deposit(case, dice),
        "reason": "tidak-dibongkar",
        "legal_basis": _basis(case, dice),
    },
    "confirm-payment": _payment,
    "pay-refund": _refund,
    "draft-decision": _draft,
    "return-decision": lambda _case, code, _dice: {"step": code, "reason": "alasan-kurang-jelas"},
    "renew-permit": lambda _case, code, _dice: {"step": code},
    "issue-permit": lambda _case, code, _dice: {"step": code},
    "refuse-application": lambda _case, code, _dice: {"step": code},
    "lodge-objection": _objection,
    "lodge-appeal": _objection,
    "draft-answer": _answer,
    "allow-drafter": _drafter,
    "decide-objection": _answer,
    "decide-appeal": _answer,
    "warn-holder": lambda _case, _code, _dice: {"reasons": ["tidak-sesuai-izin"], "answer_working_days": 5},
    "suspend-permit": _change,
    "reinstate-permit": lambda _case, _code, _dice: {"reason": "sudah-diperbaiki"},
    "revoke-permit": _change,
    "annul-permit": _change,
    "draft-permit-correction": _slip,
    "return-permit-correction": lambda _case, _code, _dice: {"reason": "nomor-salah"},
    "correct-permit": lambda _case, _code, _dice: {},
}
