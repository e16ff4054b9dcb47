"""Whether an objection or appeal may be lodged or decided, and by whom."""

from typing import Any, Final

from shared import events as e
from shared.case import Case
from shared.city import City
from shared.sop import objections
from shared.sop.checks.parts import Check
from shared.sop.people import ACTING_HEAD, HEAD, OFFICER

# Who stands in for the superior by letter is an acting head of their office.
_DECIDES: Final = {objections.OBJECTION: (HEAD, ACTING_HEAD), objections.APPEAL: (objections.SUPERIOR, ACTING_HEAD)}


def _lodged(kind: objections.Kind) -> Check:
    def check(case: Case, event: e.AnyEvent, data: Any, city: City) -> str:  # noqa: ANN401 - two event classes
        if problem := objections.lodge_refusal(case, kind, event.role, event.authid, city.today):
            return problem
        if case.act is None or data.against != case.act.kind:
            return "other-act"
        return "" if data.number == objections.next_number(case, kind) else "objection-number"

    return check


def _decided(kind: objections.Kind) -> Check:
    def check(case: Case, event: e.AnyEvent, data: Any, _city: City) -> str:  # noqa: ANN401 - two event classes
        waiting = case.open_objection
        if waiting is not None and waiting.number != data.number:
            return "no-objection"
        if event.role not in _DECIDES[kind]:
            return "not-allowed"
        return objections.decide_refusal(case, kind, event.agency, event.authid)

    return check


def _drafted(case: Case, event: e.AnyEvent, data: e.AnswerDrafted, _city: City) -> str:
    if case.open_objection is not None and case.open_objection.number != data.number:
        return "no-objection"
    return "not-allowed" if event.role != OFFICER else objections.draft_refusal(case, event.agency, event.authid)


def _allowed(case: Case, event: e.AnyEvent, data: e.InvolvedDrafterAllowed, _city: City) -> str:
    waiting = case.open_objection
    if waiting is None or waiting.number != data.number:
        return "no-objection"
    if event.role not in _DECIDES[waiting.kind]:
        return "not-allowed"
    return objections.allow_refusal(case, event.agency, data.officer)


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.ObjectionLodged: _lodged(objections.OBJECTION),
    e.AnswerDrafted: _drafted,
    e.InvolvedDrafterAllowed: _allowed,
    e.ObjectionDecided: _decided(objections.OBJECTION),
    e.AppealLodged: _lodged(objections.APPEAL),
    e.AppealDecided: _decided(objections.APPEAL),
}
