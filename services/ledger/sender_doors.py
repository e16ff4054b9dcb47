"""The ledger's doors about senders: who may speak, and which keys seal what they say."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from fastapi import FastAPI, Request
from pydantic import BaseModel, ValidationError

from services.ledger import senders, views
from shared.city import City
from shared.events import Data, SenderKeyProposed
from shared.events.rules import KeyAct, KeyReason
from shared.fields import PublicKey
from shared.kit.http import Answer, Body, Site, body_as
from shared.kit.ledger import Ledger
from shared.kit.stage_model import place_of
from shared.refusals import Refusal


class ProposedKey(Body):
    """A key that may seal from now on, or may no longer: its public part as base64url (43 characters), why, and its last day if it has one."""

    key: PublicKey
    act: KeyAct
    reason: KeyReason
    valid_until: str = ""


class ConfirmedKey(Body):
    """The proposal that somebody else confirms."""

    key: PublicKey
    act: KeyAct


BODIES: Final[dict[str, type[BaseModel]]] = {"propose_key": ProposedKey, "confirm_key": ConfirmedKey}
Rule = Callable[[City], Data]


def add_sender_doors(app: FastAPI, site: Site, ledger: Callable[[], Ledger]) -> None:
    """Adds the doors about senders and about their keys."""

    @app.get("/v1/senders", operation_id="senders", tags=["operations"])
    async def listed(request: Request) -> Answer:
        """Who may speak, for which stage and agencies, with which keys, who was revoked, and what is proposed about keys."""
        site.actor(request, "operator", "custodian", "auditor", "service")
        running = ledger()
        return Answer(views.senders(running.city.at(running.clock.now())))

    @app.post("/v1/senders/{name}/revoke", operation_id="revoke_sender", tags=["operations"])
    async def revoke_sender(name: str, request: Request) -> Answer:
        """Takes the word from a sender, for example when its access may be in other hands; it stays so over restarts."""
        site.actor(request, "operator")
        return await _decided(ledger(), name, partial(senders.revoked, name=name))

    @app.post("/v1/senders/{name}/restore", operation_id="restore_sender", tags=["operations"])
    async def restore_sender(name: str, request: Request) -> Answer:
        """Gives a revoked sender its word back."""
        site.actor(request, "operator")
        return await _decided(ledger(), name, partial(senders.restored, name=name))

    _add_key_doors(app, site, ledger)


def _add_key_doors(app: FastAPI, site: Site, ledger: Callable[[], Ledger]) -> None:
    @app.post("/v1/senders/{name}/keys", operation_id="propose_key", tags=["operations"])
    async def propose_key(name: str, request: Request) -> Answer:
        """Proposes a key of a sender, or its revocation; nothing changes until somebody else confirms it."""
        actor = site.actor(request, "custodian")
        running, body = ledger(), body_as(await request.body(), ProposedKey)
        try:
            proposal = SenderKeyProposed.of(name=name, **body.model_dump())
        except ValidationError as error:
            raise Refusal("malformed", place_of(error)) from None
        rule = partial(senders.key_proposed, proposal=proposal)
        return await _decided(running, name, rule, role=actor.role, authid=actor.authid(site.city_key, senders.subject(name)))

    @app.post("/v1/senders/{name}/keys/confirm", operation_id="confirm_key", tags=["operations"])
    async def confirm_key(name: str, request: Request) -> Answer:
        """Confirms what somebody else proposed about a key; it holds from its entry on."""
        actor = site.actor(request, "custodian")
        body = body_as(await request.body(), ConfirmedKey)
        authid = actor.authid(site.city_key, senders.subject(name))
        rule = partial(senders.key_confirmed, name=name, key=body.key, act=body.act, authid=authid)
        return await _decided(ledger(), name, rule, role=actor.role, authid=authid)


async def _decided(ledger: Ledger, name: str, rule: Rule, **said_by: str) -> Answer:
    await asyncio.to_thread(partial(ledger.decide, senders.subject(name), rule, **said_by))
    return Answer(views.senders(ledger.city.at(ledger.clock.now())))
