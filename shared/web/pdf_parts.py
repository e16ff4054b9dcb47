"""What the PDF forms are made of: an embedded font, styles, lines to fill in by hand, and pages that are the same bytes for the same content."""

import html
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Final

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from shared.web import sop_words as words
from shared.web.sop_form_texts import TEXTS
from shared.web.sop_forms import Head, Line

FONT: Final = "Vera"
BOLD: Final = "VeraBd"
SIZE: Final = 7.5
SMALL: Final = 6.2
DOTTED: Final = (0.6, 1.6)
FOOT_MM: Final = 6
FRAME: Final = 6  # what the library leaves free within the margins


def style(size: float = SIZE, *, bold: bool = False, centred: bool = False) -> ParagraphStyle:
    """Returns a style of text."""
    _register()
    name = f"{size}{bold}{centred}"
    return ParagraphStyle(name, fontName=BOLD if bold else FONT, fontSize=size, leading=size * 1.3, alignment=1 if centred else 0)


@cache
def _register() -> None:
    """Registers the font that comes with the library and goes into every file, so that paper looks the same everywhere."""
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))


def paragraph(text: str, size: float = SIZE, *, bold: bool = False, centred: bool = False) -> Paragraph:
    """Returns a paragraph of a text as it is, without mark-up."""
    return Paragraph(html.escape(text, quote=False), style(size, bold=bold, centred=centred))


class Blank(Flowable):
    """A dotted line to fill in by hand, behind a text or alone."""

    def __init__(self, text: str = "", size: float = SIZE) -> None:
        super().__init__()
        self.text, self.size = text, size

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        """Takes the whole width."""
        self.width, self.height = available_width, self.size * 1.9
        return self.width, self.height

    def draw(self) -> None:
        """Draws the text and the dots."""
        _register()
        text = f"{self.text}: " if self.text else ""
        self.canv.setFont(FONT, self.size)
        self.canv.drawString(0, self.size * 0.4, text)
        self.canv.setDash(*DOTTED)
        self.canv.setLineWidth(0.6)
        self.canv.line(min(pdfmetrics.stringWidth(text, FONT, self.size), self.width * 0.8), self.size * 0.3, self.width, self.size * 0.3)
        self.canv.setDash()


def line_part(line: Line, size: float = SIZE, *, bullet: bool = False) -> Flowable:
    """Returns one line of a form."""
    if line.blank:
        return Blank(line.text, size)
    return paragraph(f"\N{BULLET} {line.text}" if bullet else line.text, size)


def pages(head: Head, parts: Sequence[Flowable], size: tuple[float, float], margin: float) -> bytes:
    """Returns the PDF: no date and no chance in it; demo values are marked on every page."""
    _register()
    held = BytesIO()
    document = SimpleDocTemplate(
        held,
        pagesize=size,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin + (FOOT_MM * mm if head.demo else 0),
        bottomMargin=margin + FOOT_MM * mm,
        title=f"{head.form}: {head.title}",
        author=head.government,
        subject=head.source,
        lang=head.language,
        invariant=1,
    )

    def around(canvas: Canvas, _document: object) -> None:
        _around(canvas, head, size, margin)

    document.build(list(parts), onFirstPage=around, onLaterPages=around)
    return held.getvalue()


def _around(canvas: Canvas, head: Head, size: tuple[float, float], margin: float) -> None:
    canvas.saveState()
    width, height = size
    edge = margin + FRAME
    if head.demo:
        canvas.setFont(BOLD, SIZE)
        canvas.setDash(3, 2)
        canvas.rect(edge, height - margin - 4 * mm, width - 2 * edge, 5.5 * mm)
        canvas.drawString(edge + 2 * mm, height - margin - 2.2 * mm, head.demo)
    canvas.setFont(FONT, 5.5)
    canvas.drawString(edge, margin + 2 * mm, head.by_hand)
    canvas.drawString(edge, margin, head.source)
    number = words.pick(TEXTS["page"], head.language).format(number=canvas.getPageNumber())
    canvas.drawRightString(width - edge, margin, number)
    canvas.restoreState()
