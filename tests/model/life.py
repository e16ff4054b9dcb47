"""A whole city around one application, pure: every service with its own delayed knowledge, the ledger, and queues between them.

Commands go through the services' real doors and domains, verdicts through the ledger's own `judge`, knowledge through the kit's `Known`;
only the wires are made of paper, so that a hypothesis machine can delay, repeat and reorder what happens between services.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import orjson

from deploy.training.pools import POOLS
from services.ledger import domain as ledger
from shared import events as e
from shared.case import Case, empty_case
from shared.city import City, fold_city, sop_subject
from shared.draft import Context, Desk, Draft
from shared.envelope import Entry
from shared.fields import to_timestamp
from shared.kit.doors import Door
from shared.kit.http import body_as
from shared.kit.knowing import Knowing
from shared.kit.subjects import Known
from shared.kit.tokens import Actor
from shared.mirrors import NATIONAL_SYSTEMS
from shared.quota import Quota
from shared.refusals import Refusal
from shared.sop.admissible import admissible
from shared.sop.applicants import side_refusal
from shared.sop.checks.parts import RULE_ROLE
from shared.sop.checks.personal import DATA_PROTECTION_ROLE
from shared.sop.model import FactValue
from shared.sop.objections import SUPERIOR, SUPERIOR_AGENCY
from shared.sop.people import CONFLICT, INSPECTORATE
from shared.sop.rules import command_refusal, is_parked, ready_step
from tests.builders import CITY_NAME, CODE, COMMITMENT, MONDAY_MORNING, make_event, make_line, submission
from tests.model.bodies import BODIES, Dice, replaced
from tests.stages import DOORS, REACTS, authid

STAGES: Final = tuple(DOORS)
REACTIONS_MAX: Final = 20
KEY: Final = b"k" * 32  # the city's
POOL_PLACES: Final = 1_000_000
MINUTE: Final = timedelta(minutes=1)
APPLICANT: Final = Actor("siti", "applicant")
STRANGER: Final = Actor("orang lain", "applicant")
KUASA: Final = Actor("kuasa siti", "kuasa")
COUNTER: Final = Actor("petugas loket", "counter", "dpmptsp")
FILERS: Final[Mapping[e.FiledAs, Actor]] = {"self": APPLICANT, "kuasa": KUASA, "assisted": COUNTER}
_FOR_SITI: Final = {"filed_for": authid(APPLICANT, CODE), "statement": COMMITMENT}
FILINGS: Final[Mapping[e.FiledAs, Mapping[str, str]]] = {
    "self": {},
    "kuasa": {"filed_as": "kuasa", **_FOR_SITI, "power": "khusus", "power_valid_until": "2026-12-15"},
    "assisted": {"filed_as": "assisted", **_FOR_SITI},
}


@dataclass
class Service:
    """A stage's own knowledge: what it has heard of the ledger, and its events that the ledger has not taken yet."""

    name: str
    known: Known = field(default_factory=lambda: Known(empty_case(CODE)))
    heard: int = 0
    queue: list[e.AnyEvent] = field(default_factory=list)
    taken: list[e.AnyEvent] = field(default_factory=list)


class Life:
    """One application of one SOP, from its submission on; `refusals` are the codes that doors answered."""

    def __init__(self, city: City, sop: str, facts: Mapping[str, FactValue], filed_as: e.FiledAs = "self") -> None:
        pools = {name: Quota(name, agency, POOL_PLACES) for name, (agency, _) in POOLS.items()}
        self.city, self.now = replace(city, quotas=pools, published_at={sop: to_timestamp(MONDAY_MORNING)}), MONDAY_MORNING
        self.of_pools: list[Entry] = []
        self.services = {name: Service(name) for name in STAGES}
        self.ledger = Service("ledger")
        self.subject = ledger.new_subject(CODE)
        self.entries: list[Entry] = []
        self.refusals: list[str] = []
        draft = Draft(submission(city.sops[sop], facts).model_copy(update=FILINGS[filed_as]))
        self._say(self.services["intake"], draft, FILERS[filed_as])
        if filed_as == "kuasa":
            self.deliver(self.services["intake"])  # a power that runs out on the way makes no application
        self._react(self.services["intake"])

    @property
    def case(self) -> Case:
        """The application as the ledger has it."""
        return self.subject.case

    # What happens

    def command(self, service: Service, actor: Actor, door: Door, step: str, dice: Dice) -> str:
        """Lets somebody knock at a door of a service, which decides on what it knows; returns the refusal or an empty string."""
        case = self.seen_by(service)
        try:
            body = body_as(orjson.dumps(BODIES[door.name](case, step, dice)), door.body)
            if not case.submitted_at:
                raise Refusal("unknown-code")
            if actor.role not in door.roles:
                raise Refusal("not-allowed")
            if authid(actor, CODE) in case.conflicts:
                raise Refusal(CONFLICT)
            if own := side_refusal(case, actor.role, authid(actor, CODE)):
                raise Refusal(own)
            if door.of_a_step and (code := command_refusal(case, door.name, step, actor.role, actor.agency, authid(actor, CODE))):
                raise Refusal(code)
            if door.of_a_step:
                self._check_knowledge(case, door, body, actor)
            before, sent = service.known, len(service.queue)
            try:
                for draft in door.decide(case, body, self._context()):
                    self._say(service, draft, actor)
            except Refusal:
                service.known = before
                del service.queue[sent:]
                raise
        except Refusal as refusal:
            return self._answered(refusal.code)
        self._react(service)
        return ""

    def deliver(self, service: Service) -> None:
        """Lets the ledger take a service's next event from its topic."""
        event = service.queue.pop(0)
        service.taken.append(event)
        verdict = ledger.judge(event, service.name, CITY_NAME, self.subject, self.city, self.now)
        assert verdict.kind == "enter", (verdict, event)
        self._enter(event, verdict.code)

    def deliver_again(self, service: Service, dice: Dice) -> None:
        """Lets the ledger meet an event that it has taken already, as after a crash of a relay: it is dropped."""
        event = dice.pick(service.taken)
        assert ledger.judge(event, service.name, CITY_NAME, self.subject, self.city, self.now).kind == "number-known"

    def hear(self, service: Service, count: int) -> None:
        """Lets a service apply the next so many entries, and react to the last of them."""
        for entry in self.entries[service.heard : service.heard + count]:
            service.known = service.known.after(entry, service.name, self.city.sops)
            service.heard += 1
        self._react(service)

    def wait(self, span: timedelta) -> None:
        """Lets time pass; the ledger says what falls due meanwhile."""
        until = self.now + span
        while (due := ledger.next_due(self.case, self.city)) is not None and due <= until:
            self.now = max(self.now, due)
            for data in ledger.due_events(self.case, self.city, self.now):
                self._enter(self._event(self.ledger, Draft(data), None), "")
        self.now = max(self.now, until)  # each entry takes a minute, so the last may stand after it

    def settle(self) -> None:
        """Delivers everything to everybody until nothing is under way."""
        for _ in range(200):
            for service in self.services.values():
                while service.queue:
                    self.deliver(service)
            for service in self.services.values():
                self.hear(service, len(self.entries) - service.heard)
            if not any(service.queue for service in self.services.values()):
                return
        raise AssertionError("the services never rest")

    # How

    def seen_by(self, service: Service) -> Case:
        """Returns the application as a service decides on it: what it has heard, and what it has said since."""
        return service.known.to_decide_on(service.name, self.city.sops, lambda: to_timestamp(self.now))

    def _context(self) -> Context:
        return Context(lambda _name, _value: COMMITMENT, self.city.at(self.now), lambda person: authid(Actor(person, "officer"), CODE))

    def _check_knowledge(self, case: Case, door: Door, body: object, actor: Actor) -> None:
        """Raises `Refusal` as a desk does when somebody does not know the SOP; they then take its quiz, and everybody hears of it."""
        knowing, named = Knowing(self.city, KEY, case.sop_name, self.now), door.gives_to(body)
        code = knowing.refusal(door.name, actor, named)
        if not code:
            return
        learner = (
            actor.person if code == "sop-not-acknowledged" else next(p for p in named if knowing.of(p, actor.agency).state == "overdue")
        )
        subject = sop_subject(case.sop_name)
        said = {"subject": subject, "role": "officer", "agency": actor.agency, "authid": Actor(learner, "officer").authid(KEY, subject)}
        event = make_event(e.SopAcknowledged(sop=case.sop_name), **said)
        assert admissible(empty_case(subject), event, self.city.at(self.now)) == "", event
        self.city = fold_city(self.city, make_line(event, at=self.now))
        raise Refusal(code)

    def _answered(self, code: str) -> str:
        self.refusals.append(code)
        return code

    def _event(self, service: Service, draft: Draft, actor: Actor | None) -> e.AnyEvent:
        agency = draft.agency or (actor.agency if actor else "")
        fields: dict[str, object] = {"agency": agency} if agency else {}
        if actor:
            fields |= {"authid": authid(actor, CODE), "role": actor.role}
        number = service.known.number + 1
        known = {"basis": service.known.case.sequence, "role": RULE_ROLE, "time": to_timestamp(self.now), **fields}
        return make_event(draft.data, sender=service.name, number=number, subject=CODE, **known)

    def _of_a_pool(self, draft: Draft) -> None:
        """Enters what verification says of a pool at once: a pool has a stream of its own, on which nothing of this life depends."""
        number = len(self.of_pools) + 1
        subject = {"subject": draft.subject, "agency": draft.agency, "time": to_timestamp(self.now)}
        event = make_event(draft.data, sender="verification", number=number, basis=number - 1, **subject)
        refused = admissible(empty_case(draft.subject), event, self.city)
        self.of_pools.append(make_line(event, 1, number, self.now, refused))
        self.city = fold_city(self.city, self.of_pools[-1])

    def _say(self, service: Service, draft: Draft, actor: Actor | None) -> None:
        if draft.subject:
            self._of_a_pool(draft)
            return
        event = self._event(service, draft, actor)
        if code := admissible(self.seen_by(service), event, self.city.at(self.now)):
            raise Refusal(code)
        service.known = service.known.saying(event)
        service.queue.append(event)

    def _react(self, service: Service) -> None:
        for _ in range(REACTIONS_MAX):
            desk = Desk(service.name, self.city.at(self.now))
            case = self.seen_by(service)
            drafts: Sequence[Draft] = () if is_parked(case, service.name) else REACTS[service.name](case, desk)
            try:
                for draft in drafts:
                    self._say(service, draft, None)
            except Refusal as refusal:
                self._answered(refusal.code)
                return
            if not drafts:
                return
        raise AssertionError(f"the rules of {service.name} never rest")

    def _enter(self, event: e.AnyEvent, refused: str) -> None:
        self.now += MINUTE
        entry = make_line(event, len(self.entries) + 1, self.subject.sequence + 1, self.now, refused)
        self.entries.append(entry)
        self.subject = self.subject.after(entry, self.city)
        if event.sender == "ledger":
            self.ledger.known = self.ledger.known.after(entry, "ledger", self.city.sops)


def people(case: Case, service: Service) -> tuple[Actor, ...]:
    """Returns who may knock at a service's doors: mostly those who have something to do there, and some who have not."""
    if service.name == "intake":
        return (
            APPLICANT,
            APPLICANT,
            APPLICANT,
            KUASA,
            KUASA,
            STRANGER,
            Actor("sambungan", "national", systems=NATIONAL_SYSTEMS),
            Actor("pelindung data", DATA_PROTECTION_ROLE, "dpmptsp"),
        )
    steps = [step for code in case.ready if (step := ready_step(case, code))]
    agencies = dict.fromkeys([*(agency for step in steps for agency in step.agencies), *((case.sop.owner,) if case.sop else ()), "bpprd"])
    found = []
    for agency in agencies:
        named = [Actor(f"petugas {agency}", "officer", agency), Actor(f"kepala {agency}", "head", agency)]
        # Whoever has recused themselves is replaced, and so are their replacements: no agency is ever without people.
        if agency == COUNTER.agency:
            named.append(Actor(COUNTER.person, "officer", agency))  # who may do nothing more where they have helped to file
        found += [*named, *(Actor(replaced(case, who.person), who.role, agency) for who in named)]
    others = (
        Actor("bendahara", "treasurer", "bpprd"),
        Actor("pengawas", "inspector", INSPECTORATE),
        Actor("sekda", SUPERIOR, SUPERIOR_AGENCY),
        Actor("penelaah setda", "officer", SUPERIOR_AGENCY),
        *((Actor("penelaah", "officer", case.sop.owner),) if case.sop and case.open_objection else ()),
    )
    return (*found, *others)
