"""The feed of a training city: moves its clock from tick to tick, submits what has arrived, and lets the autopilot act.

It knows what every office knows by reading the ledger's feed as an auditor, and acts through the documented doors alone. It keeps nothing:
the same arrival under the same key finds the same application again, so it may be stopped anywhere and started again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from deploy.training import autopilot, drafting, knowledge, publishing
from deploy.training.arrivals import Arrival
from deploy.training.bank import Bank
from deploy.training.chance import digest
from deploy.training.doors import CLOCK, LEDGER, Doors, TrainingError, refusal_of
from deploy.training.filing import filer, filing
from deploy.training.gateway import Line
from deploy.training.moves import Move
from deploy.training.paying import BANK
from deploy.training.pools import enlarge, sender_for
from deploy.training.ticks import tick_at_or_after, ticks_later
from deploy.training.till import Till
from deploy.training.watch import Watch
from shared.city import City
from shared.fields import to_instant, to_timestamp
from shared.sop.handing import handed_in

IN_FLIGHT_MAX: Final = 16
PLAYED_AHEAD: Final = timedelta(days=120)
REST_SECONDS_MAX: Final = 60.0
ACT_SECONDS: Final = 10
SILENT_STAGES: Final = frozenset({"catalogue", "archive"})
POLL_SECONDS: Final = 0.02
POLL_SECONDS_MAX: Final = 0.1
NOTHING_READ: Final = -1


@dataclass
class Progress:
    """How far a feed is; told after every tick."""

    arrivals: int
    submitted: int = 0
    repeated: int = 0
    saved_first: int = 0
    ended: int = 0
    permits: int = 0
    moves: int = 0
    ticks: int = 0
    now: datetime | None = None
    first_permit_at: float | None = None  # by the machine's monotonic clock
    sent_to_quiz: int = 0  # how often a desk took a command only after somebody had learned the SOP
    not_accepted: dict[str, int] = field(default_factory=dict)


class Feed:
    """Plays arrivals in one city."""

    def __init__(self, doors: Doors, seed: int, tell: Callable[[Progress], None], bank: tuple[Bank, Line] | None = None) -> None:
        self.watch = Watch()
        self._till = Till(doors, *bank, self.watch) if bank else None
        self.codes: dict[str, str] = {}
        self._doors = doors
        self._seed = seed
        self._tell = tell
        self._stages = tuple(name for name in doors.services if name != LEDGER)
        self._arrivals: dict[str, Arrival] = {}
        self._plans: dict[str, tuple[Move, ...]] = {}
        self._to_plan: set[str] = set()
        self._tried: set[tuple[str, int]] = set()
        self._next_due = ""
        self._first: datetime | None = None
        self._acts_tried: set[str] = set()
        self._learned: set[knowledge.Learner] = set()
        self._told = ""
        self._entries_expected = 0
        self._gate = asyncio.Semaphore(IN_FLIGHT_MAX)

    async def run(self, arrivals: Sequence[Arrival]) -> Progress:
        """Plays until nobody has anything to do and nothing falls due any more."""
        await self.settle()
        self._first = arrivals[0].at if arrivals else None
        progress = Progress(len(arrivals), permits=self.watch.permits)
        waiting = list(reversed(arrivals))
        now = to_instant((await self._doors.ask(LEDGER, "/v1/status"))["now"])
        while True:
            due: list[Arrival] = []
            self._entries_expected = self.watch.position
            while waiting and self._tick(waiting[-1].at) <= now:
                due.append(waiting.pop())
            await self._publish_due(now)
            await self._learn_due(now)
            await self._submit_all(due, now, progress)
            await self._act_all(now, progress)
            if self._entries_expected > self.watch.position:
                await self.settle(everybody=False)
            if self._till and await self._till.work(now, partial(self._tell_time, now=to_timestamp(now))):
                await self.settle(everybody=False)
            await self._enlarge_pools()
            progress.now, progress.ticks = now, progress.ticks + 1
            progress.ended = sum(code in self.watch.ended for code in self.codes.values())
            if self.watch.permits > progress.permits and progress.first_permit_at is None:
                progress.first_permit_at = time.monotonic()
            progress.permits = self.watch.permits
            self._tell(progress)
            self._next_due = (await self._doors.ask(LEDGER, "/v1/status", CLOCK))["next_due"]
            following = self._following(now, waiting)
            if following is None:
                await self.settle()
                return progress
            now = following
            if await self._doors.move_clock(to_timestamp(now)):
                await self.settle(everybody=False)
                await self._enlarge_pools()

    def _tick(self, instant: datetime) -> datetime:
        return tick_at_or_after(self.watch.city.calendar, instant)

    def _following(self, now: datetime, waiting: Sequence[Arrival]) -> datetime | None:
        """Returns the next tick at which something arrives, is done or falls due; None at the end of the play."""
        self._plan_changed()
        found = [self._tick(waiting[-1].at)] if waiting else []
        found += [move.at for plan in self._plans.values() for move in plan[:1]]
        if self._till and (at := self._till.next_at()):
            found.append(self._tick(at))
        # What the owners of SOPs do alone does not keep a play going.
        if found and (act := self._next_act()):
            found.append(act.at)
        # What falls due later than any SOP's deadline is the last day of a permit: for that no play waits.
        if self._next_due and to_instant(self._next_due) - now < PLAYED_AHEAD:
            found.append(self._tick(to_instant(self._next_due)))
        return max(min(found), ticks_later(self.watch.city.calendar, now, 1)) if found else None

    # Submitting and acting

    async def _together(self, work: Iterable[Callable[[], Awaitable[None]]]) -> None:
        async def one(step: Callable[[], Awaitable[None]]) -> None:
            async with self._gate:
                await step()

        try:
            async with asyncio.TaskGroup() as tasks:
                for step in work:
                    tasks.create_task(one(step))
        except* TrainingError as failed:
            raise failed.exceptions[0] from None

    async def _submit_all(self, arrivals: Sequence[Arrival], now: datetime, progress: Progress) -> None:
        if arrivals:
            # Which version of an SOP is in force depends on the day.
            await self._tell_time("intake", to_timestamp(now))
        await self._together([partial(self._submit, arrival, progress) for arrival in arrivals])

    async def _submit(self, arrival: Arrival, progress: Progress) -> None:
        body = submission(arrival, self._seed, self.watch.city.at(self._tick(arrival.at)))
        key = f"{self._seed}/{arrival.key}/submit"
        if drafting.saves_first(self._seed, arrival):
            answer = await drafting.hand_in(self._doors, filer(arrival), body, key)
            progress.saved_first += 1
        else:
            answer = await self._doors.knock("intake", "POST", "/v1/applications", filer(arrival), body=body, key=key)
        if code := refusal_of(answer):
            raise TrainingError(f"Intake refused the arrival {arrival.key} ({code}).", "Look at its log, or take a new folder: --data DIR.")
        said = answer.json()
        self.codes[arrival.key] = said["application"]
        self._arrivals[said["application"]] = arrival
        progress.submitted += 1
        progress.repeated += said["repeated"]
        self._entries_expected += 0 if said["repeated"] else len(said["events"])
        self._to_plan.add(said["application"])

    def _next_act(self) -> publishing.Act | None:
        return publishing.next_act(self.watch.city, self._first, self._acts_tried) if self._first else None

    async def _publish_due(self, now: datetime) -> None:
        """Lets the owners of SOPs do what is due, each act on what the ledger has entered of the one before."""
        while (act := self._next_act()) and act.at <= now:
            self._acts_tried.add(act.key)
            body = dict(act.body)
            if act.path == publishing.MOVES_PATH:
                body["applications"] = publishing.movable(self.watch.city, self.watch.applications)
                if not body["applications"]:
                    continue
            await self._tell_time(act.service, to_timestamp(now))
            answer = await self._doors.knock(act.service, "POST", act.path, act.actor, body=body, key=act.key, wait_seconds=ACT_SECONDS)
            if code := refusal_of(answer):
                raise TrainingError(f"{act.service} refused {act.key} ({code}).", "Look at its log, or take a new folder: --data DIR.")
            await self.settle()

    async def _learn_due(self, now: datetime) -> None:
        """Lets the staff whose day has come take their quizzes, before anybody works."""
        if due := knowledge.learners(self.watch.city, self._seed, now, self._learned):
            await self._tell_time(knowledge.SERVICE, to_timestamp(now))
            await self._together([partial(self._learn, learner) for learner in due])
            await self.settle()

    async def _learn(self, learner: knowledge.Learner) -> None:
        await self._take_quiz(learner)

    async def _take_quiz(self, learner: knowledge.Learner) -> int:
        """Has somebody take a quiz, some at the second attempt; returns the position at which the ledger has it."""
        asked = await self._doors.ask(knowledge.SERVICE, f"{knowledge.QUIZ_PATH}?sop={learner.sop}", learner.actor)
        self._learned.add(learner)
        if asked["state"] == "acknowledged":
            return int((await self._doors.ask(knowledge.SERVICE, "/v1/status", CLOCK))["position"])
        letters = knowledge.answers(self.watch.city, learner.sop, asked["questions"])
        if knowledge.wrong_first(self._seed, learner):
            await self._answer_quiz(learner, knowledge.spoiled(letters), "first", "quiz-wrong")
        said = await self._answer_quiz(learner, letters, "right", "")
        if not said["repeated"]:
            self._entries_expected += len(said["events"])
        end = time.monotonic() + REST_SECONDS_MAX
        while "position" not in said:
            # Nobody may go back to the desk before it can know of this, however slow the machine is: it would send them away once more.
            if time.monotonic() > end:
                raise TrainingError("The ledger does not enter an acknowledgement.", "Look at its log, or run `jejak doctor`.")
            await asyncio.sleep(POLL_SECONDS)
            said = await self._answer_quiz(learner, letters, "right", "")
        return int(said["position"])

    async def _answer_quiz(self, learner: knowledge.Learner, letters: Sequence[str], attempt: str, expected: str) -> dict[str, Any]:
        """Answers as somebody does; returns what the catalogue says to it."""
        body = {"sop": learner.sop, "answers": list(letters)}
        path, key = knowledge.ACKNOWLEDGE_PATH, learner.key(attempt)
        answer = await self._doors.knock(knowledge.SERVICE, "POST", path, learner.actor, body=body, key=key, wait_seconds=ACT_SECONDS)
        if (code := refusal_of(answer)) != expected:
            raise TrainingError(f"The catalogue answered {key} with {code or 'yes'}.", "Look at its log, or take a new folder: --data DIR.")
        said: dict[str, Any] = answer.json()
        return said

    def _plan_changed(self) -> None:
        """Plans the applications about which something was read or done since they were planned, each once."""
        for code in self._to_plan:
            self._plan(code)
        self._to_plan.clear()

    def _plan(self, code: str) -> None:
        arrival, known = self._arrivals.get(code), self.watch.applications.get(code)
        if arrival is None or known is None:
            return
        found = autopilot.moves(self._seed, arrival.key, known, self.watch.city.calendar, arrival.person)
        paid = self._till.is_paid if self._till else lambda _move: False
        self._plans[code] = tuple(move for move in found if (move.key, known.case.sequence) not in self._tried and not paid(move))
        if not self._plans[code]:
            del self._plans[code]

    async def _act_all(self, now: datetime, progress: Progress) -> None:
        """Does the first due move of every application: what else is due there waits a tick, so no two of them can race."""
        self._plan_changed()
        due = {code: plan[0] for code, plan in self._plans.items() if plan[0].at <= now}
        for code in [code for code, move in due.items() if move.stage == BANK]:
            self._pay(code, due.pop(code), progress)
        senders = {code: self._sender(move) for code, move in due.items()}
        told = self._told = to_timestamp(now)
        await self._together([partial(self._tell_time, name, told) for name in sorted(set(senders.values()))])
        await self._together([partial(self._act, code, senders[code], move, progress) for code, move in due.items()])

    def _pay(self, code: str, move: Move, progress: Progress) -> None:
        if self._till is None:
            raise TrainingError("Nobody plays the bank.", "Give the feed a bank.")
        self._till.pay(move, code)
        progress.moves += 1
        self._to_plan.add(code)

    async def _tell_time(self, service: str, now: str) -> None:
        answer = await self._doors.knock(service, "POST", "/v1/clock", CLOCK, body={"now": now})
        if code := refusal_of(answer):
            raise TrainingError(
                f"{service} does not take its time from the feed ({code}).", "Start a training city: `jejak up --training`."
            )

    async def _act(self, code: str, service: str, move: Move, progress: Progress) -> None:
        path = f"/v1/applications/{code}/{move.command}"
        knock = partial(self._doors.knock, service, "POST", path, move.actor, body=move.body, key=move.key)
        answer = await knock()
        if learners := knowledge.sent_away(refusal_of(answer), move, self.watch.applications[code].case.sop_name):
            # At once, so that what becomes of an application does not depend on which one met its officer first.
            await self._tell_time(knowledge.SERVICE, self._told)
            await self._heard(service, max([await self._take_quiz(learner) for learner in learners]))
            answer, progress.sent_to_quiz = await knock(), progress.sent_to_quiz + 1
        progress.moves += 1
        if refused := refusal_of(answer):
            progress.not_accepted[refused] = progress.not_accepted.get(refused, 0) + 1
        elif not (said := answer.json())["repeated"]:
            self._entries_expected += len(said["events"])
        # Done or refused: with the case as it is, this move is not tried again.
        self._tried.add((move.key, self.watch.applications[code].case.sequence))
        self._to_plan.add(code)

    async def _heard(self, service: str, position: int) -> None:
        """Waits until a service has applied the ledger up to a position."""
        loop = asyncio.get_running_loop()
        end = loop.time() + REST_SECONDS_MAX
        while (await self._doors.ask(service, "/v1/status", CLOCK))["position"] < position:
            if loop.time() > end:
                raise TrainingError(f"{service} does not hear of position {position}.", "Look at its log, or run `jejak doctor`.")
            await asyncio.sleep(POLL_SECONDS)

    def _sender(self, move: Move) -> str:
        """Returns the deployment that speaks for the actor's agency in that stage."""
        return sender_for(self.watch.city, self._doors, move.stage, move.actor.agency)

    async def _enlarge_pools(self) -> None:
        """Lets the owners of crowded pools add places until nobody waits."""
        while grown := await enlarge(self._doors, self.watch.city, self._seed):
            self._entries_expected = self.watch.position + grown
            await self.settle(everybody=False)

    # Rest

    async def settle(self, *, everybody: bool = True) -> None:
        """Reads on until the city is at rest: whoever speaks, or everybody, has applied the whole ledger, and all that was said is in it.

        Asked after the ledger was read, that is exact: what any service said later would need an entry or a command that is not there. So who
        is at rest stays so until there is another entry, and is not asked again.
        """
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + REST_SECONDS_MAX, POLL_SECONDS
        names = self._stages if everybody else self._speakers()
        restless, read = names, NOTHING_READ
        while True:
            await self._read()
            if self.watch.position != read:
                restless, read = names, self.watch.position
            entered = read >= self._entries_expected
            if entered:
                restless = await self._restless(restless)
            if not restless:
                return
            if loop.time() > end:
                raise TrainingError(
                    f"The city did not come to rest within {REST_SECONDS_MAX:.0f} seconds:"
                    f" {', '.join(restless) if entered else 'the ledger'} still works.",
                    "Look at its log, or run `jejak doctor`.",
                )
            await asyncio.sleep(pause)
            pause = min(POLL_SECONDS_MAX, pause * 2) if entered else pause

    async def _restless(self, names: Sequence[str]) -> tuple[str, ...]:
        statuses = await asyncio.gather(*(self._doors.ask(name, "/v1/status", CLOCK) for name in names))
        return tuple(name for name, status in zip(names, statuses, strict=True) if not self._at_rest(name, status))

    def _speakers(self) -> tuple[str, ...]:
        """Returns the services that answer an entry with a word of their own; the others only read, or speak when told to."""
        senders = self.watch.city.senders
        return tuple(name for name in self._stages if name in senders and senders[name].stage not in SILENT_STAGES)

    def _at_rest(self, name: str, status: dict[str, Any]) -> bool:
        return bool(
            status["drained"]
            and status["position"] == self.watch.position
            and status["relayed"] == self.watch.said[name]
            # Whoever asks others, as the treasury its gateway, has to have their answers.
            and status.get("asked", status["position"]) == status["position"]
        )

    async def _read(self) -> None:
        while True:
            entries, head = await self._doors.entries(self.watch.position)
            self._to_plan |= self.watch.read(entries)
            if self.watch.position >= head or not entries:
                return


def submission(arrival: Arrival, seed: int, city: City) -> dict[str, Any]:
    """Returns the body of a submission: everything that the SOP in force asks of an applicant."""
    sop = next((sop for sop in city.current_sops() if sop.permit_type == arrival.permit_type), None)
    if sop is None:
        raise TrainingError(f"The catalogue has no SOP {arrival.permit_type}.", "Publish it, or start a new demo with --data DIR.")
    documents = [
        {"requirement": item.code, "digest": digest(seed, arrival.key, item.code, 0)} for item in handed_in(sop.required(arrival.facts))
    ]
    return {
        "permit_type": arrival.permit_type,
        "channel": arrival.channel,
        "kelurahan": arrival.kelurahan,
        "facts": dict(arrival.facts),
        "documents": documents,
        "applicant": {"name": arrival.name, "nik": arrival.nik},
        "received_at": to_timestamp(arrival.at),
        **filing(arrival, seed),
    }
