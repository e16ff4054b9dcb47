"""The zip file around a bundle: written always with the same bytes, and read within bounds whatever somebody has put into it."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from shared.proof.errors import ProofError

# The names that a bundle may hold; any other, and so every path that climbs, is refused before anything is unpacked.
_NAME: Final = re.compile(
    r"manifest\.json|checkpoint|log\.vkey|entries\.ndjson|states\.json|index\.html|receipts/[1-9][0-9]{0,14}\.tlog-proof"
)
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 1
_WRITTEN: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_MODE: Final = 0o644 << 16
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read at most: bytes of the file, members, bytes of one member and of all together once unpacked."""

    file_bytes: int = 256 * 1024 * 1024
    members: int = 25_000
    member_bytes: int = 128 * 1024 * 1024
    all_bytes: int = 512 * 1024 * 1024


DEFAULT_LIMITS: Final = Limits()


def pack(members: Mapping[str, bytes]) -> bytes:
    """Returns the members as a zip file, the same bytes for the same members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _WRITTEN)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, _UNIX, _MODE
            opened.writestr(info, members[name])
    return file.getvalue()


def unpack(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """Returns the members of a bundle's zip file.

    Raises `ProofError`: `too-large`, `broken-zip`, `wrong-name`, `duplicate-name`, `encrypted`, `unknown-packing`.
    """
    if len(raw) > limits.file_bytes:
        raise ProofError("too-large", f"the file has more than {limits.file_bytes} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as opened:
            listed = opened.infolist()
            _check_listed(listed, limits)
            return _read(opened, listed, limits)
    except ProofError:
        raise
    except _BROKEN as error:
        raise ProofError("broken-zip", f"no whole zip file ({type(error).__name__})") from None


def _check_listed(listed: Iterable[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuses what the directory of a zip file says; what it leaves unsaid, or says wrongly, shows while reading."""
    seen: set[str] = set()
    total = 0
    for number, info in enumerate(listed, 1):
        name = info.orig_filename
        if number > limits.members:
            raise ProofError("too-large", f"more than {limits.members} members")
        if _NAME.fullmatch(name) is None:
            raise ProofError("wrong-name", f"member {number}: a bundle has no member of the name {name[:80]!a}")
        if name in seen:
            raise ProofError("duplicate-name", f"{name} is there twice")
        seen.add(name)
        if info.flag_bits & _ENCRYPTED:
            raise ProofError("encrypted", f"{name} is encrypted")
        if info.compress_type not in _METHODS:
            raise ProofError("unknown-packing", f"{name} is packed by method {info.compress_type}")
        total += info.file_size
        if info.file_size > limits.member_bytes or total > limits.all_bytes:
            raise ProofError("too-large", f"{name} says {info.file_size} bytes; one member has at most {limits.member_bytes}")


def _read(opened: zipfile.ZipFile, listed: Iterable[zipfile.ZipInfo], limits: Limits) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    left = limits.all_bytes
    for info in listed:
        with opened.open(info) as member:
            # One byte more than it says, so that a member that is larger than it says shows without being unpacked.
            data = member.read(min(info.file_size, left) + 1)
        if len(data) != info.file_size:
            raise ProofError(
                "too-large" if len(data) > info.file_size else "broken-zip", f"{info.orig_filename} is not as large as it says"
            )
        members[info.orig_filename] = data
        left -= len(data)
    return members
