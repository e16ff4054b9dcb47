"""The one way in which a command tells a person that it cannot go on."""

from typing import Final

FINDING: Final = 1
USAGE: Final = 2


class JejakError(Exception):
    """A command's end: one plain sentence, what to do next, and the exit code."""

    def __init__(self, code: int, sentence: str, next_step: str = "") -> None:
        super().__init__(f"{sentence} {next_step}".strip())
        self.code = code
        self.sentence = sentence
        self.next_step = next_step
