"""How holds, forgetting and skipped numbers are noted in a case."""

from collections.abc import Mapping
from typing import Final

from shared import events as e
from shared.case_model import Case
from shared.folding.parts import Handler, note
from shared.sop.model import Sop


def _hold_placed(case: Case, _event: e.AnyEvent, data: e.LegalHoldPlaced, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    return None if data.number in case.legal_holds else case.having(legal_holds={**case.legal_holds, data.number: data.reason})


def _hold_lifted(case: Case, _event: e.AnyEvent, data: e.LegalHoldLifted, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    left = {number: reason for number, reason in case.legal_holds.items() if number != data.number}
    return case.having(legal_holds=left) if len(left) < len(case.legal_holds) else None


def _forgotten(case: Case, event: e.AnyEvent, _data: e.SubjectForgotten, _sops: Mapping[str, Sop], at: str) -> Case | None:
    if case.forgotten_at:
        return None
    # Every vault has erased it, whatever else is true of the case.
    forgotten = case.having(forgotten_at=at)
    return forgotten if case.outcome else note(forgotten, event.data.NAME)


def _skipped(case: Case, _event: e.AnyEvent, _data: e.NumberSkipped, _sops: Mapping[str, Sop], _at: str) -> Case:
    return case


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.LegalHoldPlaced: _hold_placed,
    e.LegalHoldLifted: _hold_lifted,
    e.SubjectForgotten: _forgotten,
    e.NumberSkipped: _skipped,
}
