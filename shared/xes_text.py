"""Feeds an XML parser from bytes that nobody vouches for: bounded, UTF-8 only, without DTDs, every refusal with its place."""

import codecs
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Final, Literal
from xml.parsers import expat

XesCode = Literal[
    "xes-bad-time",
    "xes-bad-value",
    "xes-damaged",
    "xes-duplicate-attribute",
    "xes-duplicate-case",
    "xes-entity",
    "xes-no-activity",
    "xes-no-case-name",
    "xes-not-gzip-or-xml",
    "xes-not-utf8",
    "xes-not-xes",
    "xes-not-xml",
    "xes-nul",
    "xes-too-large",
    "xes-trailing",
    "xes-truncated",
]

_CHUNK_BYTES: Final = 1 << 16
_EXPANSION_COUNTS_FROM_BYTES: Final = 1 << 20  # a short log of many equal lines may well be all repetition
_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_WINDOW_BITS: Final = 31
_BLANKS: Final = " \t\r\n"
_TRUNCATED: Final = "The file ends before the log does: fetch the whole file again."
_EXPAT_CODES: Final[Mapping[int, tuple[XesCode, str]]] = {
    3: ("xes-truncated", _TRUNCATED),  # no element found
    5: ("xes-truncated", _TRUNCATED),  # unclosed token
    9: ("xes-trailing", "Something follows the end of the log: save the log alone in its file."),
    11: ("xes-entity", "The file uses an entity, which could hide anything: save the log without a DTD and entities."),
    20: ("xes-truncated", _TRUNCATED),  # unclosed CDATA section
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a log may ask for; whoever trusts a bigger one passes bigger limits."""

    text_bytes: int = 128 << 20  # of the file, and of its text
    expansion: int = 200  # bytes of text per byte of the file; honest logs have about 20
    cases: int = 200_000
    events: int = 1_000_000
    depth: int = 32
    tag_bytes: int = 1 << 20  # of one tag or comment: the parser holds it whole until it ends
    value_characters: int = 16_384


class XesError(Exception):
    """A file that is no readable log: `code` is stable, `sentence` plain, the place counts from 1 in the uncompressed text."""

    def __init__(self, code: XesCode, sentence: str, line: int, column: int) -> None:
        # No value of the file enters the sentence: it may describe a person, and sentences reach logs.
        super().__init__(code, sentence, line, column)
        self.code = code
        self.sentence = sentence
        self.line = line
        self.column = column

    def __str__(self) -> str:
        """Returns the sentence with its place in front."""
        return f"line {self.line}, column {self.column}: {self.sentence}"


class _File:
    """The file's own bytes as they come, counted and hashed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.length = 0

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._stream.read(_CHUNK_BYTES):
            # A pipe may give a single byte first, too few to tell gzip by.
            whole = chunk if self.length or len(chunk) > 1 else chunk + self._stream.read(_CHUNK_BYTES)
            self._hash.update(whole)
            self.length += len(whole)
            yield whole

    def sha256(self) -> str:
        return self._hash.hexdigest()


def _unzipped(chunks: Iterable[bytes], fail: Callable[[XesCode, str], XesError]) -> Iterator[bytes]:
    member = zlib.decompressobj(wbits=_GZIP_WINDOW_BITS)
    for chunk in chunks:
        data, piece = chunk, b""
        while data or len(piece) == _CHUNK_BYTES:
            if data and member.eof:
                # A second gzip member is refused too: exporters write one, and empty members cost time without giving text.
                raise fail("xes-trailing", "Something follows the end of the compressed log: save the log alone in its file.")
            try:
                piece = member.decompress(data, _CHUNK_BYTES)
            except zlib.error as error:
                raise fail("xes-damaged", "The compressed file is damaged here: fetch it again.") from error
            data = member.unused_data or member.unconsumed_tail
            yield piece
    if not member.eof:
        raise fail("xes-truncated", "The compressed file ends too early: fetch the whole file again.")


class XesText:
    """Reads a stream as XML and reports each tag's start (its name as `namespace name`, its fields) and end."""

    def __init__(self, limits: Limits, on_start: Callable[[str, dict[str, str]], None], on_end: Callable[[], None]) -> None:
        self._limits = limits
        self._on_start = on_start
        self._on_end = on_end
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._line, self._column = 1, 1  # just behind the text so far
        self._started = False
        self._parsed_bytes = 0
        self.depth = 0
        self._parser = expat.ParserCreate("utf-8", " ")
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, stream: BinaryIO) -> str:
        """Reads all of the stream and returns the SHA-256 of its bytes; raises `XesError`."""
        file = _File(stream)
        chunks = iter(file)
        first = next(chunks, b"")
        chunks = chain([first], chunks) if first else chunks
        limit, text_bytes = self._limits.text_bytes, 0
        for piece in _unzipped(chunks, self._after) if first.startswith(_GZIP_MAGIC) else chunks:
            text_bytes += len(piece)
            if max(text_bytes, file.length) > limit:
                raise self._after("xes-too-large", f"The log has more than {limit} bytes: split it or raise the limit.")
            if text_bytes > max(_EXPANSION_COUNTS_FROM_BYTES, self._limits.expansion * file.length):
                sentence = f"The file unpacks to more than {self._limits.expansion} times its size: check its origin or raise the limit."
                raise self._after("xes-too-large", sentence)
            self._decode(piece, final=False)
        self._decode(b"", final=True)
        if not self._started:
            raise self._after("xes-not-gzip-or-xml", "The file is empty: choose an XES log.")
        self._parse(b"", final=True)
        return file.sha256()

    def where(self) -> tuple[int, int]:
        """Returns the line and column of the tag that is being reported."""
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def here(self, code: XesCode, sentence: str) -> XesError:
        """Returns the error at the tag that is being reported."""
        return XesError(code, sentence, *self.where())

    def _after(self, code: XesCode, sentence: str) -> XesError:
        return XesError(code, sentence, self._line, self._column)

    def _decode(self, data: bytes, *, final: bool) -> None:
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            self._accept(error.object[: error.start].decode())
            if final:
                raise self._after("xes-truncated", _TRUNCATED) from error
            raise self._after("xes-not-utf8", "The text is not UTF-8 here: save the log in UTF-8.") from error
        self._accept(text)

    def _accept(self, text: str) -> None:
        text, nul, _ = text.partition("\0")
        if not self._started and (beginning := text.lstrip("\ufeff" + _BLANKS)):
            if not beginning.startswith("<"):
                sentence = "The file is neither XML nor XML compressed once with gzip: choose an XES log."
                raise self._after("xes-not-gzip-or-xml", sentence)
            self._started = True
        newline = text.rfind("\n")
        self._line += text.count("\n")
        self._column = len(text) - newline if newline >= 0 else self._column + len(text)
        self._parse(text.encode(), final=False)
        if nul:
            raise self._after("xes-nul", "The text holds a NUL byte, so it is damaged or no log: fetch it again.")

    def _parse(self, data: bytes, *, final: bool) -> None:
        self._parsed_bytes += len(data)
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            code, sentence = _EXPAT_CODES.get(error.code, ("xes-not-xml", "The file is not well-formed XML here: export the log again."))
            if code == "xes-truncated":
                raise self._after(code, sentence) from error
            raise XesError(code, sentence, error.lineno, error.offset + 1) from error
        if not final and self._parsed_bytes - self._parser.CurrentByteIndex > self._limits.tag_bytes:
            raise self.here("xes-too-large", f"A tag has more than {self._limits.tag_bytes} bytes: correct it or raise the limit.")

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in {"utf-8", "us-ascii"}:
            raise self.here("xes-not-utf8", "The file says that its text is not UTF-8: save the log in UTF-8.")

    def _doctype(self, _name: str, _system: str | None, _public: str | None, _internal: int) -> None:
        # No log needs a DTD, and without one no entity can grow or point outside.
        raise self.here("xes-entity", "The file has a DTD, which could hide anything: save the log without a DTD and entities.")

    def _characters(self, text: str) -> None:
        if text.strip(_BLANKS):
            raise self.here("xes-not-xes", "Text stands between the tags, where a log has none: export the log as standard XES.")

    def _start(self, name: str, fields: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > self._limits.depth:
            raise self.here("xes-too-large", f"Tags stand more than {self._limits.depth} deep: flatten the log or raise the limit.")
        self._on_start(name, fields)

    def _end(self, _name: str) -> None:
        self.depth -= 1
        self._on_end()
