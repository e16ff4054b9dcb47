"""The official forms of an SOP as PDF files: the same content as in HTML, ready for paper and signature."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Final

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Spacer, Table

from shared.web import sop_words as words
from shared.web.pdf_flow import FlowTable
from shared.web.pdf_parts import FRAME, SIZE, SMALL, line_part, pages, paragraph
from shared.web.sop_form_texts import TEXTS
from shared.web.sop_forms import Field, ServiceStandard, SopAp

MARGIN: Final = 10 * mm
HAIR: Final = 0.5
BLACK: Final = (0, 0, 0)
LIST_LINES_MIN: Final = 2
PROCEDURE: Final = 3  # the component whose lines are numbered
Rule = tuple[Any, ...]


def pdf(form: SopAp | ServiceStandard) -> bytes:
    """Returns a form as a PDF file, the same bytes for the same content."""
    if isinstance(form, SopAp):
        size = landscape(A4)
        return pages(form.head, _sop_ap(form, size[0] - 2 * (MARGIN + FRAME)), size, MARGIN)
    return pages(form.head, _standard(form, A4[0] - 2 * (MARGIN + FRAME)), A4, MARGIN)


# SOP administrasi pemerintahan


def _sop_ap(form: SopAp, width: float) -> list[Flowable]:
    head = form.head
    title = [
        paragraph(head.government.upper(), SIZE + 1, bold=True),
        paragraph(head.owner.upper(), SIZE + 1, bold=True),
        Spacer(1, 2 * mm),
        paragraph(head.form, SIZE + 4, bold=True),
        paragraph(head.law, SMALL),
    ]
    top = Table([[title, _fields(form.identity, width * 0.5)]], colWidths=[width * 0.5, width * 0.5], style=_plain())
    caption = paragraph(f"{words.pick(TEXTS['flow'], head.language)}: {head.title}", bold=True)
    flow = FlowTable(form.columns, form.rows, head.language, width)
    legend = [paragraph(line, SMALL) for line in form.legend]
    first = [top, Spacer(1, 3 * mm), _boxes(form.boxes, width)]
    return [*first, PageBreak(), caption, Spacer(1, 1.5 * mm), flow, Spacer(1, 1.5 * mm), *legend]


def _plain() -> list[Rule]:
    edges = ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")
    return [("VALIGN", (0, 0), (-1, -1), "TOP"), *((edge, (0, 0), (-1, -1), 0) for edge in edges)]


def _fields(fields: Sequence[Field], width: float) -> Table:
    rows = [[paragraph(field.name), [line_part(line) for line in field.lines]] for field in fields]
    rules: list[Rule] = [("GRID", (0, 0), (-1, -1), HAIR, BLACK), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    rules += [("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]
    return Table(rows, colWidths=[width * 0.34, width * 0.66], style=rules)


def _boxes(boxes: Sequence[Field], width: float) -> Table:
    """Returns the boxes in two columns; a row for each line, so that a long list may go on on the next page."""
    rows: list[list[Flowable | str]] = []
    rules: list[Rule] = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOX", (0, 0), (-1, -1), HAIR, BLACK)]
    rules += [("LINEAFTER", (0, 0), (0, -1), HAIR, BLACK), *_close()]
    for left, right in zip(boxes[::2], boxes[1::2], strict=True):
        rules.append(("LINEABOVE", (0, len(rows)), (-1, len(rows)), HAIR, BLACK))
        rows.append([paragraph(left.name, bold=True), paragraph(right.name, bold=True)])
        rows += [list(pair) for pair in zip_longest(_listed(left), _listed(right), fillvalue="")]
        rules.append(("BOTTOMPADDING", (0, len(rows) - 1), (-1, len(rows) - 1), 4))
    return Table(rows, colWidths=[width / 2, width / 2], style=rules)


def _close() -> list[Rule]:
    # A cell without a text is as high as its type: none at all. Where a page ends, the table is closed with a line.
    return [
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ("FONTSIZE", (0, 0), (-1, -1), 1),
        ("LEADING", (0, 0), (-1, -1), 1),
        ("LINEBELOW", (0, "splitlast"), (-1, "splitlast"), HAIR, BLACK),
    ]


def _listed(field: Field) -> list[Flowable]:
    return [line_part(line, bullet=len(field.lines) >= LIST_LINES_MIN) for line in field.lines]


# Standar pelayanan


def _standard(form: ServiceStandard, width: float) -> list[Flowable]:
    head = form.head
    title = [
        paragraph(head.government.upper(), SIZE + 1, bold=True),
        paragraph(f"{head.form}: {head.title}", SIZE + 4, bold=True),
        paragraph(head.law, SMALL),
        Spacer(1, 2 * mm),
        paragraph(f"{form.provider.name}: {form.provider.lines[0].text}"),
        Spacer(1, 3 * mm),
    ]
    signature = Table([["", _fields(form.signature, width * 0.5)]], colWidths=[width * 0.5, width * 0.5], style=_plain())
    return [*title, _components(form, width), Spacer(1, 6 * mm), signature]


def _components(form: ServiceStandard, width: float) -> Table:
    """Returns the components; a row for each of their lines, so that a long one may go on on the next page."""
    titles = [words.pick(TEXTS[key], form.head.language) for key in ("no", "component", "description")]
    rows: list[list[Flowable | str]] = [[paragraph(text, bold=True, centred=True) for text in titles]]
    rules: list[Rule] = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOX", (0, 0), (-1, -1), HAIR, BLACK)]
    rules += [("LINEAFTER", (0, 0), (1, -1), HAIR, BLACK), *_close()]
    for number, component in enumerate(form.components, 1):
        rules.append(("LINEABOVE", (0, len(rows)), (-1, len(rows)), HAIR, BLACK))
        for place, part in enumerate(_numbered(component) if number == PROCEDURE else _listed(component)):
            names = [paragraph(str(number)), paragraph(component.name, bold=True)] if place == 0 else ["", ""]
            rows.append([*names, part])
    return Table(rows, colWidths=[11 * mm, width * 0.27, width * 0.73 - 11 * mm], style=rules, repeatRows=1)


def _numbered(component: Field) -> list[Flowable]:
    return [paragraph(f"{place}. {line.text}") for place, line in enumerate(component.lines, 1)]
