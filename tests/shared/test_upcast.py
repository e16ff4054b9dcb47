"""Old versions of events: what they said is kept, and a city that has not raised its contract still gets them."""

import pytest
from hypothesis import given

from shared import events as e
from shared.envelope import Stamp, decode, encode, make_entry
from shared.upcast import DOWNCASTERS, UPCASTERS, WHOLE_VISIT, for_contract, upcast, upcast_data
from tests.builders import COMMITMENT, REKLAME, catalogue, make_event, publication, submission
from tests.strategies import QUICK, any_data, events

OLD_PASSED = e.VisitReportedV1(step="lapangan", visit=2, passed=True, evidence=(COMMITMENT,))
OLD_FAILED = e.VisitReportedV1(step="lapangan", visit=2, passed=False, evidence=(COMMITMENT,))
NEW_PASSED = e.VisitReported(step="lapangan", visit=2, result="passed", evidence=(COMMITMENT,))
NEW_FAILED = e.VisitReported(step="lapangan", visit=2, result="failed", failed_items=("titik-sesuai",), evidence=(COMMITMENT,))


@pytest.mark.parametrize(
    ("old", "new"),
    [(OLD_PASSED, NEW_PASSED), (OLD_FAILED, NEW_FAILED.model_copy(update={"failed_items": (WHOLE_VISIT,)}))],
)
def test_the_first_visit_report_rises(old: e.Data, new: e.Data) -> None:
    """A report of the first form counts as one of the second whose failed item is the whole visit."""
    assert upcast_data(old) == new


@pytest.mark.parametrize(("new", "old"), [(NEW_PASSED, OLD_PASSED), (NEW_FAILED, OLD_FAILED)])
def test_the_second_visit_report_comes_down(new: e.Data, old: e.Data) -> None:
    """Before the contract is raised the report is said in its first form, after it as it is."""
    assert for_contract(new, 1) == old
    assert for_contract(new, 2) is new


@QUICK
@given(any_data)
def test_no_version_is_above_its_contract(data: e.Data) -> None:
    """For every contract number an event is said in a version that this number allows, or it is newer than that and cannot be said at all."""
    for contract in range(1, e.CONTRACT + 1):
        said = for_contract(data, contract)
        first = min(known.SINCE_CONTRACT for known in e.EVENTS if known.NAME == data.NAME)
        assert max(contract, first) >= said.SINCE_CONTRACT
        assert (said.NAME, said.KIND) == (data.NAME, data.KIND)


@QUICK
@given(events())
def test_rising_is_total_and_done_once(event: e.AnyEvent) -> None:
    """Any event rises to its newest form, which is a whole event of its own that rises no further and keeps everything around the data."""
    newest = upcast(event)
    assert type(newest.data) not in UPCASTERS
    assert upcast(newest) is newest
    assert decode(encode(newest)) == newest
    assert newest == event.model_copy(update={"data": newest.data, "type": newest.type})


def test_the_bytes_of_an_entry_stay_as_they_were() -> None:
    """An entry keeps the old bytes and offers both forms."""
    raw = encode(make_event(OLD_FAILED))
    entry = make_entry(raw, Stamp(1, 1, "2026-11-24T01:02:03.000004Z"))
    assert entry.event.data == OLD_FAILED
    assert isinstance(entry.current.data, e.VisitReported)
    assert entry.event_raw == raw


def test_every_way_up_has_its_way_down() -> None:
    """Each upcaster's result can be said in the version it came from."""
    published = publication(catalogue()[REKLAME])
    publication_v1 = e.SopPublishedV1(sop=published.sop, digest=published.digest, content=published.content)
    submission_v1 = for_contract(submission(catalogue()[REKLAME]), 1)
    payment_v1 = e.PaymentConfirmedV1(charge="SKPD/1", receipt="STS/1", amount_rupiah=1)
    olds = (OLD_PASSED, OLD_FAILED, publication_v1, payment_v1, submission_v1)
    assert {type(upcast_data(data)) for data in olds} == set(DOWNCASTERS)
    for old in olds:
        assert for_contract(upcast_data(old), 1) == old
