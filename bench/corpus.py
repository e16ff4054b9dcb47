"""Any number of real permits' bytes: one history said by the city's own code, told again under other valid application codes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bench.world import ENTRIES_PER_PERMIT, World
from shared.code import PREFIX, make_code
from shared.envelope import Entry, Stamp, decode, make_entry, read_entry
from shared.kit.store import Stored

# An odd number: multiplied by it, running numbers become codes that lie all over the index, as random ones do, and none twice.
SPREAD: Final = 0x9E3779B97F4A7C1 | 1
CODE_SPACE: Final = 1 << 60


@dataclass(frozen=True, slots=True)
class Template:
    """One permit's events in the ledger's order, with their senders, and what a stage's view said of it at the end."""

    code: bytes
    events: tuple[bytes, ...]
    types: tuple[str, ...]
    senders: tuple[str, ...]
    recordedtime: str

    def event(self, index: int, code: str) -> bytes:
        """Returns an event's bytes under another code."""
        return self.events[index].replace(tail_of(self.code.decode()).encode(), tail_of(code).encode())

    def entry(self, index: int, code: str, position: int) -> Entry:
        """Returns the entry of such an event."""
        return make_entry(self.event(index, code), Stamp(position, index + 1, self.recordedtime))


def template(world: World) -> Template:
    """Has the city issue one permit and keeps what was said."""
    head = world.ledger.head
    world.submit(0, 1)
    world.pump()
    entries = [read_entry(raw) for raw in world.ledger.entries(head, ENTRIES_PER_PERMIT + 1)]
    names = [entry.event.data.NAME for entry in entries]
    if len(entries) != ENTRIES_PER_PERMIT or names[-1] != "permit.issued":
        raise RuntimeError(f"a permit by rule is no longer five entries: {names}")
    return Template(
        entries[0].subject.encode(),
        tuple(entry.event_raw for entry in entries),
        tuple(entry.event.type for entry in entries),
        tuple(entry.event.sender for entry in entries),
        entries[-1].stamp.recordedtime,
    )


def tail_of(code: str) -> str:
    """Returns what stands after the city's prefix; a permit's number holds it without the prefix."""
    return code.removeprefix(f"{PREFIX}-")


def code_of(number: int) -> str:
    """Returns the valid application code of a running number."""
    return make_code(number * SPREAD % CODE_SPACE)


def entries(made: Template, first_permit: int, permits: int, first_position: int) -> Iterator[Entry]:
    """Yields whole permits' entries, position after position."""
    position = first_position
    for number in range(first_permit, first_permit + permits):
        code = code_of(number)
        for index in range(len(made.events)):
            yield made.entry(index, code, position)
            position += 1


def stored(made: Template, first_permit: int, permits: int, first_position: int) -> list[Stored]:
    """Returns the same as rows of the ledger's store."""
    found = []
    for index, entry in enumerate(entries(made, first_permit, permits, first_position)):
        place = index % len(made.events)
        found.append(Stored(entry.stamp.position, entry.subject, place + 1, made.types[place], entry.raw))
    return found


def check(sample: Sequence[bytes]) -> None:
    """Makes sure that told-again bytes are events and entries that the contract accepts."""
    for raw in sample:
        decode(read_entry(raw).event_raw)
