"""Values that stand for personal data and can be found again, and the search that finds them in whatever form they got out."""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

CORE_CHARACTERS: Final = 12
NUMBERS_MAX: Final = 10_000
HEX_CHARACTERS: Final = 64
BASE64_CHARACTERS: Final = 43
_HEX_DIGEST: Final = re.compile(rb"[0-9a-fA-F]{64,}")
_BASE64_DIGEST: Final = re.compile(rb"[A-Za-z0-9_+/-]{43,}")  # a digest in hex is one of these, too
# In so many bytes each run of 43 characters has seven that are looked at: ten times faster than looking at every byte.
STRIDE: Final = 6
_SAMPLED_RUN: Final = re.compile(rb"[A-Za-z0-9_+/-]{7,}")
# PostgreSQL's binary form of a value of 32 bytes.
_RAW_DIGEST: Final = re.compile(rb"\x00\x00\x00\x20(.{32})", re.DOTALL)
_URL_ALPHABET: Final = bytes.maketrans(b"+/", b"-_")


@dataclass
class Canaries:
    """Makes the values of one run: each has the same digits in it, by which all are found, and a number of its own.

    Digits are the same in upper and lower case, so that few forms have to be looked for in much data.
    """

    core: str = field(default_factory=lambda: f"6271{secrets.randbelow(10**8):08}")
    digests: set[bytes] = field(default_factory=set)
    count: int = 0

    def _next(self) -> str:
        self.count += 1
        return f"Kenari{self.core}n{self.count:06}"

    def text(self, begin: str) -> str:
        """Returns words of a person, with characters that each encoding writes differently."""
        return self._made(f"{begin} é/{self._next()}")

    def slug(self) -> str:
        """Returns a code that hides words."""
        return self._made(self._next().lower())

    def email(self) -> str:
        """Returns an address of mail."""
        return self._made(f"{self._next()}@contoh.id")

    def nik(self, number: int) -> str:
        """Returns a NIK of nobody."""
        return self._made(f"{self.core}{number % NUMBERS_MAX:04}")

    def phone(self, number: int) -> str:
        """Returns a telephone number of nobody."""
        return self._made(f"+{self.core}{number % NUMBERS_MAX:03}")

    def document(self) -> str:
        """Returns the SHA-256 of a document that holds a canary, as the doors take it."""
        digest = hashlib.sha256(self.text("isi dokumen").encode()).hexdigest()
        return self._made(digest)

    def request(self, path: str, raw: bytes) -> None:
        """Notes a whole body: its plain digest would let who knows the rest of it try out every NIK."""
        for seen in (raw, path.encode() + b"\n" + raw):
            if self.core.encode() in seen:
                self.digests.add(hashlib.sha256(seen).digest())

    def _made(self, value: str) -> str:
        for form in {value, value.lower(), value.upper()}:
            self.digests.add(hashlib.sha256(form.encode()).digest())
        return value

    @cached_property
    def _needles(self) -> dict[bytes, str]:
        core = self.core
        found = {
            core: "plain",
            core.encode().hex(): "hex",
            "".join(f"\\u{ord(digit):04x}" for digit in core): "unicode-escaped",
            "".join(f"%{ord(digit):02x}" for digit in core): "url-encoded",
            "".join(f"&#{ord(digit)};" for digit in core): "html-escaped",
            "\0".join(core): "utf-16",
        }
        for before in range(3):
            # Each of the three places where the core can begin; the characters at both ends depend on what stands beside it.
            whole = base64.b64encode(bytes(before) + core.encode()).decode().rstrip("=")
            found[whole[(0, 2, 3)[before] : (before + CORE_CHARACTERS) * 4 // 3]] = "base64"
        return {needle.encode(): name for needle, name in found.items()}

    def found_in(self, blob: bytes) -> set[str]:
        """Returns the names of the forms in which a canary stands in the bytes."""
        found = {name for needle, name in self._needles.items() if needle in blob}
        if any(digest in self.digests for digest in _digests(blob)):
            found.add("plain digest")
        return found


def _digests(blob: bytes) -> Iterator[bytes]:
    """Yields whatever in the bytes can be a SHA-256: in hex, in base64, or as a value of 32 bytes."""
    for sampled in _SAMPLED_RUN.finditer(blob[::STRIDE]):
        around = blob[max(0, (sampled.start() - 1) * STRIDE) : (sampled.end() + 1) * STRIDE]
        for match in _BASE64_DIGEST.finditer(around):
            yield from _in_base64(match[0].translate(_URL_ALPHABET).decode())
            for run in _HEX_DIGEST.findall(match[0]):
                yield from _in_hex(run.decode())
    yield from (match[1] for match in _RAW_DIGEST.finditer(blob))


def _in_base64(run: str) -> Iterator[bytes]:
    for at in range(len(run) - BASE64_CHARACTERS + 1):
        yield base64.urlsafe_b64decode(run[at : at + BASE64_CHARACTERS] + "=")


def _in_hex(run: str) -> Iterator[bytes]:
    for at in range(len(run) - HEX_CHARACTERS + 1):
        yield bytes.fromhex(run[at : at + HEX_CHARACTERS])
