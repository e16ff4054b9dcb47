"""An application's code: every mistyped character and every swap of neighbours is caught, and what people type is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.code import ALPHABET, PREFIX, RANDOM_CHARACTERS, CodeError, is_code, make_code, parse_code
from tests.strategies import QUICK, codes

CODE = make_code(0x123456789ABCDEF)
PLACES = [index for index, character in enumerate(CODE) if index > len(PREFIX) and character != "-"]


def refusal(typed: str) -> CodeError:
    """Returns why a text is no code."""
    with pytest.raises(CodeError) as caught:
        parse_code(typed)
    return caught.value


@QUICK
@given(codes)
def test_made_codes_are_codes(code: str) -> None:
    """A made code is a code and is understood as itself."""
    assert is_code(code)
    assert parse_code(code) == code


def test_known_codes_stay_the_same() -> None:
    """The codes of some bits are pinned, so that the check character never changes."""
    assert make_code(0) == "PKY-0000-0000-0000-0"
    assert make_code(1) == "PKY-0000-0000-0001-2"
    assert make_code(2**60 - 1) == "PKY-ZZZZ-ZZZZ-ZZZZ-R"
    assert is_code("PKY-36BS-2WSW-K54E-F")


@pytest.mark.parametrize("bits", [-1, 2**60])
def test_a_code_is_made_of_sixty_bits(bits: int) -> None:
    """Other numbers of bits make no code."""
    with pytest.raises(ValueError, match="60 bits"):
        make_code(bits)


@QUICK
@given(codes)
def test_every_single_substitution_is_caught(code: str) -> None:
    """No other character in any one place gives a code, the check character included."""
    for place in PLACES:
        others = [code[:place] + character + code[place + 1 :] for character in ALPHABET if character != code[place]]
        assert not any(is_code(other) for other in others)


@QUICK
@given(codes)
def test_every_swap_of_neighbours_is_caught(code: str) -> None:
    """Two different neighbours swapped give no code, across a hyphen as well."""
    symbols = code.removeprefix(PREFIX).replace("-", "")
    for place in range(RANDOM_CHARACTERS):
        first, second = symbols[place], symbols[place + 1]
        swapped = symbols[:place] + second + first + symbols[place + 2 :]
        if first != second:
            assert refusal(swapped).reason == "check"


@QUICK
@given(codes, st.sampled_from([str.lower, str.upper, str.title]), st.sampled_from(["", " ", "-", "  ", "\u2013", ".", "_", "\t", "/"]))
def test_case_and_spacing_are_forgiven(code: str, spelling: object, separator: str) -> None:
    """Any case and grouping is understood, with the prefix and without it."""
    typed = spelling(code.replace("-", separator))  # type: ignore[operator]  # one of three methods of str
    assert parse_code(typed) == code
    assert parse_code(f"  {typed}\n") == code
    assert parse_code(typed[len(PREFIX) :]) == code


@QUICK
@given(codes)
def test_look_alikes_are_forgiven(code: str) -> None:
    """The letters that the alphabet leaves out are read as what they look like."""
    body = code[len(PREFIX) :]
    assert parse_code(body.replace("0", "o").replace("1", "l")) == code
    assert parse_code(body.replace("0", "O").replace("1", "I").replace("V", "u")) == code


def test_a_code_may_begin_like_its_prefix() -> None:
    """A code whose random part begins with the prefix is understood with the prefix and without it."""
    bits = sum(ALPHABET.index(character) << shift for character, shift in zip(PREFIX, (55, 50, 45), strict=True))
    code = make_code(bits)
    assert code.startswith("PKY-PKY0")
    assert parse_code(code) == parse_code(code.removeprefix("PKY-")) == code


@pytest.mark.parametrize(
    ("typed", "reason", "index"),
    [
        ("", "length", None),
        ("PKY", "length", None),
        (CODE[:-1], "length", None),
        (f"{CODE}0", "length", None),
        (CODE[:-1] + ("0" if CODE[-1] != "0" else "1"), "check", None),
        ("PKY-!000-0000-0000-0", "character", 4),
        ("  PKY-0?00-0000-0000-0", "character", 7),
        ("ß000-0000-0000-0", "character", 0),
        ("0ß00-000?-0000-0", "character", 1),
        ("0000-000\0-0000-0", "character", 8),
        ("0000-000٣-0000-0", "character", 8),
    ],
)
def test_the_reason_and_the_place_are_told(typed: str, reason: str, index: int | None) -> None:
    """A mistyped code is refused with its reason and, for a character that no code has, its place in what was typed."""
    error = refusal(typed)
    assert (error.reason, error.index) == (reason, index)


@QUICK
@given(st.text(max_size=30))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    """Whatever is typed is a code in its one spelling or a `CodeError`."""
    understood = understand(text)
    assert is_code(understood) or understood in ("length", "character", "check")
    assert is_code(text) == (text == understood)


def understand(text: str) -> str:
    """Returns the code that was typed, or why it is none."""
    try:
        return parse_code(text)
    except CodeError as error:
        return error.reason
