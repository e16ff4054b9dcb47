"""Dead letters over HTTP, for operators: what could not be applied, and the way to drive a held subject again."""

import asyncio
from collections.abc import Callable
from typing import Final

from fastapi import FastAPI, Request

from shared.kit.http import Answer, Site
from shared.kit.stage import Stage
from shared.kit.store import Row, Store
from shared.refusals import Refusal

LETTERS_MAX: Final = 500
ROLES: Final = ("operator", "auditor")


def add_dead_letter_doors(app: FastAPI, site: Site, store: Callable[[], Store], stage: Callable[[], Stage] | None) -> None:
    """Adds the list and, for a stage, the redrive."""

    @app.get("/v1/dead-letters", operation_id="dead_letters", tags=["operations"])
    async def dead_letters(request: Request) -> Answer:
        site.actor(request, *ROLES)
        statement = "SELECT id, origin, subject, code, detail, octet_length(raw) AS bytes, created, solved FROM dead_letters ORDER BY id DESC LIMIT %s"
        rows = await asyncio.to_thread(store().rows, statement, (LETTERS_MAX,))
        return Answer({"dead_letters": [_plain(row) for row in rows]})

    if stage is None:
        return

    @app.post("/v1/dead-letters/{subject:path}/redrive", operation_id="redrive", tags=["operations"])
    async def redrive(subject: str, request: Request) -> Answer:
        site.actor(request, "operator")
        running = stage()
        if subject not in running.held:
            raise Refusal("not-found")
        solved = await asyncio.to_thread(running.redrive, subject)
        return Answer({"subject": subject, "solved": solved}, 200 if solved else 409)


def _plain(row: Row) -> Row:
    return {**row, "created": row["created"].isoformat(), "solved": row["solved"].isoformat() if row["solved"] else ""}
