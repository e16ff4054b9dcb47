"""Chance that can be repeated: every draw is a pure function of the seed and of what it is about, never of time or order."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
BITS = 64


def chance(seed: int, *about: object) -> float:
    """Returns a number from 0 up to 1 that depends on the seed and on what it is about alone."""
    text = "\n".join(str(part) for part in (seed, *about))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[: BITS // 8], "big") / (1 << BITS)


def between(lowest: int, highest: int, drawn: float) -> int:
    """Returns the integer from `lowest` to `highest` that a draw stands for."""
    return lowest + int(drawn * (highest - lowest + 1))


def one_of(choices: Sequence[T], drawn: float) -> T:
    """Returns the choice that a draw stands for."""
    return choices[int(drawn * len(choices))]


def weighted(choices: Sequence[tuple[T, float]], drawn: float) -> T:
    """Returns the choice that a draw stands for; each has its share, and the last one what is left."""
    for choice, share in choices:
        if drawn < share:
            return choice
        drawn -= share
    return choices[-1][0]


def digest(*about: object) -> str:
    """Returns 64 hexadecimal digits that depend on what they are about: they stand for a document that nobody wrote."""
    return hashlib.sha256("\n".join(str(part) for part in about).encode()).hexdigest()
