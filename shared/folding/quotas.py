"""How places that were reserved change a case."""

from collections.abc import Mapping
from typing import Final

from shared import events as e
from shared.case_model import Case
from shared.folding.parts import Handler, done
from shared.sop.model import Sop


def _granted(case: Case, event: e.AnyEvent, data: e.QuotaGranted, _sops: Mapping[str, Sop], at: str) -> Case:
    return done(case, event, data.step, "passed", at)


HANDLERS: Final[dict[type[e.Data], Handler]] = {e.QuotaGranted: _granted}
