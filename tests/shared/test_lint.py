"""The lint of SOPs: total, at least as strict as the model, and true to the city's registers."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.agencies import AGENCIES
from shared.roles import ROLES, role_name
from shared.sop import lint
from shared.sop.findings import KINDS, Finding, element_names, found, working_days
from shared.sop.legal import Hit, hits
from shared.sop.lint import in_order, lint_catalogue, lint_sop, lint_tree
from shared.sop.lint_conditions import situations
from shared.sop.model import Condition, FactDefinition, Sop, SopParts
from shared.sop.source import CHARACTERS_MAX, DEPTH_MAX, NODES_MAX, SourceError, read_source
from tests.builders import CATALOGUE, PBG, SKP, catalogue
from tests.builders_lint import DAY, registers
from tests.strategies import QUICK, instances, json_values

TREES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(CATALOGUE.glob("*.yaml"))}
any_parts = instances(SopParts)


def places(tree: Any, path: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:  # noqa: ANN401 - any JSON value
    """Yields the path of every value in a tree."""
    yield path
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


@st.composite
def damaged(draw: st.DrawFn) -> Any:  # noqa: ANN401 - any JSON value
    """A shipped SOP in which some values are gone, changed, or those of another place."""
    tree = orjson.loads(orjson.dumps(TREES[draw(st.sampled_from(sorted(TREES)))]))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(list(places(tree))[1:]))
        node = tree
        for key in path[:-1]:
            node = node[key]
        if draw(st.booleans()) and len(node) > 1:
            del node[path[-1]]
        else:
            node[path[-1]] = draw(st.sampled_from([0, 1, 999, "", "tetap", "lengkap", [], None, True]) | json_values)
    return tree


def checked(tree: object) -> list[Finding]:
    """Returns the findings on a tree, each well-formed."""
    sop, findings = lint_tree(tree, registers())
    assert all(finding.code in KINDS and all((*finding.says, *finding.mend)) and finding.days >= 0 for finding in findings)
    assert findings == in_order(findings)
    assert sop is not None or findings
    return list(findings)


def is_sop(tree: object) -> bool:
    """Says whether the model accepts a tree."""
    try:
        Sop.model_validate_json(orjson.dumps(tree))
    except ValidationError:
        return False
    return True


# Total


@QUICK
@given(any_parts, st.lists(any_parts, max_size=2))
def test_any_sop_has_findings_and_never_an_exception(sop: SopParts, others: list[SopParts]) -> None:
    """Whatever valid parts an SOP is made of, the lint answers, alone and together with others."""
    assert all(finding.sop == sop.name for finding in lint_sop(sop, registers()))
    named = {sop.name, *(other.name for other in others)}
    for finding in lint_catalogue([sop, *others], registers()):
        assert {finding.sop, *finding.also} <= named


@QUICK
@given(damaged())
def test_what_the_model_refuses_has_an_error(tree: Any) -> None:  # noqa: ANN401 - any JSON value
    """A damaged SOP that could not be published has at least one error, and its place is one that can be shown."""
    errors = [finding for finding in checked(tree) if finding.severity == "error"]
    assert errors or is_sop(tree)


def test_what_only_the_model_knows_is_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a rule of the model unknown to the lint, the model's own words would be the finding."""
    tree = {**TREES["makam"], "steps": [*TREES["makam"]["steps"][:2], {**TREES["makam"]["steps"][2], "needs": ["nobody"]}]}
    monkeypatch.setattr(lint, "lint_sop", lambda _sop, _known: ())
    assert [(item.code, "nobody" in item.says.en) for item in checked(tree)] == [("malformed", True)]


def test_an_sop_with_very_many_conditions_is_judged_as_if_all_held() -> None:
    """Beyond a bound of combinations every step counts on the longest path: a promise is then never called too long by mistake."""
    sop = catalogue()[PBG]
    facts = [FactDefinition(name=f"f-{n}", kind="boolean", title=sop.title) for n in range(8)]
    asked = [Condition(fact=fact.name, equals=True) for fact in facts]
    more = [sop.steps[1].model_copy(update={"code": f"s-{n}", "needs": ("lengkap",), "when": asked[n]}) for n in range(8)]
    steps = (sop.steps[0], *more, *sop.steps[1:-1], sop.steps[-1].model_copy(update={"needs": ("bayar", *(step.code for step in more))}))
    changed = {"facts": (*sop.facts, *facts), "steps": steps}
    many = SopParts.model_validate({name: changed.get(name, getattr(sop, name)) for name in SopParts.model_fields})
    assert tuple(situations(many)) == ()
    assert [finding.code for finding in lint_sop(many, registers())] == []


@QUICK
@given(json_values | st.floats() | st.dates())
def test_any_value_is_answered(value: object) -> None:
    """What is no SOP at all is said to be none."""
    assert [finding.code for finding in checked(value)] == ["malformed"] or isinstance(value, dict)


@pytest.mark.parametrize("value", [{1: 2}, {"title": {1: 2}}, {"version": 2**70}, {"owner": "\ud800"}], ids=str)
def test_what_no_json_holds_is_answered(value: object) -> None:
    """Keys that are no text, endless numbers and broken characters are findings, too."""
    assert {finding.code for finding in checked(value)} == {"malformed"}


@QUICK
@given(st.text(max_size=60) | st.text("abc:- []{}&*!|'\"\n", max_size=60))
def test_any_text_is_read_or_refused_with_its_line(text: str) -> None:
    """A text gives a tree with its lines, or an error that says where and why."""
    try:
        line, reason = read_source(text).line("anything/else"), "read"
    except SourceError as error:
        line, reason = error.line, error.reason.en
    assert line >= 1
    assert reason


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3", 3),
        ("a:\n  - 1: x", 2),
        ("a:\n  - [1", 2),
        ("a: &x {b: *x}", 1),
        ("a: !!float ''", 1),
        ("[" * (DEPTH_MAX + 1) + "]" * (DEPTH_MAX + 1), 1),
        ("[" * 5000, 1),
        ("\n- 1" * (NODES_MAX + 1), 2),
        (" " * (CHARACTERS_MAX + 1), 1),
    ],
    ids=["key twice", "key no text", "no YAML", "refers to itself", "wrong tag", "too deep", "much too deep", "too many", "too long"],
)
def test_what_is_stricter_than_yaml_is_refused(text: str, line: int) -> None:
    """A key that stands twice, one that is no text, and whatever has no bound are refused, with a line."""
    with pytest.raises(SourceError) as refused:
        read_source(text)
    assert refused.value.line == pytest.approx(line, abs=NODES_MAX if line == 2 and len(text) > NODES_MAX else 0)


def test_every_place_of_the_catalogue_has_its_line() -> None:
    """The line of a place is the one on which its name, or the element of a list, begins."""
    for path in CATALOGUE.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        source, lines = read_source(text), text.splitlines()
        assert source.tree == TREES[path.stem]
        for place, line in source.lines.items():
            assert not place or place.rpartition("/")[2] in lines[line - 1] or place.rpartition("/")[2].isdigit(), place


def test_elements_without_a_name_of_their_own_are_numbered() -> None:
    """The second of two elements with one code, and what has none, is named by its number."""
    assert element_names([{"code": "a"}, {"code": "a"}, {"reason": "x"}, {"name": "b"}, {"code": "1"}, 7]) == ["a", "2", "3", "b", "5", "6"]


# The shipped SOPs and registers


def test_the_shipped_sops_have_no_error() -> None:
    """Every shipped SOP may be published, and the catalogue as a whole, too."""
    for name, tree in TREES.items():
        assert [finding for finding in checked(tree) if finding.severity == "error"] == [], name
    assert [item for item in lint_catalogue(tuple(catalogue().values()), registers()) if item.severity == "error"] == []


def test_the_registers_agree() -> None:
    """A regulation that is repealed names one that is registered, a doubtful one says why, and every code stands once."""
    regulations = registers().regulations
    assert len(regulations.by_code) == len(regulations.regulations)
    for regulation in regulations.regulations:
        assert not regulation.repealed_by or regulation.repealed_by in regulations.by_code
        assert regulation.note or regulation.source != "doubtful"
    types = {sop.permit_type for sop in catalogue().values()}
    for chain in registers().chains:
        assert set(chain.types) <= types


def test_everybody_in_the_catalogue_has_a_name_in_both_languages() -> None:
    """Every agency and role of a shipped SOP is registered; a slug nobody knows is made readable."""
    for sop in catalogue().values():
        for step in sop.steps:
            assert set(step.agencies) <= set(AGENCIES)
            assert step.role in ROLES
    assert role_name("penilik") == {"id": "penilik bangunan", "en": "building inspector"}
    assert role_name("juru-kunci") == {"id": "juru kunci", "en": "juru kunci"}


def test_a_repeal_lists_every_element_that_it_strikes() -> None:
    """The register says of each regulation which SOPs and which of their elements rest on it."""
    struck = hits("uu-1-2022", catalogue().values())
    assert {Hit(PBG, "legal_bases/uu-1-2022"), Hit(PBG, "steps/skrd/charge/legal_basis")} <= set(struck)
    assert all(hit.sop != SKP for hit in struck)
    assert hits("uu-28-2009", catalogue().values()) == ()


@pytest.mark.parametrize(("days", "standing"), [(-1, "not-yet-in-force"), (0, "in-force")])
def test_a_regulation_stands_as_of_a_day(days: int, standing: str) -> None:
    """It comes into force on its first day."""
    assert registers().regulations.by_code["pp-28-2025"].standing(date(2025, 6, 5) + timedelta(days=days)) == standing


@pytest.mark.parametrize(("days", "standing"), [(-1, "repeal-coming"), (0, "repealed")])
def test_a_regulation_ends_as_of_a_day(days: int, standing: str) -> None:
    """It is repealed from the day of its repeal on; where that day is not known, already now."""
    known = registers().regulations.by_code
    assert known["pp-5-2021"].standing(date(2025, 6, 5) + timedelta(days=days)) == standing
    assert known["uu-28-2009"].standing(DAY) == "repealed"


# Sentences


def test_every_code_can_be_said_in_both_languages() -> None:
    """No sentence is the same in both, and each is filled with the names of its case and nothing left open."""
    for code, kind in KINDS.items():
        assert kind.says.id != kind.says.en, code
        assert kind.mend.id != kind.mend.en, code


def test_a_finding_speaks_both_languages() -> None:
    """Words that have two languages are put in in each."""
    finding = found(
        "promise-too-long",
        "x@1",
        "promise_working_days",
        3,
        promise_long=working_days(8),
        longest=5,
        longest_long=working_days(5),
        path="a → b",
    )
    assert finding.says.in_language("en") == "The promise is 8 working days, 3 more than the longest path a → b (5)."
    assert finding.says.in_language("id").startswith("Janji layanan 8 hari kerja, 3 lebih banyak")
    assert finding.severity == "advice"
