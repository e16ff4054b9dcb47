"""The flowchart's table in the PDF: as many rows as fit on a page, the head on each, the same plan of shapes and lines as in HTML."""

from collections.abc import Sequence
from typing import Final

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Flowable, KeepInFrame, Paragraph

from shared.web import sop_words as words
from shared.web.pdf_parts import BOLD, SMALL, paragraph
from shared.web.sop_flow import Cell
from shared.web.sop_form_texts import TEXTS
from shared.web.sop_forms import Row

NUMBER, ACTIVITY, DOCUMENTS, TIME, OUTPUT, NOTES = (width * mm for width in (7, 28, 42, 17, 24, 34))
COLUMN_MAX: Final = 20 * mm
COLUMN_MIN: Final = 9 * mm
ROW_MIN: Final = 12 * mm
ROW_MAX: Final = 120 * mm  # what is longer is printed smaller
HEAD_ROWS: Final = (5 * mm, 11 * mm)
PADDING: Final = 1.2 * mm
HEAD_SIZES: Final = (6.0, 5.5, 5.0, 4.5, 4.0)
SHAPE_WIDTH_MAX: Final = 10.5 * mm
HALF_HEIGHTS: Final = {"terminal": 2.4 * mm, "process": 2.6 * mm, "decision": 3.3 * mm}
ARROW: Final = 1.6 * mm
CIRCLE: Final = 1.5 * mm
GREY: Final = 0.7


class FlowTable(Flowable):
    """The table; split between rows where a page ends."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Row], language: str, width: float) -> None:
        super().__init__()
        self.columns, self.rows, self.language, self.width = columns, rows, language, width
        self._widths = self._shares()
        self._texts = [self._row_texts(row) for row in rows]
        self._heights = [self._row_height(texts) for texts in self._texts]
        self.height = sum(HEAD_ROWS) + sum(self._heights)

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        """Returns its whole size."""
        return self.width, self.height

    def split(self, _available_width: float, available_height: float) -> list[Flowable]:
        """Returns the rows that fit and the rest, each with its head; nothing if not even one row fits."""
        room, fitting = available_height - sum(HEAD_ROWS), 0
        for height in self._heights:
            room -= height
            if room < 0:
                break
            fitting += 1
        parts = [rows for rows in (self.rows[:fitting], self.rows[fitting:]) if rows]
        return [FlowTable(self.columns, rows, self.language, self.width) for rows in parts] if fitting else []

    def draw(self) -> None:
        """Draws the head and every row."""
        edges = self._edges()
        top = self.height
        self.canv.setLineWidth(0.5)
        self._draw_head(edges, top)
        top -= sum(HEAD_ROWS)
        for row, texts, height in zip(self.rows, self._texts, self._heights, strict=True):
            self._draw_row(row, texts, edges, top, height)
            top -= height
        self.canv.rect(0, 0, self.width, self.height)

    # How wide and how high

    def _shares(self) -> list[float]:
        count = len(self.columns)
        texts = NUMBER + ACTIVITY + DOCUMENTS + TIME + OUTPUT + NOTES
        each = min(COLUMN_MAX, max(COLUMN_MIN, (self.width - texts) / count))
        # What the performers leave, or lack, the texts get, or give, in proportion; the numbers stay as they are.
        scale = (self.width - NUMBER - each * count) / (texts - NUMBER)
        return [NUMBER, ACTIVITY * scale, *[each] * count, DOCUMENTS * scale, TIME * scale, OUTPUT * scale, NOTES * scale]

    def _edges(self) -> list[float]:
        edges = [0.0]
        for width in self._widths:
            edges.append(edges[-1] + width)
        return edges

    def _text_columns(self) -> list[int]:
        after = 2 + len(self.columns)
        return [0, 1, *range(after, after + 4)]

    def _row_texts(self, row: Row) -> list[Paragraph]:
        texts = (str(row.number), row.activity, "; ".join(row.documents), row.time, row.output, "; ".join(row.notes))
        return [paragraph(text, SMALL) for text in texts]

    def _row_height(self, texts: Sequence[Paragraph]) -> float:
        widths = [self._widths[column] - 2 * PADDING for column in self._text_columns()]
        natural = max(text.wrap(width, ROW_MAX)[1] for text, width in zip(texts, widths, strict=True))
        return min(ROW_MAX, max(ROW_MIN, natural + 2 * PADDING))

    # Drawing

    def _draw_head(self, edges: Sequence[float], top: float) -> None:
        first, last, bottom = 2, 2 + len(self.columns), top - sum(HEAD_ROWS)
        spans = (
            ("no", 0, 1, top, bottom),
            ("activity", 1, 2, top, bottom),
            ("performers", first, last, top, top - HEAD_ROWS[0]),
            ("quality", last, last + 3, top, top - HEAD_ROWS[0]),
            ("documents", last, last + 1, top - HEAD_ROWS[0], bottom),
            ("time", last + 1, last + 2, top - HEAD_ROWS[0], bottom),
            ("output", last + 2, last + 3, top - HEAD_ROWS[0], bottom),
            ("notes", last + 3, last + 4, top, bottom),
        )
        for key, left, right, upper, lower in spans:
            self._draw_title(words.pick(TEXTS[key], self.language), edges[left], edges[right], upper, lower)
        size = self._head_size()
        for place, name in enumerate(self.columns, first):
            self._draw_title(name, edges[place], edges[place + 1], top - HEAD_ROWS[0], bottom, size)

    def _head_size(self) -> float:
        """Returns the size at which no word of any performer is broken, the smallest if there is none."""
        found = [word for name in self.columns for word in name.split()]
        room = self._widths[2] - 3
        fitting = (size for size in HEAD_SIZES if all(pdfmetrics.stringWidth(word, BOLD, size) <= room for word in found))
        return next(fitting, HEAD_SIZES[-1])

    def _draw_title(self, text: str, left: float, right: float, upper: float, lower: float, size: float = HEAD_SIZES[0]) -> None:
        room = right - left - 2
        title = paragraph(text, size, bold=True, centred=True)
        height = title.wrap(room, upper - lower)[1]
        self.canv.rect(left, lower, right - left, upper - lower)
        title.drawOn(self.canv, left + 1, lower + (upper - lower - height) / 2)

    def _draw_row(self, row: Row, texts: Sequence[Paragraph], edges: Sequence[float], top: float, height: float) -> None:
        bottom = top - height
        for column, text in zip(self._text_columns(), texts, strict=True):
            left, width = edges[column], self._widths[column]
            self.canv.rect(left, bottom, width, height)
            frame = KeepInFrame(width - 2 * PADDING, height - 2 * PADDING, [text], mode="shrink")
            drawn = frame.wrapOn(self.canv, width - 2 * PADDING, height - 2 * PADDING)[1]
            frame.drawOn(self.canv, left + PADDING, top - PADDING - drawn)
        for place in range(2, 2 + len(self.columns)):
            self.canv.line(edges[place], bottom, edges[place], top)
        self.canv.saveState()
        self.canv.setStrokeGray(GREY)
        self.canv.line(edges[2], bottom, edges[2 + len(self.columns)], bottom)
        self.canv.restoreState()
        for place, cell in enumerate(row.cells, 2):
            self._draw_cell(cell, edges[place], bottom, self._widths[place], height)

    def _draw_cell(self, cell: Cell, left: float, bottom: float, width: float, height: float) -> None:
        self.canv.saveState()
        self.canv.translate(left, bottom)
        self.canv.setLineWidth(0.7)
        for line in cell.lines:
            across, up = width / 100, height / 100
            self.canv.line(line.x1 * across, height - line.y1 * up, line.x2 * across, height - line.y2 * up)
        if cell.shape:
            self.canv.translate(width / 2, height / 2)
            self._draw_shape(cell, min(SHAPE_WIDTH_MAX, width - 1.5 * mm) / 2, HALF_HEIGHTS[cell.shape])
        self.canv.restoreState()

    def _draw_shape(self, cell: Cell, wide: float, high: float) -> None:
        self.canv.setFillGray(1)
        if cell.shape == "decision":
            self._draw_polygon((0, high), (wide, 0), (0, -high), (-wide, 0))
        else:
            radius = high if cell.shape == "terminal" else 0
            self.canv.roundRect(-wide, -high, 2 * wide, 2 * high, radius, fill=1)
        if cell.may_find:
            self.canv.circle(wide * 0.9, -high * 1.05, CIRCLE, fill=1)
        self.canv.setFillGray(0)
        if cell.may_find:
            self.canv.setFont(BOLD, 4.5)
            self.canv.drawCentredString(wide * 0.9, -high * 1.05 - 1.6, "P")
        if cell.from_above:
            self._draw_polygon((0, high), (ARROW / 2, high + ARROW), (-ARROW / 2, high + ARROW))
        if cell.from_left:
            self._draw_polygon((-wide, 0), (-wide - ARROW, ARROW / 2), (-wide - ARROW, -ARROW / 2))
        if cell.from_right:
            self._draw_polygon((wide, 0), (wide + ARROW, ARROW / 2), (wide + ARROW, -ARROW / 2))

    def _draw_polygon(self, *points: tuple[float, float]) -> None:
        path = self.canv.beginPath()
        path.moveTo(*points[0])
        for point in points[1:]:
            path.lineTo(*point)
        path.close()
        self.canv.drawPath(path, fill=1)
