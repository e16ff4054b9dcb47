"""Reads the shipped plans, which the catalogue's doors and the tracker's pages tell alike."""

from functools import cache
from pathlib import Path
from typing import Final

import yaml

from shared.refusals import Refusal
from shared.sop import model
from shared.sop.plans import Goal, read_goals

FILE: Final = Path(model.__file__).with_name("plans.yaml")


@cache
def goals() -> dict[str, Goal]:
    """Returns the shipped plans by their code."""
    return {goal.code: goal for goal in read_goals(yaml.safe_load(FILE.read_text(encoding="utf-8")))}


def goal_named(code: str) -> Goal:
    """Returns a shipped plan; raises `Refusal("not-found")`."""
    found = goals().get(code)
    if found is None:
        raise Refusal("not-found", code)
    return found
