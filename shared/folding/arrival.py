"""How an application arrives and how it ends without a decision."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from shared import events as e
from shared.case_model import Case, Representation
from shared.folding.parts import Handler, aside, done, end, handed_in
from shared.personal import KUASA_NAME
from shared.sop.model import Sop


def _submitted(case: Case, event: e.AnyEvent, data: e.ApplicationSubmitted, sops: Mapping[str, Sop], at: str) -> Case | None:
    if case.submitted_at:
        return None
    return case.having(
        sop=sops.get(data.sop),
        sop_name=data.sop,
        submitted_at=at,
        submitter=data.filed_for or event.authid,
        disclosed=tuple(item.commitment for item in data.disclosures),
        filed_as=data.filed_as,
        filed_by=event.authid,
        representation=_power(event, data),
        channel=data.channel,
        kelurahan=data.kelurahan,
        facts={fact.name: fact.value for fact in data.facts},
        requirements=handed_in(case, data.attachments, at),
    )


def _power(event: e.AnyEvent, data: e.ApplicationSubmitted) -> Representation | None:
    if data.filed_as != "kuasa":
        return None
    return Representation(event.authid, data.power, data.statement, data.power_valid_until, name=_name_in(data.disclosures))


def _name_in(disclosures: Iterable[e.Disclosure]) -> str:
    return next((item.commitment for item in disclosures if item.name == KUASA_NAME), "")


def _power_given(case: Case, _event: e.AnyEvent, data: e.RepresentationGiven, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    if not case.submitted_at:
        return None
    before, name = case.representation, _name_in(data.disclosures)
    # Whose name is shown is the attorney's who acts now.
    disclosed = tuple(item for item in case.disclosed if before is None or item != before.name)
    return case.having(
        representation=Representation(data.attorney, data.power, data.statement, data.valid_until, name=name),
        disclosed=(*disclosed, name),
        stood_aside=aside(case, before.authid if before else ""),
    )


def _power_ended(case: Case, _event: e.AnyEvent, data: e.RepresentationEnded, _sops: Mapping[str, Sop], at: str) -> Case | None:
    power = case.representation
    if power is None or power.ended:
        return None
    return case.having(representation=replace(power, ended=data.reason, ended_at=at))


def _completed(case: Case, event: e.AnyEvent, data: Any, _sops: Mapping[str, Sop], at: str) -> Case:  # noqa: ANN401 - two event classes
    return done(case, event, data.step, "passed", at).having(completed_at=at)


def _withdrawn(case: Case, _event: e.AnyEvent, data: e.ApplicationWithdrawn, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return end(case, "withdrawn", at, outcome_reasons=(data.reason,))


def _closed(case: Case, _event: e.AnyEvent, data: e.ApplicationClosed, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return end(case, "closed", at, outcome_reasons=(data.reason,))


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.ApplicationSubmitted: _submitted,
    e.RepresentationGiven: _power_given,
    e.RepresentationEnded: _power_ended,
    e.ApplicationCompleted: _completed,
    e.ApplicationDeemedComplete: _completed,
    e.ApplicationWithdrawn: _withdrawn,
    e.ApplicationClosed: _closed,
}
