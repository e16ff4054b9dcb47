"""Pools of places through the real stage, ledger and PostgreSQL: reserved in the ledger's order, waited for, and given back."""

from services.intake import domain as intake
from services.verification import quotas
from shared.code import make_code
from shared.draft import Draft
from shared.kit.tokens import Actor
from shared.sop import rules
from shared.sop.model import FactValue
from tests.builders import CODE, OTHER_CODE, catalogue, submission
from tests.integration.minicity import APPLICANT, MiniCity, wait_for

POOL, SUBJECT, OWNER = "petak-km-12", "quota:petak-km-12", "upt-tpu"
HEAD = Actor("kepala upt-tpu", "head", OWNER)
THIRD = make_code(7)
PLOT: dict[str, FactValue] = {"pemindahan": False, "tpu": "km-12"}


def open_pool(city: MiniCity, capacity: int) -> None:
    """Has the pool's owner open it."""
    city.say("verification", SUBJECT, HEAD, quotas.open_quota(POOL, OWNER, capacity))
    city.pump()


def submit(city: MiniCity, code: str) -> None:
    """Submits an application for a plot and lets the city settle."""
    city.say("intake", code, APPLICANT, Draft(submission(catalogue()["makam@2"], PLOT)))
    city.pump()


def outcomes(city: MiniCity, *codes: str) -> list[str]:
    """Returns the outcomes of applications as the tracker has them."""
    return [city.views("tracker")[code]["outcome"] for code in codes]


def test_who_comes_later_waits_and_is_served_when_a_place_comes_free(minicity: MiniCity) -> None:
    """Given one plot, when three apply and the first gives the permit back, then the second gets it and the third waits on."""
    open_pool(minicity, 1)
    for code in (CODE, OTHER_CODE, THIRD):
        submit(minicity, code)
    assert outcomes(minicity, CODE, OTHER_CODE, THIRD) == ["issued", "", ""]
    quota = minicity.city.quotas[POOL]
    assert [quota.place(code) for code in (CODE, OTHER_CODE, THIRD)] == [0, 1, 2]
    assert minicity.stages["verification"].city.quotas == minicity.city.quotas
    assert minicity.stages["verification"].case(THIRD).parties == (f"{rules.OUTSIDER}antrean",)

    minicity.say("intake", CODE, APPLICANT, *intake.surrender_permit("pindah-tempat"))
    minicity.pump()
    assert outcomes(minicity, OTHER_CODE, THIRD) == ["issued", ""]
    assert minicity.city.quotas[POOL].reserved == {OTHER_CODE: 1}

    minicity.say("intake", THIRD, APPLICANT, *intake.withdraw("rencana-berubah"))
    minicity.pump()
    assert minicity.city.quotas[POOL].waiting == {}


def test_a_pool_that_is_opened_later_serves_who_came_before(minicity: MiniCity) -> None:
    """Given an application whose pool is not open, when its owner opens it, then the application goes on by rule."""
    submit(minicity, CODE)
    assert outcomes(minicity, CODE) == [""]
    open_pool(minicity, 1)
    assert outcomes(minicity, CODE) == ["issued"]


def test_a_restarted_stage_gives_back_what_ended_meanwhile(minicity: MiniCity) -> None:
    """Given a permit that ends while verification is down, when it starts again, then it gives the place back once."""
    open_pool(minicity, 1)
    submit(minicity, CODE)
    minicity.say("intake", CODE, APPLICANT, *intake.surrender_permit("pindah-tempat"))
    minicity.pump("intake")
    minicity.open_stage("verification")
    wait_for(minicity.inboxes["verification"].catch_up())
    minicity.pump()
    assert minicity.city.quotas[POOL].reserved == {}
    assert minicity.names(SUBJECT) == ["quota.opened", "quota.reserved", "quota.released"]
