"""The treasury's worker: asks the gateway for the codes of new charges, and tries waiting notices again, whenever entries have come."""

import asyncio
import hashlib
from typing import Final

from services.treasury import domain, notices
from services.treasury.gateway import Asked, Code, Gateway, GatewayDown
from shared.case import Case
from shared.kit.doors import Running
from shared.kit.http import Site
from shared.kit.kafka import retrying
from shared.kit.stage import Stage
from shared.kit.store import StoreError
from shared.kit.telemetry import log
from shared.money import to_be_coded
from shared.refusals import Refusal

LOOK_SECONDS: Final = 0.1
PART: Final = "gateway"


class Asker:
    """Asks for what is lacking; `position` is the ledger's position up to which nothing is."""

    def __init__(self, site: Site, running: Running, gateway: Gateway | None) -> None:
        self.position = -1
        self._site = site
        self._running = running
        self._gateway = gateway

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            stage = self._running.stage
            if stage is None or (position := stage.position) == self.position:
                continue
            if self.position < 0:
                self._tell_position()
            await retrying(PART, self.step, (GatewayDown, *StoreError), self._site.health.problem)
            self.position = position

    def _tell_position(self) -> None:
        """Adds to the status how far this worker is, so that whoever waits for the city to come to rest can see it."""
        before = self._site.health.details
        self._site.health.details = lambda: {"asked": self.position, **before()}

    async def step(self) -> None:
        """Does once all that is there to do; raises `GatewayDown`."""
        stage = self._running.ready()
        for notice_id in await asyncio.to_thread(notices.to_try_again, stage):
            try:
                await notices.settle(self._running, notice_id)
            except Refusal as refusal:
                log().warning("a kept notice could not be settled", code=refusal.code)
        if self._gateway is None:
            return
        rows = await asyncio.to_thread(stage.store.rows, "SELECT subject FROM views WHERE row ->> 'uncoded' = 'true' ORDER BY subject")
        for row in rows:
            await self._ask(stage, self._gateway, row["subject"])

    async def _ask(self, stage: Stage, gateway: Gateway, subject: str) -> None:
        case = await asyncio.to_thread(stage.case, subject)
        for charge in to_be_coded(case):
            code = await gateway.ask_code(Asked(charge.number, charge.open_rupiah))
            try:
                await asyncio.to_thread(_say, stage, case, charge.number, code)
            except Refusal as refusal:
                # The application has ended or was paid meanwhile, or is held: the next entry asks again if it has to.
                log().info("a payment code was not said", subject=subject, code=refusal.code)


def _say(stage: Stage, case: Case, charge: str, code: Code) -> None:
    digest = hashlib.sha256(code.code.encode()).digest()
    # A new sequence is a new try: an earlier one may have been refused by the ledger.
    key = f"code/{charge}/{case.sequence}"
    stage.command(case.code, notices.GATEWAY, key, digest, lambda _case, _context: domain.issue_code(charge, code.code, code.qr))
