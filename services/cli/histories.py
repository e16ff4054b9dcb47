"""Reads what a simulation or an estimate looks back on: SOP files, logs with their maps, and the ledger's entries."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from services.cli.errors import FINDING, USAGE, JejakError

if TYPE_CHECKING:
    import httpx

    from shared.envelope import Entry
    from shared.replay import Folding
    from shared.sop.model import Sop
    from shared.sop.past import History, HistoryMap
    from shared.xes import XesLog

SHIPPED: Final = Path(__file__).parents[2] / "shared" / "sop" / "histories"
PAGE_ENTRIES: Final = 1000
LEDGER: Final = "ledger"


def read_tree(file: Path) -> bytes:
    """Returns a YAML file as JSON; raises `JejakError`."""
    import orjson
    import yaml

    if not file.is_file():
        raise JejakError(USAGE, f"There is no file {file}.", "Check the name.")
    try:
        return orjson.dumps(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        raise JejakError(FINDING, f"{file} is not readable YAML ({type(error).__name__}).", "Correct the file.") from None


def read_sop(file: Path) -> "Sop":
    """Returns the SOP of a YAML file; raises `JejakError`."""
    from pydantic import ValidationError

    from shared.sop.model import Sop

    try:
        return Sop.model_validate_json(read_tree(file))
    except ValidationError as error:
        raise JejakError(FINDING, f"{file} is no SOP: {_first(error)}.", "Correct the file.") from None


def read_map(file: Path) -> "HistoryMap":
    """Returns the map of a log's activities; raises `JejakError`."""
    from pydantic import ValidationError

    from shared.sop.past import HistoryMap

    try:
        return HistoryMap.model_validate_json(read_tree(file))
    except ValidationError as error:
        raise JejakError(FINDING, f"{file} is no map of a log's activities: {_first(error)}.", "Correct the file.") from None


def _first(error: Any) -> str:  # noqa: ANN401 - a ValidationError, whose class is slow to import
    problem = error.errors()[0]
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])


def read_log_file(file: Path) -> "XesLog":
    """Returns a whole log; raises `JejakError`."""
    from shared.xes import read_log
    from shared.xes_text import XesError

    if not file.is_file():
        raise JejakError(USAGE, f"There is no file {file}.", f"Name a log, or write {LEDGER}.")
    try:
        with file.open("rb") as stream:
            return read_log(stream)
    except XesError as error:
        raise JejakError(FINDING, f"{file.name}, {error}") from None


def map_file(log: Path, named: Path | None) -> Path:
    """Returns the map of a log: the one that was named, else the one that is shipped for a log of this name; raises `JejakError`."""
    shipped = SHIPPED / f"{log.name.removesuffix('.gz').removesuffix('.xes')}.yaml"
    if named is None and not shipped.is_file():
        raise JejakError(USAGE, f"No map of the activities of {log.name} is known.", "Name one with --map FILE.")
    return named or shipped


def logged(log: Path, named: Path | None) -> "History":
    """Returns the history of a log, its steps by its map; raises `JejakError`."""
    from shared.sop.past import from_log

    place = map_file(log, named)
    mapping = read_map(place)
    sop = read_sop(place.parent / mapping.sop)
    if unknown := sorted({*mapping.activities.values(), *mapping.changed_by} - set(sop.step_by_code)):
        raise JejakError(FINDING, f"{place} names a step that {sop.name} has not: {unknown[0]}.", "Correct the map.")
    return from_log(read_log_file(log), mapping, sop)


def ledger_entries(data: Path, name: str) -> Iterator["Entry"]:
    """Yields every entry of the running city's ledger up to its head at the beginning, read by a tool of this name; raises `JejakError`."""
    from services.cli.client import client, local_stack, token

    stack = local_stack(data)
    with client(stack, LEDGER, token(stack, name, "auditor")) as reader:
        yield from entries(reader)


def folded(data: Path, name: str) -> "Folding":
    """Returns what the whole ledger of the running city comes to, read by a tool of this name; raises `JejakError`."""
    from shared.replay import Folding

    folding = Folding()
    for entry in ledger_entries(data, name):
        folding.take(entry)
    return folding


def entries(reader: "httpx.Client") -> Iterator["Entry"]:
    """Yields every entry of the ledger up to its head at the beginning; raises `JejakError`."""
    from shared.envelope import read_entry
    from shared.kit.feed import HEAD_HEADER

    after, head = 0, 1
    while after < head:
        answer = _page(reader, after)
        head = int(answer.headers[HEAD_HEADER]) if not after else head
        found = [read_entry(line) for line in answer.content.split(b"\n") if line]
        yield from found
        if not found:
            return
        after = found[-1].stamp.position


def _page(reader: "httpx.Client", after: int) -> "httpx.Response":
    import httpx

    try:
        answer = reader.get("/v1/entries", params={"after": after, "limit": PAGE_ENTRIES})
    except httpx.TransportError as error:
        sentence = f"{reader.base_url} does not answer ({type(error).__name__})."
        raise JejakError(FINDING, sentence, "Start the city with `jejak up`.") from None
    if not answer.is_success:
        raise JejakError(FINDING, f"The ledger answered {answer.status_code}.", "Look at its log, or run `jejak doctor`.")
    return answer


def amounts(options: Iterable[str], name: str) -> dict[str, int]:
    """Reads options like `dlh=3`; raises `JejakError`."""
    found = {}
    for option in options:
        agency, _, count = option.partition("=")
        if not agency or not count.isdecimal() or not int(count):
            raise JejakError(USAGE, f"{option!r} is no number of officers.", f"Write --{name} AGENCY=N, for example --{name} dlh=3.")
        found[agency] = int(count)
    return found
