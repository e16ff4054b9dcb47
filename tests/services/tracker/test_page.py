"""The page of an application: every state in both languages, small, well formed, without scripts, and nothing but the facts of its JSON."""

import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from services.tracker import views
from services.tracker.doors import PAGES
from services.tracker.texts import TEXTS
from shared import events as e
from shared.sop import rules
from shared.web import site
from shared.web.formats import rupiah
from shared.web.texts import TEXTS as SHARED_TEXTS
from tests.builders import APPLICANT_ID, COMMITMENT, OFFICER_ID, History, good_answer
from tests.services.tracker import states
from tests.services.tracker.states import STATES, tree_of

PAGE_BYTES_MAX = 40 * 1024
VOID = {"meta", "link", "input", "br", "path", "circle", "rect"}
HEADLINES = {
    "submitted": "Kelengkapan berkas sedang diperiksa.",
    "filed_by_kuasa": "Kelengkapan berkas sedang diperiksa.",
    "mirrored": "Kelengkapan berkas sedang diperiksa.",
    "two_agencies": "Sedang dinilai oleh PUPR dan Dishub.",
    "late_review": "Sedang dinilai oleh PUPR dan Dishub.",
    "correction_asked": "Giliran Anda: perbaiki 2 persyaratan, paling lambat Rabu, 9 Desember 2026.",
    "corrected": "Sedang dinilai oleh PUPR.",
    "visit_scheduled": "Pemeriksaan lapangan dijadwalkan Selasa, 1 Desember 2026 oleh PUPR dan Dishub.",
    "days_offered": "Giliran Anda: pilih hari pemeriksaan lapangan, paling lambat Rabu, 25 November 2026.",
    "visit_drawn": "Menunggu pemeriksaan lapangan oleh PUPR dan Dishub.",
    "contested": "Sedang dinilai oleh PUPR dan Dishub.",
    "stopped": "Sedang dinilai oleh PUPR dan Dishub.",
    "waiting_for_payment": "Giliran Anda: bayar Rp13.511.250, paling lambat Senin, 7 Desember 2026.",
    "issued": "Izin sudah terbit.",
    "mended": "Izin sudah terbit.",
    "renewal_open": "Izin sudah terbit.",
    "renewal_running": "Perpanjangan izin sedang diproses. Sedang dinilai oleh PUPR.",
    "renewed": "Izin sudah terbit.",
    "renewal_deemed": "Izin sudah terbit.",
    "transferred": "Izin sudah terbit.",
    "refused": "Permohonan ditolak.",
    "objected": "Permohonan ditolak; keberatan sedang diputus oleh DPMPTSP, paling lambat Senin, 7 Desember 2026.",
    "appeal_possible": "Permohonan ditolak.",
    "appealed": "Permohonan ditolak; banding sedang diputus oleh Setda, paling lambat Senin, 7 Desember 2026.",
    "appeal_granted": "Sedang dinilai oleh",
    "settled": "Permohonan ditolak.",
    "withdrawn": "Permohonan ditarik oleh pemohon.",
    "closed": "Permohonan ditutup karena tidak ada tanggapan pemohon.",
    "closing_objected": "Permohonan ditutup; keberatan sedang diputus oleh DPMPTSP, paling lambat",
    "annulment_objected": "Izin dibatalkan; keberatan sedang diputus oleh DPMPTSP, paling lambat",
    "stands_again": "Izin sudah terbit.",
    "renewal_refused": "Izin sudah terbit.",
    "deemed_granted": "Permohonan dianggap dikabulkan: izin berlaku karena instansi tidak memutuskan tepat waktu.",
    "forgotten": "Permohonan ditarik oleh pemohon.",
}
EVERY_STATE = pytest.mark.parametrize("made", STATES.values(), ids=STATES.keys())
EVERY_LANGUAGE = pytest.mark.parametrize("tongue", ["id", "en"])


class Reader(HTMLParser):
    """Reads a page: what is left open, the headings in order, the ids, the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.wrong: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens an element."""
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element that closes itself."""
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        """Closes the innermost element, which has to be this one."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        """Gathers the text."""
        self.text += data


def page(tree: dict[str, Any], tongue: str = "id", **values: Any) -> str:  # noqa: ANN401 - what the template shows
    """Returns the page of an application."""
    known = {"app": tree, "before": 0, "behind": False, "languages": {"id": "?lang=id", "en": "?lang=en"}, **values}
    return PAGES.render("application.html", tongue, **known)


def read(html: str) -> Reader:
    """Reads a page."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@EVERY_STATE
@EVERY_LANGUAGE
def test_page_is_small_well_formed_and_without_scripts(made: Callable[[], History], tongue: str) -> None:
    """With its style sheet and icon the page is below 40 KB, its elements are closed, its headings in order, nothing is foreign."""
    html = page(tree_of(made()), tongue)

    reader = read(html)

    assert len(html.encode()) + sum(len(content) for content in site.FILES.values()) <= PAGE_BYTES_MAX
    assert (reader.open, reader.wrong) == ([], [])
    assert len(set(reader.ids)) == len(reader.ids)
    assert reader.headings[0] == 1
    assert reader.headings.count(1) == 1
    assert all(following <= before + 1 for before, following in zip(reader.headings, reader.headings[1:], strict=False))
    assert {"header", "nav", "main", "footer"} <= set(reader.tags)
    assert "script" not in reader.tags
    assert f'<html lang="{tongue}">' in html
    assert not re.search(r'(style=|\son[a-z]+=|(src|href|action)="(https?:)?//)', html)


@EVERY_STATE
def test_page_begins_with_where_the_application_stands(made: Callable[[], History]) -> None:
    """The first sentence says the state of the application and, on the applicant's turn, what to do until when."""
    history = made()

    reader = read(page(tree_of(history)))

    assert HEADLINES[made.__name__] in reader.text
    assert history.code in reader.text


@EVERY_STATE
@EVERY_LANGUAGE
def test_page_shows_the_facts_of_the_json(made: Callable[[], History], tongue: str) -> None:
    """Every requirement, charge, party, step to come, deadline, permit and entry of the JSON stands on the page."""
    tree = tree_of(made())

    html = page(tree, tongue)

    text = read(html).text
    assert tree["headline"][tongue] in text
    assert [item["title"][tongue] for item in tree["requirements"] + tree["next"] if item["title"][tongue] not in text] == []
    assert [item["due"] for item in tree["turn"] if f'<time datetime="{item["due"]}">' not in html] == []
    assert [item["due"] for item in tree["missed"] if f'<time datetime="{item["due"]}">' not in html] == []
    assert [item["short"][tongue] for item in tree["held"] if item["short"][tongue] not in text] == []
    assert [item for item in tree["charges"] if item["number"] not in text or rupiah(item["amount_rupiah"]) not in text] == []
    assert html.count('<p class="who">') == len(tree["timeline"])
    assert [item["at"] for item in tree["timeline"] if f'<time datetime="{item["at"]}">' not in html] == []
    assert tree["permit"] is None or tree["permit"]["number"] in text
    assert tree["case_digest"] in text


@EVERY_STATE
def test_page_and_json_hold_no_identity(made: Callable[[], History]) -> None:
    """Neither the page nor its JSON holds an identity or a commitment."""
    tree = tree_of(made())

    told = page(tree) + repr(tree)

    assert not [secret for secret in (APPLICANT_ID, OFFICER_ID, COMMITMENT) if secret in told]


def test_overdue_step_is_said_to_be_overdue() -> None:
    """An agency past its target is shown with the date it missed."""
    tree = tree_of(states.late_review())

    assert [(item["step"], item["late"]) for item in tree["turn"]] == [("struktur-ruang", True), ("lalin", True)]
    assert "Lewat batas waktu" in read(page(tree)).text


def test_requirement_states_follow_the_correction() -> None:
    """A requirement is to be corrected while it is asked for, and corrected afterwards; the others stay received."""
    asked = {item["code"]: item["state"] for item in tree_of(states.correction_asked())["requirements"]}
    after = {item["code"]: item["state"] for item in tree_of(states.corrected())["requirements"]}

    assert (asked["gambar-konstruksi"], asked["desain"]) == ("to-correct", "handed-in")
    assert (after["gambar-konstruksi"], after["desain"]) == ("corrected", "handed-in")


@pytest.mark.parametrize(
    ("tongue", "met", "wrong"),
    [
        ("id", "Dicari sendiri oleh kota, tidak diminta", "Minta penerbitnya memperbaiki"),
        ("en", "Looked up by the city, not asked", "Have its issuer put it right"),
    ],
)
def test_what_the_city_looks_up_is_told_apart(tongue: str, met: str, wrong: str) -> None:
    """A looked-up requirement is said not to be asked; where a review finds it wrong, whom to turn to; of what is handed in neither is said."""
    history = History("pbg-mbr@2").begin({"luas-lantai-m2": "36", "memakai-prototipe": False}).until("tpt")
    before = read(page(tree_of(history), tongue)).text
    of_another = read(page(tree_of(states.correction_asked()), tongue)).text
    history = states.with_findings(history, "tpt", "bukti-tanah")
    after = read(page(tree_of(history.must(good_answer(history.case, rules.CORRECTION_REQUEST))), tongue)).text

    assert (met in before, wrong in before) == (True, False)
    assert (met in after, wrong in after) == (False, True)
    assert met not in of_another
    assert wrong not in of_another


def test_deemed_grant_does_not_pretend_that_the_reviews_were_done() -> None:
    """A permit by silence leaves the stages that nobody finished as not finished."""
    tree = tree_of(states.deemed_granted())

    assert tree["permit"]["deemed"]
    assert {item["stage"]: item["state"] for item in tree["stages"]} == {"intake": "done", "verification": "stopped", "issuance": "stopped"}


def test_refund_is_shown_after_a_paid_withdrawal() -> None:
    """Who withdrew after paying reads that the money is owed."""
    tree = tree_of(states.withdrawn())

    assert tree["refund_rupiah"] == 13_511_250
    assert "Rp13.511.250" in read(page(tree)).text


def test_a_paid_refund_is_no_longer_owed() -> None:
    """Once the treasury has paid it back, the page says so and owes nothing."""
    history = states.withdrawn()
    (owed,) = history.case.remedies
    tree = tree_of(history.must(e.RefundPaid(number="SP2D/1", amount_rupiah=owed.rupiah)))
    text = read(page(tree, "en")).text

    assert (tree["refund_rupiah"], tree["refunded_rupiah"]) == (owed.rupiah, owed.rupiah)
    assert "Paid back to the applicant: Rp13.511.250" in text
    assert "Refund owed" not in text


def test_an_open_charge_shows_how_to_pay_it() -> None:
    """The page has the payment code and the QR reference while the charge is open, and neither once it is paid."""
    history = states.waiting_for_payment()
    number = history.case.charges[0].number
    history.must(e.PaymentCodeIssued(charge=number, code="9887000012345678", qr="QR/7K3M9QXT"))
    text = read(page(tree_of(history), "en")).text

    assert "The payment code is 9887000012345678" in text
    assert "QR/7K3M9QXT" in text
    history.must(good_answer(history.case, "bayar"))
    assert tree_of(history)["charges"][0]["code"] == ""


def test_a_lowered_charge_and_a_deposit_are_told() -> None:
    """A lowered charge says what it was, and a deposit that it is held until the permit ends."""
    history = History("reklame-insidentil@2").begin({"luas-m2": "10", "lama-hari": 14, "jumlah-titik": 3}).until("bayar")
    reduced = e.ChargeReduced(charge="SKPD/1", amount_rupiah=40_000, reason="tidak-mampu", legal_basis="uu-1-2022")
    assert history.say(reduced, role="head", agency="bpprd", authid=OFFICER_ID) == ""
    text = read(page(tree_of(history.finish()), "en")).text

    assert "reduced, was Rp100.000" in text
    assert "held until the permit ends" in text


@pytest.mark.parametrize(("tongue", "sentence"), [("id", "Data pribadi pemohon sudah dihapus"), ("en", "personal data was erased")])
def test_an_erased_applicant_reads_that_the_history_remains(tongue: str, sentence: str) -> None:
    """After the erasure the page says so in plain words, and still has the whole history with the legal ground."""
    tree = tree_of(states.forgotten())
    text = read(page(tree, tongue)).text

    assert sentence in text
    assert {"id": "masa simpan berakhir", "en": "the time of keeping is over"}[tongue] in text
    assert len(tree["timeline"]) == tree["sequence"]
    assert sentence not in read(page(tree_of(states.withdrawn()), tongue)).text


def test_time_with_each_party_goes_on_until_now() -> None:
    """The party that has the case gets the office time up to the moment of asking; the others keep theirs."""
    history = states.correction_asked()

    now = {item["party"]: item["working_minutes"] for item in tree_of(history)["held"]}
    later = {item["party"]: item["working_minutes"] for item in tree_of(history, history.now + timedelta(days=1))["held"]}

    assert later["applicant"] == now["applicant"] + 480
    assert later["dishub"] == now["dishub"]


def test_refused_entry_says_why() -> None:
    """An entry that does not stand is in the history with the sentence of its refusal."""
    history = states.issued()
    assert history.say(e.ApplicationWithdrawn(reason="batal-usaha")) == "already-issued"

    text = read(page(tree_of(history))).text

    assert "Tidak berlaku" in text
    assert "Izin sudah terbit." in text


def test_values_are_escaped() -> None:
    """What stands in a fact or was typed never becomes markup."""
    tree = tree_of(states.issued())
    tree["permit_type"]["title"] = {"id": "<script>alert(1)</script>", "en": "x"}

    html = page(tree)

    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_notices_say_when_the_page_may_be_out_of_date() -> None:
    """A held application and a disturbed connection are said in words."""
    text = read(page({**tree_of(states.issued()), "on_hold": True}, behind=True)).text

    assert "sedang ditahan sistem" in text
    assert "menunggu dicatat" in text


def test_whose_days_lateness_and_decrees_are_said() -> None:
    """The page says that the applicant chooses a day, what became of a missed deadline, and by which decree a clock stands still."""
    offered = tree_of(states.days_offered())
    assert (offered["turn"][0]["kind"], [item["party"] for item in offered["turn"][0]["parties"]]) == ("choose-slot", ["applicant"])
    text = read(page(offered, "en")).text
    assert "Your turn: choose a day for the site visit" in text
    assert "the first one stands" in text

    late = read(page(tree_of(states.contested()), "en")).text
    assert "contested, waiting for the inspectorate" in late
    assert "The city secretary has been told of the delay." in late

    still = tree_of(states.stopped())
    assert {item["stopped"]["number"] for item in still["turn"]} == {"188/1"}
    assert "The clock stands still until" in read(page(still, "en")).text

    missed = read(page(tree_of(states.visit_drawn()), "en")).text
    assert "fewer than four candidates" in missed
    assert "the place was locked (the applicant's side)" in missed


def test_who_filed_and_who_acted_is_said() -> None:
    """The page says that an attorney in fact has filed and that the power has ended; the history tells the attorney from the applicant."""
    tree = tree_of(states.filed_by_kuasa())
    text = read(page(tree, "en")).text
    assert "filed by an attorney in fact" in text
    assert "the power of attorney has ended (withdrawn by the applicant)" in text
    assert [item["party"] for item in tree["timeline"]] == ["applicant", "kuasa"]
    assert "diajukan sendiri oleh pemohon" in read(page(tree_of(states.submitted()))).text


def test_what_the_national_system_says_is_shown() -> None:
    """The page of a national type says what its system says, with both times, and that the two differ; a city's type says nothing of it."""
    tree = tree_of(states.mirrored())
    text = read(page(tree, "en")).text
    assert "National system SIMBG: permit issued" in text
    assert "the national system has ended it, here it is open" in text
    assert tree["timeline"][0]["party"] == "simbg"
    assert tree_of(states.withdrawn())["national"] is None


def test_a_mended_document_and_its_duplicate_are_told() -> None:
    """The page says which field was corrected and that a duplicate exists; the history says why."""
    text = read(page(tree_of(states.mended()), "en")).text
    assert "was corrected on" in text
    assert "Duplicate 1 was issued on" in text
    assert "the holder's name (a typing error)" in text
    assert "1, the document was lost" in text


def test_a_renewal_is_told_from_its_first_day_on() -> None:
    """The page says what a renewal asks and nothing else, who has it while it is decided, and what became of each."""
    text = read(page(tree_of(states.renewal_open()), "en")).text
    assert "It can be renewed now. Only this is asked for" in text
    assert tree_of(states.renewal_open())["renewal"]["asks"][0] == {"id": "Desain reklame", "en": "Design"}

    running = tree_of(states.renewal_running())
    assert [item["step"] for item in running["turn"]] == ["struktur-ruang"]
    assert "A renewal was asked for on" in read(page(running, "en")).text
    assert {item["state"] for item in running["requirements"]} == {"handed-in"}

    text = read(page(tree_of(states.renewed()), "en")).text
    assert "The request for a renewal was withdrawn on" in text
    assert "valid until Saturday, 2 December 2028" in text


def test_a_transfer_is_told_without_a_name() -> None:
    """The page says that the permit has another holder, that a transfer was refused and why, and that one is offered, never to whom."""
    text = read(page(tree_of(states.transferred()), "en")).text
    assert "The permit came to another holder on" in text
    assert "The transfer was refused on" in text
    assert "untrue data" in text
    assert "waits for the new holder to accept it" in text


def test_every_text_is_used_and_every_used_text_exists() -> None:
    """The templates ask for no text that is missing, and no text lies about unused."""
    folders = (Path(site.HERE) / "templates", Path(views.__file__).parent / "pages")
    source = "".join(path.read_text() for folder in folders for path in folder.glob("*.html"))
    source += (Path(views.__file__).parent / "doors.py").read_text()
    asked = set(re.findall(r'"([a-z]+(?:[_-][a-z0-9]+)*)"', source)) | set(re.findall(r'\bt\("([a-z_-]+)"', source))

    known = {**SHARED_TEXTS, **TEXTS}

    composed = (
        *("state_", "stage_", "visit_", "escalated_", "breach_", "deposit_", "may_", "objection_", "plan_kind_", "plan_from_"),
        *("renewal_", "transfer_"),
    )
    assert [name for name in re.findall(r'\bt\("([a-z0-9_-]+)"[,)]', source) if name not in known] == []
    assert [name for name in known if name not in asked and not name.startswith(composed) and name not in ("levy", "tax", "deposit")] == []
    assert all(text_id and text_en for text_id, text_en in known.values())


def test_who_was_refused_reads_what_they_may_do_until_when_and_what_became_of_it() -> None:
    """Until the last day the page says how to object or appeal; while one waits, who decides; afterwards how it ended."""
    assert "sampai Selasa, 22 Desember 2026" in (text := read(page(tree_of(states.refused()))).text)
    assert "loket, dengan kode permohonan ini" in text
    waiting = read(page(tree_of(states.objected()))).text
    assert "KEB/36BS-2WSW-K54E-F/1" in waiting
    assert "sedang diputus oleh DPMPTSP" in waiting
    assert "dapat diajukan" not in waiting
    appeal = read(page(tree_of(states.appeal_possible()), "en")).text
    assert "An appeal to Setda, the superior of who decided, can be lodged until" in appeal
    assert "rejected" in appeal
    assert "deemed granted, because it was not answered in time" in read(page(tree_of(states.appeal_granted()), "en")).text
    over = read(page(tree_of(states.settled()), "en")).text
    assert "You can apply anew." in over
    assert "can be lodged" not in over


def test_page_names_the_act_that_may_be_objected_to() -> None:
    """An annulment, a closing or a refused renewal has its own words, and what a granted objection brought back is told."""
    renewal = read(page(tree_of(states.renewal_refused()), "en")).text
    assert "An objection to the refusal of the renewal can be lodged with DPMPTSP" in renewal
    again = read(page(tree_of(states.stands_again()), "id")).text
    assert "Keberatan atas pembatalan izin KEB/" in again
    assert "dikabulkan; izin berlaku kembali seperti semula" in again
    assert tree_of(states.closing_objected())["objections"][0]["against"] == "closing"


def test_page_tells_that_silence_has_renewed() -> None:
    """With the number under which it did, and the new last day."""
    assert "Renewed by law (deemed approval) on" in (text := read(page(tree_of(states.renewal_deemed()), "en")).text)
    assert "number FP/PKY-36BS-2WSW-K54E-F/P1" in text


def test_objection_is_no_lateness_of_the_applicant() -> None:
    """Days to object that went unused stand in the history, and not among the missed deadlines."""
    tree = tree_of(states.settled())

    assert (tree["missed"], tree["objection"], tree["turn"]) == ([], None, [])
    assert tree["timeline"][0]["event"] == "refusal.settled"
