"""The tracker's pages of plans: a form about an undertaking, and which permits it needs, in which order; nothing that is answered is kept."""

from typing import Any, Final

from fastapi import FastAPI, Request, Response

from shared.kit.doors import Running
from shared.kit.http import language
from shared.kit.shipped_plans import goals
from shared.sop.model import Sop
from shared.sop.plan_tree import goal_tree, plan_tree
from shared.sop.plans import Goal, plan, read_facts
from shared.web.formats import readable
from shared.web.site import Pages

WRITTEN_CHARACTERS_MAX: Final = 40


def add_plan_pages(app: FastAPI, pages: Pages, running: Running) -> None:
    """Adds the list of plans and the page of each."""

    @app.get("/rencana", include_in_schema=False)
    async def plans(request: Request) -> Response:
        listed = [goal_tree(goal) for goal in goals().values()]
        return pages.answer(request, "plans.html", language(request), plans=listed)

    @app.get("/rencana/{goal}", include_in_schema=False)
    async def one_plan(request: Request, goal: str) -> Response:
        tongue, stage = language(request), running.stage
        if goal not in goals():
            return pages.answer(request, "lost.html", tongue, status=404)
        if stage is None:
            return pages.answer(request, "waiting.html", tongue, status=503)
        sops = stage.city.at(stage.clock.now()).current_sops()
        tree = page_tree(goals()[goal], sops, dict(request.query_params), tongue)
        return pages.answer(request, "plan.html", tongue, status=400 if tree["wrong"] else 200, plan=tree)


def page_tree(goal: Goal, sops: tuple[Sop, ...], written: dict[str, str], tongue: str) -> dict[str, Any]:
    """Returns the plan's facts with what the form needs: each question's text as written, and the titles behind names."""
    found = read_facts(goal, sops, written)
    tree = plan_tree(plan(goal, found.facts, sops))
    titles = {sop.permit_type: sop.title.in_language(tongue) for sop in sops}
    questions = [
        {
            **item,
            "id": item["name"].replace(".", "-"),
            "written": written.get(item["name"], "").strip()[:WRITTEN_CHARACTERS_MAX],
            "wrong": item["name"] in found.wrong,
            "choices": [(choice, readable(choice)) for choice in item["choices"]],
        }
        for item in tree["questions"]
    ]
    names = {item["name"]: item["title"][tongue] for item in questions}
    groups = {
        name: [item for item in questions if item["permit_type"] == name] for name in dict.fromkeys(q["permit_type"] for q in questions)
    }
    # A wrong answer is told even when other answers have made its question disappear.
    wrong = [names.get(name, name) for name in found.wrong]
    return {**tree, "groups": groups, "names": names, "type_titles": titles, "wrong": wrong}
