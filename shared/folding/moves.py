"""How a running application goes on under a newer version of its SOP."""

from collections.abc import Mapping
from typing import Final

from shared import events as e
from shared.case_model import Case
from shared.folding.parts import Handler
from shared.sop.model import Sop
from shared.sop.moving import moved


def _moved(case: Case, _event: e.AnyEvent, data: e.ApplicationMovedToSop, sops: Mapping[str, Sop], _at: str) -> Case | None:
    after = sops.get(data.sop)
    if case.outcome or case.sop is None or after is None or after.name == case.sop_name:
        return None
    return moved(case, after)


HANDLERS: Final[dict[type[e.Data], Handler]] = {e.ApplicationMovedToSop: _moved}
