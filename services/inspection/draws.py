"""How often each inspector was drawn, so that a draw which always finds the same person is seen; by a code, never by name."""

import asyncio
from collections import Counter
from typing import Any, Final

from fastapi import FastAPI, Request

from services.inspection.domain import INSPECTOR
from shared.kit.doors import Running
from shared.kit.http import Answer, Site
from shared.kit.stage import Stage
from shared.kit.tokens import keyed

READERS: Final = ("head", "auditor", "inspector")
CODE_CHARACTERS: Final = 12


def add_routes(app: FastAPI, site: Site, running: Running) -> None:
    """Adds the door."""

    @app.get("/v1/draws", operation_id="draws", tags=["questions"])
    async def draws(request: Request) -> Answer:
        """How often each officer was drawn for a visit; the officer's code is keyed and used nowhere else."""
        site.actor(request, *READERS)
        return Answer(await asyncio.to_thread(distribution, running.ready()))


def distribution(stage: Stage) -> dict[str, Any]:
    """Returns how often each person in this service's vault was drawn; whose application was forgotten is no longer counted."""
    rows = stage.store.rows("SELECT DISTINCT subject FROM vault_values WHERE name = %s ORDER BY subject", (INSPECTOR,))
    counts: Counter[str] = Counter()
    for row in rows:
        values = stage.vault.read(row["subject"]).values() if stage.vault else ()
        counts.update(keyed(stage.city_key, f"{person}\ndraws")[:CODE_CHARACTERS] for name, person in values if name == INSPECTOR)
    found = [{"officer": code, "drawn": count} for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    return {"applications": len(rows), "drawn": found}
