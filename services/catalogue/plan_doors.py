"""The catalogue's public doors for plans: which permits an undertaking needs, in which order, under the SOPs in force today."""

from typing import Final

from fastapi import FastAPI, Request

from shared.kit.doors import Running
from shared.kit.http import Answer
from shared.kit.shipped_plans import goal_named, goals
from shared.refusals import Refusal
from shared.sop.plan_tree import goal_tree, plan_tree
from shared.sop.plans import plan, read_facts

LANGUAGE: Final = "lang"


def add_plan_routes(app: FastAPI, running: Running) -> None:
    """Adds the doors."""

    @app.get("/v1/plans", operation_id="plans", tags=["questions"])
    async def plans() -> Answer:
        """Every undertaking that is planned for."""
        return Answer({"plans": [goal_tree(goal) for goal in goals().values()]})

    @app.get("/v1/plans/{goal}", operation_id="plan", tags=["questions"])
    async def one_plan(request: Request, goal: str) -> Answer:
        """An undertaking's permits in order; facts are declared as parameters, for example `?gedung-baru=true&pbg-usaha.lantai=2`."""
        stage, named = running.ready(), goal_named(goal)
        sops = stage.city.at(stage.clock.now()).current_sops()
        found = read_facts(named, sops, {name: text for name, text in request.query_params.items() if name != LANGUAGE})
        for code, names in (("fact-unknown", found.unknown), ("fact-invalid", found.wrong)):
            if names:
                raise Refusal(code, names[0])
        return Answer(plan_tree(plan(named, found.facts, sops)))
