"""What stands in the two official forms of an SOP: the SOP administrasi pemerintahan and the standar pelayanan.

What the SOP's data does not hold is a blank to fill in by hand; nothing is invented.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.agencies import party_name
from shared.envelope import canonical
from shared.sop.model import Requirement, Sop, Step, Transfer, content_digest, sop_content
from shared.web import sop_words as words
from shared.web.formats import listed, readable
from shared.web.sop_flow import APPLICANT, MAY_FIND, SYSTEM, Cell, Column, Flow, plan
from shared.web.sop_form_texts import ASSESSED, OUTPUTS, TEXTS


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form: a text, a blank to fill in by hand, or a text with a blank behind it."""

    text: str = ""
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A named part of a form."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the head and foot of both forms."""

    language: str
    form: str
    law: str
    government: str
    owner: str
    title: str
    demo: str
    by_hand: str
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the flowchart's table."""

    number: int
    activity: str
    cells: tuple[Cell, ...]
    documents: tuple[str, ...]
    time: str
    output: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SopAp:
    """The form of an SOP administrasi pemerintahan."""

    head: Head
    identity: tuple[Field, ...]
    boxes: tuple[Field, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    legend: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceStandard:
    """The form of a standar pelayanan: who provides it, its 14 components, and who signs."""

    head: Head
    provider: Field
    components: tuple[Field, ...]
    signature: tuple[Field, ...]


BLANK = Line(blank=True)


class Sayer:
    """Says the forms' texts, and what the SOP holds, in one language."""

    def __init__(self, sop: Sop, language: str) -> None:
        self.sop, self.language = sop, language
        self.titles = words.fact_titles(sop)
        self._bases = {basis.code: basis.title for basis in sop.legal_bases}

    def say(self, key: str, **places: object) -> str:
        """Returns a text of the forms."""
        return words.pick(TEXTS[key], self.language).format(**places)

    def field(self, key: str, *lines: Line | str) -> Field:
        """Returns a named part; without lines it is a blank."""
        return Field(self.say(key), tuple(Line(line) if isinstance(line, str) else line for line in lines) or (BLANK,))

    def days(self, days: int) -> str:
        """Returns working days."""
        return words.days_text(days, self.language)

    def basis(self, code: str) -> str:
        """Returns a legal basis's title."""
        return self._bases[code].in_language(self.language) if code in self._bases else readable(code)

    def head(self, form: str) -> Head:
        """Returns the head and foot of a form."""
        digest = content_digest(canonical(sop_content(self.sop)))
        return Head(
            language=self.language,
            form=self.say(form),
            law=self.say(f"{form}-form"),
            government=self.say("government"),
            owner=party_name(self.sop.owner)[self.language],
            title=self.sop.title.in_language(self.language),
            demo=self.say("demo") if self.sop.demo_values else "",
            by_hand=self.say("by_hand"),
            source=self.say("source", name=self.sop.name, digest=digest),
        )

    def deemed(self) -> Iterable[str]:
        """Yields what silence of the agencies does."""
        deemed = self.sop.deemed_approval
        if not deemed.allowed:
            yield self.say("deemed-not", basis=self.basis(deemed.legal_basis))
            return
        payment = self.say("deemed-paid") if deemed.after_payment else ""
        yield self.say("deemed", days=self.days(deemed.after_working_days), payment=payment, basis=self.basis(deemed.legal_basis))
        if deemed.post_audit:
            yield self.say("deemed-audit")

    def time(self, step: Step) -> str:
        """Returns how long a step may take."""
        if step.kind == "payment":
            return self.say("by-applicant", days=self.days(step.applicant_working_days))
        if step.kind == "outsider":
            return self.say("by-outsider", days=self.days(step.target_working_days))
        if step.target_working_days:
            return self.days(step.target_working_days)
        return self.say("at-once" if step.automatic else "same-day")

    def notes(self, step: Step) -> Iterable[str]:
        """Yields what else the SOP says about a step."""
        if step.when is not None:
            yield self.say("only", condition=words.condition_text(step.when, self.titles, self.language))
        if step.automatic and step.manual_when is not None:
            yield self.say("by-rule-except", condition=words.condition_text(step.manual_when, self.titles, self.language))
        elif step.automatic:
            yield self.say("by-rule")
        for item in step.rejects:
            condition = words.condition_text(item.when, self.titles, self.language)
            yield self.say("rejects", condition=condition, reason=readable(item.reason))
        if step.deemed_after_working_days is not None:
            yield self.say("deemed-complete", days=self.days(step.deemed_after_working_days))
        if step.visits_max > 1:
            yield self.say("visits-max", count=step.visits_max)
        if step.sample_percent:
            yield self.say("sample", percent=step.sample_percent)
        yield from self.waits(step)
        yield from self.charge(step)
        if step.legal_basis:
            yield self.say("rests-on", basis=self.basis(step.legal_basis))

    def waits(self, step: Step) -> Iterable[str]:
        """Yields whom or what a step waits for."""
        if step.quota is not None:
            yield self.say("quota", quota=words.quota_text(step.quota, self.titles, self.language))
        if step.outsider:
            yield self.say("recorded-by", agency=words.short(step.agency, self.language))

    def charge(self, step: Step) -> Iterable[str]:
        """Yields what a step charges, and whom not."""
        if step.charge is None:
            return
        yield words.charge_text(step.charge, self.titles, self.language)
        if step.charge.exempt_when is not None:
            yield words.exemption_text(step.charge, self.titles, self.language)
        if step.charge.legal_basis:
            yield self.say("rests-on", basis=self.basis(step.charge.legal_basis))

    def output(self, step: Step) -> str:
        """Returns what a step produces."""
        pair = ASSESSED[step.charge.basis] if step.kind == "charge" and step.charge else OUTPUTS.get(step.kind, words.KINDS[step.kind])
        return words.pick(pair, self.language)

    def column(self, column: Column) -> str:
        """Returns who acts in a column."""
        agency, role = column
        if column == APPLICANT:
            return _capital(words.short(role, self.language).removeprefix("the "))
        name = "" if column == SYSTEM or not agency else words.short(agency, self.language)
        return _capital(f"{words.role_name(role, self.language)} {name}".strip())

    def requirement(self, item: Requirement) -> str:
        """Returns a requirement with everything that the SOP says about it."""
        said = []
        if item.source == "lookup":
            said.append(self.say("looked-up"))
        elif item.issued_by != APPLICANT[1]:
            said.append(self.say("issued-by", party=words.short(item.issued_by, self.language)))
        if item.when is not None:
            said.append(self.say("only", condition=words.condition_text(item.when, self.titles, self.language)))
        if item.valid_months:
            said.append(self.say("not-older", months=words.months_text(item.valid_months, self.language)))
        if self.sop.renewal is not None and item.source == "upload":
            said.append(self.say("on-renewal", renewal=words.pick(words.RENEWALS[item.on_renewal], self.language)))
        if item.legal_basis:
            said.append(self.say("rests-on", basis=self.basis(item.legal_basis)))
        title = item.title.in_language(self.language)
        return f"{title} ({'; '.join(said)})" if said else title


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# SOP administrasi pemerintahan


def sop_ap(sop: Sop, language: str) -> SopAp:
    """Returns the form of an SOP administrasi pemerintahan."""
    sayer = Sayer(sop, language)
    flow = plan(sop)
    columns = tuple(sayer.column(column) for column in flow.columns)
    system = words.pick(words.SYSTEMS[sop.system_of_record], language)
    boxes = (
        sayer.field("legal-bases", *(basis.title.in_language(language) for basis in sop.legal_bases)),
        sayer.field("qualification", *_for_each_performer(sayer, flow)),
        sayer.field("related"),
        sayer.field("equipment"),
        sayer.field("warning", *sayer.deemed()),
        sayer.field("recording", sayer.say("recorded-in", system=system), BLANK),
    )
    return SopAp(sayer.head("sop-ap"), _identity(sayer), boxes, columns, _rows(sayer, flow), _legend(sayer))


def _identity(sayer: Sayer) -> tuple[Field, ...]:
    signed = [Line(sayer.say(key), blank=True) for key in ("position", "person", "nip")]
    return (
        *(sayer.field(key) for key in ("number", "made", "revised", "effective")),
        sayer.field("approved", *signed),
        sayer.field("sop-name", sayer.sop.title.in_language(sayer.language)),
    )


def _for_each_performer(sayer: Sayer, flow: Flow) -> list[Line]:
    return [Line(sayer.column(column), blank=True) for column in flow.columns if column not in (APPLICANT, SYSTEM) and column[1]]


def _rows(sayer: Sayer, flow: Flow) -> tuple[Row, ...]:
    sop, language = sayer.sop, sayer.language
    uploads = tuple(item.title.in_language(language) for item in sop.requirements if item.source == "upload")
    submit = Row(1, sayer.say("submit"), flow.rows[0], uploads, "", sayer.say("submitted"), ())
    rows = [
        Row(number, step.title.in_language(language), cells, _documents(sayer, step), sayer.time(step), sayer.output(step), notes)
        for number, (step, cells) in enumerate(zip(sop.steps, flow.rows[1:-1], strict=True), 2)
        for notes in (tuple(sayer.notes(step)),)
    ]
    output = words.pick(OUTPUTS["decision"], language)
    return (submit, *rows, Row(len(sop.steps) + 2, sayer.say("end"), flow.rows[-1], (), "", output, ()))


def _documents(sayer: Sayer, step: Step) -> tuple[str, ...]:
    read = [sayer.sop.requirement_by_code[code].title for code in step.reads if code in sayer.sop.requirement_by_code]
    return tuple(title.in_language(sayer.language) for title in (*read, *(item.title for item in step.checklist)))


def _legend(sayer: Sayer) -> tuple[str, ...]:
    finds = any(step.kind in MAY_FIND for step in sayer.sop.steps)
    correction = sayer.say("legend-find", days=sayer.days(sayer.sop.correction_within_working_days))
    return (sayer.say("legend"), *((correction,) if finds else ()))


# Standar pelayanan


def service_standard(sop: Sop, language: str) -> ServiceStandard:
    """Returns the form of a standar pelayanan, its components in the order of the law."""
    sayer = Sayer(sop, language)
    performers = _for_each_performer(sayer, plan(sop))
    components = (
        sayer.field("legal-bases", *(basis.title.in_language(language) for basis in sop.legal_bases)),
        sayer.field("requirements", *(sayer.requirement(item) for item in sop.requirements)),
        sayer.field("procedure", *(_procedure(sayer, step) for step in sop.steps)),
        sayer.field("duration", *_duration(sayer)),
        sayer.field("cost", *_cost(sayer)),
        sayer.field("product", *_product(sayer)),
        sayer.field("facilities"),
        sayer.field("competence", *performers),
        sayer.field("supervision"),
        sayer.field("complaints"),
        sayer.field("staff", *performers),
        sayer.field("guarantee", *sayer.deemed(), BLANK),
        sayer.field("safety"),
        sayer.field("evaluation"),
    )
    signature = tuple(sayer.field(key) for key in ("place-date", "position", "person", "nip"))
    provider = sayer.field("provider", party_name(sop.owner)[language])
    return ServiceStandard(sayer.head("standar-pelayanan"), provider, components, signature)


def _procedure(sayer: Sayer, step: Step) -> str:
    before = listed([sayer.sop.step_by_code[need].title.in_language(sayer.language) for need in step.needs], sayer.language)
    said = [words.performers(step, sayer.language), *([sayer.say("after", steps=before)] if before else [])]
    if step.when is not None:
        said.append(sayer.say("only", condition=words.condition_text(step.when, sayer.titles, sayer.language)))
    return f"{step.title.in_language(sayer.language)}: {', '.join(said)}."


def _duration(sayer: Sayer) -> Iterable[str]:
    yield sayer.say("promise", days=sayer.days(sayer.sop.promise_working_days))
    for step in sayer.sop.steps:
        yield sayer.say("step-time", step=step.title.in_language(sayer.language), time=sayer.time(step))
    yield sayer.say("correction", days=sayer.days(sayer.sop.correction_within_working_days))


def _cost(sayer: Sayer) -> list[str]:
    return [_capital(text) for step in sayer.sop.steps for text in sayer.charge(step)] or [sayer.say("free")]


def _transfer(sayer: Sayer, rule: Transfer) -> str:
    if not rule.allowed:
        return sayer.say("transfer-not", basis=sayer.basis(rule.legal_basis))
    papers = [item.title.in_language(sayer.language) for item in sayer.sop.requirements if item.code in rule.documents]
    return sayer.say("transfer", documents=listed(papers, sayer.language)) if papers else sayer.say("transfer-plain")


def _product(sayer: Sayer) -> Iterable[str]:
    sop = sayer.sop
    yield sop.title.in_language(sayer.language)
    yield sayer.say("validity", validity=words.validity_text(sop.validity_months, sayer.language))
    if sop.reminder_days_before:
        yield sayer.say("reminder", days=sop.reminder_days_before)
    if sop.renewal is not None:
        yield sayer.say("renewal", days=sop.renewal.opens_days_before)
        if steps := [step.title.in_language(sayer.language) for step in sop.steps if step.code in sop.renewal.steps]:
            yield sayer.say("renewal-steps", steps=listed(steps, sayer.language))
        if sop.renewal.self_assessment:
            yield sayer.say("renewal-self")
    if sop.transfer is not None:
        yield _transfer(sayer, sop.transfer)
    for visit in sop.after_issue:
        yield sayer.say("after-issue", visit=words.after_visit_text(visit, sayer.language))
    for item in sop.conditions:
        yield sayer.say("duty", duty=item.title.in_language(sayer.language))
