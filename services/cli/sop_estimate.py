"""`jejak sop estimate`: how far an estimated range of the finishing time can be trusted, on a history, beside plain methods."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from services.cli import histories
from services.cli.errors import FINDING, JejakError
from services.cli.stack import DEFAULT_DATA, Data, Lang

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.scoring import Evaluation, Score, Share
    from shared.tracks import Track

CASES_MIN: Final = 100
HELP = """Says how far the estimated finishing time of an application can be trusted, on past ones, beside plain methods.

--history is a log (XES, plain or gzip) or the word ledger. A log needs a map of its activities, as for `jejak sop simulate`.

An estimate is a range: half of similar applications took at most its first end, nine of ten at most its second. What is similar is chosen
on the first 60 % of the cases by time, and scored on the rest. Every case is asked about when it comes and every seven days after, from
cases alone that were over by then, and counts once.

The columns are method, cases, asked (how often), loss P50 and loss P90 (mean pinball loss in days), within P50, within P90 and P50-P90 (share of
cases with the Wilson interval of 95 %; right would be 50, 90 and 40 %), and width (mean, in days). --format json gives the same in minutes and
thousandths.
"""
METHODS: Final = {
    "similar": ("mirip (perkiraan ini)", "similar (this estimate)"),
    "durations": ("lama seluruhnya - umur", "durations - age"),
    "promise": ("median saluran, janji", "channel's median, promise"),
    "age": ("masih terbuka seumur itu", "open at that age"),
}
HEADINGS: Final = {
    "id": ("Metode", "Kasus", "Tanya", "Rugi P50", "Rugi P90", "Dalam P50 %", "Dalam P90 %", "P50-P90 %", "Lebar"),
    "en": ("Method", "Cases", "Asked", "Loss P50", "Loss P90", "Within P50 %", "Within P90 %", "P50-P90 %", "Width"),
}


def add(app: typer.Typer) -> None:
    """Adds estimate."""
    app.command(help=HELP)(estimate)


def estimate(
    history: Annotated[str, typer.Option("--history", metavar="FILE|ledger", help="Past applications: a log, or the ledger.")],
    *,
    map_: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="Which steps a log's activities make.")] = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
    data: Data = DEFAULT_DATA,
) -> None:
    """Evaluates; the text of the help stands in HELP."""
    from shared.envelope import canonical
    from shared.scoring import evaluate

    tracks = _ledger(data) if history == histories.LEDGER else _logged(Path(history), map_)
    if len(tracks) < CASES_MIN:
        raise JejakError(FINDING, f"The history has {len(tracks)} cases; {CASES_MIN} are needed.", "Choose a longer history.")
    found = evaluate(tracks)
    if form == "json":
        typer.echo(canonical(_json(found)))
    else:
        _print(found, lang)


def _logged(log: Path, named: Path | None) -> "tuple[Track, ...]":
    from shared.tracks import from_log

    mapping = histories.read_map(histories.map_file(log, named))
    return from_log(histories.read_log_file(log), mapping)


def _ledger(data: Path) -> "tuple[Track, ...]":
    from shared.tracks import from_entries

    return from_entries(histories.ledger_entries(data, "jejak-estimate"))


def _print(found: "Evaluation", lang: str) -> None:
    from services.cli.replay_text import console
    from shared.scoring import FOLLOWED_DAYS

    out, english = console(), lang == "en"
    settings = found.settings
    circles = ", ".join(("step", *settings.features) if english else ("langkah", *settings.features))
    if english:
        out.print(
            f"Chosen on {found.chosen_on_cases:,} cases, calibration tried on {found.calibrated_on_cases:,} of the first {found.first_cases:,}"
            f" (similar: {circles}; imagined {settings.imagined}; half-life {settings.half_life_days} days;"
            f" levels {settings.p50_permille} and {settings.p90_permille} of 1,000). Losses and width in days.",
            soft_wrap=True,
        )
        titles = (
            f"The rest, asked at least {FOLLOWED_DAYS} days before the log's end; open cases count as lasting until then",
            f"The rest, asked at any time; {found.open_cases:,} of {found.rest_cases:,} cases are missing because they had not ended",
        )
    else:
        out.print(
            f"Dipilih dari {found.chosen_on_cases:,} kasus, kalibrasi dicoba dengan {found.calibrated_on_cases:,} dari {found.first_cases:,} pertama"
            f" (mirip: {circles}; bayangan {settings.imagined}; waktu paruh {settings.half_life_days} hari;"
            f" tingkat {settings.p50_permille} dan {settings.p90_permille} dari 1.000). Rugi dan lebar dalam hari.",
            soft_wrap=True,
        )
        titles = (
            f"Sisanya, ditanya paling lambat {FOLLOWED_DAYS} hari sebelum akhir log; yang belum selesai dihitung sampai akhir log",
            f"Sisanya, ditanya kapan saja; {found.open_cases:,} dari {found.rest_cases:,} kasus tidak ada karena belum selesai",
        )
    for title, scores in zip(titles, (found.scores, found.closed_scores), strict=True):
        out.print(f"\n[bold]{title}[/]")
        out.print(_table(scores, lang))


def _table(scores: "Iterable[Score]", lang: str) -> Any:  # noqa: ANN401 - rich is imported where it is used
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, heading in enumerate(HEADINGS[lang]):
        table.add_column(heading, justify="right" if index else "left", no_wrap=True)
    for score in scores:
        losses = (_days(score.p50_loss_minutes, 2), _days(score.p90_loss_minutes, 2))
        shares = (_share(share) for share in (score.within_p50, score.within_p90, score.between))
        name = METHODS[score.method][lang == "en"]
        table.add_row(name, f"{score.cases:,}", f"{score.questions:,}", *losses, *shares, _days(score.width_minutes, 1))
    return table


def _days(minutes: int, decimals: int) -> str:
    from shared.tracks import MINUTES_A_DAY

    return f"{minutes / MINUTES_A_DAY:,.{decimals}f}"


def _share(share: "Share") -> str:
    return f"{share.permille / 10:.0f} ({share.low_permille / 10:.0f}-{share.high_permille / 10:.0f})"


def _json(found: "Evaluation") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "settings": asdict(found.settings),
        "first_cases": found.first_cases,
        "chosen_on_cases": found.chosen_on_cases,
        "calibrated_on_cases": found.calibrated_on_cases,
        "rest_cases": found.rest_cases,
        "open_cases": found.open_cases,
        "scores": [_score_json(score) for score in found.scores],
        "closed_scores": [_score_json(score) for score in found.closed_scores],
    }


def _score_json(score: "Score") -> dict[str, Any]:
    return {key: value._asdict() if hasattr(value, "_asdict") else value for key, value in score._asdict().items()}
