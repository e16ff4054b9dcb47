"""The files that are attached in a PDF, as a paper of the city carries its receipts."""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any, Final

from services.cli.errors import FINDING, JejakError

DEPTH_MAX: Final = 8
FILES_MAX: Final = 200


def attached_files(pdf: bytes, name: str) -> list[bytes]:
    """Returns the contents of the attached files, in the order of their names; raises `JejakError` for what is no PDF that can be read."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        root = PdfFileReader(BytesIO(pdf)).root
        return list(islice(_contents(_part(_part(root, "/Names", {}), "/EmbeddedFiles", {})), FILES_MAX))
    except (PdfError, KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise JejakError(FINDING, f"{name} cannot be read ({type(error).__name__}).", "Ask for the paper again.") from None


def _part(tree: Any, name: str, otherwise: Any) -> Any:  # noqa: ANN401 - any object of a PDF
    # The library follows a reference where something is asked for by its name or place, not in `get` and slices.
    return tree[name] if name in tree else otherwise  # noqa: SIM401 - see above


def _contents(tree: Any, depth: int = 0) -> Iterator[bytes]:  # noqa: ANN401 - a dictionary of a PDF
    """Yields the files of a name tree (ISO 32000-2, 7.9.6): names and files by turns, or further trees."""
    names, kids = _part(tree, "/Names", []), _part(tree, "/Kids", [])
    for place in range(1, len(names), 2):
        yield bytes(names[place]["/EF"]["/F"].data)
    for place in range(len(kids) if depth < DEPTH_MAX else 0):
        yield from _contents(kids[place], depth + 1)
