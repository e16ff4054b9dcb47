"""The shipped SOPs: each leads to its permit in the city's own rules, whatever is declared, and together they overlap where the city knows it."""

from collections.abc import Iterator

import pytest
import yaml

from shared.sop import rules
from shared.sop.lint import lint_catalogue
from shared.sop.lint_conditions import possible_values
from shared.sop.model import FactValue, Sop
from tests.builders import CATALOGUE, History, catalogue
from tests.builders_lint import registers

TYPES = (
    "apotek",
    "makam",
    "pbg-mbr",
    "pbg-usaha",
    "reklame-insidentil",
    "reklame-permanen",
    "sip-dokter-mandiri",
    "sip-perawat",
    "skp-penelitian",
    "slf-usaha",
    "slhs-depot-air",
    "trayek",
)
PROMISES = dict(zip(TYPES, (9, 1, 8, 20, 1, 8, 4, 4, 3, 7, 7, 7), strict=True))


def declarations(sop: Sop) -> Iterator[dict[str, FactValue]]:
    """Yields facts such that each takes every value at which the SOP decides otherwise, one fact at a time."""
    values = possible_values(sop)
    plain = {name: choices[-1] for name, choices in values.items()}
    yield plain
    for name, choices in values.items():
        yield from ({**plain, name: value} for value in choices if value not in (0, "0"))


def test_the_catalogue_has_the_citys_twelve_types() -> None:
    """Every type is there in its first version, marked as having demo values, with the promise that was drafted for it."""
    first = [sop for sop in catalogue().values() if sop.version == 1]
    assert {sop.permit_type: sop.promise_working_days for sop in first} == PROMISES
    assert all(sop.demo_values for sop in catalogue().values())


def test_a_second_version_promises_no_less() -> None:
    """Where a type has a second version its promise is the first one's, but for the route, whose pool a rule now counts."""
    second = {sop.permit_type: sop.promise_working_days for sop in catalogue().values() if sop.version == 2}
    assert second == {**{name: PROMISES[name] for name in second}, "trayek": 5}


def test_every_version_stands_in_a_file_that_says_so() -> None:
    """A type's first version has the type's name, a later one its number as well, so that nobody writes over a published one."""
    for file in CATALOGUE.glob("*.yaml"):
        tree = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert file.stem == (tree["permit_type"] if tree["version"] == 1 else f"{tree['permit_type']}-{tree['version']}")


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_application_comes_to_an_end(name: str) -> None:
    """When all do their part the permit is issued, unless a rule rejects what was declared; no step is left and none is stuck."""
    sop = catalogue()[name]
    outcomes = set()
    for facts in declarations(sop):
        case = History(name).begin(facts).finish().case
        rejecting = any(reason for step in sop.steps for reason in rules.rule_rejections(step, case))
        assert (case.outcome, case.ready) == ("issued", {}) or rejecting, facts
        outcomes.add(case.outcome)
    assert "issued" in outcomes


def test_the_catalogue_overlaps_where_the_city_knows_it() -> None:
    """The traffic review is done in two types, a floor plan asked for in three, and the structure of a billboard reviewed twice."""
    found = {(item.code, item.sop, item.place, *item.also) for item in lint_catalogue(tuple(catalogue().values()), registers())}
    assert {
        ("repeated-review", "pbg-usaha@2", "steps/lalin", "reklame-permanen@2"),
        ("repeated-review", "pbg-usaha@2", "steps/tpa", "reklame-permanen@2"),
        ("asked-by-several", "apotek@2", "requirements/denah", "sip-dokter-mandiri@2", "slhs-depot-air@2"),
    } <= found
