"""An issued permit whose type can be renewed and transferred, and what the tests of a permit share."""

from collections.abc import Mapping

from shared import events as e
from shared.permit_model import Permit
from shared.sop.model import FactValue
from tests.builders import History, good_answer, make_city

BILLBOARD = "reklame-permanen@2"
LETTER = "skp-penelitian@2"
FACTS: dict[str, FactValue] = {"luas-m2": "12.5", "tinggi-m": "6", "muka": 2, "zona": "pusat-kota"}
LETTER_FACTS: dict[str, FactValue] = {"topik-sensitif": False, "lama-bulan": 6}
CALENDAR = make_city().calendar


def issued(sop: str = BILLBOARD, facts: Mapping[str, FactValue] | None = None) -> History:
    """Returns a permit of twelve months whose renewal is not open yet."""
    history = History(sop).begin(facts or FACTS)
    while not isinstance(answer := good_answer(history.case, next(iter(history.case.ready))), e.PermitIssued):
        history.must(answer)
    return history.must(e.PermitIssued(step="tetap", number="503/1", valid_from="2026-12-03", valid_until="2027-12-02"))


def permit_of(history: History) -> Permit:
    """Returns the permit."""
    assert history.case.permit is not None
    return history.case.permit
