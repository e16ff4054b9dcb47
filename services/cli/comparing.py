"""`jejak replay --compare`: the ledger replayed once, and every row of every live view held against it by digest."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.cli.client import asked, client, lines, token
from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.replay_text import console
from shared.envelope import canonical, read_entry
from shared.keeping import Keeps
from shared.kit.feed import HEAD_HEADER
from shared.replay import Difference, Folding, LivePage, LiveRow, Project, compare_page, missing_rows

if TYPE_CHECKING:
    import httpx

    from deploy.local.layout import Stack

FEED_PAGE: Final = 1000
DIFFERENCES_SHOWN_MAX: Final = 200
# Publications are the catalogue's whole state; it keeps no row of an application.
WITHOUT_VIEWS: Final = frozenset({"ledger", "catalogue"})
KINDS: Final = {
    "altered": ("isi tersimpan diubah", "what is stored was altered"),
    "differs": ("isi berbeda dari buku jejak", "differs from the ledger"),
    "behind": ("tertinggal dari buku jejak", "behind the ledger"),
    "missing": ("tidak ada di tampilan", "missing in the view"),
    "surplus": ("tidak dikenal buku jejak", "unknown to the ledger"),
}


def projection(stage: str) -> Project:
    """Returns the pure function by which a service makes a row of its live view."""
    found: Project = importlib.import_module(f"services.{stage}.views").project
    return found


def keeping(stage: str) -> Keeps:
    """Returns how long a service keeps applications."""
    found: Keeps = importlib.import_module(f"services.{stage}.views").KEEPS
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found: rows by service, what differs, and how many applications the ledger has."""

    rows: Mapping[str, int]
    differences: Sequence[Difference]
    applications: int

    @property
    def equal(self) -> int:
        """How many applications every service shows as their history says."""
        return self.applications - len({item.subject for item in self.differences if item.kind != "surplus"})


def compare(stack: "Stack", subject: str, service: str, form: str, lang: str) -> int:
    """Compares one application or all, prints what was found and returns the exit code."""
    found = examine(stack, subject, service)
    if subject and not found.applications:
        raise JejakError(FINDING, f"The ledger has no entry of {subject}.", "Check the code, and which city's ledger was asked.")
    _print(found.rows, found.differences, form, lang)
    return FINDING if found.differences else 0


def examine(stack: "Stack", subject: str = "", service: str = "") -> Compared:
    """Compares one application or all, in one service's live view or all."""
    names = [name for name in stack.services if stack.stage_of(name) not in WITHOUT_VIEWS and service in ("", name)]
    if not names:
        raise JejakError(USAGE, f"{service!r} keeps no live view of applications.", "Leave --service out, or name a stage or the tracker.")
    if subject.startswith("legacy:"):
        raise JejakError(USAGE, "An imported history is in no live view.", "Replay it, or compare an application.")
    with progress() as bar:
        pages = {name: list(_pages(stack, name, subject, bar)) for name in names}
        differences, applications = _against_ledger(stack, subject, pages, bar)
    return Compared({name: sum(len(page.rows) for page in found) for name, found in pages.items()}, differences, applications)


@contextmanager
def progress() -> Iterator[Progress]:
    """Shows on standard error how far a command is, where a person looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    stderr = console(to_stderr=True)
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:
        yield bar


def _pages(stack: "Stack", name: str, subject: str, bar: Progress) -> Iterator[LivePage]:
    task, after = bar.add_task(name, total=None), ""
    with client(stack, name, token(stack, "jejak-compare", "auditor")) as reader:
        while True:
            answer = asked(reader, "GET", "/v1/views", params={"subject": subject} if subject else {"after": after})
            rows = tuple(LiveRow(row["subject"], row["sequence"], row["digest"], row["stored"]) for row in answer["views"])
            bar.advance(task, len(rows))
            yield LivePage(name, answer["position"], rows, answer["now"])
            after = answer["after"]
            if not after:
                bar.update(task, total=bar.tasks[task].completed)
                return


def _against_ledger(stack: "Stack", subject: str, pages: dict[str, list[LivePage]], bar: Progress) -> tuple[list[Difference], int]:
    """Folds the ledger and compares each page at its position; returns what differs and how many applications there are."""
    projects = {name: projection(stack.stage_of(name)) for name in pages}
    first = {name: found[0].position for name, found in pages.items()}
    seen = {name: {row.subject for page in found for row in page.rows} for name, found in pages.items()}
    waiting = sorted((page for found in pages.values() for page in found), key=lambda page: page.position)
    compared: set[str] = set()
    differences: list[Difference] = []
    folding = Folding()
    for position in _stops(stack, folding, waiting, subject, bar):
        cases, city = folding.cases, folding.city
        for name in [name for name, start in first.items() if start <= position and name not in compared]:
            # Whatever the ledger had when the reading began must be on one of the pages, unless its time was over when the last was read.
            absent = {code: case for code, case in cases.items() if code not in seen[name]}
            differences += missing_rows(pages[name][-1], absent, city, projects[name], keeping(stack.stage_of(name)))
            compared.add(name)
        while waiting and waiting[0].position <= position:
            page = waiting.pop(0)
            differences += compare_page(page, cases, city, projects[page.service])
    return sorted(differences, key=lambda item: (item.service, item.subject)), len(folding.cases)


def _stops(stack: "Stack", folding: Folding, waiting: Sequence[LivePage], subject: str, bar: Progress) -> Iterator[int]:
    """Folds entry by entry and yields at each position at which a page stood."""
    stops = sorted({page.position for page in waiting})
    task = bar.add_task("ledger", total=stops[-1])
    with client(stack, "ledger", token(stack, "jejak-compare", "auditor")) as reader:
        for raw in _feed(reader, stops[-1]):
            entry = read_entry(raw)
            # Of other applications only the place in the order matters when one alone is compared.
            if subject and entry.subject.startswith("PKY-") and entry.subject != subject:
                folding.position = entry.stamp.position
            else:
                folding.take(entry)
            bar.advance(task)
            while stops and stops[0] <= folding.position:
                yield stops.pop(0)


def _feed(reader: "httpx.Client", until: int) -> Iterator[bytes]:
    after = 0
    while after < until:
        answer = reader.get("/v1/entries", params={"after": after, "limit": min(FEED_PAGE, until - after)})
        if not answer.is_success or int(answer.headers[HEAD_HEADER]) < until:
            raise JejakError(FINDING, "The ledger does not have what the live views show.", "Run `jejak doctor`; restore the ledger first.")
        yield from lines(answer)
        after += min(FEED_PAGE, until - after)


def _print(rows: Mapping[str, int], differences: Sequence[Difference], form: str, lang: str) -> None:
    if form == "text":
        _print_text(rows, differences, lang)
        return
    found = [_difference_json(item) for item in differences]
    end = {"kind": "end", "rows": dict(rows), "differences": len(differences)}
    if form == "json":
        typer.echo(canonical({"differences": found, "end": end}))
        return
    for item in (*found, end):
        typer.echo(canonical(item))


def _difference_json(item: Difference) -> dict[str, Any]:
    return {
        "kind": "difference",
        "service": item.service,
        "subject": item.subject,
        "difference": item.kind,
        "live": item.live,
        "replayed": item.replayed,
    }


def _print_text(rows: Mapping[str, int], differences: Sequence[Difference], lang: str) -> None:
    out, english = console(), lang == "en"
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("Service", "Rows", "Equal", "Different") if english else ("Layanan", "Baris", "Sama", "Berbeda"):
        table.add_column(column, justify="left" if column in ("Service", "Layanan") else "right")
    for name, count in rows.items():
        wrong = [item for item in differences if item.service == name]
        equal = count - sum(item.kind != "missing" for item in wrong)
        table.add_row(name, str(count), str(equal), f"[red]{len(wrong)}[/]" if wrong else "0")
    out.print(table)
    for item in differences[:DIFFERENCES_SHOWN_MAX]:
        out.print(f"[red]{item.service} {item.subject}[/]: {KINDS[item.kind][english]}")
        out.print(f"  {'live    ' if english else 'tampilan'}  {item.live or '-'}")
        out.print(f"  {'replayed' if english else 'putaran '}  {item.replayed or '-'}")
    if len(differences) > DIFFERENCES_SHOWN_MAX:
        more = len(differences) - DIFFERENCES_SHOWN_MAX
        out.print(f"... {more} more; --format ndjson lists all." if english else f"... {more} lagi; --format ndjson memuat semuanya.")
    if not differences:
        out.print("Every live row equals the replay." if english else "Semua baris sama dengan putaran ulang buku jejak.")
    else:
        out.print("Repair: jejak rebuild SERVICE" if english else "Perbaiki dengan: jejak rebuild LAYANAN")
