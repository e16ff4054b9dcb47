"""A simulation for people and for programs: a table by agency and step, what would have been late, and what was assumed."""

from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from services.cli.replay_text import console
from shared.resampling import Interval
from shared.sop.past import OPEN_CASES, OTHER_TYPES, UNKNOWN_STEPS
from shared.sop.savings import WHOLE, Row
from shared.sop.simulate import RESAMPLES, Simulation

HEADINGS: Final = {
    "id": (
        "OPD",
        "Langkah",
        "Kasus",
        "Sebelum",
        "Sesudah",
        "Hemat\nmedian",
        "Hemat\nP90",
        "Hemat\ntotal",
        "Rentang 95 %",
        "Telat\ndulu",
        "Telat\nnanti",
    ),
    "en": (
        "Agency",
        "Step",
        "Cases",
        "Before",
        "After",
        "Saved\nmedian",
        "Saved\nP90",
        "Saved\ntotal",
        "95 % interval",
        "Late\nbefore",
        "Late\nafter",
    ),
}
REASONS: Final = {
    OPEN_CASES: ("permohonan belum selesai", "applications still open"),
    OTHER_TYPES: ("permohonan jenis izin lain", "applications for other permits"),
    UNKNOWN_STEPS: ("peristiwa dari kegiatan tanpa langkah", "events of activities without a step"),
}
TEXT_COLUMNS: Final = 2
TOTAL_DECIMALS: Final = 1


def print_simulation(found: Simulation, lang: str) -> None:
    """Prints the table, the sentence on the promise, and the assumptions."""
    out, english = console(), lang == "en"
    cases = found.rows[0].cases
    if english:
        out.print(
            f"[bold]{found.change.sop.name}[/] in place of {', '.join(found.old)}: {cases:,} past applications replayed; working days."
        )
    else:
        out.print(
            f"[bold]{found.change.sop.name}[/] menggantikan {', '.join(found.old)}: {cases:,} permohonan lama diputar ulang; hari kerja."
        )
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, heading in enumerate(HEADINGS[lang]):
        table.add_column(heading, justify="left" if index < TEXT_COLUMNS else "right", no_wrap=True)
    for row, interval in zip(found.rows, found.total_intervals, strict=True):
        table.add_row(*_cells(found, row, interval, english=english), style="bold" if row.step == WHOLE else None)
    out.print(table)
    for sentence in (*_figures(found, english=english), *assumptions(found, lang)):
        out.print(f"- {sentence}", soft_wrap=True)


def _cells(found: Simulation, row: Row, interval: Interval, *, english: bool) -> list[str]:
    whole = row.agency == WHOLE
    agency = ("all" if english else "semua") if whole else row.agency
    late = [f"{row.late_before:,}", f"{row.late_after:,}"] if whole or row.step != WHOLE else ["", ""]
    minutes = (row.before_median_minutes, row.after_median_minutes, row.saved_median_minutes, row.saved_p90_minutes)
    total = _days(found, row.saved_total_minutes, TOTAL_DECIMALS)
    step = "" if row.step == WHOLE else row.step
    return [agency, step, f"{row.cases:,}", *(_days(found, item) for item in minutes), total, _span(found, interval, TOTAL_DECIMALS), *late]


def _days(found: Simulation, minutes: int, decimals: int = 2) -> str:
    return f"{found.clock.days(minutes):,.{decimals}f}"


def _span(found: Simulation, interval: Interval, decimals: int = 2) -> str:
    return f"{_days(found, interval.low, decimals)} - {_days(found, interval.high, decimals)}"


def _figures(found: Simulation, *, english: bool) -> list[str]:
    whole, sop, late = found.rows[0], found.change.sop, found.late_interval
    intervals = f"{_span(found, found.median_interval)} (median), {_span(found, found.p90_interval)} (P90)"
    if english:
        return [
            (
                f"Late against the promise: {whole.late_before:,} before; after, {whole.late_after:,} (95 %: {late.low:,} - {late.high:,})"
                f" against {sop.promise_working_days} working days, by which {found.late_before_by_new_promise:,} were late before."
            ),
            f"Saved by whole applications, 95 %: {intervals}. From {RESAMPLES} resamples of the applications.",
        ]
    return [
        (
            f"Lewat janji layanan: dulu {whole.late_before:,}; nanti {whole.late_after:,} (95 %: {late.low:,} - {late.high:,})"
            f" menurut janji {sop.promise_working_days} hari kerja, yang dulu dilewati {found.late_before_by_new_promise:,}."
        ),
        f"Hemat per permohonan utuh, 95 %: {intervals}. Dari {RESAMPLES} kali pengambilan ulang permohonan.",
    ]


def assumptions(found: Simulation, lang: str) -> list[str]:
    """Returns what the figures rest on, and what is not modelled, in plain sentences."""
    place = int(lang == "en")
    kept = [pair[place] for pair in _ALWAYS]
    kept += [pair[place] for pair in _QUEUED] if found.officers.then else [_NO_QUEUE[place]]
    if found.officers.then:
        now = ", ".join(f"{agency} {found.officers.today[agency]} -> {count}" for agency, count in sorted(found.officers.then.items()))
        fit = (_days(found, found.rows[0].before_median_minutes), _days(found, found.median_minutes_in_history))
        kept.append(_OFFICERS[place].format(now=now, replayed=fit[0], history=fit[1]))
    if found.change.merged:
        kept.append((_LONGEST if found.change.merged_takes == "longest" else _SUM)[place])
    if found.invented:
        kept.append(_INVENTED[place].format(steps=", ".join(found.invented)))
    if found.dropped:
        kept.append(_DROPPED[place].format(steps=", ".join(found.dropped)))
    if found.out_of_order:
        kept.append(_OUT_OF_ORDER[place].format(count=f"{found.out_of_order:,}"))
    left = ", ".join(f"{count:,} {REASONS[reason][place]}" for reason, count in sorted(found.left_out.items()))
    return [*kept, _LEFT_OUT[place].format(left=left)] if left else kept


_ALWAYS: Final = (
    (
        "Setiap langkah memakan waktu yang sama seperti dulu, dihitung sejak syaratnya selesai; menunggu dan bekerja tidak terpisah.",
        "Each step takes as long as it took then, from when its needs were done; waiting and working are not told apart.",
    ),
    (
        "Target baru mengubah apa yang disebut terlambat, bukan kecepatan orang bekerja. Langkah otomatis tidak memakan waktu.",
        "A new target changes what is called late, not how fast people work. A step that becomes automatic takes no time.",
    ),
    (
        "Tidak dimodelkan: petugas yang sama di langkah paralel, perubahan jumlah atau perilaku pemohon, pekerjaan lain para petugas.",
        "Not modelled: one officer doing parallel steps, applicants who become more or behave otherwise, the officers' other work.",
    ),
)
_NO_QUEUE: Final = (
    "Tanpa --capacity tidak ada yang antre menunggu petugas, sehingga penghematan dapat tampak terlalu besar.",
    "Without --capacity nobody queues for an officer, so that savings may look too large.",
)
_QUEUED: Final = (
    (
        (
            "Dengan kapasitas, langkah OPD itu menunggu petugas yang bebas, lalu memakan waktu kerja: paling lama sejak petugas yang sama"
            " menyelesaikan langkah sebelumnya."
        ),
        (
            "With a capacity, a step of the agency waits for a free officer and then takes its work: at most the time since the same officer's"
            " previous completion."
        ),
    ),
    (
        "Permohonan saling memengaruhi dalam antrean, sehingga rentang 95 % di sini terlalu sempit.",
        "In a queue applications affect each other, so that the 95 % intervals are too narrow here.",
    ),
)
_OFFICERS: Final = (
    "Petugas: {now}. Dengan petugas sekarang model memberi median {replayed} hari kerja, riwayatnya {history}.",
    "Officers: {now}. With today's the model gives a median of {replayed} working days, the history has {history}.",
)
_LONGEST: Final = (
    "Langkah gabungan memakan waktu bagiannya yang terlama, karena serah terimanya hilang; --merged-takes sum memberi batas lainnya.",
    "A merged step takes as long as its longest part, because the hand-over is gone; --merged-takes sum gives the other bound.",
)
_SUM: Final = (
    "Langkah gabungan memakan waktu semua bagiannya bersama, seperti dulu.",
    "A merged step takes as long as all its parts together, as before.",
)
_INVENTED: Final = (
    "Riwayat tidak mengenal {steps}; waktunya dianggap sama dengan target.",
    "The history does not know {steps}; its time is taken to be its target.",
)
_DROPPED: Final = ("Langkah yang dihapus beserta waktunya: {steps}.", "Steps that are left out with their time: {steps}.")
_OUT_OF_ORDER: Final = (
    "Pada {count} permohonan sebuah langkah selesai sebelum syaratnya; bagi permohonan itu syarat tersebut tidak berlaku.",
    "In {count} applications a step was over before one that it needs; for those applications that need does not count.",
)
_LEFT_OUT: Final = ("Tidak dihitung: {left}.", "Left out: {left}.")


def simulation_json(found: Simulation) -> dict[str, Any]:
    """Returns the figures as a JSON tree; all times are office minutes, of which `minutes_a_working_day` make a day."""
    rows = [
        {**row._asdict(), "saved_total_interval_minutes": list(interval)}
        for row, interval in zip(found.rows, found.total_intervals, strict=True)
    ]
    return {
        "sop": found.change.sop.name,
        "old": list(found.old),
        "minutes_a_working_day": found.clock.minutes_a_day,
        "rows": rows,
        "late": {
            "before": found.rows[0].late_before,
            "before_by_new_promise": found.late_before_by_new_promise,
            "after": found.rows[0].late_after,
            "after_interval": list(found.late_interval),
            "promise_working_days": found.change.sop.promise_working_days,
        },
        "saved_median_interval_minutes": list(found.median_interval),
        "saved_p90_interval_minutes": list(found.p90_interval),
        "resamples": RESAMPLES,
        "officers": {"then": dict(found.officers.then), "today": dict(found.officers.today)},
        "median_minutes_in_history": found.median_minutes_in_history,
        "left_out": {REASONS[reason][1]: count for reason, count in found.left_out.items()},
        "assumptions": {"id": assumptions(found, "id"), "en": assumptions(found, "en")},
    }
