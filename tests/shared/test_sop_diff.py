"""The difference of two SOPs: everything that changed is told, and what leaves an applicant worse off is never missed."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.envelope import canonical
from shared.sop.change import Better, Change, covers, scope
from shared.sop.diff import diff, worse_for_applicant
from shared.sop.model import ChargeRule, Condition, FactValue, Requirement, Sop, Text
from shared.sop.timing import longest_path_working_days
from tests.builders import PBG, REKLAME, SKP, catalogue
from tests.sops import alterations, rewritten, second_version, sops, with_fields, with_requirement, with_step, without_step
from tests.strategies import QUICK

SOPS = catalogue()
FIRST = SOPS[REKLAME]


def kinds(before: Sop, after: Sop, place: str = "") -> dict[str, Better]:
    """Returns what changed at a place, or anywhere, and for better or worse."""
    return {change.kind: change.better_for_applicant for change in diff(before, after) if change.place.startswith(place)}


def at_least(number: int) -> Condition:
    """Returns a condition on the height."""
    return Condition(fact="tinggi-m", at_least=number)


# Whole


@QUICK
@given(rewritten())
def test_nothing_differs_from_itself(sop: Sop) -> None:
    """An SOP has no difference to itself, nor to the same content under another version."""
    assert diff(sop, sop) == ()
    assert diff(sop, with_fields(sop, version=99)) == ()


@QUICK
@given(rewritten(), rewritten())
def test_any_two_sops_can_be_compared(before: Sop, after: Sop) -> None:
    """It never raises, its changes have a canonical form, and nothing that it reports stayed the same."""
    for change in diff(before, after):
        canonical([change.kind, change.place, change.before, change.after])
        assert canonical([change.before]) != canonical([change.after])


@QUICK
@given(st.data())
def test_no_alteration_goes_unreported(data: st.DataObject) -> None:
    """Whatever field of whatever part is altered, the difference tells of it."""
    sop = data.draw(sops)
    altered = data.draw(alterations(sop))
    same = all(getattr(sop, name) == getattr(altered, name) for name in Sop.model_fields)
    assert bool(diff(sop, altered)) == (not same)


@QUICK
@given(rewritten(), rewritten())
def test_what_is_better_one_way_is_worse_the_other(before: Sop, after: Sop) -> None:
    """Whatever is better for the applicant on the way there is worse on the way back, so that neither can be hidden."""
    there, back = diff(before, after), diff(after, before)
    if any(change.better_for_applicant == "yes" for change in there):
        assert worse_for_applicant(back)


@settings(QUICK, max_examples=200)
@given(st.data())
def test_who_is_not_worse_off_is_asked_no_more_and_waits_no_longer(data: st.DataObject) -> None:
    """Where nothing is reported as worse, no applicant, whatever they declare, uploads more or is further from a permit than before."""
    before = data.draw(sops)
    after = data.draw(alterations(before))
    if worse_for_applicant(diff(before, after)):
        return
    facts = {fact.name: data.draw(st.integers(0, 30) | st.booleans() | st.sampled_from(["6.5", "24", "600"])) for fact in before.facts}
    asked, still_asked = ({item.code for item in sop.required(facts) if item.source == "upload"} for sop in (before, after))
    assert still_asked <= asked
    assert longest_path_working_days(after, facts) <= longest_path_working_days(before, facts)
    assert after.promise_working_days <= before.promise_working_days


# The applicant


def test_a_document_less_is_better_and_one_more_is_worse() -> None:
    """Documents count by themselves and in the summary; what the city looks up burdens nobody."""
    fewer = with_fields(FIRST, requirements=FIRST.requirements[1:])
    assert kinds(FIRST, fewer) == {"uploads": "yes", "requirement-removed": "yes"}
    assert kinds(fewer, FIRST) == {"uploads": "no", "requirement-added": "no"}
    looked_up = Requirement(code="nib", title=Text(id="NIB", en="NIB"), issued_by="oss", source="lookup")
    assert kinds(FIRST, with_fields(FIRST, requirements=(*FIRST.requirements, looked_up))) == {"requirement-added": "neutral"}


def test_what_the_city_looks_up_itself_is_no_longer_uploaded() -> None:
    """From upload to lookup is better, and then its issuer and age no longer matter."""
    after = with_requirement(FIRST, "hak-lahan", source="lookup", issued_by="bpn", valid_months=3)
    assert kinds(FIRST, after) == {
        "uploads": "yes",
        "requirement-source": "yes",
        "requirement-issuer": "neutral",
        "requirement-age": "neutral",
    }
    assert kinds(after, FIRST)["requirement-source"] == "no"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"promise_working_days": 7}, {"promise": "yes"}),
        ({"promise_working_days": 9}, {"promise": "no"}),
        ({"validity_months": 0}, {"validity": "yes"}),
        ({"validity_months": 6}, {"validity": "no"}),
        ({"correction_within_working_days": 5}, {"correction-days": "no"}),
        ({"reminder_days_before": 7}, {"reminder": "yes"}),
        ({"owner": "pupr"}, {"owner": "neutral"}),
    ],
)
def test_figures_of_the_whole_sop_are_judged(fields: Mapping[str, Any], expected: dict[str, Better]) -> None:
    """A shorter promise, a longer validity and more time for corrections are better; zero months mean without end."""
    assert kinds(FIRST, with_fields(FIRST, **fields)) == expected


def test_deemed_approval_that_is_lost_is_worse() -> None:
    """Where silence no longer grants, the applicant loses; how it would have granted no longer matters."""
    deemed = FIRST.deemed_approval
    lost = deemed.model_copy(update={"allowed": False, "after_working_days": 1})
    assert kinds(FIRST, with_fields(FIRST, deemed_approval=lost)) == {"deemed": "no", "deemed-days": "neutral"}
    sooner = deemed.model_copy(update={"after_working_days": 5, "after_payment": False})
    assert kinds(FIRST, with_fields(FIRST, deemed_approval=sooner)) == {"deemed-days": "yes", "deemed-payment": "yes"}


# Steps


def test_a_longer_target_is_worse_only_where_somebody_waits_longer() -> None:
    """A day more beside a longer parallel review delays nobody; on the critical way it does."""
    assert kinds(FIRST, with_step(FIRST, "lalin", target_working_days=3)) == {"agency-days": "neutral", "step-target": "neutral"}
    critical = kinds(FIRST, with_step(FIRST, "struktur-ruang", target_working_days=4))
    assert critical == {"longest-path": "no", "agency-days": "neutral", "step-target": "no"}


def test_a_delay_that_meets_only_some_applicants_is_found() -> None:
    """Where a long step is conditional, a slower one beside it delays those without the condition, though the longest way stays."""
    before = with_step(FIRST, "struktur-ruang", when=at_least(6), target_working_days=9)
    after = with_step(before, "lalin", target_working_days=7)
    found = {change.kind: change for change in diff(before, after)}
    assert "longest-path" not in found
    assert found["longest-path-for-some"] == Change("longest-path-for-some", "", 2 + 3 + 1 + 1, 7 + 3 + 1 + 1, "no")
    assert found["step-target"].better_for_applicant == "no"


def test_merged_steps_are_told_as_merged() -> None:
    """Two reviews that become one of both agencies are neither removed nor added."""
    changes = diff(FIRST, second_version())
    merged = Change("steps-merged", "steps/penilaian-bersama", ("struktur-ruang", "lalin"), ("penilaian-bersama",), "neutral")
    assert merged in changes
    assert [change.place for change in changes if change.kind in ("step-removed", "step-added")] == ["steps/lapangan"]
    back = [change for change in diff(second_version(), FIRST) if change.kind == "step-split"]
    assert [(change.before, change.after) for change in back] == [(("penilaian-bersama",), ("struktur-ruang", "lalin"))]


def test_a_step_taken_over_by_another_is_merged_into_it() -> None:
    """A review whose documents another review of the same agency now reads is merged; one that nobody takes over is removed."""
    alone = without_step(SOPS[PBG], "kebakaran")
    assert kinds(SOPS[PBG], alone, "steps/kebakaran") == {"step-removed": "yes"}
    reads = (*SOPS[PBG].step_by_code["lingkungan"].reads, "gambar-arsitektur", "gambar-mep")
    taken_over = with_step(alone, "lingkungan", reads=reads, agencies=("dlh", "dpkp"))
    found = kinds(SOPS[PBG], taken_over, "steps/")
    assert found["steps-merged"] == "neutral"
    assert "step-removed" not in found


def test_steps_that_no_longer_wait_run_in_parallel() -> None:
    """A step that stops waiting for another is told as parallel, and one that starts waiting as waiting."""
    parallel = with_step(FIRST, "lapangan", needs=("lengkap",))
    parallel = with_step(parallel, "skpd", needs=("struktur-ruang", "lalin", "lapangan"))
    changes = diff(FIRST, parallel)
    assert Change("step-now-parallel", "steps/lapangan", ("lalin", "struktur-ruang"), (), "yes") in changes
    assert Change("longest-path", "", 8, 5, "yes") in changes
    back = diff(parallel, FIRST)
    assert Change("step-now-waits", "steps/lapangan", (), ("lalin", "struktur-ruang"), "no") in back


def test_another_hurdle_is_worse() -> None:
    """A visit, a review or a reason to reject more is worse, even where the promise stays."""
    assert kinds(without_step(FIRST, "lalin"), FIRST, "steps/lalin") == {"step-added": "no"}
    rejects = SOPS[SKP].step_by_code["aturan"].rejects
    without = with_step(SOPS[SKP], "aturan", rejects=())
    assert kinds(without, SOPS[SKP]) == {"rejection-added": "no"}
    stricter = rejects[0].model_copy(update={"when": Condition(fact="lama-bulan", at_least=7)})
    assert kinds(SOPS[SKP], with_step(SOPS[SKP], "aturan", rejects=(stricter,))) == {"rejection-when": "no"}


def test_by_rule_is_better_than_by_hand() -> None:
    """A step that a rule does, or does in more cases, is better for who waits."""
    sop = SOPS[SKP]
    assert kinds(with_step(sop, "tetap", automatic=False), sop) == {"step-automatic": "yes"}
    assert kinds(sop, with_step(sop, "tetap", manual_when=None)) == {"step-manual-when": "yes"}
    assert kinds(with_step(sop, "tetap", manual_when=None), sop) == {"step-manual-when": "no"}


# Charges


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"unit_rupiah": 17_000}, {"charge-unit": "yes"}),
        ({"unit_rupiah": 19_000}, {"charge-unit": "no"}),
        ({"factors": ("luas-lantai-m2",)}, {"charge-factors": "no"}),
        ({"method": "told"}, {"charge-method": "no"}),
        ({"tariff": "lain"}, {"charge-tariff": "neutral"}),
        ({"exempt_when": Condition(fact="lantai", equals=1)}, {"charge-exemption": "yes"}),
    ],
)
def test_charges_are_judged_where_they_can_be_compared(fields: Mapping[str, Any], expected: dict[str, Better]) -> None:
    """A lower price is better; another method or other factors cannot be compared and count as worse."""
    charge = SOPS[PBG].step_by_code["skrd"].charge
    assert charge is not None
    assert kinds(SOPS[PBG], with_step(SOPS[PBG], "skrd", charge=charge.model_copy(update=fields))) == expected


def test_a_new_charge_is_worse_and_a_dropped_one_better() -> None:
    """Whether with its step or without it."""
    free = with_step(FIRST, "skpd", charge=None)
    assert kinds(FIRST, free) == {"charge-removed": "yes"}
    assert kinds(without_step(FIRST, "skpd"), FIRST, "steps/skpd") == {"step-added": "neutral", "charge-added": "no"}
    told = ChargeRule(basis="tax", method="told", tariff="nsr-lain", legal_basis="uu-1-2022")
    assert kinds(FIRST, with_step(FIRST, "skpd", charge=told)) == {"charge-tariff": "no"}


# Conditions


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (at_least(6), at_least(9), "narrower"),
        (at_least(9), at_least(6), "wider"),
        (at_least(6), Condition(fact="tinggi-m", at_least="6"), "same"),
        (at_least(6), Condition(fact="luas-m2", at_least=6), "unclear"),
        (at_least(6), Condition(fact="tinggi-m", one_of=(7, 8)), "narrower"),
        (Condition(fact="tinggi-m", one_of=(7, 8)), Condition(fact="tinggi-m", equals=7), "narrower"),
        (Condition(fact="tinggi-m", one_of=(7, 8)), Condition(fact="tinggi-m", one_of=(8, 9)), "unclear"),
        (Condition(fact="tinggi-m", equals=1), Condition(fact="tinggi-m", equals=True), "unclear"),
    ],
)
def test_conditions_are_compared(before: Condition, after: Condition, expected: str) -> None:
    """Bounds and lists of values on the same fact can be compared; others cannot."""
    assert scope(before, after) == expected


values = st.integers(0, 4) | st.sampled_from(["0", "1.5", "3", "a", "b"]) | st.booleans()
conditions = st.builds(Condition, fact=st.just("x"), equals=st.none() | values, one_of=st.lists(values, max_size=2).map(tuple)) | st.builds(
    Condition, fact=st.just("x"), at_least=st.integers(0, 4) | st.sampled_from(["1.5", "3"])
)


@given(conditions, conditions, values)
def test_a_condition_that_covers_another_holds_where_it_does(wide: Condition, narrow: Condition, value: FactValue) -> None:
    """What is called wider really holds wherever the narrower one holds."""
    if covers(wide, narrow) and narrow.holds({"x": value}):
        assert wide.holds({"x": value})


def test_an_unchanged_promise_may_hide_a_longer_way() -> None:
    """The agencies' longest way is told beside the promise, because nobody keeps a promise that the steps do not fit into."""
    after = with_step(FIRST, "lapangan", target_working_days=9)
    assert longest_path_working_days(after) > after.promise_working_days
    assert kinds(FIRST, after)["longest-path"] == "no"
