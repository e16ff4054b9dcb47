"""The rules of the city folded from its entries: senders, SOPs, the calendar and the contract number."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events as e
from shared.city import City, fold_city, is_city_subject, published_sop
from shared.envelope import Entry, canonical
from shared.sop.model import content_digest, sop_content
from tests.builders import CODE, REKLAME, catalogue, make_city, make_event, make_line, publication
from tests.strategies import QUICK, events, verdicts

SOP = catalogue()[REKLAME]
SECOND = SOP.model_copy(update={"version": 2})


def said(*data: e.Data, city: City | None = None) -> City:
    """Returns the city after these events, each on its own subject."""
    folded = city or City()
    for place, item in enumerate(data, 1):
        folded = fold_city(folded, make_line(make_event(item, subject=subject_of(item)), place))
    return folded


def subject_of(data: e.Data) -> str:
    """Returns the subject of an event about the city's rules."""
    match data:
        case e.SopPublished() | e.SopWithdrawn():
            return f"sop:{data.sop.partition('@')[0]}"
        case e.CalendarPublished():
            return f"calendar:{data.year}"
        case e.ContractRaised():
            return f"contract:{data.contract}"
        case e.SenderRegistered() | e.SenderRevoked():
            return f"sender:{data.name}"
        case _:
            return CODE


def test_a_published_sop_is_in_force() -> None:
    """A publication brings the SOP with it, and the newest version of each permit type is the current one."""
    city = said(publication(SOP), publication(SECOND))
    assert dict(city.sops) == {SOP.name: SOP, SECOND.name: SECOND}
    assert city.current_sops() == (SECOND,)


def test_a_withdrawn_sop_is_known_but_not_current() -> None:
    """After a withdrawal the version before is current again, and running applications still find theirs."""
    city = said(publication(SOP), publication(SECOND), e.SopWithdrawn(sop=SECOND.name))
    assert city.current_sops() == (SOP,)
    assert SECOND.name in city.sops
    assert said(e.SopWithdrawn(sop=SOP.name), city=city).current_sops() == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "0" * 64},
        {"sop": "reklame-permanen@7"},
        {"content": {**sop_content(SOP), "steps": []}},
        {"content": {}},
    ],
    ids=str,
)
def test_a_publication_that_disagrees_with_itself_changes_nothing(changes: dict[str, object]) -> None:
    """Content, digest and name agree, or there is no SOP."""
    wrong = publication(SOP).model_copy(update=changes)
    assert published_sop(wrong) is None
    assert said(wrong) == City()


def test_the_shipped_sops_are_published_whole() -> None:
    """Each shipped SOP comes out of its publication as it went in, and its digest is the one of its content."""
    for sop in catalogue().values():
        published = publication(sop)
        assert published_sop(published) == sop
        assert published.digest == content_digest(canonical(sop_content(sop)))


def test_the_contract_number_never_goes_down() -> None:
    """Raising the contract counts, a lower number changes nothing."""
    assert said(e.ContractRaised(contract=2)).contract == 2
    assert said(e.ContractRaised(contract=3), e.ContractRaised(contract=2)).contract == 3


def test_a_calendar_holds_from_its_entry_on() -> None:
    """A published calendar is the city's, by year."""
    holiday = e.Holiday(date="2026-12-25", kind="national")
    city = said(e.CalendarPublished(year=2026, holidays=(holiday,), opens_minute=480, closes_minute=960))
    assert city.calendar.hours(date(2026, 12, 25)) is None
    assert city.calendar.hours(date(2026, 12, 23)) is not None


def test_who_speaks_for_an_agency() -> None:
    """An agency with a sender of its own is spoken for by that one, every other by the one for all, and nobody speaks unregistered."""
    everybody = e.SenderRegistered(name="verification", stage="verification", agencies=("*",))
    own = e.SenderRegistered(name="verification-dlh", stage="verification", agencies=("dlh",))
    other_stage = e.SenderRegistered(name="inspection-pupr", stage="inspection", agencies=("pupr",))
    city = said(everybody, own, other_stage)
    spoken = {
        (name, agency): city.speaks_for(name, agency) for name in ("verification", "verification-dlh") for agency in ("dlh", "pupr", "")
    }
    assert spoken == {
        ("verification", "dlh"): False,
        ("verification", "pupr"): True,
        ("verification", ""): True,
        ("verification-dlh", "dlh"): True,
        ("verification-dlh", "pupr"): False,
        ("verification-dlh", ""): True,
    }
    assert not city.speaks_for("nobody", "")


def test_a_revoked_sender_speaks_no_more() -> None:
    """After a revocation the sender for all speaks for the agency again."""
    own = e.SenderRegistered(name="verification-dlh", stage="verification", agencies=("dlh",))
    city = said(own, e.SenderRevoked(name=own.name), city=make_city())
    assert not city.speaks_for(own.name, "dlh")
    assert city.speaks_for("verification", "dlh")


def test_refused_entries_change_nothing() -> None:
    """What the ledger refused is passed over."""
    line = make_line(make_event(publication(SOP), subject="sop:reklame-permanen"), refused="sop-version-taken")
    assert fold_city(City(), line) == City()


@pytest.mark.parametrize(
    ("subject", "is_city"),
    [("sop:a", True), ("calendar:2026", True), ("sender:a", True), ("contract:2", True), (CODE, False), ("legacy:a/b", False)],
)
def test_which_subjects_are_the_citys(subject: str, *, is_city: bool) -> None:
    """The city's rules are the subjects of SOPs, calendars, senders and contracts."""
    assert is_city_subject(subject) is is_city


city_subjects = st.sampled_from(["sop:a", "calendar:2026", "sender:intake", "contract:2", CODE, "quota:a"])
lines = st.builds(lambda event, refused: make_line(event, refused=refused), events(subject=city_subjects), verdicts)


@QUICK
@given(st.lists(lines, max_size=10))
def test_folding_the_city_is_total_and_deterministic(entries: list[Entry]) -> None:
    """Any entries in any order give a city, the same one twice, and nothing raises."""
    cities = []
    for _ in range(2):
        city = City()
        for entry in entries:
            city = fold_city(city, entry)
        cities.append(city)
    assert cities[0] == cities[1]
    assert cities[0].contract >= 1
