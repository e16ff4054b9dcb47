"""The page in a bundle: its entries in Indonesian and English, for people; it loads nothing and runs nothing."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Final

from shared.agencies import party_name, short_name
from shared.calendar import WIB
from shared.case_model import Case
from shared.envelope import ContractError, Entry
from shared.refusals import REFUSALS, explain

# Raised with every change of the page, so that a later version does not call an old page altered.
PAGE_FORM: Final = 1
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top}pre{overflow:auto;background:#f4f4f4;padding:1rem}"
)
_HEAD: Final = (
    '<!doctype html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
)
_COLUMNS: Final = (
    ("Posisi", "Position"),
    ("Berkas, urutan", "Subject, sequence"),
    ("Waktu sah (WIB)", "Legal time (WIB)"),
    ("Peristiwa", "Event"),
    ("Siapa", "Who"),
    ("Bukti", "Receipt"),
)
_OUTCOMES: Final = {
    "": ("belum selesai", "open"),
    "issued": ("izin terbit", "permit issued"),
    "deemed-granted": ("dianggap dikabulkan", "deemed granted"),
    "refused": ("permohonan ditolak", "refused"),
    "withdrawn": ("permohonan ditarik", "withdrawn"),
    "closed": ("ditutup", "closed"),
}


def page(subject: str, entries: Iterable[Entry], is_about: Callable[[Entry], bool], cases: Mapping[str, Case], checkpoint: bytes) -> bytes:
    """Returns the page of a bundle; `is_about` tells the entries that it is about from the rules that they rest on."""
    listed = list(entries)
    title = f"Jejak {subject}" if subject else "Jejak"
    reading = (
        "<p>Catatan buku jejak beserta buktinya. Periksa berkas ini tanpa jaringan: <code>jejak verify BERKAS.zip</code>. "
        "Halaman ini untuk dibaca; yang mengikat adalah <code>entries.ndjson</code>.</p>\n"
        '<p lang="en">Entries of the ledger and what proves them. Check this file offline: <code>jejak verify FILE.zip</code>. '
        "This page is for reading; what binds is <code>entries.ndjson</code>.</p>\n"
    )
    parts = [
        f"{_HEAD}<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n",
        reading,
        *(_state(code, case) for code, case in cases.items()),
        _table("Catatan", "Entries", [entry for entry in listed if is_about(entry)]),
        _table("Aturan yang mendasarinya", "The rules they rest on", [entry for entry in listed if not is_about(entry)]),
        f'<h2>Tanda tangan buku jejak <span lang="en">/ The log\'s signed checkpoint</span></h2>\n<pre>{escape(checkpoint.decode())}</pre>\n',
        "</body>\n</html>\n",
    ]
    return "".join(parts).encode()


def _state(code: str, case: Case) -> str:
    outcome = _OUTCOMES.get(case.outcome, (case.outcome, case.outcome))
    parties = case.parties or ("-",)
    turn_id, turn_en = (", ".join(party_name(party)[lang] if party != "-" else "-" for party in parties) for lang in ("id", "en"))
    return (
        f"<p><strong>{escape(code)}</strong> ({escape(case.sop_name)}): {escape(outcome[0])}; giliran: {escape(turn_id)}. "
        f'<span lang="en">{escape(outcome[1])}; turn: {escape(turn_en)}.</span></p>\n'
    )


def _table(title_id: str, title_en: str, entries: Iterable[Entry]) -> str:
    rows = "".join(_row(entry) for entry in entries)
    if not rows:
        return ""
    heads = "".join(f'<th>{name_id}<br><span lang="en">{name_en}</span></th>' for name_id, name_en in _COLUMNS)
    return f'<h2>{title_id} <span lang="en">/ {title_en}</span></h2>\n<table>\n<tr>{heads}</tr>\n{rows}</table>\n'


def _row(entry: Entry) -> str:
    stamp = entry.stamp
    try:
        event = entry.event
        label_id, label_en = event.data.LABELS
        who = " ".join(part for part in (short_name(event.agency)["id"] if event.agency else "", event.role) if part)
    except ContractError:
        label_id, label_en, who = entry.type, entry.type, ""
    refused_id = refused_en = ""
    if stamp.refused:
        known = stamp.refused in REFUSALS
        refused_id, refused_en = (
            f" DITOLAK/REFUSED ({stamp.refused}): {explain(stamp.refused, lang)[0] if known else ''}" for lang in ("id", "en")
        )
    time = entry.recorded.astimezone(WIB).strftime("%Y-%m-%d %H:%M:%S")
    cells = (
        f"{stamp.position}",
        f"{escape(entry.subject)}, {stamp.sequence}",
        time,
        f'{escape(label_id + refused_id)}<br><span lang="en">{escape(label_en + refused_en)}</span>',
        escape(who),
        f'<a href="receipts/{stamp.position}.tlog-proof">{stamp.position}.tlog-proof</a>',
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n"
