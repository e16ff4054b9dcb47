"""A plan of permits: what is needed follows from what was declared, the order from the SOPs, and everything is asked once."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.shipped import shipped_sops
from shared.kit.shipped_plans import goals
from shared.sop.model import FactDefinition, FactValue, Sop, Text
from shared.sop.plan_tree import plan_tree
from shared.sop.plans import Goal, Plan, charge_total, declarable, plan, read_fact, read_facts, read_goals
from tests.strategies import QUICK

SOPS: Mapping[str, Sop] = {sop.permit_type: sop for sop in sorted(shipped_sops(), key=lambda sop: sop.version)}
CAFE = goals()["buka-kafe"]
NEW_CAFE: dict[str, FactValue] = {"gedung-baru": True, "isi-ulang-air-minum": True, "papan-nama-di-jalan": True}


def made(facts: Mapping[str, FactValue], goal: Goal = CAFE) -> Plan:
    """Returns a plan under the shipped catalogue."""
    return plan(goal, facts, SOPS.values())


def types(found: Plan) -> list[str]:
    """Returns the types of a plan in its order."""
    return [permit.sop.permit_type for permit in found.permits]


def test_the_order_follows_from_the_sops() -> None:
    """Given a new building, its approval comes before the certificate that looks it up, that before the depot; the sign waits for nothing."""
    found = made(NEW_CAFE)
    assert types(found) == ["pbg-usaha", "reklame-permanen", "slf-usaha", "slhs-depot-air"]
    assert [permit.stage for permit in found.permits] == [1, 1, 2, 3]
    assert [permit.begins_after_working_days for permit in found.permits] == [0, 0, 20, 27]
    assert (found.working_days, found.path) == (34, ("pbg-usaha", "slf-usaha", "slhs-depot-air"))


def test_what_no_fact_decides_stays_open_and_counts_nowhere() -> None:
    """Given nothing, no permit is planned; each type tells the facts on which it hangs, and goes away when they are denied."""
    nothing = made({})
    assert (nothing.permits, nothing.documents, nothing.working_days, nothing.path) == ((), (), 0, ())
    assert {sop.permit_type: facts for sop, facts in nothing.undecided}["slf-usaha"] == ("gedung-baru", "gedung-tanpa-slf")
    denied = made({fact.name: False for fact in CAFE.facts})
    assert (denied.permits, denied.undecided) == ((), ())
    assert [(item.code, state) for item, state in denied.elsewhere] == [("nib", True)]


def test_a_permit_of_the_plan_is_asked_of_nobody() -> None:
    """The approval that the plan gives is not asked for again; without a new building the city looks it up."""
    given_within = next(item for item in made(NEW_CAFE).documents if item.asked_by[0][1].code == "pbg")
    assert (given_within.permit_type, given_within.uploaded) == ("pbg-usaha", False)
    standing = made({"gedung-baru": False, "gedung-tanpa-slf": True})
    looked_up = next(item for item in standing.documents if item.asked_by[0][1].code == "pbg")
    assert (looked_up.permit_type, looked_up.uploaded) == ("", False)
    assert types(standing) == ["slf-usaha"]


def test_a_document_of_several_permits_is_asked_once() -> None:
    """A design that both kinds of advertising want, and the plan of rooms of pharmacy and doctor, each stand once with all who ask."""
    both = made({"papan-nama-di-jalan": True, "spanduk-pembukaan": True})
    design = [item for item in both.documents if item.asked_by[0][1].code == "desain"]
    assert [[permit_type for permit_type, _ in item.asked_by] for item in design] == [["reklame-permanen", "reklame-insidentil"]]
    together = plan_tree(made({"dokter-berpraktik": True}, goals()["buka-apotek"]))
    rooms = next(item for item in together["documents"] if item["code"] == "denah")
    assert rooms["asked_by"] == ["apotek", "sip-dokter-mandiri"]
    assert len(rooms["titles"]) == 2


def test_charges_are_computed_where_the_tariff_gives_them() -> None:
    """The levy follows from floor area and index, and until both are declared it names the missing one; a tax is told later."""
    measured = made({**NEW_CAFE, "pbg-usaha.luas-lantai-m2": "200", "pbg-usaha.indeks": "0.5"})
    assert charge_total(measured.permits) == (1_800_000, 1)
    partly = made({**NEW_CAFE, "pbg-usaha.luas-lantai-m2": "200"})
    assert charge_total(partly.permits) == (0, 2)
    assert [charge.facts for permit in partly.permits for charge in permit.charges] == [("pbg-usaha.indeks",), ()]


def test_a_fact_of_the_goal_counts_for_every_sop() -> None:
    """Given a goal that asks for the floor area itself, it is asked once, under its own name, and the levy uses it."""
    area = FactDefinition(name="luas-lantai-m2", kind="measure", title=Text(id="Luas", en="Area"))
    goal = CAFE.model_copy(update={"facts": (*CAFE.facts, area)})
    found = made({**NEW_CAFE, "luas-lantai-m2": "200", "pbg-usaha.indeks": "1"}, goal)
    assert charge_total(found.permits)[0] == 3_600_000
    assert [question.name for question in found.questions].count("luas-lantai-m2") == 1
    assert "pbg-usaha.luas-lantai-m2" not in declarable(goal, SOPS.values())


def test_a_condition_of_a_document_is_told_with_its_fact() -> None:
    """Until the height of the sign is declared its calculation may be asked for; a low one needs none."""
    open_height = next(item for item in made(NEW_CAFE).documents if item.asked_by[0][1].code == "hitungan-struktur")
    assert open_height.facts == ("reklame-permanen.tinggi-m",)
    low = made({**NEW_CAFE, "reklame-permanen.tinggi-m": "3"})
    assert "hitungan-struktur" not in {item.asked_by[0][1].code for item in low.documents}


def test_a_type_that_takes_no_applications_is_told() -> None:
    """Given a city without the sign's SOP, the plan says so instead of leaving it out."""
    found = plan(CAFE, NEW_CAFE, [sop for sop in SOPS.values() if sop.permit_type != "reklame-permanen"])
    assert found.closed == ("reklame-permanen",)
    assert "reklame-permanen" not in types(found)


def test_types_in_a_circle_wait_for_none_of_it() -> None:
    """Given a plan that contradicts the SOPs, both types are still planned, side by side; the check of plans finds the circle."""
    permits = [{"code": "pbg-usaha", "after": [{"code": "slf-usaha", "legal_basis": "x"}]}, {"code": "slf-usaha"}]
    (goal,) = read_goals({"plans": [{"code": "a", "title": {"id": "a", "en": "a"}, "demo_values": True, "permits": permits}]})
    assert [(permit.stage, permit.after) for permit in made({}, goal).permits] == [(1, ()), (1, ())]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("boolean", "Ya", True),
        ("boolean", "false", False),
        ("boolean", "mungkin", None),
        ("count", "12", 12),
        ("count", "-1", None),
        ("count", "²", None),
        ("count", "9" * 30, None),
        ("measure", "12,5", "12.5"),
        ("measure", "1e3", None),
        ("measure", "101", None),
        ("choice", "kereng", "kereng"),
        ("choice", "lain", None),
    ],
)
def test_facts_are_read_as_people_write_them(kind: str, text: str, value: FactValue | None) -> None:
    """Yes and no in both languages, a decimal comma, and no value for what has the wrong kind or is out of bounds."""
    most = {"measure": "100", "count": 40}.get(kind)
    definition = FactDefinition.model_validate(
        {"name": "a", "kind": kind, "title": {"id": "a", "en": "a"}, "choices": ("kereng",) if kind == "choice" else (), "at_most": most}
    )
    assert read_fact(definition, text) == value


def test_unknown_and_wrong_facts_are_named() -> None:
    """What cannot be read is told by its name, an empty text declares nothing."""
    found = read_facts(CAFE, SOPS.values(), {"gedung-baru": "ya", "warna": "biru", "pbg-usaha.indeks": "besar", "spanduk-pembukaan": " "})
    assert (found.facts, found.unknown, found.wrong) == ({"gedung-baru": True}, ("warna",), ("pbg-usaha.indeks",))


@QUICK
@given(
    st.sampled_from(sorted(goals())),
    st.dictionaries(st.sampled_from([fact.name for goal in goals().values() for fact in goal.facts]), st.booleans()),
)
def test_every_plan_is_a_way_that_can_be_walked(code: str, facts: dict[str, FactValue]) -> None:
    """Whatever is declared: what comes first is in an earlier stage and over by then, the total is the last end, no document stands twice."""
    found = made(facts, goals()[code])
    by_type = {permit.sop.permit_type: permit for permit in found.permits}
    for permit in found.permits:
        for before in permit.after:
            first = by_type[before]
            assert first.stage < permit.stage
            assert first.begins_after_working_days + first.sop.promise_working_days <= permit.begins_after_working_days
    ends = [permit.begins_after_working_days + permit.sop.promise_working_days for permit in found.permits]
    assert found.working_days == max(ends, default=0) == sum(by_type[code].sop.promise_working_days for code in found.path)
    asked = [(permit_type, item.code) for document in found.documents for permit_type, item in document.asked_by]
    assert len(asked) == len(set(asked))
    assert not set(by_type) & {sop.permit_type for sop, _ in found.undecided}
