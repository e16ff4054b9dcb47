"""`python -m bench`: measures the city against the raw limits of this machine and fails when a committed ratio is lost."""

import argparse
import logging
import sys
import time
from datetime import UTC, datetime

from bench import report
from bench.measure import ROUNDS_MIN, Figure, failures
from bench.servers import machine_facts

ALL_ROWS = tuple(str(number) for number in range(1, 15))
FLOW_ROWS = frozenset({"1", "2", "7", "8", "9", "10"})
PATH_ROWS = frozenset({"3", "4", "5"})
GROWTH_ROWS = frozenset({"6", "11"})
JUDGING_ROWS = frozenset({"12", "13", "14"})


def main(arguments: list[str] | None = None) -> int:
    """Runs the chosen rows; returns 0, or 1 when a ratio fell too far."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.commit and chosen.quick:
        parser.error("--commit keeps no figures of smaller sizes; leave out --quick")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    started = time.monotonic()
    figures, servers = measure(frozenset(chosen.rows), chosen.rounds, quick=chosen.quick, entries=chosen.entries)
    known = report.committed()
    facts = {**machine_facts(), **servers, "rounds": str(chosen.rounds), "sizes": "quick" if chosen.quick else "full"}
    print("\n".join(f"  {note}" for note in report.notes(figures)))
    print()
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print()
    print(report.table(figures, known))
    print(f"\nTook {time.monotonic() - started:.0f} s.")
    if chosen.commit:
        report.write_committed(figures)
        if chosen.rows != ALL_ROWS:
            return 0
        report.PAGE.write_text(report.page(figures, report.committed(), facts, f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")
        return 0
    lost = failures(figures, known)
    for sentence in lost:
        print(f"{sentence} Find what made it slower, or accept it with --commit.", file=sys.stderr)
    return 1 if lost else 0


def measure(rows: frozenset[str], rounds: int, *, quick: bool, entries: int) -> tuple[list[Figure], dict[str, str]]:
    """Measures the chosen rows and returns them in order, with the servers' settings."""
    from bench import flow, growth, judging, paths

    figures: list[Figure] = []
    facts: dict[str, str] = {}
    if rows & JUDGING_ROWS:
        _say(f"Judging by the rules (rows {_listed(rows & JUDGING_ROWS)}) ...")
        figures += judging.run(rows, rounds, quick=quick)
    if rows & PATH_ROWS:
        _say(f"Appending, replaying, receiving (rows {_listed(rows & PATH_ROWS)}) ...")
        found, facts = paths.run(rows, rounds, quick=quick)
        figures += found
    if rows & FLOW_ROWS:
        _say(f"Permits through the running city (rows {_listed(rows & FLOW_ROWS)}) ...")
        found, facts = flow.run(rows, rounds, quick=quick)
        figures += found
    if rows & GROWTH_ROWS:
        _say(f"What a large ledger costs (rows {_listed(rows & GROWTH_ROWS)}) ...")
        found, growth_facts = growth.run(rows, rounds, quick=quick, entries=entries)
        figures += found
        facts = facts or growth_facts
    return sorted(figures, key=lambda figure: int(figure.row)), facts


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _listed(rows: frozenset[str]) -> str:
    return ", ".join(sorted(rows, key=int))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures the city against the raw limits of this machine.")
    parser.add_argument("--rows", type=_rows, default=ALL_ROWS, help="rows of the table, for example 3,4 (default: all)")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, a few minutes")
    parser.add_argument("--rounds", type=_rounds, default=ROUNDS_MIN, help="rounds of each side (default and least: 3)")
    parser.add_argument("--entries", type=int, default=1_000_000, help="the largest ledger of rows 6 and 11 (default: one million)")
    parser.add_argument("--commit", action="store_true", help="keep these figures; after a full run also docs/reference/performance.md")
    return parser


def _rows(text: str) -> tuple[str, ...]:
    rows = tuple(row.strip() for row in text.split(","))
    unknown = [row for row in rows if row not in ALL_ROWS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no row {', '.join(unknown)}; rows are 1 to 14")
    return rows


def _rounds(text: str) -> int:
    rounds = int(text)
    if rounds < ROUNDS_MIN:
        raise argparse.ArgumentTypeError(f"at least {ROUNDS_MIN} rounds")
    return rounds


if __name__ == "__main__":
    sys.exit(main())
