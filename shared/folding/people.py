"""How hand-overs, conflicts of interest and second looks change a case."""

from collections.abc import Mapping
from typing import Final

from shared import events as e
from shared.case_model import Case
from shared.folding.parts import Handler
from shared.sop.model import Sop


def _reassigned(case: Case, _event: e.AnyEvent, data: e.ReviewReassigned, _sops: Mapping[str, Sop], at: str) -> Case | None:
    if data.step not in case.officers or case.officers[data.step] == data.officer:
        return None
    count = case.hand_overs.get(data.step, 0) + 1
    officers, touched = {**case.officers, data.step: data.officer}, {**case.touched, data.step: at}
    return case.having(officers=officers, touched=touched, hand_overs={**case.hand_overs, data.step: count})


def _conflict(case: Case, event: e.AnyEvent, _data: e.ConflictDeclared, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    if not event.authid or event.authid in case.conflicts:
        return None
    # What this officer had goes back to everybody; a draft of theirs is nobody's to sign.
    left = {step: officer for step, officer in case.officers.items() if officer != event.authid}
    draft = None if case.draft is not None and case.draft.authid == event.authid else case.draft
    return case.having(conflicts={**case.conflicts, event.authid: event.agency}, officers=left, draft=draft)


def _recheck(case: Case, _event: e.AnyEvent, data: e.RecheckAllowed, _sops: Mapping[str, Sop], _at: str) -> Case | None:
    allowed = f"{data.step}/{data.requirement}"
    handed = case.requirements.get(data.requirement)
    if handed is None or case.rechecks.get(allowed) == handed.sequence:
        return None
    return case.having(rechecks={**case.rechecks, allowed: handed.sequence})


HANDLERS: Final[dict[type[e.Data], Handler]] = {
    e.ReviewReassigned: _reassigned,
    e.ConflictDeclared: _conflict,
    e.RecheckAllowed: _recheck,
}
