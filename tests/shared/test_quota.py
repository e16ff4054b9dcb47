"""Pools of places: the ledger's order is the queue, nothing is reserved twice, and what is reserved and what is free is the capacity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain import judge, new_subject
from services.verification import domain as verification
from services.verification import quotas
from shared import events as e
from shared.case import empty_case
from shared.city import City, fold_city
from shared.code import make_code
from shared.draft import Desk, Draft
from shared.fields import to_timestamp
from shared.quota import PREFIX, Quota, concerned, fold_quota, holders
from shared.sop import deadlines, rules
from shared.sop.admissible import admissible
from shared.sop.model import FactValue
from tests.builders import CITY_NAME, CODE, MONDAY_MORNING, OTHER_CODE, History, make_city, make_event, make_line

POOL, OWNER = "petak-km-12", "upt-tpu"
THIRD = make_code(7)
CODES = tuple(make_code(number) for number in range(1, 7))
MAKAM = "makam@2"
FACTS: dict[str, FactValue] = {"pemindahan": False, "tpu": "km-12"}


class Ledger:
    """The ledger's judgement on one pool's stream, and the city that it leaves."""

    def __init__(self, city: City | None = None) -> None:
        self.city = city or make_city()
        self.subject = new_subject(PREFIX + POOL)
        self.position = 0

    def say(self, data: e.Data, agency: str = OWNER) -> str:
        """Enters an event of verification and returns the verdict."""
        number = self.subject.numbers.get("verification", 0) + 1
        event = make_event(data, subject=PREFIX + POOL, agency=agency, number=number, time=to_timestamp(MONDAY_MORNING))
        verdict = judge(event, "verification", CITY_NAME, self.subject, self.city, MONDAY_MORNING)
        assert verdict.kind == "enter", verdict
        self.position += 1
        entry = make_line(event, self.position, self.subject.sequence + 1, refused=verdict.code)
        self.city = fold_city(self.city, entry)
        self.subject = self.subject.after(entry, self.city)
        return verdict.code

    @property
    def quota(self) -> Quota:
        """The pool as it stands."""
        return self.city.quotas[POOL]


def reserved(code: str, places: int = 1) -> e.QuotaReserved:
    """Returns a reservation in the pool."""
    return e.QuotaReserved(quota=POOL, application=code, step="kuota-petak", places=places)


def released(code: str) -> e.QuotaReleased:
    """Returns a release in the pool."""
    return e.QuotaReleased(quota=POOL, application=code, reason="withdrawn")


def opened(capacity: int) -> Ledger:
    """Returns a ledger in which the pool has so many places."""
    ledger = Ledger()
    assert ledger.say(e.QuotaOpened(quota=POOL, agency=OWNER, capacity=capacity)) == ""
    return ledger


def test_the_ledgers_order_is_the_queue() -> None:
    """Who comes when all is taken is refused and waits; who has waited longest is served first, and nobody passes them."""
    ledger = opened(1)
    verdicts = [ledger.say(reserved(code)) for code in (CODE, OTHER_CODE, THIRD)]
    assert verdicts == ["", "quota-full", "quota-full"]
    assert [ledger.quota.place(code) for code in (CODE, OTHER_CODE, THIRD)] == [0, 1, 2]
    assert ledger.say(released(CODE)) == ""
    assert ledger.quota.served_next() == (OTHER_CODE,)
    assert ledger.say(reserved(THIRD)) == "quota-full"
    assert ledger.say(reserved(OTHER_CODE)) == ""
    assert ledger.quota.place(THIRD) == 1


def test_who_leaves_the_queue_lets_the_next_one_up() -> None:
    """A place in the queue is given back like a place in the pool."""
    ledger = opened(0)
    for code in (CODE, OTHER_CODE):
        assert ledger.say(reserved(code)) == "quota-full"
    assert ledger.say(released(CODE)) == ""
    assert ledger.quota.place(OTHER_CODE) == 1


def test_who_asks_for_more_than_there_is_holds_up_nobody() -> None:
    """An application that can never be served now keeps its place, and those behind it go on; a larger pool serves it first."""
    ledger = opened(5)
    assert ledger.say(reserved(CODE, 9)) == "quota-full"
    assert ledger.say(reserved(OTHER_CODE, 5)) == ""
    assert ledger.say(e.QuotaChanged(quota=POOL, capacity=14, reason="armada-bertambah")) == ""
    assert ledger.quota.served_next() == (CODE,)


@pytest.mark.parametrize(
    ("data", "agency", "code"),
    [
        (e.QuotaOpened(quota=POOL, agency=OWNER, capacity=3), OWNER, "quota-open"),
        (e.QuotaOpened(quota=POOL, agency="dishub", capacity=3), OWNER, "wrong-agency"),
        (e.QuotaChanged(quota=POOL, capacity=0, reason="tutup"), OWNER, "quota-in-use"),
        (e.QuotaChanged(quota=POOL, capacity=9, reason="tambah"), "dishub", "wrong-agency"),
        (reserved(CODE), OWNER, "quota-held"),
        (reserved(OTHER_CODE), "dishub", "wrong-agency"),
        (released(OTHER_CODE), OWNER, "quota-not-held"),
    ],
)
def test_what_does_not_stand_in_a_pool(data: e.Data, agency: str, code: str) -> None:
    """A pool is its owner's, it is opened once, never smaller than what is reserved, and nobody has places twice."""
    ledger = opened(2)
    assert ledger.say(reserved(CODE)) == ""
    assert ledger.say(data, agency) == code


def test_a_pool_that_is_not_open_gives_nothing() -> None:
    """Before its owner has opened it, a pool refuses everything and keeps no queue."""
    ledger = Ledger()
    assert [ledger.say(data) for data in (reserved(CODE), released(CODE))] == ["quota-unknown"] * 2
    assert POOL not in ledger.city.quotas


moves = st.one_of(
    st.builds(reserved, st.sampled_from(CODES), st.integers(1, 4)),
    st.builds(released, st.sampled_from(CODES)),
    st.builds(lambda capacity: e.QuotaChanged(quota=POOL, capacity=capacity, reason="ubah"), st.integers(0, 8)),
)


@given(st.integers(0, 8), st.lists(moves, max_size=30))
def test_reserved_and_free_are_the_capacity(capacity: int, said: list[e.Data]) -> None:
    """After any entries the places add up, none is given twice, nobody both has and waits, and a refused one changes no place."""
    ledger = opened(capacity)
    for data in said:
        before = ledger.quota
        refused = ledger.say(data)
        quota = ledger.quota
        assert sum(quota.reserved.values()) + quota.free == quota.capacity
        assert quota.free >= 0
        assert not quota.reserved.keys() & quota.waiting.keys()
        if refused:
            assert quota.reserved == before.reserved
        if not refused and isinstance(data, e.QuotaReserved) and data.application not in before.waiting:
            waited = [places for places in before.waiting.values() if places <= before.capacity]
            assert sum(waited) + data.places <= before.free


@given(st.integers(0, 8), st.lists(moves, max_size=30))
def test_everybody_who_waits_is_served_in_the_end(capacity: int, said: list[e.Data]) -> None:
    """When places are given back one after another, the queue empties in its own order, up to what is larger than the pool."""
    ledger = opened(capacity)
    for data in said:
        ledger.say(data)
    fitting = [code for code, places in ledger.quota.waiting.items() if places <= ledger.quota.capacity]
    served = []
    for _ in range(2 * len(CODES)):
        for code in ledger.quota.served_next():
            assert ledger.say(reserved(code, ledger.quota.waiting[code])) == ""
            served.append(code)
        for code in tuple(ledger.quota.reserved):
            assert ledger.say(released(code)) == ""
    assert served == fitting


def test_an_entry_wakes_whom_it_concerns() -> None:
    """A reservation wakes its own application, a release also those who can now be served, another subject nobody."""
    quota = Quota(POOL, OWNER, 1, {CODE: 1}, {OTHER_CODE: 1, THIRD: 1})
    before = {POOL: quota}
    after = fold_quota(before, released(CODE), "")
    assert concerned(before, after, released(CODE)) == (CODE, OTHER_CODE)
    assert concerned(before, before, released(THIRD)) == ()
    assert concerned(before, before, e.ApplicationCompleted(step="lengkap")) == ()
    assert set(holders(before)) == {CODE, OTHER_CODE, THIRD}


# What verification says


def waiting_for_a_plot() -> History:
    """Returns an application whose next step reserves a plot."""
    history = History(MAKAM).begin(FACTS)
    return history.must(e.ApplicationCompleted(step="lengkap"))


def reaction(history: History, quota: Quota | None, asked: tuple[e.Data, ...] = ()) -> list[Draft]:
    """Returns what verification says by rule when the pool stands so."""
    pools = {quota.name: quota} if quota else {}
    city = City(senders=history.city.senders, sops=history.city.sops, calendar=history.city.calendar, contract=e.CONTRACT, quotas=pools)
    return list(verification.react(history.case, Desk("verification", city.on("2026-11-23"), asked)))


def test_verification_reserves_then_says_that_the_step_is_done() -> None:
    """A ready step asks once on the pool's stream, waits for the answer, and then is done on the application's own."""
    history, quota = waiting_for_a_plot(), Quota(POOL, OWNER, 1)
    (draft,) = reaction(history, quota)
    assert (draft.data, draft.subject, draft.agency) == (reserved(CODE), PREFIX + POOL, OWNER)
    assert reaction(history, quota, (draft.data,)) == []
    (draft,) = reaction(history, Quota(POOL, OWNER, 1, {CODE: 1}))
    assert (draft.data, draft.subject) == (e.QuotaGranted(step="kuota-petak", quota=POOL, places=1), "")
    assert history.must(draft.data).case.steps["kuota-petak"].result == "passed"


def test_verification_waits_in_the_queue_in_silence() -> None:
    """Who waits asks again only when it is their turn; without an open pool nothing is said."""
    history = waiting_for_a_plot()
    assert reaction(history, None) == []
    assert reaction(history, Quota(POOL, OWNER, 0, {}, {CODE: 1})) == []
    assert [draft.data for draft in reaction(history, Quota(POOL, OWNER, 1, {}, {CODE: 1}))] == [reserved(CODE)]


def test_places_are_given_back_when_there_is_no_use_for_them() -> None:
    """A withdrawal gives back the place or the place in the queue; a permit keeps it until it ends."""
    history = waiting_for_a_plot()
    held = Quota(POOL, OWNER, 1, {CODE: 1})
    assert history.say(e.ApplicationWithdrawn(reason="rencana-berubah")) == ""
    for quota in (held, Quota(POOL, OWNER, 0, {}, {CODE: 1})):
        (draft,) = reaction(history, quota)
        assert (draft.data, draft.subject) == (released(CODE), PREFIX + POOL)
    assert reaction(history, Quota(POOL, OWNER, 1)) == []
    issued = waiting_for_a_plot().finish()
    assert (issued.case.outcome, reaction(issued, held)) == ("issued", [])
    issued.must(e.PermitSurrendered(reason="pindah-tempat"))
    (draft,) = reaction(issued, held)
    assert draft.data == e.QuotaReleased(quota=POOL, application=CODE, reason="permit-ended")


def test_places_of_a_permit_that_may_yet_stand_again_wait() -> None:
    """Given an annulled permit, then its place is given back only once nobody can object any more."""
    history, held = waiting_for_a_plot().finish(), Quota(POOL, OWNER, 1, {CODE: 1})
    basis = history.city.sops[history.sop].legal_bases[0].code
    history.must(e.PermitAnnulled(reasons=("data-tidak-benar",), legal_basis=basis))
    assert reaction(history, held) == []
    history.wait_days(60)
    assert history.case.settled_at
    (draft,) = reaction(history, held)
    assert draft.data == e.QuotaReleased(quota=POOL, application=CODE, reason="permit-ended")


def test_a_step_is_not_done_without_its_places() -> None:
    """The ledger asks the pool before it lets an application say that it has places."""
    history, granted = waiting_for_a_plot(), e.QuotaGranted(step="kuota-petak", quota=POOL, places=1)
    event = history.event(granted)
    pools: tuple[dict[str, Quota], ...] = ({}, {POOL: Quota(POOL, OWNER, 1)}, {POOL: Quota(POOL, OWNER, 3, {CODE: 2})})
    for quotas_now, code in zip(pools, ("quota-unknown", "quota-not-held", "quota-not-held"), strict=True):
        city = City(senders=history.city.senders, sops=history.city.sops, contract=e.CONTRACT, quotas=quotas_now)
        assert admissible(history.case, event, city) == code


def test_the_queue_has_it_and_nobody_is_late() -> None:
    """While a place is waited for no agency has the application, no target runs, and silence grants nothing."""
    history = waiting_for_a_plot()
    assert history.case.parties == (f"{rules.OUTSIDER}antrean",)
    assert deadlines.clock(history.case, history.city.calendar) == ()
    assert history.wait_days(60) == []


def test_places_may_be_counted_and_pools_chosen_by_what_is_declared() -> None:
    """A route's pool is the declared route's, and an applicant takes as many places as vehicles."""
    history = History("trayek@2").begin({"jumlah-kendaraan": 7, "trayek": "kota-menteng"})
    history.must(e.ApplicationCompleted(step="lengkap"))
    (draft,) = reaction(history, Quota("trayek-kota-menteng", "dishub", 60))
    assert draft.data == e.QuotaReserved(quota="trayek-kota-menteng", application=CODE, step="kuota", places=7)


def test_owners_open_and_change_their_pools() -> None:
    """The head's agency is the owner of what they open."""
    assert quotas.open_quota(POOL, OWNER, 4).data == e.QuotaOpened(quota=POOL, agency=OWNER, capacity=4)
    assert quotas.change_quota(POOL, OWNER, 5, "permintaan-naik").data == e.QuotaChanged(quota=POOL, capacity=5, reason="permintaan-naik")
    assert quotas.ended(empty_case(CODE)) is None
