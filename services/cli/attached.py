"""The files that are attached in a PDF, as a paper of the city carries its receipts."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from services.cli.errors import FINDING, JejakError

DEPTH_MAX: Final = 8
FILES_MAX: Final = 200


def attached_files(pdf: bytes, name: str) -> list[bytes]:
    """Returns the contents of the attached files, in the order of their names; raises `JejakError` for what is no PDF that can be read."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        names = PdfFileReader(BytesIO(pdf)).root.get("/Names", {})
        return [content for content, _ in zip(_contents(names.get("/EmbeddedFiles", {})), range(FILES_MAX), strict=False)]
    except (PdfError, KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise JejakError(FINDING, f"{name} cannot be read ({type(error).__name__}).", "Ask for the paper again.") from None


def _contents(tree: Any, depth: int = 0) -> Iterator[bytes]:  # noqa: ANN401 - a dictionary of a PDF
    """Yields the files of a name tree (ISO 32000-2, 7.9.6): names and files by turns, or further trees."""
    for specification in tree.get("/Names", [])[1::2]:
        yield bytes(specification.get_object()["/EF"]["/F"].data)
    if depth < DEPTH_MAX:
        for kid in tree.get("/Kids", []):
            yield from _contents(kid.get_object(), depth + 1)
