"""Random lives of applications through all services and the ledger together, with delays, repeats, refusals and stale knowledge."""

import os
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from shared import events as e
from shared.case import fold_all
from shared.case_model import Case
from shared.envelope import Entry
from shared.fields import to_instant
from shared.kit.doors import Door
from shared.kit.tokens import Actor
from shared.money import accounts
from shared.refusals import REFUSALS
from shared.sop import deadlines, objections, rules
from shared.sop.people import HEAD
from shared.sop.rules import next_actions
from tests.builders import CODE, catalogue, make_city
from tests.model.bodies import BODIES, Dice, declared
from tests.model.life import STAGES, Life, Service, people
from tests.stages import DOORS, authid
from tests.strategies import SPREAD

LIVES: Final = int(os.environ.get("JEJAK_LIVES", "2000"))
STEPS_MAX: Final = 30
# Long enough for who objects to one closing after the other until nobody tries any more.
GOOD_MOVES_MAX: Final = 400
MOODY_MOVES: Final = 15
ACTS_A_TURN: Final = 3
GIVING_UP: Final = ("withdraw", "surrender-permit", "annul-permit", "forget", "declare-conflict", "end-representation")
SETTING_BACK: Final = ("move-visit", "miss-visit", "return-decision", "assign-review", "reassign-review", "allow-recheck")
TRIES_MAX: Final = 25
DECISIONS: Final = (e.PermitIssued, e.ApplicationRefused, e.PermitDeemedGranted)
BY_NAME: Final = {stage: {door.name: door for door in doors} for stage, doors in DOORS.items()}
ROLES: Final = {stage: {role for door in doors for role in door.roles} for stage, doors in DOORS.items()}
Offer = tuple[Actor, str, str]
# A walk through all of them in an order that looks random, so that no part of the numbers is favoured.
numbers = st.integers(0, 2**62).map(lambda number: number * SPREAD % (2**62 + 135))


def test_every_door_is_tried() -> None:
    """Every command of every stage has a body in the random lives, so that no door is left out."""
    assert set(BODIES) == {door.name for doors in DOORS.values() for door in doors}


class Lives(RuleBasedStateMachine):
    """One life: somebody knocks, an event arrives or is repeated, a service hears, time passes."""

    life: Life

    @initialize(sop=st.sampled_from(sorted(catalogue())), number=numbers)
    def begin(self, sop: str, number: int) -> None:
        """An application arrives, of any type, with any declared facts."""
        dice = Dice(number)
        self.life = Life(make_city(), sop, declared(catalogue()[sop], dice), dice.pick(("self", "self", "kuasa", "assisted")))
        self.mood = dice.number
        self.checked = 0

    @rule(number=numbers)
    def the_applicant_acts(self, number: int) -> None:
        """The applicant, or who speaks as one, uses a door of intake."""
        self._act(number, ("intake",))

    @rule(number=numbers)
    def reviewers_act(self, number: int) -> None:
        """Officers and heads of technical agencies do what is theirs."""
        self._act(number, ("verification", "inspection"))

    @rule(number=numbers)
    def issuers_act(self, number: int) -> None:
        """Charges, payments, drafts, decisions, and what becomes of a permit."""
        self._act(number, ("issuance", "treasury"))

    @rule(number=numbers)
    def everybody_acts(self, number: int) -> None:
        """Whoever has something to do."""
        self._act(number, STAGES)

    def _act(self, number: int, stages: Sequence[str]) -> None:
        """Lets people do what services offer them, as far as these have heard; most services are up to date, some events arrive at once."""
        for _ in range(ACTS_A_TURN):
            number, once = divmod(number, 2**20)
            dice, life = Dice(once), self.life
            if not dice.one_in(4):
                life.settle()
            services = [life.services[name] for name in stages]
            offers = [(service, offer) for service in services for offer in _offered(life, service) if _wanted(offer, dice)]
            if not offers:
                return
            service, (actor, command, step) = dice.pick(offers)
            life.command(service, actor, _door(service, command), step, dice)
            if dice.one_in(2) and service.queue:
                life.deliver(service)

    @rule(number=numbers)
    def somebody_tries(self, number: int) -> None:
        """Somebody knocks at any door, with any step."""
        dice = Dice(number)
        service = self.life.services[dice.pick(STAGES)]
        sop = self.life.case.sop or next(iter(self.life.city.sops.values()))
        door, actor = dice.pick(DOORS[service.name]), dice.pick(people(self.life.case, service))
        self.life.command(service, actor, door, dice.pick(sop.steps).code, dice)

    @precondition(lambda self: any(service.queue for service in self.life.services.values()))
    @rule(number=numbers)
    def an_event_arrives(self, number: int) -> None:
        """The ledger takes the next event of a service."""
        self.life.deliver(Dice(number).pick([service for service in self.life.services.values() if service.queue]))

    @precondition(lambda self: any(service.taken for service in self.life.services.values()))
    @rule(number=numbers)
    def an_event_is_repeated(self, number: int) -> None:
        """A relay sends once more what the ledger has."""
        dice = Dice(number)
        self.life.deliver_again(dice.pick([service for service in self.life.services.values() if service.taken]), dice)

    @rule(number=numbers)
    def a_service_hears(self, number: int) -> None:
        """A service applies some of the entries that it lacks, or all."""
        dice = Dice(number)
        service = self.life.services[dice.pick(STAGES)]
        self.life.hear(service, dice.pick((1, 2, 5, len(self.life.entries))))

    @rule()
    def everything_arrives(self) -> None:
        """The city comes to rest."""
        self.life.settle()

    @rule(hours=st.sampled_from((1, 2, 3, 5, 8, 24, 30, 24 * 8, 24 * 40)))
    def time_passes(self, hours: int) -> None:
        """The ledger's clock goes on and says what falls due."""
        self.life.wait(timedelta(hours=hours))

    @rule()
    def the_next_deadline_passes(self) -> None:
        """However far off it is: so lives reach the end of a permit and its renewals."""
        if due := deadlines.clock(self.life.case, self.life.city.calendar):
            self.life.wait(max(timedelta(), due[0].due_at - self.life.now))

    @invariant()
    def what_was_entered_holds(self) -> None:
        """Each entry that was not judged wrong before keeps every promise of a history."""
        for entry in self.life.entries[self.checked :]:
            assert not entry.stamp.refused or entry.stamp.refused in REFUSALS, entry
        self.checked = len(self.life.entries)
        check(self.life.case, self.life)

    def teardown(self) -> None:
        """However it stands: when everything has arrived all services agree, and good will brings it to an end."""
        if not hasattr(self, "life"):
            return
        life = self.life
        life.settle()
        assert fold_all(CODE, life.entries, life.city.sops) == life.case
        for service in life.services.values():
            assert service.known.case == life.case
            assert not service.known.pending
        assert set(life.refusals) <= {*REFUSALS} - {"malformed"}
        _finish(life, self.mood)
        check(life.case, life)


def _wanted(offer: Offer, dice: Dice) -> bool:
    """Says whether somebody thinks of it: of giving up an application only now and then."""
    return offer[1] not in GIVING_UP or dice.one_in(25)


def _door(service: Service, command: str) -> Door:
    return BY_NAME[service.name][command]


def _offered(life: Life, service: Service) -> list[Offer]:
    """Returns what people of a service may do, as far as it has heard."""
    case, names, today = life.seen_by(service), BY_NAME[service.name], life.city.at(life.now).today
    return [
        (actor, action.command, action.step)
        for actor in dict.fromkeys(people(case, service))
        if actor.role in ROLES[service.name]
        for action in next_actions(case, actor.role, actor.agency, authid(actor, CODE), today)
        if not action.refusal and action.command in names and actor.role in names[action.command].roles
    ]


def check(case: Case, life: Life) -> None:
    """Asserts what holds of every case at every time."""
    standing = [entry for entry in life.entries if not entry.stamp.refused]
    _a_permit_has_its_steps(case)
    _one_decision_each_time(case, standing)
    asked = sum(isinstance(entry.event.data, e.RenewalRequested) for entry in standing)
    assert asked == len(case.permit.renewals if case.permit else ()) + bool(case.renewal)
    if (case.submitted_at and not case.outcome) or case.open_objection:
        assert case.parties, "nobody has it, and it has not ended"
    _nothing_goes_back(case, life)
    _money_is_accounted_for(case, standing)
    facts = {f"{entry.event.data.NAME} at {entry.stamp.sequence}" for entry in standing if entry.event.data.KIND == "fact"}
    odd = [item for item in case.anomalies if item not in facts and not item.startswith("payment of an unknown charge")]
    assert not odd, f"a decision was entered and then passed over: {odd}"


def _one_decision_each_time(case: Case, standing: Sequence[Entry]) -> None:
    """One decision, and one more for each refusal that an objection or appeal took back; the first ones were the refusals taken back."""
    decisions = [entry.event.data for entry in standing if isinstance(entry.event.data, DECISIONS)]
    taken_back = Counter(item.against for item in case.objections if item.state in objections.GRANTED)
    renewals = sum(isinstance(entry.event.data, e.RenewalRequested) for entry in standing)
    assert len(decisions) <= 1 + taken_back["refusal"] + taken_back["renewal-refusal"] + renewals
    assert all(isinstance(data, e.ApplicationRefused) for data in decisions[: taken_back["refusal"]])
    assert all(item.round <= case.round for item in case.objections)
    assert sum(item.state == "open" for item in case.objections) <= 1


def _a_permit_has_its_steps(case: Case) -> None:
    if case.outcome != "issued" or case.sop is None:
        return
    assert not rules.is_rejected(case)
    missing = [step.code for step in case.sop.steps if rules.step_applies(step, case) and not _over(case, step.code)]
    assert not missing


def _over(case: Case, code: str) -> bool:
    return code in case.steps and case.steps[code].result != "findings"


def _nothing_goes_back(case: Case, life: Life) -> None:
    times = [entry.stamp.recordedtime for entry in life.entries]
    assert times == sorted(times)
    assert [entry.stamp.sequence for entry in life.entries] == list(range(1, len(times) + 1))
    turns = [to_instant(turn.at) for turn in case.turns]
    assert turns == sorted(turns)
    for deadline in deadlines.clock(case, life.city.calendar):
        assert deadline.kind in ("expiry", "reminder") or deadline.due_at >= to_instant(case.submitted_at)


def _money_is_accounted_for(case: Case, standing: list[Entry]) -> None:
    """Every rupiah that arrived pays a charge, was paid back once, or is owed back, and nothing else is owed or paid back."""
    received: dict[str, int] = {}
    for entry in standing:
        if isinstance(entry.current.data, e.PaymentConfirmed):
            received.setdefault(entry.current.data.receipt, entry.current.data.amount_rupiah)
    refunds = [entry.event.data for entry in standing if isinstance(entry.event.data, e.RefundPaid)]
    found = accounts(case)
    assert found.received == sum(received.values())
    assert found.refunded == sum(refund.amount_rupiah for refund in refunds), "a transfer back answers nothing that was owed"
    assert found.unaccounted == 0, found


def _finish(life: Life, mood: int) -> None:
    """Lets people do what is offered to them, at first in any mood and then well, and time pass, until the application has ended.

    Every second applicant objects to what is done against them, and appeals.
    """
    objects = mood % 2 == 1
    tried: Counter[tuple[str, str, str]] = Counter()
    for move in range(GOOD_MOVES_MAX):
        life.settle()
        if life.case.outcome and not life.case.parties and not (objections.window(life.case) and objects):
            return
        moody = move < MOODY_MOVES
        if move == MOODY_MOVES:
            tried.clear()  # what failed in a mood says nothing of what good will can do
        if not _one_move(life, tried, Dice(mood >> move if moody else 0)) and not moody:
            due = deadlines.clock(life.case, life.city.calendar)
            assert due, f"a dead end: {life.case.parties} have {tuple(life.case.ready)} and nothing can be done"
            life.wait(max(timedelta(), due[0].due_at - life.now))
    raise AssertionError(f"it does not end: {tuple(life.case.ready)}")


def _last_resort(offer: Offer) -> bool:
    """Says whether somebody does this only when nothing else is left: it sets back, or drafts what this very person should sign."""
    actor, command, _ = offer
    return command in SETTING_BACK or (command == "draft-decision" and actor.role == HEAD)


def _one_move(life: Life, tried: Counter[tuple[str, str, str]], dice: Dice) -> bool:
    """Lets the first who can do what is offered to them, service by service; nobody is asked what they might do after that."""
    last: list[tuple[Service, Offer]] = []
    for service in life.services.values():
        for offer in _offered(life, service):
            if _last_resort(offer):
                last.append((service, offer))
            elif offer[1] not in GIVING_UP and _does(life, service, offer, tried, dice):
                return True
    return any(_does(life, service, offer, tried, dice) for service, offer in last)


def _does(life: Life, service: Service, offer: Offer, tried: Counter[tuple[str, str, str]], dice: Dice) -> bool:
    actor, command, step = offer
    tried[actor.person, command, step] += 1
    return tried[actor.person, command, step] <= TRIES_MAX and not life.command(service, actor, _door(service, command), step, dice)


@pytest.mark.timeout(LIVES)  # a life takes a hundredth of a second or two
def test_lives() -> None:
    """Whatever people do and however late services hear of it: no permit without its steps, one decision, no dead end, no lost money."""
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS_MAX,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
