"""The SOP language: one permit type and version as data, strict and without code in it.

An SOP's texts are the only free text that may enter the ledger, because they describe rules and no person. Numbers without an official
source are demo values, and `demo_values` says so.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import Field, StringConstraints, model_validator

from shared.fields import MEASURE_PATTERN, SLUG_PATTERN, Count, Frozen, Measure, Rupiah, Slug
from shared.sop.consistency import problems_of

Label = Annotated[str, StringConstraints(min_length=1, max_length=400)]
WorkingDays = Annotated[int, Field(ge=0, le=400)]
FactValue = bool | Count | Measure | Slug
_MEASURE = re.compile(MEASURE_PATTERN)
StepKind = Literal[
    "completeness", "rule", "review", "recommendation", "outsider", "quota", "draw", "visit", "charge", "payment", "decision"
]
WAITED_FOR: Final = ("outsider", "quota")  # no agency can hurry these, and none has the case meanwhile
QUEUE: Final = "antrean"  # who has a case that waits for a place
StepStage = Literal["intake", "verification", "inspection", "issuance"]


class Text(Frozen):
    """A text in Indonesian and English."""

    id: Label
    en: Label

    def in_language(self, language: str) -> str:
        """Returns the text in `id` or `en`."""
        return self.en if language == "en" else self.id

    def in_both(self) -> dict[str, str]:
        """Returns the text by language, as trees and JSON have it."""
        return {"id": self.id, "en": self.en}


class Condition(Frozen):
    """Holds on declared facts: `equals` a value, `one_of` several, or a number `at_least`; a missing fact never fulfils it."""

    fact: Slug
    equals: FactValue | None = None
    one_of: tuple[FactValue, ...] = ()
    at_least: Measure | Count | None = None

    def holds(self, facts: Mapping[str, FactValue]) -> bool:
        """Says whether it holds on the facts."""
        if self.fact not in facts:
            return False
        value = facts[self.fact]
        if self.equals is not None:
            return _same(value, self.equals)
        if self.one_of:
            return any(_same(value, choice) for choice in self.one_of)
        number = as_number(value)
        return self.at_least is not None and number is not None and number >= Decimal(self.at_least)


def _same(value: FactValue, other: FactValue) -> bool:
    # For Python, true is the number one; for a fact it is not.
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def as_number(value: FactValue) -> Decimal | None:
    """Returns a count or measure as an exact decimal, None for a yes or no or a choice."""
    if isinstance(value, bool) or (isinstance(value, str) and not _MEASURE.fullmatch(value)):
        return None
    return Decimal(value)


class FactDefinition(Frozen):
    """A fact the applicant declares, with its kind and bounds."""

    name: Slug
    kind: Literal["boolean", "count", "measure", "choice"]
    title: Text
    choices: tuple[Slug, ...] = ()
    at_most: Measure | Count | None = None


class Requirement(Frozen):
    """What an applicant hands in (`upload`) or the city looks up itself (`lookup`), from whom, and whether it holds personal data.

    `permit_type` says whose permit it is, where it is one of this city: who needs both gets that one first. `valid_months` says how old it
    may be (0: any age), `on_renewal` whether a renewal asks for it, and `added_by_city` marks what the city asks beyond the national
    standard of a national type.
    """

    code: Slug
    title: Text
    source: Literal["upload", "lookup"] = "upload"
    issued_by: Slug
    permit_type: Slug = ""
    personal: bool = False
    when: Condition | None = None
    valid_months: Annotated[int, Field(ge=0, le=1200)] = 0
    on_renewal: Literal["again", "if-changed", "never"] = "again"
    added_by_city: bool = False
    legal_basis: Slug = ""


class ChecklistItem(Frozen):
    """One thing an inspector looks at."""

    code: Slug
    title: Text


class ChargeRule(Frozen):
    """How much: a fixed sum or unit price times declared measures; `told` when the assessing agency's own system computes it.

    Nothing is charged where `exempt_when` holds on the declared facts. A `deposit` is held while the permit lives, then released or forfeited.
    """

    basis: Literal["levy", "tax", "deposit"]
    method: Literal["fixed", "product", "told"]
    unit_rupiah: Rupiah = 0
    factors: tuple[Slug, ...] = ()
    tariff: Slug
    exempt_when: Condition | None = None
    legal_basis: Slug = ""


class RuleRejection(Frozen):
    """A rule that rejects for good when its condition holds on the declared facts."""

    reason: Slug
    when: Condition


class QuotaRule(Frozen):
    """Which pool of places a step reserves from, and how many: the pool may differ by a declared choice, the places be a declared count."""

    pool: Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=31)]
    by_fact: Slug = ""
    places_fact: Slug = ""

    def subject_name(self, facts: Mapping[str, FactValue]) -> str:
        """Returns the pool's name for these facts, for example `trayek-kota-kereng`."""
        return f"{self.pool}-{facts[self.by_fact]}" if self.by_fact in facts else self.pool

    def places(self, facts: Mapping[str, FactValue]) -> int:
        """Returns how many places are needed: one at least."""
        return max(1, int(as_number(facts.get(self.places_fact, 1)) or 1))


class Step(Frozen):
    """One step: who does it, what it needs done first, what it reads, and its target; agencies of one step act jointly.

    In an `outsider` step somebody whom no agency can hurry has the case (`outsider`: a laboratory, a land office); its agency records the
    result, and the wait counts neither as the agency's nor as the applicant's.
    """

    code: Slug
    title: Text
    kind: StepKind
    stage: StepStage
    agencies: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    role: Slug
    needs: tuple[Slug, ...] = ()
    reads: tuple[Slug, ...] = ()
    target_working_days: WorkingDays
    automatic: bool = False
    manual_when: Condition | None = None
    when: Condition | None = None
    rejects: tuple[RuleRejection, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    visits_max: Annotated[int, Field(ge=1, le=9)] = 1
    charge: ChargeRule | None = None
    applicant_working_days: WorkingDays = 0
    deemed_after_working_days: WorkingDays | None = None
    sample_percent: Annotated[int, Field(ge=0, le=100)] = 0
    outsider: Slug = ""
    quota: QuotaRule | None = None
    legal_basis: Slug = ""

    @property
    def agency(self) -> str:
        """The agency that answers for the step."""
        return self.agencies[0]

    def runs_by_rule(self, facts: Mapping[str, FactValue]) -> bool:
        """Says whether a rule, and no person, does this step for these facts."""
        return self.automatic and not (self.manual_when and self.manual_when.holds(facts))


class AfterVisit(Frozen):
    """Visits that follow a permit and never delay it: how many, by whom, each within so many working days of the one before.

    `occasion` says after which permits: after each, after those that the draw has picked, or after those that silence has granted.
    """

    code: Slug
    title: Text
    occasion: Literal["always", "drawn", "deemed"] = "always"
    agencies: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    role: Slug
    visits: Annotated[int, Field(ge=1, le=9)] = 1
    every_working_days: Annotated[int, Field(ge=1, le=400)]
    checklist: Annotated[tuple[ChecklistItem, ...], Field(min_length=1, max_length=50)]
    legal_basis: Slug = ""


class LegalBasis(Frozen):
    """A regulation that an element of the SOP rests on."""

    code: Slug
    title: Text


class DeemedApproval(Frozen):
    """Silence of the agencies for that many working days of theirs grants the permit; where forbidden, the basis says why."""

    allowed: bool
    legal_basis: Slug
    after_working_days: WorkingDays = 0
    after_payment: bool = False
    post_audit: bool = False


class Renewal(Frozen):
    """When a permit may be renewed: so many days before its end; what is asked then stands with each requirement.

    `steps` are those that a renewal takes beside completeness and decision, `facts` those that may be declared anew.
    """

    opens_days_before: Annotated[int, Field(ge=1, le=400)]
    self_assessment: bool = False
    steps: Annotated[tuple[Slug, ...], Field(max_length=50)] = ()
    facts: Annotated[tuple[Slug, ...], Field(max_length=50)] = ()


class Transfer(Frozen):
    """Whether a permit may have another holder (balik nama): what that one hands in, or on which basis it may not."""

    allowed: bool
    legal_basis: Slug = ""
    documents: Annotated[tuple[Slug, ...], Field(max_length=50)] = ()
    target_working_days: Annotated[int, Field(ge=1, le=60)] = 3


class PermitCondition(Frozen):
    """A duty that the permit lays on its holder."""

    code: Slug
    title: Text
    legal_basis: Slug = ""


class SopParts(Frozen):
    """A whole SOP as it is written: each part valid by itself; whether the parts fit together is for `Sop`.

    `reminder_days_before` says how many days before its end the holder is reminded of it (0: not), beside the day on which a renewal opens.
    """

    language: Literal[1]
    permit_type: Slug
    version: Annotated[int, Field(ge=1, le=9999)]
    title: Text
    owner: Slug
    system_of_record: Literal["city", "oss", "simbg", "mppdn"]
    risk: Literal["low", "medium-low", "medium-high", "high"]
    demo_values: bool
    legal_bases: Annotated[tuple[LegalBasis, ...], Field(min_length=1, max_length=50)]
    facts: Annotated[tuple[FactDefinition, ...], Field(max_length=50)] = ()
    requirements: Annotated[tuple[Requirement, ...], Field(max_length=50)] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=2, max_length=50)]
    after_issue: Annotated[tuple[AfterVisit, ...], Field(max_length=10)] = ()
    promise_working_days: WorkingDays
    correction_within_working_days: WorkingDays
    deemed_approval: DeemedApproval
    validity_months: Annotated[int, Field(ge=0, le=1200)] = 0
    reminder_days_before: Annotated[int, Field(ge=0, le=400)] = 0
    renewal: Renewal | None = None
    transfer: Transfer | None = None
    conditions: Annotated[tuple[PermitCondition, ...], Field(max_length=50)] = ()

    @property
    def name(self) -> str:
        """The pinned name `type@version`."""
        return f"{self.permit_type}@{self.version}"

    @property
    def announced_days_before(self) -> tuple[int, ...]:
        """How many days before a permit's end its holder is reminded, the earliest reminder first: at the latest when a renewal opens."""
        days = {self.reminder_days_before, self.renewal.opens_days_before if self.renewal else 0} - {0}
        return tuple(sorted(days, reverse=True))

    @cached_property
    def step_by_code(self) -> dict[str, Step]:
        """Steps by their code."""
        return {step.code: step for step in self.steps}

    @cached_property
    def quota_steps(self) -> tuple[Step, ...]:
        """The steps that reserve a place."""
        return tuple(step for step in self.steps if step.quota is not None)

    @cached_property
    def after_issue_by_code(self) -> dict[str, AfterVisit]:
        """The visits after issue by their code."""
        return {visit.code: visit for visit in self.after_issue}

    @cached_property
    def working_agencies(self) -> tuple[str, ...]:
        """The agencies that have work under it, before the decision or after issue, in its order."""
        parts = [*(step.agencies for step in self.steps), *(visit.agencies for visit in self.after_issue)]
        return tuple(dict.fromkeys(agency for agencies in parts for agency in agencies))

    @cached_property
    def requirement_by_code(self) -> dict[str, Requirement]:
        """Requirements by their code."""
        return {requirement.code: requirement for requirement in self.requirements}

    @cached_property
    def fact_by_name(self) -> dict[str, FactDefinition]:
        """Facts by their name."""
        return {fact.name: fact for fact in self.facts}

    @cached_property
    def decision_step(self) -> Step:
        """The step that decides; the last of the SOP."""
        return self.steps[-1]

    def required(self, facts: Mapping[str, FactValue]) -> tuple[Requirement, ...]:
        """Returns the requirements that apply to these facts."""
        return tuple(requirement for requirement in self.requirements if requirement.when is None or requirement.when.holds(facts))


class Sop(SopParts):
    """A whole SOP whose parts fit together: the only one that may be published."""

    @model_validator(mode="after")
    def _consistent(self) -> "Sop":
        if problems := problems_of(self):
            raise ValueError("; ".join(problems))
        return self


SopT = TypeVar("SopT", bound=SopParts)


def newest_versions(sops: Iterable[SopT]) -> dict[str, SopT]:
    """Returns the newest of the given versions of each permit type, by type."""
    return {sop.permit_type: sop for sop in sorted(sops, key=lambda sop: sop.version)}


def sop_content(sop: Sop) -> dict[str, Any]:
    """Returns the JSON tree that is published; what stands at its default is left out."""
    return sop.model_dump(mode="json", exclude_defaults=True)


def content_digest(canonical_content: bytes) -> str:
    """Returns the SHA-256 of a content's canonical bytes, in hex."""
    return hashlib.sha256(canonical_content).hexdigest()


@lru_cache(maxsize=256)
def read_sop(canonical_content: bytes) -> Sop:
    """Reads a published content; raises `pydantic.ValidationError`."""
    return Sop.model_validate_json(canonical_content)
