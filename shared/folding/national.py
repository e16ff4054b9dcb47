"""How the mirror of a national system changes a case: what it says is kept beside what the city says, and decides nothing here."""

from collections.abc import Mapping
from typing import Final

from shared import events as e
from shared.case_model import Case, Mirrored
from shared.folding.parts import Handler
from shared.mirrors import mirror_refusal
from shared.sop.model import Sop


def _recorded(case: Case, _event: e.AnyEvent, data: e.NationalRecorded, _sops: Mapping[str, Sop], at: str) -> Case | None:
    if mirror_refusal(case, data.system, data.status, data.happened_at):
        return None
    return case.having(mirrored=(*case.mirrored, Mirrored(data.status, data.happened_at, at, data.number))[-MIRRORED_MAX:])


MIRRORED_MAX: Final = 100
HANDLERS: Final[dict[type[e.Data], Handler]] = {e.NationalRecorded: _recorded}
