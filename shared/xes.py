"""Reads an XES event log, the history of another system's cases, whole or not at all."""

import math
import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import BinaryIO, Final

from shared.xes_text import Limits, XesCode, XesError, XesText

__all__ = ["Limits", "LogStatistics", "XesCase", "XesCode", "XesError", "XesEvent", "XesLog", "read_log", "statistics", "time_text"]

_DEFAULT_LIMITS: Final = Limits()
_NAMESPACES: Final = frozenset({"", "http://www.xes-standard.org", "http://www.xes-standard.org/", "http://code.deckfour.org/xes"})
_CASE_DEPTH: Final = 2
_EVENT_DEPTH: Final = 3
_GROUPS: Final = frozenset({"list", "container"})
_ATTRIBUTES: Final = frozenset({"string", "date", "int", "float", "boolean", "id"}) | _GROUPS
_LOG_PARTS: Final = frozenset({"extension", "global", "classifier"}) | _ATTRIBUTES
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,12})?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?")
_CANONICAL_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_INT: Final = re.compile(r"[+-]?[0-9]{1,19}")
_FLOAT: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_BOOLEANS: Final = {"true": "true", "1": "true", "false": "false", "0": "false"}


@dataclass(frozen=True, slots=True)
class XesEvent:
    """What happened once in a case; a resource or lifecycle that the log leaves out is empty, `attributes` holds what has no field."""

    activity: str
    time: datetime
    resource: str
    lifecycle: str
    attributes: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class XesCase:
    """One case with its events in the order of the file, which need not be the order of time."""

    name: str
    attributes: Mapping[str, str] = field(hash=False)
    events: tuple[XesEvent, ...]


@dataclass(frozen=True, slots=True)
class XesLog:
    """A whole log; `sha256` is of the file's own bytes, `omitted` counts the lists and nested attributes of cases, which are not kept."""

    cases: tuple[XesCase, ...]
    sha256: str
    omitted: int = 0


class _ValueRefusedError(Exception):
    def __init__(self, code: XesCode, sentence: str) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence


def _moment(value: str) -> datetime:
    match = _DATE.fullmatch(value)
    if not match:
        sentence = "A time is not written like 2011-10-18T09:05:12.359+02:00: export the log as standard XES."
        raise _ValueRefusedError("xes-bad-time", sentence)
    if not match["offset"]:
        sentence = "A time has no offset from UTC, so its moment is unknown: export the log with offsets."
        raise _ValueRefusedError("xes-bad-time", sentence)
    try:
        # Digits finer than a microsecond are cut, which keeps the order of times.
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        sentence = "A time does not exist in the calendar: correct it in the system that wrote the log."
        raise _ValueRefusedError("xes-bad-time", sentence) from error


def time_text(moment: datetime) -> str:
    """Returns the one spelling of a moment in attributes: UTC, six digits of a second, Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _canonical(kind: str, value: str) -> str:
    text: str | None = None
    if kind in {"string", "id"}:
        text = value
    elif kind == "date":
        text = time_text(_moment(value))
    elif kind == "boolean":
        text = _BOOLEANS.get(value)
    elif kind == "int" and _INT.fullmatch(value):
        text = str(int(value))
    elif kind == "float" and value in {"INF", "-INF", "NaN"}:
        text = value
    elif kind == "float" and _FLOAT.fullmatch(value) and math.isfinite(float(value)):
        text = repr(float(value))
    if text is None:
        raise _ValueRefusedError("xes-bad-value", f"A value of type {kind} is not written as that type is: correct it in the log.")
    return text


class _Cases:
    """Gathers the cases from the tags that the text reports."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.text = XesText(limits, self._on_start, self._on_end)
        self._namespace = ""
        self._inside = 0  # the depth of the attribute or part of the log that is being passed through, or 0
        self._case_place, self._event_place = (1, 1), (1, 1)
        self._case: dict[str, str] = {}
        self._events: list[XesEvent] = []
        self._event: dict[str, str] = {}
        self._time: datetime | None = None
        self._event_count = 0
        self.found: dict[str, XesCase] = {}
        self.omitted = 0

    def _on_start(self, name: str, fields: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        depth = self.text.depth
        if depth == 1:
            if tag != "log" or namespace not in _NAMESPACES:
                raise self.text.here("xes-not-xes", "The file is XML but no XES log: choose a file whose outermost tag is log.")
            self._namespace = namespace
        elif self._inside:
            self.omitted += self._inside > _CASE_DEPTH
        elif namespace != self._namespace:
            raise self.text.here("xes-not-xes", "A tag belongs to another vocabulary than XES: export the log as standard XES.")
        elif tag == "trace" and depth == _CASE_DEPTH:
            self._start_case()
        elif tag == "event" and depth == _EVENT_DEPTH:
            self._start_event()
        elif tag in (_LOG_PARTS if depth == _CASE_DEPTH else _ATTRIBUTES):
            self._inside = depth
            if depth > _CASE_DEPTH:
                self._take(tag, fields)
        else:
            raise self.text.here("xes-not-xes", "A tag stands where XES has no such tag: export the log as standard XES.")

    def _on_end(self) -> None:
        if self._inside:
            self._inside = self._inside if self.text.depth >= self._inside else 0
        elif self.text.depth == _EVENT_DEPTH - 1:
            self._end_event()
        elif self.text.depth == _CASE_DEPTH - 1:
            self._end_case()

    def _start_case(self) -> None:
        if len(self.found) >= self._limits.cases:
            raise self.text.here("xes-too-large", f"The log has more than {self._limits.cases} cases: split it or raise the limit.")
        self._case_place = self.text.where()
        self._case, self._events = {}, []

    def _end_case(self) -> None:
        name = self._case.pop("concept:name", "")
        if not name:
            sentence = "A case has no concept:name: export the log with a name for every case."
            raise XesError("xes-no-case-name", sentence, *self._case_place)
        if name in self.found:
            sentence = "A case has the name of an earlier one: merge them or name them apart."
            raise XesError("xes-duplicate-case", sentence, *self._case_place)
        self.found[name] = XesCase(name, MappingProxyType(self._case), tuple(self._events))

    def _start_event(self) -> None:
        self._event_count += 1
        if self._event_count > self._limits.events:
            raise self.text.here("xes-too-large", f"The log has more than {self._limits.events} events: split it or raise the limit.")
        self._event_place = self.text.where()
        self._event, self._time = {}, None

    def _end_event(self) -> None:
        activity = self._event.pop("concept:name", "")
        if not activity:
            sentence = "An event has no concept:name: export the log with an activity for every event."
            raise XesError("xes-no-activity", sentence, *self._event_place)
        if not self._time:
            raise XesError("xes-bad-time", "An event has no time:timestamp: export the log with times.", *self._event_place)
        # A log says few different words very often: interning keeps one copy of each.
        resource, lifecycle = (sys.intern(self._event.pop(key, "")) for key in ("org:resource", "lifecycle:transition"))
        self._events.append(XesEvent(sys.intern(activity), self._time, resource, lifecycle, MappingProxyType(self._event)))

    def _take(self, kind: str, fields: dict[str, str]) -> None:
        if kind in _GROUPS:
            self.omitted += 1
            return
        key, value = fields.get("key"), fields.get("value")
        if not key or value is None:
            raise self.text.here("xes-bad-value", "An attribute has no key or no value: correct it in the log.")
        if max(len(key), len(value)) > self._limits.value_characters:
            sentence = f"A key or value has more than {self._limits.value_characters} characters: shorten it or raise the limit."
            raise self.text.here("xes-too-large", sentence)
        in_event = self.text.depth > _EVENT_DEPTH
        target = self._event if in_event else self._case
        is_timestamp = in_event and key == "time:timestamp"
        if key in target or (is_timestamp and self._time):
            raise self.text.here("xes-duplicate-attribute", "A case or event has the same key twice: correct it in the log.")
        try:
            if is_timestamp:
                self._time = _moment(value)
            else:
                target[sys.intern(key)] = _canonical(kind, value)
        except _ValueRefusedError as error:
            raise self.text.here(error.code, error.sentence) from error


def read_log(stream: BinaryIO, *, limits: Limits = _DEFAULT_LIMITS) -> XesLog:
    """Returns the log of a stream of XES, plain or compressed with gzip, once all of it was read; raises `XesError`."""
    cases = _Cases(limits)
    sha256 = cases.text.read(stream)
    return XesLog(tuple(cases.found.values()), sha256, cases.omitted)


@dataclass(frozen=True, slots=True)
class LogStatistics:
    """What a log holds, in figures that can be checked against its description."""

    cases: int
    events: int
    activities: int
    resources: int
    variants: int
    channels: Mapping[str, int] = field(hash=False)
    closed: int
    late: int
    first_time: datetime | None
    last_time: datetime | None
    cases_with_both_roles: int
    officers_in_both_roles: int


def _is_late(case: XesCase) -> bool:
    end, deadline = (case.attributes.get("enddate", ""), case.attributes.get("deadline", ""))
    # The canonical spelling of times sorts as the times do; other text in these attributes says nothing.
    return bool(_CANONICAL_TIME.fullmatch(end) and _CANONICAL_TIME.fullmatch(deadline)) and end > deadline


def _officers(case: XesCase, activity_prefix: str) -> set[str]:
    return {event.resource for event in case.events if event.resource and event.activity.startswith(activity_prefix)}


def statistics(log: XesLog, *, roles: tuple[str, str] = ("T02", "T04")) -> LogStatistics:
    """Returns the log's figures.

    A case is closed if it has an `enddate`, and late if that is after its `deadline`. `roles` are the beginnings of two activities that
    different officers should do: counted are the cases where both were done, and those of them where one officer did both.
    """
    events = [event for case in log.cases for event in case.events]
    times = [event.time for event in events]
    officers = [(_officers(case, roles[0]), _officers(case, roles[1])) for case in log.cases]
    return LogStatistics(
        cases=len(log.cases),
        events=len(events),
        activities=len({event.activity for event in events}),
        resources=len({event.resource for event in events if event.resource}),
        variants=len({tuple(event.activity for event in case.events) for case in log.cases}),
        channels=MappingProxyType(Counter(case.attributes["channel"] for case in log.cases if "channel" in case.attributes)),
        closed=sum("enddate" in case.attributes for case in log.cases),
        late=sum(map(_is_late, log.cases)),
        first_time=min(times, default=None),
        last_time=max(times, default=None),
        cases_with_both_roles=sum(bool(first and second) for first, second in officers),
        officers_in_both_roles=sum(bool(first & second) for first, second in officers),
    )
