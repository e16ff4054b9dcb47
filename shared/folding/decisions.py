"""How the decision changes a case."""

from collections.abc import Mapping
from typing import Final

from shared import events as e
from shared.case_model import Case, Draft
from shared.folding.parts import Handler, done, end, with_part
from shared.permit_model import Permit
from shared.sop.model import Sop


def _drafted(case: Case, event: e.AnyEvent, data: e.DecisionDrafted, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    draft = Draft(data.outcome, data.reasons, event.authid)
    return with_part(case, event.authid).having(draft=draft) if draft != case.draft else None


def _returned(case: Case, event: e.AnyEvent, _data: e.DecisionReturned, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return with_part(case, event.authid).having(draft=None) if case.draft else None


def _issued(case: Case, event: e.AnyEvent, data: e.PermitIssued, _sops: Mapping[str, Sop], at: str) -> Case | None:
    permit = Permit(data.number, data.valid_from, data.valid_until, deemed=False)
    return end(done(case, event, data.step, "passed", at), "issued", at, permit=permit)


def _refused_application(case: Case, event: e.AnyEvent, data: e.ApplicationRefused, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return end(done(case, event, data.step, "refused", at), "refused", at, outcome_reasons=data.reasons)


def _deemed_granted(case: Case, _event: e.AnyEvent, data: e.PermitDeemedGranted, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return end(case, "deemed-granted", at, permit=Permit(data.number, data.valid_from, data.valid_until, deemed=True))


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.DecisionDrafted: _drafted,
    e.DecisionReturned: _returned,
    e.PermitIssued: _issued,
    e.ApplicationRefused: _refused_application,
    e.PermitDeemedGranted: _deemed_granted,
}
