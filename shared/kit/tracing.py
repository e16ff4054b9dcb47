"""The trace of a command through the services: each step of its way is a span, and the W3C trace context travels in HTTP and Kafka headers.

Without `JEJAK_TRACES` no span is made and no header of the ledger's records is read or written. What a span may say is the parameters of
`Step.note`, and nothing else: no personal data, no text of an exception.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol

from shared.envelope import Entry
from shared.kit.settings import SettingsError
from shared.kit.telemetry import TRACEPARENT, trace_parent

HEADER: Final = "traceparent"
JUDGED_MAX: Final = 5_000


class Step(Protocol):
    """A step that has begun; `traceparent` is what the next service hears."""

    traceparent: str

    def note(
        self, *, name: str = "", subject: str = "", event_type: str = "", sender: str = "", position: int = 0, refused: str = ""
    ) -> None:
        """Says what the step is about."""

    def end(self) -> None:
        """Ends it now."""


Begin = Callable[[str, str, int], Step]  # (name, the traceparent that it follows or nothing, nanoseconds since 1970 or 0 for now)
_begin: Begin | None = None
_close: Callable[[], None] = lambda: None  # noqa: E731 - replaced when traces are configured
request_step: ContextVar[Step | None] = ContextVar("request_step", default=None)
_followed: ContextVar[Mapping[str, str] | None] = ContextVar("followed", default=None)


def configure_traces(target: str, sender: str) -> None:
    """Has spans written to a file as JSON lines or sent to an OTLP address; with an empty target there are none."""
    global _begin, _close
    if target:
        from shared.kit.spans import open_spans

        try:
            _begin, _close = open_spans(target, sender)
        except OSError as error:
            message = f"The traces cannot be written to {target} ({error.strerror}). Give JEJAK_TRACES another file, or an address that begins with http."
            raise SettingsError(message) from None


def close_traces() -> None:
    """Writes what is left."""
    _close()


def begin(name: str, after: str = "", since: int = 0) -> Step | None:
    """Begins a step after another one, or a trace; None where nothing is traced."""
    return _begin(name, after, since) if _begin is not None else None


def heard(headers: Sequence[tuple[str, bytes | None]]) -> str:
    """Returns the trace context of a record; empty where nothing is traced, or where it has none that can be read."""
    if _begin is None:
        return ""
    for name, value in headers:
        if name == HEADER and value is not None and TRACEPARENT.fullmatch(text := value.decode("ascii", "replace")):
            return text
    return ""


@contextmanager
def applying(entries: Iterable[tuple[Entry, str]]) -> Iterator[None]:
    """A step for each of these entries and its trace context; what a service says meanwhile about the same subjects follows it."""
    steps = [(entry, begin("apply", after)) for entry, after in entries]
    followed = {entry.subject: step.traceparent for entry, step in steps if step is not None}
    token = _followed.set(followed)
    try:
        yield
    finally:
        _followed.reset(token)
        for entry, step in steps:
            if step is not None:
                _note_entry(step, entry)
                step.end()


def followed(subjects: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Returns by position which trace context the events of these subjects follow: an entry's that is being applied, or the request's."""
    by_subject, request = _followed.get() or {}, trace_parent.get()
    if not by_subject and not request:
        return {}
    found = ((position, by_subject.get(subject, request)) for position, subject in subjects)
    return {position: trace for position, trace in found if trace}


class Judging:
    """The ledger's steps: from a record that came with a trace context to the entry that it became."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, tuple[str, int]] = {}
        self._lock = threading.Lock()

    def hear(self, records: Iterable[tuple[bytes, str]]) -> None:
        """Takes records, each with its trace context, that are judged from now on."""
        if _begin is None:
            return
        now = time.time_ns()
        with self._lock:
            self._waiting.update({value: (after, now) for value, after in records if after})
            while len(self._waiting) > JUDGED_MAX:  # repeats and dead letters become no entry
                del self._waiting[next(iter(self._waiting))]

    def entered(self, entries: Iterable[Entry]) -> dict[int, str]:
        """Ends the steps of the records that these entries were made of; returns by position the trace context that goes on with each."""
        found: dict[int, str] = {}
        for entry in entries:
            with self._lock:
                after, since = self._waiting.pop(entry.event_raw, ("", 0))
            step = begin("judge", after, since) if after else None
            if step is not None:
                _note_entry(step, entry)
                step.end()
                found[entry.stamp.position] = step.traceparent
        return found

    def __bool__(self) -> bool:
        return bool(self._waiting)


def _note_entry(step: Step, entry: Entry) -> None:
    event = entry.event
    step.note(subject=event.subject, event_type=event.type, sender=event.sender, position=entry.stamp.position, refused=entry.stamp.refused)
