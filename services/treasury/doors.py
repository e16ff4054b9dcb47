"""The treasury's doors: the gateway's notices, payments at a counter, refunds, suspense, and the comparison of a day."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import FastAPI, Request
from pydantic import StringConstraints

from services.treasury import domain, notices, reconciling
from services.treasury.gateway import Gateway, GatewayDown
from services.treasury.statement import WHAT_TO_DO, Comparison
from shared.case import Case
from shared.draft import Context, Draft
from shared.fields import ApplicationCode, LocalDate, OfficialNumber, Rupiah, Slug
from shared.kit.doors import Door, Running, answer_said
from shared.kit.http import Answer, Body, Site, body_as, idempotency_key
from shared.kit.openapi import describe_bodies
from shared.kit.tokens import Actor
from shared.refusals import Refusal
from shared.signing import SIGNATURE_HEADER, TIME_HEADER, is_fresh, is_signed

TREASURER: Final = "treasurer"
READERS: Final = (TREASURER, "auditor", "inspector")


class ConfirmPayment(Body):
    """Money that reached the city treasury without the gateway, as at a bank's counter."""

    charge: OfficialNumber
    receipt: OfficialNumber
    amount_rupiah: Rupiah
    paid_on: LocalDate = ""
    channel: Slug = "teller"


class PayRefund(Body):
    """A refund paid back: for one receipt, or without one what had been kept until the end; `number` is the transfer's."""

    number: OfficialNumber
    receipt: OfficialNumber = ""


class Assignment(Body):
    """The charge that a waiting payment was meant for."""

    application: ApplicationCode
    charge: OfficialNumber


class Returned(Body):
    """The number of the transfer by which a waiting payment went back to its payer."""

    transfer: OfficialNumber


class Reconciliation(Body):
    """A day to compare; without a `statement` (CSV with the columns receipt,charge,amount_rupiah,paid_on,channel) the gateway is asked."""

    day: LocalDate
    statement: Annotated[str, StringConstraints(max_length=900_000)] = ""


def _confirm(case: Case, body: ConfirmPayment, context: Context) -> Sequence[Draft]:
    day = body.paid_on or context.city.today
    return domain.confirm_payment(case, body.charge, body.receipt, body.amount_rupiah, paid_on=day, channel=body.channel)


def _refund(case: Case, body: PayRefund, _context: Context) -> Sequence[Draft]:
    return domain.pay_refund(case, body.receipt, body.number)


DOORS: Final = (
    Door("confirm-payment", ConfirmPayment, (TREASURER,), _confirm, of_a_step=False),
    Door("pay-refund", PayRefund, (TREASURER,), _refund, of_a_step=False),
)


def add_gateway_doors(app: FastAPI, site: Site, running: Running, gateway: Gateway | None, key: bytes) -> None:
    """Adds what the treasury has beside its commands; without a `key` no notice is taken."""
    _add_notices(app, running, key)
    _add_suspense(app, site, running)
    _add_reconciliation(app, site, running, gateway)
    describe_bodies(
        app, {"take_notice": notices.Notice, "assign_notice": Assignment, "return_notice": Returned, "reconcile": Reconciliation}
    )


def _add_notices(app: FastAPI, running: Running, key: bytes) -> None:
    @app.post("/v1/gateway/notices", operation_id="take_notice", tags=["gateway"])
    async def take_notice(request: Request) -> Answer:
        """Takes a signed notice of a payment: it is kept before it is answered, and the same one again gets the same answer."""
        if not key:
            raise Refusal("gateway-absent")
        raw, seconds = await request.body(), request.headers.get(TIME_HEADER, "")
        if not is_signed(key, seconds, request.headers.get(SIGNATURE_HEADER, ""), raw):
            raise Refusal("signature-wrong")
        if not is_fresh(seconds, datetime.now(UTC)):
            raise Refusal("notice-too-old")
        row = await notices.take(running, raw)
        return Answer(notices.told(row))


def _add_suspense(app: FastAPI, site: Site, running: Running) -> None:
    @app.get("/v1/suspense", operation_id="suspense", tags=["suspense"])
    async def suspense(request: Request) -> Answer:
        """Every notice that waits for somebody, with what has to be done."""
        site.actor(request, *READERS)
        return Answer({"suspense": await asyncio.to_thread(notices.suspense, running.ready())})

    @app.post("/v1/suspense/{notice}/assign", operation_id="assign_notice", tags=["suspense"])
    async def assign(notice: str, request: Request) -> Answer:
        """Has a waiting payment pay the charge that was meant."""
        actor = _cashier(site, request)
        body: Assignment = body_as(await request.body(), Assignment)
        return Answer(notices.told(await notices.assign(running, notice, actor, body.application, body.charge)))

    @app.post("/v1/suspense/{notice}/return", operation_id="return_notice", tags=["suspense"])
    async def give_back(notice: str, request: Request) -> Answer:
        """Notes that a waiting payment went back to its payer."""
        actor = _cashier(site, request)
        body: Returned = body_as(await request.body(), Returned)
        row = await asyncio.to_thread(notices.return_to_payer, running.ready(), notice, actor, body.transfer)
        return Answer(notices.told(row))

    @app.post("/v1/suspense/{notice}/set-aside", operation_id="set_notice_aside", tags=["suspense"])
    async def aside(notice: str, request: Request) -> Answer:
        """Notes that a waiting notice was no money of its own."""
        actor = _cashier(site, request)
        return Answer(notices.told(await asyncio.to_thread(notices.set_aside, running.ready(), notice, actor)))


def _cashier(site: Site, request: Request) -> Actor:
    """Returns the treasurer of the city's own treasury who acts; raises `Refusal`."""
    actor = site.actor(request, TREASURER)
    if actor.agency != domain.AGENCY:
        raise Refusal("wrong-agency", actor.agency)
    return actor


def _add_reconciliation(app: FastAPI, site: Site, running: Running, gateway: Gateway | None) -> None:
    @app.post("/v1/reconciliations", status_code=202, operation_id="reconcile", tags=["commands"])
    async def reconcile(request: Request) -> Answer:
        """Compares a day with the bank's statement; what only the bank knows is recorded, and every difference is said with what to do."""
        actor, key = _cashier(site, request), idempotency_key(request, site)
        body: Reconciliation = body_as(await request.body(), Reconciliation)
        text = body.statement or await _asked(gateway, body.day)
        said, found = await reconciling.reconcile(running, actor, key, body.day, text)
        answer = await answer_said(running, request, said)
        return Answer({**_report(body.day, found), "events": said.event_ids, "repeated": said.repeated}, answer.status_code)

    @app.get("/v1/deposits", operation_id="deposits", tags=["questions"])
    async def deposits(request: Request) -> Answer:
        """Every deposit that the city holds; the head of its agency ends it once the permit is over."""
        site.actor(request, *READERS, "head")
        return Answer({"deposits": await asyncio.to_thread(reconciling.deposits, running.ready())})

    @app.get("/v1/reconciliations", operation_id="reconciliations", tags=["questions"])
    async def reconciliations(request: Request) -> Answer:
        """What the ledger has of each day's last comparison."""
        site.actor(request, *READERS)
        return Answer({"days": await asyncio.to_thread(reconciling.days, running.ready())})


async def _asked(gateway: Gateway | None, day: str) -> str:
    if gateway is None:
        raise Refusal("gateway-absent")
    try:
        return await gateway.statement(day)
    except GatewayDown:
        raise Refusal("gateway-down") from None


def _report(day: str, found: Comparison) -> dict[str, Any]:
    sums = {kind: {"count": len(found.of(kind)), "rupiah": sum(line.rupiah for line in found.of(kind))} for kind in WHAT_TO_DO}
    lines = [
        {
            "kind": line.kind,
            "receipt": line.receipt,
            "charge": line.charge,
            "rupiah": line.rupiah,
            "found": dict(zip(("id", "en"), WHAT_TO_DO[line.kind][0], strict=True)),
            "to_do": dict(zip(("id", "en"), WHAT_TO_DO[line.kind][1], strict=True)),
        }
        for line in found.lines
        if line.kind != "matched"
    ]
    return {"day": day, "clean": found.is_clean, "sums": sums, "lines": lines}
