"""`jejak sop plan`: the permits that an undertaking needs, in their order, with what is asked once for all."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from services.cli.errors import USAGE, JejakError
from services.cli.stack import Lang

if TYPE_CHECKING:
    from shared.sop.model import FactValue, Sop
    from shared.sop.plans import Goal

HELP = """Shows which permits an undertaking needs, in which order, what runs at the same time, and what is asked once for all.

GOAL is a plan's code (buka-kafe); without one all plans are listed. --fact NAME=VALUE declares what the plan depends on (yes or no, a
number, a choice); a fact of one type alone is named TYPE.NAME. What no fact decides yet stays open and counts nowhere.

The days are those that the SOPs promise: neither the applicant's own time, nor waiting for an outsider, nor building. --format json gives
{"goal", "title", "stages", "undecided", "closed", "documents", "charges", "working_days", "longest_path", "questions", "elsewhere"}.
"""


def add(group: typer.Typer) -> None:
    """Adds plan to the commands of sop."""
    group.command("plan", help=HELP)(plan)


def plan(
    goal: Annotated[str | None, typer.Argument(metavar="GOAL", help="The plan's code; all are listed if none.")] = None,
    fact: Annotated[list[str] | None, typer.Option("--fact", metavar="NAME=VALUE", help="A declared fact; may repeat.")] = None,
    file: Annotated[Path | None, typer.Option("--plans", metavar="FILE", help="Other plans than the shipped ones.")] = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
) -> None:
    """Plans; the text of the help stands in HELP."""
    from services.catalogue import shipped
    from services.cli import plan_text
    from shared.envelope import canonical
    from shared.sop.model import newest_versions
    from shared.sop.plan_tree import goal_tree, plan_tree
    from shared.sop.plans import plan as planned

    known = _goals(file)
    if goal is None:
        listed = [goal_tree(item) for item in known.values()]
        typer.echo(canonical({"plans": listed})) if form == "json" else plan_text.print_goals(listed, lang)
        return
    if goal not in known:
        raise JejakError(USAGE, f"There is no plan {goal!r}.", f"The plans are: {', '.join(known)}.")
    sops = list(newest_versions(shipped.shipped_sops()).values())
    tree = plan_tree(planned(known[goal], _facts(fact or [], known[goal], sops), sops))
    if form == "json":
        typer.echo(canonical(tree))
    else:
        plan_text.print_plan(tree, lang)


def _goals(file: Path | None) -> "Mapping[str, Goal]":
    from pydantic import ValidationError

    from services.cli.histories import read_tree
    from shared.kit.shipped_plans import goals
    from shared.sop.plans import Goals

    if file is None:
        return goals()
    try:
        return {item.code: item for item in Goals.model_validate_json(read_tree(file)).plans}
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(map(str, problem["loc"]))
        raise JejakError(USAGE, f"{file} holds no plans: {place}: {problem['msg']}.", "Look at shared/sop/plans.yaml.") from None


def _facts(options: list[str], goal: "Goal", sops: "list[Sop]") -> "dict[str, FactValue]":
    from shared.sop.plans import declarable, read_facts

    known, written = declarable(goal, sops), dict(_pair(option) for option in options)
    found = read_facts(goal, sops, written)
    for name in found.unknown:
        raise JejakError(USAGE, f"{name!r} is no fact of this plan.", f"It has: {', '.join(known)}.")
    for name in found.wrong:
        raise JejakError(USAGE, f"{written[name]!r} is no value for {name}.", f"Write {_form(known[name])}.")
    return found.facts


def _pair(option: str) -> tuple[str, str]:
    name, sign, text = option.partition("=")
    if not sign or not text.strip():
        raise JejakError(USAGE, f"{option!r} declares nothing.", "Write --fact NAME=VALUE.")
    return name, text


def _form(definition: Any) -> str:  # noqa: ANN401 - a FactDefinition, whose module is slow to import
    if definition.kind == "choice":
        return f"one of {', '.join(definition.choices)}"
    most = f", at most {definition.at_most}" if definition.at_most is not None else ""
    return {"boolean": "true or false", "count": "a whole number", "measure": "a number like 12.5"}[definition.kind] + most
