"""A plan of permits for people: the stages in order, what is asked once, the charges and the days."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from services.cli.replay_text import console
from shared.sop.findings import Words, working_days
from shared.web.formats import listed, rupiah

Tree = Mapping[str, Any]
GOALS: Final = (Words("Rencana", "Plan"), Words("Untuk", "For"), Words("Jenis izin", "Permit types"))
HEADS: Final = (
    Words("Tahap", "Stage"),
    Words("Izin", "Permit"),
    Words("Sesudah", "After"),
    Words("Mulai hari kerja ke-", "From working day"),
    Words("Janji", "Promise"),
    Words("Instansi", "Agencies"),
    Words("Biaya", "Charge"),
)
TOTAL: Final = Words(
    "Seluruhnya {days} sepanjang {path}; izin pada satu tahap berjalan bersamaan.",
    "In all {days} along {path}; the permits of one stage run side by side.",
)
NO_PERMIT: Final = Words(
    "Dari data yang diberikan belum ada izin kota yang pasti diperlukan.",
    "By what was declared no permit of the city is certain to be needed.",
)
NOT_COUNTED: Final = Words("Tidak dihitung: {what}.", "Not counted: {what}.")
CHARGES: Final = Words(
    "Biaya yang sudah diketahui: {known}; diberitahukan kemudian: {later}.", "Charges known by now: {known}; told later: {later}."
)
LATER: Final = Words("diberitahukan kemudian", "told later")
FREE: Final = Words("tidak ada", "none")
UNDECIDED: Final = Words("Belum pasti", "Not decided yet")
ON: Final = Words("{what}: bergantung pada {facts}", "{what}: hangs on {facts}")
CLOSED: Final = Words("Tidak menerima permohonan baru: {types}.", "Taking no new applications: {types}.")
ASKED: Final = Words("Diminta dari Anda, satu kali untuk semuanya", "Asked of you, once for all")
LOOKED_UP: Final = Words("Dicari sendiri oleh kota", "Looked up by the city")
FROM_PLAN: Final = Words("Terbit dalam rencana ini, jadi tidak diminta", "Given within this plan, so nobody asks for it")
ELSEWHERE: Final = Words("Bukan dari kota", "Not from the city")
OPEN: Final = Words("Yang masih dapat Anda sebutkan dengan --fact", "What may still be declared with --fact")
DEMO: Final = Words("Angka contoh, tanpa sumber resmi.", "Demo values, without an official source.")


def print_goals(goals: Iterable[Tree], lang: str) -> None:
    """Prints the plans that there are."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in GOALS:
        table.add_column(head.in_language(lang), overflow="fold")
    for goal in goals:
        table.add_row(goal["goal"], escape(goal["title"][lang]), ", ".join(goal["permit_types"]))
    console().print(table)


def print_plan(tree: Tree, lang: str) -> None:
    """Prints a plan."""
    out = console()
    out.print(f"[bold]{escape(tree['title'][lang])}[/]")
    permits = [permit for stage in tree["stages"] for permit in stage]
    if permits:
        out.print(_table(tree["stages"], lang))
        path = " → ".join(tree["longest_path"])
        out.print(TOTAL.in_language(lang).format(days=working_days(tree["working_days"]).in_language(lang), path=path), soft_wrap=True)
        if uncounted := [*_waits(permits, lang), *_own_work(permits, lang)]:
            out.print(escape(NOT_COUNTED.in_language(lang).format(what="; ".join(uncounted))), soft_wrap=True)
        charges = tree["charges"]
        out.print(CHARGES.in_language(lang).format(known=rupiah(charges["known_rupiah"]), later=charges["told_later"]), soft_wrap=True)
    else:
        out.print(NO_PERMIT.in_language(lang))
    if tree["closed"]:
        out.print(CLOSED.in_language(lang).format(types=", ".join(tree["closed"])), soft_wrap=True)
    for title, lines in _lists(tree, lang):
        if lines:
            out.print(f"\n[bold]{title.in_language(lang)}[/]")
            out.print("\n".join(f"- {escape(line)}" for line in lines), soft_wrap=True)
    if tree["demo_values"]:
        out.print(f"\n{DEMO.in_language(lang)}")


def _table(stages: Sequence[Sequence[Tree]], lang: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in HEADS:
        table.add_column(head.in_language(lang), overflow="fold")
    for number, permits in enumerate(stages, start=1):
        for permit in permits:
            days = str(permit["begins_after_working_days"] + 1), str(permit["working_days"])
            agencies = ", ".join(agency["short"][lang] for agency in permit["agencies"])
            name = f"{permit['sop']} {permit['title'][lang]}"
            table.add_row(str(number), escape(name), ", ".join(permit["after"]), *days, escape(agencies), _charge(permit, lang))
    return table


def _charge(permit: Tree, lang: str) -> str:
    told = [rupiah(item["rupiah"]) if item["rupiah"] is not None else LATER.in_language(lang) for item in permit["charges"]]
    return ", ".join(told) or FREE.in_language(lang)


def _waits(permits: Iterable[Tree], lang: str) -> list[str]:
    return [f"{wait['title'][lang]} ({permit['permit_type']})" for permit in permits for wait in permit["waits"]]


def _own_work(permits: Iterable[Tree], lang: str) -> list[str]:
    return [f"{permit['own_work'][lang].rstrip('.')} ({permit['permit_type']})" for permit in permits if permit["own_work"]]


def _lists(tree: Tree, lang: str) -> list[tuple[Words, list[str]]]:
    by = {
        origin: [_document(item, lang) for item in tree["documents"] if item["from"] == origin] for origin in ("applicant", "city", "plan")
    }
    questions = [item for item in tree["questions"] if item["answer"] is None]
    return [
        (UNDECIDED, [_hangs(f"{item['sop']} {item['title'][lang]}", item["facts"], lang) for item in tree["undecided"]]),
        (ASKED, by["applicant"]),
        (LOOKED_UP, by["city"]),
        (FROM_PLAN, by["plan"]),
        (ELSEWHERE, [_elsewhere(item, lang) for item in tree["elsewhere"]]),
        (OPEN, [f"{item['name']}: {item['title'][lang]}" for item in questions]),
    ]


def _document(item: Tree, lang: str) -> str:
    text = f"{listed([title[lang] for title in item['titles']], lang)} ({', '.join(item['asked_by'])})"
    return _hangs(text, item["facts"], lang)


def _elsewhere(item: Tree, lang: str) -> str:
    text = f"{item['title'][lang]}: {item['where'][lang]}"
    return text if item["needed"] == "yes" else f"{text} ({UNDECIDED.in_language(lang).lower()})"


def _hangs(what: str, facts: Sequence[str], lang: str) -> str:
    return ON.in_language(lang).format(what=what, facts=", ".join(facts)) if facts else what
