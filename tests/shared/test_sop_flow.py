"""The flowchart of an SOP: everybody who acts has a column, every line leads somewhere, and none runs through another step's shape."""

from hypothesis import given

from shared.sop.model import Sop
from shared.web.sop_flow import APPLICANT, BOTTOM, MIDDLE, SYSTEM, TOP, Flow, Line, plan
from tests.builders import PBG, REKLAME, SKP, catalogue
from tests.sops import rewritten, second_version, with_step
from tests.strategies import QUICK

SOPS = catalogue()
Place = tuple[int, int, int]
"""A row, and a point in hundredths: x over all columns, y within the row."""


def shapes(flow: Flow) -> list[list[int]]:
    """Returns in which columns each row has a shape."""
    return [[column for column, cell in enumerate(row) if cell.shape] for row in flow.rows]


def reached(flow: Flow) -> set[tuple[int, int]]:
    """Returns the shapes, by row and column, that a line connects with the start; a line goes on where another touches its end."""
    lines = [
        ((row, column * 100 + line.x1, line.y1), (row, column * 100 + line.x2, line.y2))
        for row, cells in enumerate(flow.rows)
        for column, cell in enumerate(cells)
        for line in cell.lines
    ]
    known, before = {(0, MIDDLE, MIDDLE)}, -1
    while len(known) > before:
        before = len(known)
        for line in lines:
            if any(_touches(place, line) for place in known):
                known |= {end if end[2] < 100 else (end[0] + 1, end[1], 0) for end in line}
    return {(row, x // 100) for row, x, y in known if y == MIDDLE and x % 100 == MIDDLE}


def _touches(place: Place, line: tuple[Place, Place]) -> bool:
    (row, x1, y1), (_, x2, y2) = line
    return place[0] == row and min(x1, x2) <= place[1] <= max(x1, x2) and min(y1, y2) <= place[2] <= max(y1, y2)


def test_everybody_who_acts_has_a_column() -> None:
    """The applicant comes first, the system once, then each role of each agency in the order of the steps."""
    assert plan(SOPS[SKP]).columns == (APPLICANT, SYSTEM, ("kesbangpol", "verifikator"), ("dpmptsp", "pejabat-penerbit"))
    assert plan(SOPS[REKLAME]).columns[4:6] == (("pupr", "petugas-lapangan"), ("dishub", "petugas-lapangan"))


def test_every_step_has_its_row_between_start_and_end() -> None:
    """A joint visit has a shape for each agency, a payment one for the payer and one for the treasurer."""
    flow = plan(SOPS[REKLAME])
    assert [len(found) for found in shapes(flow)] == [1, 1, 1, 1, 2, 1, 2, 1, 1]
    assert [cell.shape for cell in flow.rows[0]] == ["terminal", *[""] * (len(flow.columns) - 1)]
    payer, treasurer = (flow.rows[6][column] for column in shapes(flow)[6])
    assert payer.from_above
    assert treasurer.from_left
    assert not treasurer.from_above


def test_parallel_reviews_hang_on_one_line_and_come_together() -> None:
    """From the completeness check a single line leads to each of the four reviews."""
    flow = plan(SOPS[PBG])
    registrar = flow.columns.index(("dpmptsp", "petugas-pendaftaran"))
    for row in range(3, 6):
        assert Line(MIDDLE, 0, MIDDLE, TOP) in flow.rows[row][registrar].lines


def test_an_outsider_has_a_column_of_its_own() -> None:
    """Who is waited for does the step; the agency records the result."""
    flow = plan(with_step(SOPS[REKLAME], "lalin", kind="outsider", outsider="laboratorium"))
    assert ("laboratorium", "") in flow.columns
    row = flow.rows[3]
    assert row[flow.columns.index(("laboratorium", ""))].from_above
    assert row[flow.columns.index(("dishub", "verifikator"))].shape == "process"


def test_a_line_passes_beside_the_shapes_of_its_column() -> None:
    """Where a column has other steps in between, the line takes another lane, and two lines do not share one."""
    flow = plan(SOPS[SKP])
    system = flow.columns.index(SYSTEM)
    assert Line(92, 0, 92, 100) in flow.rows[2][system].lines
    assert Line(MIDDLE, BOTTOM, 8, BOTTOM) in flow.rows[2][system].lines


@QUICK
@given(rewritten())
def test_every_shape_is_reached(sop: Sop) -> None:
    """Following the lines from the start, every step and the end are reached."""
    flow = plan(sop)
    drawn = {(row, column) for row, columns in enumerate(shapes(flow)) for column in columns}
    assert drawn <= reached(flow)


@QUICK
@given(rewritten())
def test_no_line_runs_through_a_shape(sop: Sop) -> None:
    """A line through the middle of a cell with a shape belongs to that shape: it begins or ends there."""
    for row in plan(sop).rows:
        for cell in row:
            if cell.shape:
                assert not any(line.x1 == line.x2 == MIDDLE and {line.y1, line.y2} == {0, 100} for line in cell.lines)


def test_the_second_version_can_be_drawn() -> None:
    """A joint review is drawn in both agencies' columns, with a line between them."""
    flow = plan(second_version())
    assert [len(found) for found in shapes(flow)] == [1, 1, 2, 1, 2, 1, 1]
