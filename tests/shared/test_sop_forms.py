"""The official forms of an SOP: complete, nothing invented, the same content in HTML and PDF, and safe to open."""

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser
from io import BytesIO

import pytest
from hypothesis import given, settings
from pypdf import PdfReader

from shared.sop.model import Sop, Text
from shared.web.sop_form_texts import TEXTS
from shared.web.sop_forms import Line, ServiceStandard, SopAp, service_standard, sop_ap
from shared.web.sop_html import html
from shared.web.sop_pdf import pdf
from tests.builders import PBG, REKLAME, SKP, catalogue
from tests.sops import rewritten, second_version, with_fields, with_step
from tests.strategies import QUICK

SOPS = [*catalogue().values(), second_version()]
FORMS = [make(sop, language) for make in (sop_ap, service_standard) for sop in SOPS for language in ("id", "en")]
FEW = settings(QUICK, max_examples=15)
VOID = frozenset({"meta", "line", "rect", "polygon", "circle"})


def form_id(form: SopAp | ServiceStandard) -> str:
    """Returns a name of a form for the test's own name."""
    return f"{type(form).__name__}-{form.head.title}-{form.head.language}"


class Reading(HTMLParser):
    """Reads a document: its tags with their attributes, its words, and whether every element is closed in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element without content."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Closes the element that is open."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Notes the words."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """All words, with single spaces."""
        return " ".join("".join(self.words).split())


def pdf_text(content: bytes) -> str:
    """Returns the words of a PDF without any space, because where a line breaks is the paper's business."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages))


# What they say


def test_a_service_standard_has_its_fourteen_components() -> None:
    """All components of the law stand there in its order, whatever the SOP holds."""
    keys = "legal-bases requirements procedure duration cost product facilities competence supervision complaints staff guarantee safety evaluation"
    for sop in SOPS:
        assert [field.name for field in service_standard(sop, "id").components] == [TEXTS[key][0] for key in keys.split()]


def test_what_the_data_does_not_hold_is_left_blank() -> None:
    """Numbers, dates, names, qualifications, facilities and complaints are dotted lines and nothing else."""
    form = sop_ap(SOPS[0], "id")
    blank = {field.name for field in form.identity if all(line.blank for line in field.lines)}
    assert blank == {"Nomor SOP", "Tanggal pembuatan", "Tanggal revisi", "Tanggal efektif", "Disahkan oleh"}
    standard = service_standard(SOPS[0], "id")
    assert [number for number, field in enumerate(standard.components, 1) if all(line.blank for line in field.lines)] == [
        7,
        8,
        9,
        10,
        11,
        13,
        14,
    ]
    assert all(line.blank for field in standard.signature for line in field.lines)


def test_the_table_says_what_the_sop_says() -> None:
    """Documents, time, output and notes of a step come from the SOP."""
    rows = {row.activity: row for row in sop_ap(catalogue()[REKLAME], "id").rows}
    visit = rows["Pemeriksaan lapangan bersama"]
    assert visit.documents[:2] == ("Koordinat dan foto titik", "Titik sesuai koordinat")
    assert (visit.time, visit.output, visit.notes) == ("3 hari kerja", "berita acara pemeriksaan (BAP)", ("paling banyak 2 kunjungan",))
    assert rows["Pembayaran"].time == "paling lama 10 hari kerja (pemohon)"
    assert rows["Pemeriksaan kelengkapan"].time == "seketika"
    rule = {row.activity: row for row in sop_ap(catalogue()[SKP], "en").rows}["Decision"]
    assert rule.notes == ("done by rule, except if Sensitive research topic: yes",)


def test_cost_and_silence_are_told() -> None:
    """A tariff with its measures, no charge at all, and what the agencies' silence does are each said in a sentence."""
    cost, guarantee = (service_standard(catalogue()[PBG], "id").components[place].lines for place in (4, 11))
    product = "Rp18.000 \N{MULTIPLICATION SIGN} Luas lantai (m²) \N{MULTIPLICATION SIGN} Indeks terintegrasi"
    basis = Line("Dasar: UU 1/2022 tentang hubungan keuangan pusat dan daerah")
    assert cost == (Line(f"Retribusi: {product} (tarif retribusi pbg demo)"), basis)
    assert guarantee[0].text.startswith("Bila instansi tidak memutuskan dalam 28 hari kerja")
    assert service_standard(catalogue()[SKP], "en").components[4].lines == (Line("Free of charge."),)
    forbidden = catalogue()[SKP].deemed_approval.model_copy(update={"allowed": False})
    silent = service_standard(with_fields(catalogue()[SKP], deemed_approval=forbidden), "id")
    assert silent.components[11].lines[0].text.startswith("Diamnya instansi tidak mengabulkan")


def test_an_outsider_and_a_refused_fact_are_told() -> None:
    """Whom nobody can hurry has a time of its own, and a rule that rejects says when."""
    sop = with_step(catalogue()[REKLAME], "lalin", kind="outsider", outsider="laboratorium", target_working_days=10)
    row = sop_ap(sop, "id").rows[3]
    assert (row.time, row.notes) == ("10 hari kerja (pihak luar)", ("hasil dicatat Dishub",))
    rule = sop_ap(catalogue()[SKP], "id").rows[2]
    assert "ditolak bila Lama penelitian (bulan) paling sedikit 13 (lebih dari dua belas bulan)" in rule.notes


def test_demo_values_are_marked_and_others_are_not() -> None:
    """The mark stands in both forms and both files exactly where the SOP says that its numbers are demo values."""
    for make in (sop_ap, service_standard):
        marked, real = make(SOPS[0], "id"), make(with_fields(SOPS[0], demo_values=False), "id")
        assert "CONTOH" in html(marked)
        assert "CONTOH" in pdf_text(pdf(marked))
        assert "CONTOH" not in html(real) + pdf_text(pdf(real))


# HTML


@pytest.mark.parametrize("form", FORMS, ids=form_id)
def test_html_is_well_formed_and_in_its_language(form: SopAp | ServiceStandard) -> None:
    """Every element is closed, the language is declared, and there is one heading of the first order."""
    found = Reading(html(form))
    assert found.open == []
    assert found.tags[0] == ("html", {"lang": form.head.language})
    assert [tag for tag, _ in found.tags].count("h1") == 1


@pytest.mark.parametrize("form", FORMS, ids=form_id)
def test_html_fetches_and_runs_nothing(form: SopAp | ServiceStandard) -> None:
    """No element names another file or holds a script, and the policy allows this one style and nothing else."""
    text = html(form)
    found = Reading(text)
    assert not {tag for tag, _ in found.tags} & {"script", "link", "img", "iframe", "object", "form", "a"}
    assert not {name for _, names in found.tags for name in names} & {"src", "href", "style", "onclick", "onload"}
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text
    assert "url(" not in style[1]


@pytest.mark.parametrize("form", FORMS, ids=form_id)
def test_tables_are_read_out_with_their_heads(form: SopAp | ServiceStandard) -> None:
    """Every head says whether it is a column's or a row's, every table has a caption, and a drawing is no image to read out."""
    tags = Reading(html(form)).tags
    assert all(names.get("scope") in ("col", "row", "colgroup") for tag, names in tags if tag == "th")
    assert [tag for tag, _ in tags].count("table") == [tag for tag, _ in tags].count("caption")
    outer = [names for tag, names in tags if tag == "svg" and "x" not in names]
    assert all(names.get("aria-hidden") == "true" for names in outer)


def test_each_row_has_a_cell_for_every_column() -> None:
    """The flowchart's rows are as wide as its head."""
    for sop in SOPS:
        form = sop_ap(sop, "id")
        assert all(len(row.cells) == len(form.columns) for row in form.rows)
        assert [tag for tag, names in Reading(html(form)).tags if names.get("class") == "cell"] == ["td"] * len(form.rows) * len(
            form.columns
        )


def test_a_title_is_text_and_no_markup() -> None:
    """What an SOP's author typed is shown as typed, in both files."""
    title = Text(id="Izin <b>tebal</b> & 'kutip'", en="x")
    sop = with_fields(SOPS[0], title=title)
    for form in (sop_ap(sop, "id"), service_standard(sop, "id")):
        assert title.id in Reading(html(form)).text
        assert re.sub(r"\s", "", title.id) in pdf_text(pdf(form))


# PDF


@pytest.mark.parametrize("form", FORMS, ids=form_id)
def test_a_pdf_is_the_same_bytes_for_the_same_sop(form: SopAp | ServiceStandard) -> None:
    """There is no date and no chance in it, its language and title are declared, and it takes few pages."""
    content = pdf(form)
    assert content == pdf(form)
    found = PdfReader(BytesIO(content))
    assert found.metadata
    assert found.metadata.title == f"{form.head.form}: {form.head.title}"
    assert str(found.root_object["/Lang"]) == form.head.language
    assert len(found.pages) <= 3


@pytest.mark.parametrize("form", FORMS, ids=form_id)
def test_a_pdf_says_what_the_html_says(form: SopAp | ServiceStandard) -> None:
    """Every word of the form's content is in the PDF."""
    said = pdf_text(pdf(form))
    fields = form.components if isinstance(form, ServiceStandard) else (*form.identity, *form.boxes)
    for field in fields:
        assert all(re.sub(r"\s", "", text) in said for text in (field.name, *(line.text for line in field.lines)))
    for row in form.rows if isinstance(form, SopAp) else ():
        for text in (row.activity, row.time, row.output, *row.documents, *row.notes):
            assert re.sub(r"\s", "", text) in said


def test_a_very_long_sop_goes_on_on_the_next_pages() -> None:
    """With fifty requirements, bases and conditions of the longest titles nothing is lost and nothing fails."""
    base = SOPS[0]
    title = Text(id="panjang " * 49, en="long " * 79)
    requirements = tuple(base.requirements[0].model_copy(update={"code": f"r-{n}", "title": title}) for n in range(50))
    bases = tuple(base.legal_bases[0].model_copy(update={"code": f"b-{n}", "title": title}) for n in range(50))
    sop = with_fields(base, requirements=requirements, legal_bases=(*base.legal_bases, *bases))
    for form in (sop_ap(sop, "id"), service_standard(sop, "id")):
        assert pdf_text(pdf(form)).count("panjang") >= 49 * 50


@FEW
@given(rewritten())
def test_any_sop_can_be_printed(sop: Sop) -> None:
    """Whatever an SOP holds, all four files come out, and the HTML is well-formed."""
    for form in (sop_ap(sop, "id"), service_standard(sop, "en")):
        assert Reading(html(form)).open == []
        assert pdf(form).startswith(b"%PDF")
