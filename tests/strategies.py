"""Hypothesis strategies made from the contract's models: any event of any class, its bytes changed, and entries in any order."""

import re
import types
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo
from pydantic.types import StringConstraints

from shared import events as e
from shared.calendar import Calendar
from shared.code import CODE_PATTERN, make_code
from shared.envelope import Entry
from shared.fields import (
    DATE_PATTERN,
    INTEGER_MAX,
    MEASURE_PATTERN,
    SLUG_PATTERN,
    SUBJECT_PATTERN,
    TIMESTAMP_PATTERN,
    AuthId,
    EventId,
    Frozen,
    JsonTree,
    Slug,
    to_timestamp,
)
from shared.refusals import REFUSALS
from tests.builders import CODE, MONDAY_MORNING, catalogue, make_event, make_line

Strategy = st.SearchStrategy[Any]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SPREAD = 2_305_843_009_213_693_951

json_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
json_keys = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=8)
json_integers = st.integers(-INTEGER_MAX, INTEGER_MAX)
json_values = st.recursive(
    st.none() | st.booleans() | json_integers | json_texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(json_keys, inner, max_size=4),
    max_leaves=10,
)
json_trees = st.dictionaries(json_keys, json_values, max_size=4)
codes = st.integers(0, 2**60 - 1).map(make_code)


# One choice each and not one for every character: hypothesis is quick in proportion to the choices it makes.
def _numbered(count: int, spell: Callable[[int], str]) -> Strategy:
    # Hypothesis likes small integers; the multiplication by a large prime spreads them.
    return st.integers(0, count - 1).map(lambda number: spell(number * SPREAD % count))


def _instant(microseconds: int) -> datetime:
    return datetime(1950, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


timestamps = _numbered(200 * 365 * 86_400_000_000, lambda number: to_timestamp(_instant(number)))
dates = _numbered(200 * 365, lambda number: (date(1950, 1, 1) + timedelta(days=number)).isoformat())
official_numbers = st.sampled_from(["SKPD/1", "SKPD/2", "STS/1", "STS/2", "503/1.A-B"])
bearers = st.sampled_from(["A" * 43, "B" * 43, "C" * 43, "x" * 43])


def _words_of_the_sops() -> list[str]:
    sops = catalogue().values()
    steps = [step for sop in sops for step in sop.steps]
    words = {step.code for step in steps} | {agency for step in steps for agency in step.agencies}
    return sorted(words | {item.code for sop in sops for item in sop.requirements} | {"perbaikan", "permintaan-perbaikan", "tidak-dikenal"})


def _patterned(pattern: str) -> Strategy:
    return st.from_regex(re.compile(pattern.removeprefix("^").removesuffix("$"), re.ASCII), fullmatch=True)


# Words that the SOPs know come often, so that arbitrary events also meet each other.
words = st.sampled_from(_words_of_the_sops()) | st.sampled_from(_words_of_the_sops()) | _numbered(10**9, lambda number: f"kata-{number}")
BY_PATTERN: Mapping[str, Strategy] = {
    TIMESTAMP_PATTERN: timestamps,
    DATE_PATTERN: dates,
    CODE_PATTERN: codes,
    SUBJECT_PATTERN: codes
    | st.sampled_from(["sop:reklame-permanen", "calendar:2026", "sender:intake", "contract:2", "legacy:lama/7.1_a-B"]),
    SLUG_PATTERN: words,
    MEASURE_PATTERN: _numbered(10**9, lambda number: f"{number}.{number % 9}"),
    r"^62\.71\.[0-9]{2}\.[0-9]{4}$": _numbered(10**6, lambda number: f"62.71.{number // 10**4:02}.{number % 10**4:04}"),
    r"^[a-z0-9]+(-[a-z0-9]+)*@[1-9][0-9]{0,3}$": st.sampled_from(sorted(catalogue())) | st.just("lain@9"),
    r"^[0-9a-f]{64}$": _numbered(16**64, lambda number: f"{number:064x}"),
    r"^[A-Za-z0-9_-]{43}$": bearers,
    r"^[^\x00]{1,200}$": st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20),
    r"^[A-Za-z0-9:/._-]{5,170}/[1-9][0-9]{0,8}$": _numbered(999_999_999, lambda number: f"{CODE}/intake/{number + 1}"),
    r"^[A-Z0-9][A-Z0-9./-]{2,47}$": official_numbers,
}


def of_type(annotation: Any) -> Strategy:  # noqa: ANN401, PLR0911 - any annotation of a field, one line for each kind
    """Returns a strategy for a field's type as the models declare it."""
    if annotation == JsonTree:
        return json_trees
    if hasattr(annotation, "__metadata__"):
        return _constrained(annotation.__origin__, _constraints(annotation.__metadata__))
    origin = get_origin(annotation)
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    if origin is tuple:
        return st.lists(of_type(get_args(annotation)[0]), max_size=2).map(tuple)
    if annotation is types.NoneType:
        return st.none()
    if origin in (Union, types.UnionType):
        return st.one_of([of_type(part) for part in get_args(annotation)])
    if annotation is bool:
        return st.booleans()
    assert issubclass(annotation, Frozen), annotation
    return instances(annotation)


def _constraints(metadata: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in metadata:
        if isinstance(item, StringConstraints):
            found |= {"pattern": item.pattern, "max": item.max_length, "min": item.min_length or 0}
        for part in item.metadata if isinstance(item, FieldInfo) else ():
            match part:
                case Ge(ge=bound) | MinLen(min_length=bound):
                    found["min"] = bound
                case Le(le=bound) | MaxLen(max_length=bound):
                    found["max"] = bound
                case _:
                    found["pattern"] = part.pattern
    return found


def _constrained(base: Any, limits: dict[str, Any]) -> Strategy:  # noqa: ANN401 - any annotation of a field
    low, high = limits.get("min", 0), limits.get("max")
    if base is int:
        return st.integers(low, min(high, low + 3)) | st.integers(low, high)
    if get_origin(base) is tuple:
        return st.lists(of_type(get_args(base)[0]), min_size=low, max_size=min(high, low + 2)).map(tuple)
    assert base is str, base
    if limits.get("pattern") is None:
        return st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=max(low, 1), max_size=20)
    known = BY_PATTERN.get(limits["pattern"])
    strategy = _patterned(limits["pattern"]) if known is None else known
    return strategy.filter(lambda text: high is None or len(text) <= high)


def instances(model: type[Frozen]) -> Strategy:
    """Returns a strategy for valid instances of a part of the contract, optional fields present or absent."""
    hints = get_type_hints(model, include_extras=True)
    fields = {name: of_type(hints[name]) for name in model.model_fields}
    optional = {name for name, field in model.model_fields.items() if not field.is_required()}
    if model is e.CalendarPublished:
        fields |= {"opens_minute": st.integers(0, 700), "closes_minute": st.integers(701, 1440)}
    required = {name: strategy for name, strategy in fields.items() if name not in optional}
    return st.fixed_dictionaries(required, optional={name: fields[name] for name in optional}).map(lambda values: model(**values))


DATA: Mapping[type[e.Data], Strategy] = {data: instances(data) for data in e.EVENTS}
any_data = st.sampled_from(e.EVENTS).flatmap(lambda data: DATA[data])
senders = st.sampled_from(["intake", "verification", "inspection", "issuance", "ledger", "issuance-dlh"])
attributes = st.fixed_dictionaries(
    {
        "sender": senders,
        "number": st.integers(1, 999_999_999),
        "basis": st.integers(0, 30),
        "role": st.sampled_from(["rule", "verifikator", "applicant"]),
        "time": timestamps,
    },
    optional={"agency": of_type(Slug), "authid": of_type(AuthId), "causationid": of_type(EventId)},
)


def events(data: Strategy = any_data, subject: Strategy = codes) -> Strategy:
    """Any valid event around the data, said by any sender."""
    return st.builds(lambda said, name, fields: make_event(said, subject=name, **fields), data, subject, attributes)


verdicts = st.just("") | st.just("") | st.just("") | st.sampled_from(sorted(REFUSALS))
said_of_one_application = st.tuples(events(subject=st.just(CODE)), verdicts)
submissions = events(DATA[e.ApplicationSubmitted], st.just(CODE))


@st.composite
def histories(draw: st.DrawFn, max_size: int = 12) -> list[Entry]:
    """Entries of one application: events of all classes in any order, each with a random verdict; it may begin with a submission."""
    said = draw(st.lists(said_of_one_application, max_size=max_size))
    if draw(st.booleans()):
        said.insert(0, (draw(submissions), ""))
    return [make_line(event, place, place, MONDAY_MORNING, refused) for place, (event, refused) in enumerate(said, 1)]


def _calendar(years: list[e.CalendarPublished]) -> Calendar:
    calendar = Calendar()
    for year, published in enumerate(years, 2026):
        calendar = calendar.with_year(published.model_copy(update={"year": year}))
    return calendar


calendars = st.lists(DATA[e.CalendarPublished], max_size=2).map(_calendar)
