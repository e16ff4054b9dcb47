"""A city on paper: the stages' real doors, rules and verdicts, one application at a time, without a process or a database."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from deploy.training import autopilot, bank
from deploy.training.arrivals import Arrival
from deploy.training.feed import submission
from deploy.training.filing import filer
from deploy.training.moves import Known, Move, acting_head
from deploy.training.paying import BANK
from deploy.training.pools import POOLS
from deploy.training.ticks import tick_at_or_after, ticks_later
from deploy.training.watch import Watch
from services.intake import submissions
from services.ledger import domain as ledger
from services.treasury import domain as treasury
from shared import events as e
from shared.calendar import WIB
from shared.case import Case, empty_case
from shared.case_model import Charge
from shared.city import City
from shared.code import make_code
from shared.draft import Context, Desk, Draft
from shared.fields import to_timestamp
from shared.kit.acting import signed_in_role
from shared.kit.http import body_as
from shared.kit.tokens import Actor
from shared.money import to_be_coded
from shared.quota import Quota
from shared.sop.admissible import admissible
from shared.sop.applicants import Filer
from shared.sop.checks.parts import RULE_ROLE
from shared.sop.people import ACTING_HEAD
from shared.sop.rules import command_refusal
from tests.builders import COMMITMENT, make_event, make_line
from tests.stages import DOORS, REACTS, authid

MOVES_MAX = 200


class Application:
    """One application, played from its arrival to where nobody does anything more."""

    def __init__(self, city: City, arrival: Arrival, seed: int) -> None:
        # Every pool is as large as a city, because each application is played by itself.
        self.city = replace(city, quotas={name: Quota(name, agency, 1_000_000) for name, (agency, _) in POOLS.items()})
        self.arrival = arrival
        self.seed = seed
        bits = int.from_bytes(hashlib.sha256(arrival.key.encode()).digest()[:7], "big")
        self.code = make_code(bits)
        self.now = tick_at_or_after(city.calendar, arrival.at)
        self.watch = Watch()
        self.watch.city = self.city
        self.numbers: dict[str, int] = {}
        self.sequences: dict[str, int] = {}
        self.moves: list[Move] = []
        self.paid: set[str] = set()
        self.coming: list[tuple[datetime, Move]] = []

    @property
    def known(self) -> Known:
        """What the feed would know."""
        return self.watch.applications.get(self.code) or Known(empty_case(self.code))

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.known.case

    def play(self) -> "Application":
        """Submits and plays to the end."""
        body = body_as(orjson.dumps(submission(self.arrival, self.seed, self.city.at(self.now))), submissions.Submission)
        who = filer(self.arrival)
        by = Filer(who.role, who.agency, authid(who, self.code))
        drafts = submissions.decide(body, by, self.case, self._context())
        self._say("intake", drafts, who)
        self._react()
        for _ in range(MOVES_MAX):
            found = autopilot.moves(self.seed, self.arrival.key, self.known, self.city.calendar, self.arrival.person)
            planned = [move for move in found if move.key not in self.paid]
            deadline = ledger.next_due(self.case, self.city)
            if not planned and deadline is None and not self.coming:
                return self
            following = ticks_later(self.city.calendar, self.now, 1)
            move_at = max(planned[0].at, following) if planned else None
            heard_at = max(self.now, self.coming[0][0]) if self.coming else None
            if heard_at is not None and all(other is None or heard_at < other for other in (move_at, deadline)):
                self.now = heard_at
                self._hear(self.coming.pop(0)[1])
            elif deadline is not None and (move_at is None or deadline <= move_at):
                self.now = max(self.now, deadline)
                self._enter("ledger", ledger.due_events(self.case, self.city, self.now)[0])
            elif move_at is not None:
                self.now = move_at
                self._do(planned[0])
            self._react()
        raise AssertionError(f"{self.arrival.key} does not end")

    def _pay(self, move: Move) -> None:
        """Has the bank take money, of which the treasury hears when the gateway's habits let it."""
        self.paid.add(move.key)
        self.coming.append((bank.heard_at(self.seed, move.body, move.key, move.at, self.city.calendar), move))
        self.coming.sort(key=lambda item: item[0])
        self.moves.append(move)

    def _hear(self, move: Move) -> None:
        payment = bank.payment_of(self.seed, move.body, move.key, move.at)
        known = {"paid_on": payment.paid_on, "channel": payment.channel}
        drafts = treasury.confirm_payment(self.case, move.body["meant"], payment.receipt, payment.rupiah, **known)
        self._say("treasury", drafts, Actor("gerbang", "service", treasury.AGENCY))

    def _do(self, move: Move) -> None:
        if move.stage == BANK:
            self._pay(move)
            return
        door = next(door for door in DOORS[move.stage] if door.name == move.command)
        actor = self._standing_in(move.actor)
        role = signed_in_role(actor.role)
        assert role in door.roles, move
        body = body_as(orjson.dumps(dict(move.body)), door.body)
        if door.of_a_step:
            refused = command_refusal(self.case, door.name, body.step, role, actor.agency, authid(actor, self.code))
            assert refused == "", (refused, move)
        self._say(move.stage, door.decide(self.case, body, self._context()), actor)
        self.moves.append(move)

    def _standing_in(self, actor: Actor) -> Actor:
        """Returns whom the desk takes somebody for: who was appointed acts as head while the appointment lasts."""
        acts = actor == acting_head(actor.agency) and self.city.at(self.now).acting_head(actor.agency)
        return replace(actor, role=ACTING_HEAD) if acts else actor

    def _react(self) -> None:
        for _ in range(MOVES_MAX):
            city = self.city.at(self.now)
            found = [(stage, drafts) for stage, react in REACTS.items() if (drafts := react(self.case, Desk(stage, city)))]
            found += [("treasury", self._code(charge)) for charge in to_be_coded(self.case)]
            if not found:
                return
            self._say(*found[0], None)
        raise AssertionError(f"the rules of {self.code} never rest")

    def _code(self, charge: Charge) -> Sequence[Draft]:
        return treasury.issue_code(charge.number, **bank.Bank(self.seed).code(charge.number))

    def _context(self) -> Context:
        return Context(lambda _name, _value: COMMITMENT, self.city.at(self.now), lambda person: authid(Actor(person, "officer"), self.code))

    def _say(self, stage: str, drafts: Sequence[Draft], actor: Actor | None) -> None:
        for draft in drafts:
            agency = draft.agency or (actor.agency if actor else "")
            fields: dict[str, Any] = {"agency": agency} if agency else {}
            if actor:
                fields |= {"authid": authid(actor, self.code), "role": actor.role}
            self._enter(stage, draft.data, **fields, **({"subject": draft.subject} if draft.subject else {}))

    def _enter(self, sender: str, data: e.Data, **fields: Any) -> None:  # noqa: ANN401 - attributes of an event
        subject = fields.get("subject", self.code)
        number = self.numbers[f"{subject}/{sender}"] = self.numbers.get(f"{subject}/{sender}", 0) + 1
        basis = self.case.sequence if subject == self.code else 0
        known = {"basis": basis, "role": RULE_ROLE, "time": to_timestamp(self.now), "subject": subject, **fields}
        event = make_event(data, sender=sender, number=number, **known)
        code = admissible(self.case, event, self.city.at(self.now))
        assert code == "", (code, data)
        sequence = self.sequences[subject] = self.sequences.get(subject, 0) + 1
        self.watch.read([make_line(event, self.watch.position + 1, sequence, self.now)])
        self.city = self.watch.city


def play_all(city: City, arrivals: Sequence[Arrival], seed: int) -> list[Application]:
    """Plays every arrival by itself: no application's way depends on another's."""
    return [Application(city, arrival, seed).play() for arrival in arrivals]


def at(text: str) -> datetime:
    """Returns a time in the city."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB)
