"""The lint's graph functions on workflows of another system: the states that nothing leads to are found in the published files themselves.

A state of such a workflow is a step; each action that leads to it is one alternative, whose only need is the state it comes from.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from shared.sop import graph

DATA = Path(__file__).parents[2].parent / "shared" / "data"
LICENCES = DATA / "digit-workflows"
COMPLAINTS = DATA / "digit-complaints" / "PgrWorkflowConfig.json"
DIRECT_RENEWAL = "tl-services__TradeLicenseDirectRenewal.businessservices.json"
BEGINNING = "(beginning)"
Steps = dict[str, list[tuple[str, ...]]]


def workflows(path: Path) -> dict[str, Steps]:
    """Returns the workflows of a file by their name, each as steps with the alternatives of what they need."""
    tree = json.loads(path.read_text(encoding="utf-8"))
    return {service["businessService"]: steps_of(service["states"]) for service in tree["BusinessServices"]}


def steps_of(states: list[dict[str, Any]]) -> Steps:
    """Translates states and actions: an application begins where there is no state yet."""
    steps: Steps = {state["state"] or BEGINNING: [] for state in states}
    leading: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for state in states:
        for action in state.get("actions") or ():
            leading[action["nextState"]].append((state["state"] or BEGINNING,))
    return {step: [()] if step == BEGINNING else leading[step] for step in steps}


def unreachable(steps: Steps) -> set[str]:
    """Returns the steps that no application can come to."""
    return set(steps) - graph.attainable(steps)


def dead_ends(steps: Steps) -> set[str]:
    """Returns the steps that can be reached and from which no end can: an end is what nothing follows."""
    followed = {need for ways in steps.values() for way in ways for need in way}
    needs = {step: tuple(need for way in ways for need in way) for step, ways in steps.items()}
    useful = {other for end in set(steps) - followed for other in (end, *graph.ancestors(needs, end))}
    return graph.attainable(steps) - useful


@pytest.mark.skipif(not LICENCES.is_dir(), reason=f"the workflow files are not here: {LICENCES}")
def test_unreachable_states_of_licences_are_found() -> None:
    """Of all the workflows of permits exactly the direct renewal has states that nothing leads to: APPROVED_OLD and REJECTED."""
    found = {(path.name, name): unreachable(steps) for path in sorted(LICENCES.glob("*.json")) for name, steps in workflows(path).items()}
    assert len(found) == 8
    assert {place: states for place, states in found.items() if states} == {(DIRECT_RENEWAL, "DIRECTRENEWAL"): {"APPROVED_OLD", "REJECTED"}}
    every = [steps for path in LICENCES.glob("*.json") for steps in workflows(path).values()]
    assert [dead_ends(steps) for steps in every] == [set()] * 8


@pytest.mark.skipif(not COMPLAINTS.is_file(), reason=f"the workflow file is not here: {COMPLAINTS}")
def test_unreachable_states_of_complaints_are_found() -> None:
    """In the workflow of complaints nothing leads to RESOLVEDBYSUPERVISOR and CANCELLED."""
    assert {name: unreachable(steps) for name, steps in workflows(COMPLAINTS).items()} == {"PGR": {"RESOLVEDBYSUPERVISOR", "CANCELLED"}}
