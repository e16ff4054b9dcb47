"""A sheet that somebody holds as a PDF file."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, SimpleDocTemplate, Spacer, Table

from shared.web.paper import Paper
from shared.web.pdf_parts import BOLD, FONT, paragraph

MARGIN: Final = 20 * mm
TEXT: Final = 9
TITLE: Final = 14
QR: Final = 34 * mm
GREY: Final = 0.88


def pdf(paper: Paper) -> bytes:
    """Returns the sheet as a PDF file on A4, the same bytes for the same content: no date and no chance of its own."""
    held = BytesIO()
    document = SimpleDocTemplate(
        held,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=paper.title,
        author=paper.head[0],
        subject=paper.number,
        lang=paper.language,
        invariant=1,
    )
    parts = _parts(paper, A4[0] - 2 * MARGIN - 12)

    def around(canvas: Canvas, _document: object) -> None:
        _around(canvas, paper)

    document.build(parts, onFirstPage=around, onLaterPages=around)
    return held.getvalue()


def _parts(paper: Paper, width: float) -> list[Flowable]:
    head = [paragraph(line, TEXT + 2, bold=True, centred=True) for line in paper.head]
    title = [paragraph(paper.title, TITLE, bold=True, centred=True), paragraph(paper.number, TEXT + 1, centred=True)]
    rows = [[paragraph(row.name, TEXT), [paragraph(line, TEXT) for line in row.lines]] for row in paper.rows]
    table = Table(rows, colWidths=[width * 0.32, width * 0.68], style=[("VALIGN", (0, 0), (-1, -1), "TOP")])
    beside = Table(
        [[_qr(paper.address), [paragraph(line, TEXT - 1) for line in paper.beside]]],
        colWidths=[QR + 4 * mm, width - QR - 4 * mm],
        style=[("VALIGN", (0, 0), (-1, -1), "TOP")],
    )
    gap: Sequence[Flowable] = (Spacer(1, 6 * mm),)
    return [*head, *gap, *title, *gap, table, *gap, beside]


def _qr(address: str) -> Drawing:
    drawing = Drawing(QR, QR)
    drawing.add(QrCodeWidget(address, barLevel="M", barWidth=QR, barHeight=QR))
    return drawing


def _around(canvas: Canvas, paper: Paper) -> None:
    """Draws the mark across the page, under the text, and the foot."""
    width, height = A4
    canvas.saveState()
    canvas.setFillGray(GREY)
    canvas.setFont(BOLD, 96)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(50)
    canvas.drawCentredString(0, -30, paper.mark)
    canvas.restoreState()
    canvas.saveState()
    canvas.setFont(FONT, 7)
    canvas.drawString(MARGIN + 6, MARGIN / 2, f"{paper.mark} · {paper.number}")
    canvas.drawRightString(width - MARGIN - 6, MARGIN / 2, str(canvas.getPageNumber()))
    canvas.restoreState()
