"""The flowchart of an SOP: who has a column, which shape stands where, and the lines between them, in fractions of each cell.

HTML and PDF draw the same plan. Lines run at right angles: down a lane of the column that they leave, along the top of the row that they
enter. Shapes are drawn over the lines, so that every line ends at the edge of its shape.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from shared.sop.model import Sop, Step

Shape = Literal["", "terminal", "process", "decision"]
APPLICANT: Final = ("", "pemohon")
SYSTEM: Final = ("", "sistem")
SYSTEM_ROLE: Final = "sistem"
START, END = "", "-"  # no step has these codes
# Kinds that decide something; the others do something.
DECISIONS: Final = frozenset({"completeness", "rule", "review", "decision"})
MAY_FIND: Final = frozenset({"rule", "review"})  # what they find goes back to the applicant
# Places within a cell, in hundredths of its width and height.
MIDDLE: Final = 50
TOP: Final = 9
BOTTOM: Final = 92
LANES: Final = (92, 8, 84, 16)  # beside the shapes, where the middle is taken

Column = tuple[str, str]
"""An agency (or outsider, or nobody) and a role."""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line within a cell, from one point to another, in hundredths of its width and height."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What is drawn in one column of one row: a shape or none, where arrows enter it, and the lines."""

    shape: Shape = ""
    from_above: bool = False
    from_left: bool = False
    from_right: bool = False
    may_find: bool = False
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """The whole plan: a row for the start, for each step and for the end, with a cell for each column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class _Node:
    row: int
    columns: tuple[int, ...]
    passes_on: bool
    """Says whether the case goes from the first column to the last, as from the payer to the treasurer, or they act together."""

    @property
    def leaves(self) -> int:
        return self.columns[-1] if self.passes_on else self.columns[0]


def plan(sop: Sop) -> Flow:
    """Returns the flowchart of an SOP."""
    acting = [performers(step) for step in sop.steps]
    columns = tuple(dict.fromkeys((APPLICANT, *(column for found in acting for column in found))))
    nodes = {START: _Node(0, (0,), passes_on=False), END: _Node(len(sop.steps) + 1, (0,), passes_on=False)}
    for row, (step, found) in enumerate(zip(sop.steps, acting, strict=True), 1):
        nodes[step.code] = _Node(row, tuple(columns.index(column) for column in found), passes_on=step.kind in ("payment", "outsider"))
    lines = _Lines(list(nodes.values()))
    edges = [(need, step.code) for step in sop.steps for need in step.needs or (START,)]
    for source, target in (*edges, (sop.decision_step.code, END)):
        lines.lead(nodes[source], nodes[target])
    for node in nodes.values():
        lines.join(node)
    steps = {nodes[step.code].row: step for step in sop.steps}
    by_row = {node.row: node for node in nodes.values()}
    rows = [tuple(_cell(by_row[row], column, steps.get(row), lines.drawn) for column in range(len(columns))) for row in range(len(by_row))]
    return Flow(columns, tuple(rows))


def performers(step: Step) -> tuple[Column, ...]:
    """Returns the columns in which a step is drawn, first the one that begins it."""
    if step.role == SYSTEM_ROLE:
        return (SYSTEM,)
    own = tuple((agency, step.role) for agency in dict.fromkeys(step.agencies))
    if step.kind == "payment":
        return (APPLICANT, own[0])
    return ((step.outsider, ""), own[0]) if step.kind == "outsider" else own


def _cell(node: _Node, column: int, step: Step | None, drawn: Mapping[tuple[int, int], Sequence[Line]]) -> Cell:
    lines = tuple(dict.fromkeys(drawn.get((node.row, column), ())))
    if column not in node.columns:
        return Cell(lines=lines)
    first = column == node.columns[0]
    receives = node.passes_on and not first
    return Cell(
        shape=_shape(step),
        from_above=first and node.row > 0,
        from_left=receives and node.columns[0] < column,
        from_right=receives and node.columns[0] > column,
        may_find=first and step is not None and step.kind in MAY_FIND,
        lines=lines,
    )


def _shape(step: Step | None) -> Shape:
    if step is None:
        return "terminal"
    return "decision" if step.kind in DECISIONS else "process"


class _Lines:
    """Finds a way for every line, so that none runs through a shape of another step."""

    def __init__(self, nodes: Sequence[_Node]) -> None:
        self.drawn: dict[tuple[int, int], list[Line]] = {}
        self._occupied = {(node.row, column) for node in nodes for column in node.columns}
        self._lanes: dict[tuple[int, int, int], int] = {}

    def lead(self, source: _Node, target: _Node) -> None:
        """Draws the line from one step to the next."""
        column, entered = source.leaves, target.columns[0]
        lane = self._lane(source.row, target.row, column)
        self._draw(source.row, column, MIDDLE, MIDDLE, MIDDLE, BOTTOM)
        self._draw(source.row, column, MIDDLE, BOTTOM, lane, BOTTOM)
        self._draw(source.row, column, lane, BOTTOM, lane, 100)
        for row in range(source.row + 1, target.row):
            self._draw(row, column, lane, 0, lane, 100)
        self._draw(target.row, column, lane, 0, lane, TOP)
        self._across(target.row, TOP, (column, lane), (entered, MIDDLE))
        self._draw(target.row, entered, MIDDLE, TOP, MIDDLE, MIDDLE)

    def join(self, node: _Node) -> None:
        """Draws the lines between those who act in one step, from each to the next."""
        for low, high in pairwise(sorted(node.columns)):
            self._across(node.row, MIDDLE, (low, MIDDLE), (high, MIDDLE))

    def _lane(self, begin: int, end: int, column: int) -> int:
        """Returns a lane that no other step's line has from one row to another; the middle only where no shape stands between."""
        passed = range(begin + 1, end)
        if not any((row, column) in self._occupied for row in passed):
            return MIDDLE
        free = (lane for lane in LANES if all(self._lanes.get((row, column, lane), begin) == begin for row in range(begin, end + 1)))
        lane = next(free, LANES[0])
        self._lanes |= {(row, column, lane): begin for row in range(begin, end + 1)}
        return lane

    def _across(self, row: int, height: int, one: tuple[int, int], other: tuple[int, int]) -> None:
        (first, x1), (last, x2) = sorted((one, other))
        for column in range(first, last + 1):
            self._draw(row, column, x1 if column == first else 0, height, x2 if column == last else 100, height)

    def _draw(self, row: int, column: int, x1: int, y1: int, x2: int, y2: int) -> None:
        if (x1, y1) != (x2, y2):
            self.drawn.setdefault((row, column), []).append(Line(x1, y1, x2, y2))
