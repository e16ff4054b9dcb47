"""An application's code: twelve random characters and a check character, readable aloud, one spelling only.

The alphabet is Crockford's base32 (no I, L, O, U). The check character makes the sum of all thirteen symbols, each multiplied by a power
of a primitive element of GF(32), equal to zero: every weight differs and none is zero, so any single substitution and any swap of two
different neighbours changes the sum (a Reed-Solomon code of distance two has no blind spot for either).
"""

import re
from functools import lru_cache
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX: Final = "PKY"
RANDOM_CHARACTERS: Final = 12
CODE_PATTERN: Final = r"^PKY-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]$"

_FIELD_POLYNOMIAL: Final = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_LOOKALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_SEPARATORS: Final = "-\u2013\u2014._/"  # hyphen, the dashes that text programs make of it, dot, underscore, slash
_SHAPE: Final = re.compile(CODE_PATTERN)


class CodeError(ValueError):
    """A code that cannot be one of ours.

    `reason` is `length`, `character` or `check`; `index` is the place of a character that cannot occur.
    """

    def __init__(self, reason: str, index: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.index = index


def _times_alpha(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FIELD_POLYNOMIAL if doubled & 0b100000 else doubled


def _check_character(symbols: str) -> str:
    # Horner's rule: the first symbol gets the highest power of alpha, the check character the power zero.
    total = 0
    for character in symbols:
        total = _times_alpha(total) ^ _VALUES[character]
    return ALPHABET[_times_alpha(total)]


def make_code(random_bits: int) -> str:
    """Returns the code of 60 random bits, for example `PKY-7K3M-9QXT-4D2H-9`."""
    if not 0 <= random_bits < 1 << (5 * RANDOM_CHARACTERS):
        raise ValueError(f"a code is made of {5 * RANDOM_CHARACTERS} bits")
    symbols = "".join(ALPHABET[random_bits >> shift & 31] for shift in range(5 * (RANDOM_CHARACTERS - 1), -1, -5))
    return _grouped(symbols + _check_character(symbols))


def _grouped(symbols: str) -> str:
    return f"{PREFIX}-{symbols[:4]}-{symbols[4:8]}-{symbols[8:12]}-{symbols[12:]}"


@lru_cache(maxsize=16_384)
def is_code(text: str) -> bool:
    """Says whether the text is a code in its one canonical spelling with the right check character."""
    if not _SHAPE.fullmatch(text):
        return False
    symbols = text[len(PREFIX) + 1 :].replace("-", "")
    return _check_character(symbols[:-1]) == symbols[-1]


def parse_code(typed: str) -> str:
    """Returns the canonical code of what somebody typed: any case, spacing and grouping, look-alike letters forgiven.

    Raises `CodeError` with the reason and, for a character that no code has, its index in the typed text.
    """
    symbols = []
    for index, character in enumerate(typed):
        if character.isspace() or character in _SEPARATORS:
            continue
        plain = character.upper().translate(_LOOKALIKES)
        if plain not in _VALUES:
            raise CodeError("character", index)
        symbols.append(plain)
    if len(symbols) == len(PREFIX) + RANDOM_CHARACTERS + 1 and "".join(symbols[: len(PREFIX)]) == PREFIX:
        symbols = symbols[len(PREFIX) :]
    if len(symbols) != RANDOM_CHARACTERS + 1:
        raise CodeError("length")
    text = "".join(symbols)
    if _check_character(text[:-1]) != text[-1]:
        raise CodeError("check")
    return _grouped(text)
