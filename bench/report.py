"""What the measurements say: the table on the screen, the committed ratios, and the reference page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import orjson

from bench.measure import GATE, Figure, key

COMMITTED: Final = Path(__file__).with_name("committed.json")
PAGE: Final = Path(__file__).parent.parent / "docs" / "reference" / "performance.md"
HEADINGS: Final = ("row", "measure", "measured", "target", "committed", "")

_INTRODUCTION: Final = """# Performance

Written by `make bench ARGS=--commit`. Ratios put a loop of this city beside the barest loop that moves the same bytes, both in one run on
the same machine, in turn; they are medians of the rounds. CPU is user and system time of every process that took part, PostgreSQL and
Kafka included, except in row 5, where it is the receiving process alone. Wall time of a shared machine varies; what is gated is CPU. Rows 12 to 14 are CPU of one process alone.
`make bench` fails when a gated ratio falls below {share} % of the committed one.
"""


def committed() -> dict[str, float]:
    """Returns the committed ratios; none before the first commit."""
    return orjson.loads(COMMITTED.read_bytes()) if COMMITTED.exists() else {}


def write_committed(figures: Sequence[Figure]) -> None:
    """Keeps the gated ratios, beside those of rows that were not measured this time."""
    kept = {**committed(), **{key(figure): round(figure.value, 4) for figure in figures if figure.gated}}
    COMMITTED.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


def number(value: float) -> str:
    """Returns a figure with as many digits as it deserves."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def lines(figures: Sequence[Figure], known: Mapping[str, float]) -> list[tuple[str, ...]]:
    """Returns the table's lines."""
    found: list[tuple[str, ...]] = []
    for figure in figures:
        measured = f"{number(figure.value)} {figure.unit}"
        if figure.rounds:
            measured += f" ({number(min(figure.rounds))} to {number(max(figure.rounds))})"
        sign = ">=" if figure.better == "higher" else "<="
        target = f"{sign} {number(figure.target)}" if figure.target else "-"
        before = number(known[key(figure)]) if figure.gated and key(figure) in known else "-"
        verdict = "" if not figure.target else "reached" if figure.reached() else "not reached"
        found.append((figure.row, figure.name, measured, target, before, verdict))
    return found


def table(figures: Sequence[Figure], known: Mapping[str, float]) -> str:
    """Returns the table for a screen."""
    rows = [HEADINGS, *lines(figures, known)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def notes(figures: Sequence[Figure]) -> list[str]:
    """Returns both loops and their costs, figure by figure, each said once."""
    found: list[str] = []
    for figure in figures:
        said = [note for note in figure.notes if note not in "\n".join(found)]
        found += [f"{figure.row} {figure.name}: {note}" for note in said]
    return found


def page(figures: Sequence[Figure], known: Mapping[str, float], facts: Mapping[str, str], date: str) -> str:
    """Returns the reference page."""
    rows = [HEADINGS, tuple("-" * max(3, len(heading)) for heading in HEADINGS), *lines(figures, known)]
    table_lines = [f"| {' | '.join(row)} |" for row in rows]
    fact_lines = [f"- {name}: {value}" for name, value in facts.items()]
    note_lines = [f"- {note}" for note in notes(figures)]
    parts = [
        _INTRODUCTION.format(share=round(GATE * 100)),
        "\n".join(table_lines),
        f"## Machine and settings, {date}\n\n" + "\n".join(fact_lines),
        "## The loops\n\n" + "\n".join(note_lines),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"
