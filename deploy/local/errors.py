"""What the local stack tells a person when it cannot go on: one sentence and what to do next."""


class StackError(Exception):
    """The local stack cannot go on; both parts are sentences for the person at the keyboard."""

    def __init__(self, sentence: str, next_step: str) -> None:
        super().__init__(f"{sentence} {next_step}")
        self.sentence = sentence
        self.next_step = next_step
