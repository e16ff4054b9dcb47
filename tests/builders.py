"""What many tests need: a city with the shipped SOPs, events, and histories said through the same verdict and fold as in the city."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from services.catalogue.shipped import shipped_sops
from services.ledger import domain as ledger
from shared import events as e
from shared.calendar import Calendar
from shared.case import Case, empty_case, fold
from shared.city import City
from shared.envelope import Entry, Stamp, canonical, decode, encode, make_entry, read_entry
from shared.fields import Stage, to_timestamp
from shared.money import charge_rupiah
from shared.quota import Quota
from shared.sop import after_issue, deadlines, objections, rules
from shared.sop.admissible import admissible
from shared.sop.checks.parts import RULE_ROLE
from shared.sop.checks.personal import DATA_PROTECTION_ROLE
from shared.sop.model import FactValue, Sop, Step, content_digest, sop_content
from shared.sop.people import INSPECTORATE
from shared.sop.permit import next_term
from shared.sop.places import quota_pool

CATALOGUE = Path(__file__).parent.parent / "shared" / "sop" / "catalogue"
CITY_NAME = "palangka-raya"
CODE = "PKY-36BS-2WSW-K54E-F"
OTHER_CODE = "PKY-F8XS-9HEJ-W7W0-0"
APPLICANT_ID = "A" * 43
OFFICER_ID = "B" * 43
SIGNER_ID = "C" * 43
SUPERIOR_ID = "D" * 43
DRAFTER_ID = "F" * 43  # who drafts the answer to an objection, and had no part before
PARTIAL_ID = "E" * 43  # an officer with an interest of their own
COMMITMENT = "x" * 43
MONDAY_MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 in the city
STAGES: tuple[Stage, ...] = ("catalogue", "intake", "verification", "inspection", "issuance", "treasury", "ledger")
APPLICANT_EVENTS = (
    *(e.ApplicationSubmitted, e.CorrectionSubmitted, e.ApplicationWithdrawn, e.VisitSlotChosen, e.ObjectionLodged, e.AppealLodged),
    *(e.PermitSurrendered, e.PermitDuplicateIssued, e.RenewalRequested, e.TransferOffered, e.TransferAccepted),
    *(e.RepresentationGiven, e.RepresentationEnded),
)
PERMIT_EVENTS = (
    *(e.WarningIssued, e.PermitSuspended, e.PermitReinstated, e.PermitRevoked, e.PermitAnnulled),
    *(e.PermitCorrectionDrafted, e.PermitCorrectionReturned, e.PermitCorrected, e.TransferRefused, e.PermitTransferred),
)
SKP, REKLAME, PBG = "skp-penelitian@1", "reklame-permanen@1", "pbg-usaha@1"
FACTS: Mapping[str, Mapping[str, FactValue]] = {
    SKP: {"topik-sensitif": False, "lama-bulan": 6},
    REKLAME: {"luas-m2": "12.5", "tinggi-m": "6", "muka": 2},
    PBG: {"luas-lantai-m2": "600.5", "indeks": "1.25", "lantai": 2},
}


@cache
def catalogue() -> Mapping[str, Sop]:
    """Returns the shipped SOPs by `type@version`."""
    return {sop.name: sop for sop in shipped_sops()}


@cache
def make_city() -> City:
    """Returns a city with the shipped SOPs, one sender for each stage, and weekends off."""
    senders: dict[str, e.SenderRegistered] = {stage: e.SenderRegistered(name=stage, stage=stage, agencies=("*",)) for stage in STAGES}
    return City(senders=senders, sops=catalogue(), calendar=Calendar(), contract=e.CONTRACT)


def make_young_city() -> City:
    """Returns a city that has the first version of each SOP only."""
    city = make_city()
    return replace(city, sops={name: sop for name, sop in city.sops.items() if sop.version == 1})


def make_event(data: e.Data, **fields: Any) -> e.AnyEvent:  # noqa: ANN401 - attributes of an event
    """Returns an event around the data; attributes that are not given have plain values."""
    sender = fields.pop("sender", min(data.SAID_BY))
    number = fields.pop("number", 1)
    known = {"subject": CODE, "basis": 0, "role": RULE_ROLE, "time": to_timestamp(MONDAY_MORNING), **fields}
    known |= {"id": f"{known['subject']}/{sender}/{number}", "source": f"/{CITY_NAME}/{sender}"}
    return e.Event[type(data)](data=data, specversion="1.0", type=data.type_name(), **known)  # type: ignore[misc,operator,no-any-return]  # a class known at run time


def make_line(event: e.AnyEvent, position: int = 1, sequence: int = 1, at: datetime = MONDAY_MORNING, refused: str = "") -> Entry:
    """Returns the entry of an event, read back from its bytes as a service does."""
    return read_entry(make_entry(encode(event), Stamp(position, sequence, to_timestamp(at), refused)).raw)


def submission(sop: Sop, facts: Mapping[str, FactValue] | None = None) -> e.ApplicationSubmitted:
    """Returns a complete application for an SOP."""
    declared = dict(FACTS[sop.name] if facts is None else facts)
    return e.ApplicationSubmitted(
        sop=sop.name,
        channel="web",
        kelurahan="62.71.01.1001",
        facts=tuple(e.DeclaredFact(name=name, value=value) for name, value in declared.items()),
        attachments=tuple(e.Attachment(requirement=item.code, commitment=COMMITMENT) for item in sop.required(declared)),
        disclosures=(e.Disclosure(name="nama", commitment=COMMITMENT),),
        filed_as="self",
    )


def publication(sop: Sop) -> e.SopPublished:
    """Returns the event that publishes an SOP."""
    content = sop_content(sop)
    return e.SopPublished(sop=sop.name, digest=content_digest(canonical(content)), content=content)


@dataclass(repr=False)
class History:
    """An application as the city meets it: every event is judged, stamped a minute after the one before, entered and folded."""

    sop: str
    code: str = CODE
    city: City = field(default_factory=make_city)
    now: datetime = MONDAY_MORNING
    entries: list[Entry] = field(default_factory=list)
    case: Case = field(default_factory=lambda: empty_case(CODE))
    numbers: dict[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        said = (f"{entry.event.data!r} {entry.stamp.refused}".strip() for entry in self.entries)
        return f"History({self.sop!r}, {self.case.facts}):\n" + "\n".join(said)

    def _repr_pretty_(self, printer: Any, _cycle: object) -> None:  # noqa: ANN401 - hypothesis shows a failing example with it
        printer.text(repr(self))

    def begin(self, facts: Mapping[str, FactValue] | None = None) -> "History":
        """Submits a complete application."""
        assert self.say(submission(self.city.sops[self.sop], facts)) == ""
        return self

    def event(self, data: e.Data, **fields: Any) -> e.AnyEvent:  # noqa: ANN401 - attributes of an event
        """Returns the next event of its sender, said by whom the SOP names for the step."""
        sender = fields.pop("sender", min(data.SAID_BY))
        known: dict[str, Any] = {"basis": self.case.sequence, "time": to_timestamp(self.now), **self._speaker(data), **fields}
        said = {name: value for name, value in known.items() if value != ""}
        return make_event(data, sender=sender, number=self.numbers.get(sender, 0) + 1, subject=self.code, **said)

    def _speaker(self, data: e.Data) -> dict[str, str]:  # noqa: C901, PLR0911, PLR0912 - one answer for each kind of speaker
        if isinstance(data, APPLICANT_EVENTS):
            return {"role": rules.APPLICANT, "authid": APPLICANT_ID}
        if isinstance(data, e.AnswerDrafted | e.InvolvedDrafterAllowed) and (asked := self.case.open_objection):
            agency, drafts = objections.party(self.case, asked.kind), isinstance(data, e.AnswerDrafted)
            return {
                "role": "officer" if drafts else objections.ANSWERS[asked.kind],
                "agency": agency,
                "authid": DRAFTER_ID if drafts else SIGNER_ID,
            }
        if isinstance(data, e.ObjectionDecided):
            return {"role": "head", "agency": objections.party(self.case, objections.OBJECTION), "authid": SIGNER_ID}
        if isinstance(data, e.AppealDecided):
            return {"role": objections.SUPERIOR, "agency": objections.SUPERIOR_AGENCY, "authid": SUPERIOR_ID}
        if isinstance(data, e.LegalHoldPlaced | e.LegalHoldLifted | e.SubjectForgotten):
            return {"role": DATA_PROTECTION_ROLE, "agency": "dpmptsp", "authid": OFFICER_ID}
        if isinstance(data, PERMIT_EVENTS):
            by = OFFICER_ID if isinstance(data, e.PermitCorrectionDrafted) else SIGNER_ID
            return {"role": "pejabat-penerbit", "agency": self.city.sops[self.sop].owner, "authid": by}
        step = self.city.sops[self.sop].step_by_code.get(getattr(data, "step", ""))
        if after := after_issue.expected(self.case).get(getattr(data, "step", "")):
            agency = after_issue.pending_agencies(self.case, after)[0]
            return {"role": after.role, "agency": agency, "authid": OFFICER_ID}
        if isinstance(data, e.BreachUpheld | e.BreachDismissed):
            return {"role": "auditor", "agency": INSPECTORATE, "authid": SIGNER_ID}
        if isinstance(data, e.BreachContested) and step is not None:
            return {"role": "head", "agency": step.agency, "authid": SIGNER_ID}
        if isinstance(data, e.ConflictDeclared):
            waiting = next((found for code in self.case.ready if (found := rules.ready_step(self.case, code))), None)
            return {"role": "officer", "agency": waiting.agency if waiting else "", "authid": PARTIAL_ID}
        if isinstance(data, e.CorrectionRequested):
            step = rules.joining_step(self.case)
            return {"role": RULE_ROLE, "agency": step.agency if step else ""}
        if isinstance(data, e.PaymentConfirmed):
            step = self.city.sops[self.sop].step_by_code.get(rules.payment_step(self.case))
        if step is None or "ledger" in data.SAID_BY:
            return {"role": RULE_ROLE}
        if objections.by_rule(self.case, step):
            return {"role": RULE_ROLE, "agency": step.agency}
        if isinstance(data, e.VisitRecordSigned):
            return {"role": step.role, "agency": rules.pending_agencies(self.case, step)[0], "authid": OFFICER_ID}
        signs = isinstance(data, e.PermitIssued | e.PermitRenewed | e.ApplicationRefused | e.DecisionReturned)
        usual = SIGNER_ID if signs else OFFICER_ID
        return {"role": step.role, "agency": step.agency, "authid": self.case.officers.get(step.code, usual)}

    def say(self, data: e.Data, **fields: Any) -> str:  # noqa: ANN401 - attributes of an event
        """Says an event and returns the ledger's verdict: a refusal code, or empty when it stands."""
        return self.enter(self.event(data, **fields))

    def enter(self, event: e.AnyEvent) -> str:
        """Enters an event of its sender's next number and returns the verdict."""
        if isinstance(event.data, e.QuotaGranted):
            self.reserve(event.data.quota, event.data.places)
        refused = admissible(self.case, decode(encode(event)), self.city.at(self.now))
        self.now += timedelta(minutes=1)
        entry = make_line(event, len(self.entries) + 1, self.case.sequence + 1, self.now, refused)
        self.numbers[event.sender] = event.number
        self.entries.append(entry)
        self.case = fold(self.case, entry, self.city.sops)
        return refused

    def reserve(self, pool: str, places: int) -> None:
        """Has the pool's own stream reserve places for this application."""
        reserved = Quota(pool, "dishub", places, {self.case.code: places})
        self.city = replace(self.city, quotas={**self.city.quotas, pool: reserved})

    def must(self, *said: e.Data) -> "History":
        """Says events that have to stand."""
        for data in said:
            assert self.say(data) == "", data
        return self

    def wait_until(self, instant: datetime) -> list[deadlines.Deadline]:
        """Lets time pass; the ledger says each deadline when it is due. Returns them in order."""
        passed: list[deadlines.Deadline] = []
        while due := [item for item in deadlines.clock(self.case, self.city.calendar) if item.due_at <= instant]:
            self.now = max(self.now, due[0].due_at)
            self.must(ledger.said(due[0], self.case))
            passed.append(due[0])
        self.now = max(self.now, instant)
        return passed

    def wait_days(self, days: int) -> list[deadlines.Deadline]:
        """Lets so many days of 24 hours pass."""
        return self.wait_until(self.now + timedelta(days=days))

    def until(self, code: str) -> "History":
        """Does the first ready step well, again and again, until a step is ready."""
        while code not in self.case.ready:
            self.must(good_answer(self.case, next(iter(self.case.ready))))
        return self

    def finish(self) -> "History":
        """Does the first ready step well, again and again, until nobody has anything to do."""
        for _ in range(60):
            if not self.case.ready:
                return self
            self.must(good_answer(self.case, next(iter(self.case.ready))))
        raise AssertionError("the application does not end")

    def names(self) -> list[str]:
        """Returns what was said, without what was refused."""
        return [entry.current.data.NAME for entry in self.entries if not entry.stamp.refused]


def good_answer(case: Case, code: str) -> e.Data:  # noqa: C901, PLR0911, PLR0912 - one answer for each kind of step
    """Returns what is said next for a ready step when all goes well."""
    if code == rules.CORRECTION_REQUEST:
        return e.CorrectionRequested(round=case.round, findings=rules.open_findings(case))
    if code == rules.CORRECTION and case.correction is not None:
        return correction(case)
    if waiting := case.open_objection:
        if waiting.opinion is None:
            return e.AnswerDrafted(number=waiting.number, result="rejected", reasons=("penolakan-sesuai-aturan",))
        decided = e.ObjectionDecided if code == objections.OBJECTION else e.AppealDecided
        return decided(number=waiting.number, result="rejected", reasons=("penolakan-sesuai-aturan",))
    assert case.sop is not None
    step = case.sop.step_by_code[code]
    match step.kind:
        case "completeness":
            return e.ApplicationCompleted(step=code)
        case "rule" | "review":
            return e.ReviewCompleted(step=code, round=case.round, result="passed")
        case "outsider":
            return e.ExternalRecorded(
                step=code, round=case.round, result="passed", source="laboratorium", number="LHU/1", read_on="2026-11-24"
            )
        case "quota":
            assert step.quota is not None
            return e.QuotaGranted(step=code, quota=quota_pool(step, case), places=step.quota.places(case.facts))
        case "recommendation":
            return e.RecommendationIssued(step=code, number="REK/1", opinion="agree")
        case "draw":
            return e.AuditDrawn(step=code, selected=False)
        case "visit":
            return _good_visit(case, code)
        case "charge":
            return _good_charge(case, step)
        case "payment":
            charge = next(item for item in case.charges if item.paid_rupiah < item.amount_rupiah)
            receipt = f"STS/{case.sequence}"
            return e.PaymentConfirmed(charge=charge.number, receipt=receipt, amount_rupiah=charge.amount_rupiah - charge.paid_rupiah)
        case _:
            return _good_decision(case, code)


def _good_charge(case: Case, step: Step) -> e.Data:
    told = charge_rupiah(step, case)
    basis, amount, number = step.charge.basis if step.charge else "tax", 100_000 if told is None else told, len(case.charges) + 1
    if basis == "deposit":
        return e.DepositRequired(step=step.code, number=f"JAM/{number}", amount_rupiah=amount)
    return e.ChargeAssessed(step=step.code, number=f"SKPD/{number}", basis=basis, amount_rupiah=amount)


def correction(case: Case, *requirements: str) -> e.CorrectionSubmitted:
    """Returns the applicant's answer to the open list, or for these requirements only."""
    assert case.correction is not None
    asked = requirements or tuple(dict.fromkeys(finding.requirement for finding in case.correction.findings))
    attachments = tuple(e.Attachment(requirement=requirement, commitment="y" * 43) for requirement in asked)
    return e.CorrectionSubmitted(round=case.correction.round, attachments=attachments)


def _good_visit(case: Case, code: str) -> e.Data:
    assert case.sop is not None
    visit = rules.last_visit(case, code)
    if case.offer is not None:
        return e.VisitSlotChosen(step=code, visit=case.offer.number, date=case.offer.dates[0])
    if visit is None or visit.state in ("missed", "failed"):
        number = sum(item.step == code for item in case.visits) + 1
        agencies = case.sop.step_by_code[code].agencies
        return e.VisitScheduled(step=code, visit=number, date="2026-12-01", agencies=agencies, assignment_letter=f"ST/{number}")
    if visit.state == "scheduled":
        return e.VisitReported(step=code, visit=visit.number, result="passed", evidence=(COMMITMENT,))
    return e.VisitRecordSigned(step=code, visit=visit.number)


def _good_decision(case: Case, code: str) -> e.Data:
    assert case.sop is not None
    rejected = rules.is_rejected(case)
    permit: e.Data = e.PermitIssued(step=code, number="IZIN/1", valid_from="2026-12-01")
    if case.renewal and case.permit:
        first, last = next_term(case.permit, case.sop.validity_months)
        permit = e.PermitRenewed(step=code, valid_from=first, valid_until=last)
    refusal = e.ApplicationRefused(step=code, reasons=case.outcome_reasons or ("ditolak",))
    if objections.by_rule(case, case.sop.step_by_code[code]):
        return refusal if rejected else permit
    if case.draft is None:
        refusing = e.DecisionDrafted(step=code, outcome="refuse", reasons=("ditolak",))
        return refusing if rejected else e.DecisionDrafted(step=code, outcome="issue")
    if case.draft.outcome == "refuse":
        return refusal
    return e.DecisionReturned(step=code, reason="ada-penolakan") if rejected else permit
