"""The archive at work: another system's events into its own store in one transaction, to the ledger, and until the ledger has them all.

The archive has no process of its own in a city: it lives as long as an import.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import orjson

from shared.envelope import Entry, encode
from shared.events import AnyEvent
from shared.keyring import NO_KEYS
from shared.kit.feed import Feed, FeedError
from shared.kit.kafka import Publisher
from shared.kit.relay import Relay
from shared.kit.sealing import make_sealer
from shared.kit.service import service_token
from shared.kit.settings import Settings
from shared.kit.store import SingleProcess, Store, Stored
from shared.kit.telemetry import Metrics

STILL_SECONDS_MAX: Final = 60.0
POLL_SECONDS: Final = 0.2


class ArchiveStopped(Exception):  # noqa: N818 - says what happened
    """The import cannot go on; the message is a sentence with what to do next."""


@dataclass
class Delivered:
    """What the ledger has of an import: its entries, and the ids of those whose bytes are not the ones sent."""

    entries: list[Entry] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)


@contextmanager
def at_work(settings: Settings) -> Iterator[Store]:
    """Opens the archive's store for one import at a time; raises `ArchiveStopped` while another one runs."""
    place = SingleProcess(settings.database_url)
    try:
        if not place.acquire():
            raise ArchiveStopped("Another import is running. Wait until it has ended.")
        store = Store(settings.database_url, "stage")
        try:
            store.create()
            yield store
        finally:
            store.close()
    finally:
        place.release()


def keep(store: Store, events: Sequence[AnyEvent]) -> int:
    """Appends all events or none, and returns how many were new: all, or 0 when the same ones are there already.

    Raises `ArchiveStopped` when other events are there under the same names.
    """
    wanted = {event.id: encode(event) for event in events}
    known = _known(store, {event.subject for event in events})
    if known == wanted:
        return 0
    if known:
        raise ArchiveStopped("Another log was imported under this name. Choose another one with --system.")
    with store.transaction() as cursor:
        store.append(cursor, [Stored(0, event.subject, event.number, event.type, wanted[event.id]) for event in events])
    return len(events)


def _known(store: Store, subjects: set[str]) -> Mapping[str, bytes]:
    rows = store.rows("SELECT state FROM stage_events WHERE originator_id = ANY(%s)", (sorted(subjects),))
    found = [bytes(row["state"]) for row in rows]
    return {orjson.loads(raw)["id"]: raw for raw in found}


async def deliver(settings: Settings, store: Store, events: Sequence[AnyEvent], progress: Callable[[int], None]) -> Delivered:
    """Relays what the store holds and reads the ledger until it has entered every event; may be repeated after any failure.

    Raises `ArchiveStopped` when the ledger enters nothing more for a minute.
    """
    feed = Feed(settings.ledger_url, service_token(settings))
    problems: dict[str, str] = {}

    def problem(part: str, what: str) -> None:
        problems[part] = what

    seal = make_sealer(settings, lambda: NO_KEYS, lambda: "")  # an archive does not follow the city's rules: its newest key seals
    relay = Relay(store, Publisher(settings, settings.topic()), Metrics(), problem, seal)
    relaying = asyncio.create_task(relay.run())
    try:
        return await _await_all(feed, events, progress, lambda: "; ".join(what for what in problems.values() if what))
    finally:
        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)
        await feed.close()


async def _await_all(feed: Feed, events: Sequence[AnyEvent], progress: Callable[[int], None], problem: Callable[[], str]) -> Delivered:
    waiting = {event.id: encode(event) for event in events}
    delivered, moved_at = Delivered(), time.monotonic()
    after, trouble = -1, ""
    while waiting:
        try:
            after = await _start(feed, events[0]) if after < 0 else after
            entries, _ = await feed.page(after)
            trouble = ""
        except FeedError as error:
            entries, trouble = [], type(error).__name__
        for entry in entries:
            sent = waiting.pop(entry.event.id, None)
            if sent is not None:
                delivered.entries.append(entry)
                if sent != entry.event_raw or entry.stamp.refused:
                    delivered.differing.append(entry.event.id)
        if entries:
            after, moved_at = entries[-1].stamp.position, time.monotonic()
            progress(len(delivered.entries))
        elif time.monotonic() - moved_at > STILL_SECONDS_MAX:
            reason = trouble or problem() or "it may have rejected them: jejak dead-letters list --service ledger"
            sentence = f"The ledger has entered {len(delivered.entries)} of {len(events)} events and no more for a minute ({reason})"
            raise ArchiveStopped(f"{sentence}. Run the same command again; it goes on where it stopped.")
        else:
            await asyncio.sleep(POLL_SECONDS)
    return delivered


async def _start(feed: Feed, first: AnyEvent) -> int:
    """Returns a position before the first event: just before it if the ledger has it, else the ledger's head."""
    head = await feed.head()  # asked before the history, so that an entry made in between is after it
    found = await feed.history(first.subject)
    return found[0].stamp.position - 1 if found else head
