"""What a stage does with commands and entries when deliveries repeat, lag, are poisoned, or its own database comes from an older backup."""

import random
from collections.abc import Callable

import pytest

from shared import events as e
from shared.case import Case, case_state, fold_all
from shared.code import make_code
from shared.draft import Context, Draft
from shared.envelope import ContractError, canonical, encode, read_entry
from shared.kit.kafka import Record
from shared.kit.settings import LEDGER_TOPIC
from shared.kit.stage import Stage
from shared.kit.stage_model import Command
from shared.kit.tokens import Actor
from shared.refusals import Refusal
from tests.builders import CODE, OTHER_CODE, PBG, REKLAME, SKP, catalogue, make_event, make_line, submission
from tests.integration.minicity import APPLICANT, STAGES, Backup, MiniCity, wait_for

DLH = Actor("petugas-dlh", "officer", "dlh")
PUPR = Actor("petugas-pupr", "officer", "pupr")


def submit(city: MiniCity, sop: str = REKLAME, code: str = CODE) -> None:
    """Submits an application and lets the city settle."""
    city.say("intake", code, APPLICANT, Draft(submission(catalogue()[sop])))
    city.pump()


def passed(step: str, round_: int = 1) -> Draft:
    """Returns the draft of a review without findings."""
    return Draft(e.ReviewCompleted(step=step, round=round_, result="passed"))


def equal_to_replay(city: MiniCity, name: str) -> bool:
    """Says whether every view row of a deployment is the projection of the replayed ledger."""
    stage = city.stages[name]
    views = city.views(name)
    expected = {}
    for code in {entry.subject for entry in city.entries() if entry.subject.startswith("PKY-")}:
        expected[code] = stage.definition.project(fold_all(code, city.entries(code), city.city.sops), city.city)
    return {code: canonical(row) for code, row in views.items()} == {code: canonical(row) for code, row in expected.items()}


def test_the_same_key_and_body_gets_the_same_answer(minicity: MiniCity) -> None:
    """Given a command with a key, when it comes again, then no second event is said; with another body it is refused."""
    stage = minicity.stages["intake"]

    def decide(_case: Case, _context: Context) -> tuple[Draft, ...]:
        return (Draft(submission(catalogue()[REKLAME])),)

    first = stage.command(CODE, APPLICANT, "key", b"body", decide)
    again = stage.command(OTHER_CODE, APPLICANT, "key", b"body", decide)
    assert (again.subject, again.event_ids[0], again.repeated) == (CODE, first.event_ids[0], True)
    with pytest.raises(Refusal, match="idempotency-key-reused"):
        stage.command(CODE, APPLICANT, "key", b"other", decide)
    other_person = stage.command(OTHER_CODE, Actor("siti", "applicant"), "key", b"other", decide)
    assert other_person.subject == OTHER_CODE


def test_a_refused_command_leaves_nothing(minicity: MiniCity) -> None:
    """Given an application under review, when a wrong officer decides, then no event, key or private value is stored."""
    submit(minicity, PBG)
    stage = minicity.stages["verification"]
    before = stage.store.head()
    with pytest.raises(Refusal, match="wrong-agency"):
        minicity.say("verification", CODE, PUPR, passed("lingkungan"), key="k")
    assert stage.store.head() == before
    assert stage.store.rows("SELECT count(*) AS kept FROM idempotency")[0]["kept"] == 0
    assert stage.store.rows("SELECT count(*) AS kept FROM vault_values")[0]["kept"] == 0


def test_many_commands_in_one_transaction_get_their_own_answers(minicity: MiniCity) -> None:
    """Given three submissions of which one is incomplete, when they come together, then two are received and one is refused by name."""
    whole = submission(catalogue()[SKP])
    broken = whole.model_copy(update={"attachments": whole.attachments[1:]})

    def says(data: e.ApplicationSubmitted) -> Callable[[Case, Context], tuple[Draft, ...]]:
        return lambda _case, _context: (Draft(data),)

    codes = ("PKY-36BS-2WSW-K54E-F", "PKY-F8XS-9HEJ-W7W0-0")
    items = [
        Command(codes[0], APPLICANT, "1", b"1", says(whole)),
        Command(codes[1], APPLICANT, "2", b"2", says(broken)),
        Command(codes[1], APPLICANT, "3", b"3", says(whole)),
    ]
    answers = minicity.stages["intake"].commands(items)
    assert [answer.code if isinstance(answer, Refusal) else answer.subject for answer in answers] == [
        codes[0],
        "requirement-missing",
        codes[1],
    ]
    minicity.pump()
    assert all(minicity.names(code)[-1] == "permit.issued" for code in codes)


def test_two_deployments_of_one_stage_speak_for_their_own_agencies(make_minicity: Callable[..., MiniCity]) -> None:
    """Given verification and verification-dlh, when a building is reviewed, then each speaks for its agencies and both histories agree."""
    deployments = {name: (name, ("*",)) for name in STAGES} | {"verification-dlh": ("verification", ("dlh",))}
    city = make_minicity(deployments=deployments)
    submit(city, PBG)
    with pytest.raises(Refusal, match="wrong-agency"):
        city.say("verification", CODE, DLH, passed("lingkungan"))
    city.say("verification-dlh", CODE, DLH, passed("lingkungan"))
    with pytest.raises(Refusal, match="wrong-agency"):
        city.say("verification-dlh", CODE, PUPR, passed("tpa"))
    city.say("verification", CODE, PUPR, passed("tpa"))
    city.pump()
    reviews = [(entry.event.sender, entry.event.agency) for entry in city.entries(CODE) if isinstance(entry.event.data, e.ReviewCompleted)]
    assert sorted(reviews) == [("verification", "pupr"), ("verification-dlh", "dlh")]
    assert equal_to_replay(city, "verification")
    assert equal_to_replay(city, "verification-dlh")


def test_a_sender_that_acts_for_another_agency_is_rejected_by_the_ledger(make_minicity: Callable[..., MiniCity]) -> None:
    """Given verification-dlh, when it says a review of another agency past its own doors, then the ledger rejects it."""
    deployments = {name: (name, ("*",)) for name in STAGES} | {"verification-dlh": ("verification", ("dlh",))}
    city = make_minicity(deployments=deployments)
    submit(city, PBG)
    event = make_event(passed("tpa").data, sender="verification-dlh", number=1, basis=2, role="officer", agency="pupr")
    city.topics["verification-dlh"].append(encode(event))
    city.pump()
    assert [code for _, code in city.letters("ledger")] == ["wrong-agency"]


def test_pending_decisions_are_voided_by_a_refusal_and_decided_anew(minicity: MiniCity) -> None:
    """Given a review said on an old basis, when the ledger refuses it, then what follows on that basis is refused and a fresh one stands."""
    submit(minicity, PBG)
    stale = make_event(passed("tpa", 7).data, sender="verification", number=1, basis=2, role="officer", agency="pupr", authid="B" * 43)
    follows = make_event(passed("kebakaran").data, sender="verification", number=2, basis=2, role="officer", agency="dpkp", authid="B" * 43)
    minicity.topics["verification"] += [encode(stale), encode(follows)]
    minicity.deliver_to_ledger()
    minicity.pump()
    assert minicity.names(CODE)[-2:] == ["review.completed (wrong-round)", "review.completed (follows-a-refusal)"]
    minicity.say("verification", CODE, PUPR, passed("tpa"))
    minicity.pump()
    assert minicity.names(CODE)[-1] == "review.completed"


def test_deliveries_repeated_delayed_and_poisoned_give_the_same_state(minicity: MiniCity) -> None:
    """Given deliveries that repeat, lag and are poisoned at random, when all is read, then every view equals its replay and all poison is kept."""
    dice = random.Random(7)  # noqa: S311 - a repeatable choice, no secret
    codes = [make_code_text(number) for number in range(40)]
    for code in codes:
        minicity.say("intake", code, APPLICANT, Draft(submission(catalogue()[SKP])))
    poison = 0
    for _ in range(400):
        minicity.deliver_to_ledger(batch=dice.randrange(1, 9))
        name = dice.choice(("intake", "verification", "inspection", "issuance", "tracker"))
        published = list(enumerate(minicity.published))
        start = max(0, minicity.read[name] - dice.randrange(0, 6))
        window = published[start : start + dice.randrange(1, 30)]
        records = [Record(LEDGER_TOPIC, offset, raw) for offset, raw in window]
        if dice.random() < 0.05:
            records.insert(
                dice.randrange(len(records) + 1), Record(LEDGER_TOPIC, 10**6 + poison, dice.choice([b"", b"\xff", b'{"event":{}}']))
            )
            poison += name == "tracker"
        if dice.random() < 0.2:
            dice.shuffle(records)
        wait_for(minicity.inboxes[name].receive(records))
        minicity.read[name] = max(minicity.read[name], start + len(window))
    minicity.pump()
    assert all(minicity.names(code)[-1] == "permit.issued" for code in codes)
    assert all(equal_to_replay(minicity, name) for name in ("intake", "verification", "inspection", "issuance", "tracker"))
    assert len(minicity.letters("tracker")) == poison > 0


def make_code_text(number: int) -> str:
    """Returns a code by number."""
    return make_code(number * 7919 + 13)


def test_a_poisoned_subject_is_held_alone_and_driven_again(minicity: MiniCity) -> None:
    """Given a bug that breaks one application's view, when its entry comes, then only that one is held, others go on, and a redrive mends it."""
    stage = minicity.stages["verification"]
    project = stage.definition.project

    def broken(case: Case, city: object) -> object:
        if case.code == CODE:
            message = "a bug"
            raise ValueError(message)
        return project(case, city)  # type: ignore[arg-type]  # the same city

    object.__setattr__(stage.definition, "project", broken)
    submit(minicity, PBG)
    submit(minicity, PBG, OTHER_CODE)
    assert stage.held == {CODE}
    assert set(minicity.views("verification")) == {OTHER_CODE}
    with pytest.raises(Refusal, match="held"):
        minicity.say("verification", CODE, PUPR, passed("tpa"))
    minicity.say("verification", OTHER_CODE, PUPR, passed("tpa"))
    assert stage.redrive(CODE) is False
    object.__setattr__(stage.definition, "project", project)
    assert stage.redrive(CODE) is True
    assert stage.held == set()
    minicity.say("verification", CODE, PUPR, passed("tpa"))
    minicity.pump()
    assert equal_to_replay(minicity, "verification")


def test_an_unknown_version_stops_the_service_and_names_what_it_needs(minicity: MiniCity) -> None:
    """Given an entry in a version that this release does not know, when it comes, then the inbox stands still there and says so."""
    submit(minicity)
    stage, inbox = minicity.stages["tracker"], minicity.inboxes["tracker"]
    before = stage.position
    line = make_line(make_event(e.ApplicationWithdrawn(reason="x"), sender="intake", number=3), before + 1, 3)
    raw = line.raw.replace(b"application.withdrawn.v1", b"application.withdrawn.v7")
    wait_for(inbox.receive([Record(LEDGER_TOPIC, 999, raw)]))
    assert stage.position == before
    assert "version 7" in inbox.stopped_at
    assert minicity.letters("tracker") == []


def test_a_stage_restored_from_an_older_backup_recovers_its_own_entries(minicity: MiniCity) -> None:
    """Given a backup of intake from before ten applications, when it is restored, then it takes its events back and uses no number twice."""
    submit(minicity, PBG)
    backup = Backup(minicity, "intake")
    minicity.pump()
    codes = [make_code_text(number) for number in range(10)]
    for code in codes:
        minicity.say("intake", code, APPLICANT, Draft(submission(catalogue()[SKP])))
    minicity.pump()
    lost = minicity.stages["intake"].store.head()
    backup.restore()
    stage: Stage = minicity.stages["intake"]
    assert stage.store.head() < lost
    wait_for(minicity.inboxes["intake"].catch_up())
    assert stage.store.head() == lost
    minicity.say("intake", CODE, APPLICANT, Draft(e.ApplicationWithdrawn(reason="berubah-pikiran")))
    minicity.pump()
    assert minicity.names(CODE)[-1] == "application.withdrawn"
    assert minicity.letters("ledger") == []
    assert equal_to_replay(minicity, "intake")


def test_a_ledger_restored_from_an_older_backup_takes_back_what_it_published(minicity: MiniCity) -> None:
    """Given a backup of the ledger, when it is restored, then re-ingesting its topic's tail gives the same bytes at the same positions."""
    submit(minicity, PBG)
    backup = Backup(minicity, "ledger")
    submit(minicity, SKP, OTHER_CODE)
    before = [entry.raw for entry in minicity.entries()]
    backup.restore()
    assert len(minicity.entries()) < len(before)
    restored = minicity.ledger.restore([read_entry(raw) for raw in minicity.published])
    assert restored > 0
    assert [entry.raw for entry in minicity.entries()] == before
    assert len(minicity.stores["ledger"].rows("SELECT position FROM leaves")) == len(before)
    minicity.pump()
    submit(minicity, SKP, make_code_text(5))
    assert minicity.names(make_code_text(5))[-1] == "permit.issued"


def test_a_ledger_whose_topic_disagrees_refuses_to_go_on(minicity: MiniCity) -> None:
    """Given a ledger database that differs from what was published, when it recovers, then it says where and judges nothing."""
    submit(minicity, PBG)
    altered = minicity.published[-1].replace(b'"dpmptsp"', b'"dpmptsx"')
    with pytest.raises(ContractError, match="published with other bytes"):
        minicity.ledger.restore([read_entry(altered)])
    missing = make_line(make_event(e.ApplicationWithdrawn(reason="x"), sender="intake", number=3), minicity.ledger.head + 2, 3)
    with pytest.raises(ContractError, match="sequence-broken"):
        minicity.ledger.restore([missing])


def test_an_inbox_far_behind_decides_correctly(minicity: MiniCity) -> None:
    """Given a verification that has read nothing for a while, when the applicant has withdrawn meanwhile, then its late decision changes nothing."""
    minicity.say("intake", CODE, APPLICANT, Draft(submission(catalogue()[PBG])))
    minicity.pump()
    minicity.say("intake", CODE, APPLICANT, Draft(e.ApplicationWithdrawn(reason="berubah-pikiran")))
    minicity.deliver_to_ledger()
    minicity.say("verification", CODE, PUPR, passed("tpa"))
    minicity.pump()
    assert minicity.names(CODE)[-1] == "review.completed (already-withdrawn)"
    assert minicity.views("verification")[CODE]["outcome"] == "withdrawn"
    assert all(
        canonical(case_state(stage.case(CODE))) == canonical(case_state(minicity.stages["tracker"].case(CODE)))
        for stage in minicity.stages.values()
        if stage.definition.name != "catalogue"
    )


def test_two_same_refusals_park_the_rules_for_a_person(minicity: MiniCity) -> None:
    """Given a rule whose event the ledger refuses twice with one code, when it reads that, then it says nothing more there."""
    submit(minicity, PBG)
    for number in (1, 2):
        basis = minicity.entries(CODE)[-1].stamp.sequence
        event = make_event(
            passed("tpa", 9).data, sender="verification", number=number, basis=basis, role="officer", agency="pupr", authid="B" * 43
        )
        minicity.topics["verification"].append(encode(event))
        minicity.pump()
    assert minicity.stages["tracker"].case(CODE).refusals_in_a_row["verification"] == 2
