"""How a renewal makes a case run again, and how it is granted."""

from collections.abc import Mapping
from typing import Final

from shared import events as e
from shared.case_model import Before, Case, Renewal
from shared.folding.parts import Handler, done, end_renewal, handed_in
from shared.sop import renewal
from shared.sop.model import Sop
from shared.sop.permit import RENEWAL, permit_refusal


def _requested(case: Case, _event: e.AnyEvent, data: e.RenewalRequested, _sops: Mapping[str, Sop], at: str) -> Case | None:
    if case.sop is None or not case.outcome or permit_refusal(case, RENEWAL) or renewal.problem(case, data)[0]:
        return None
    handed = handed_in(case, data.attachments, at)
    steps = renewal.steps_of(case.sop, handed)
    before = Before(case.outcome, case.completed_at, case.facts, case.requirements, case.steps, case.visits)
    return case.having(
        renewal=Renewal(case.sequence, at, steps, len(case.charges), before),
        facts={**case.facts, **{fact.name: fact.value for fact in data.facts}},
        requirements={**case.requirements, **handed},
        # Deadlines are told apart by their round, so the rounds of a renewal go on counting.
        round=case.round + 1,
        visits=tuple(visit for visit in case.visits if visit.step not in steps),
        outcome="",
        outcome_reasons=(),
        acts=(),  # who asks anew objects no more to what became of the renewal before
        completed_at="",
        steps={},
        findings={},
        officers={},
        hand_overs={},
        accepted={},
        rechecks={},
    )


def _renewed(case: Case, event: e.AnyEvent, data: e.PermitRenewed, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return end_renewal(done(case, event, data.step, "passed", at), "renewed", at, valid_until=data.valid_until)


def _deemed_renewed(case: Case, _event: e.AnyEvent, data: e.PermitDeemedRenewed, _sops: Mapping[str, Sop], at: str) -> Case | None:
    return end_renewal(case, "renewed", at, valid_until=data.valid_until, deemed=data.number)


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.RenewalRequested: _requested,
    e.PermitRenewed: _renewed,
    e.PermitDeemedRenewed: _deemed_renewed,
}
