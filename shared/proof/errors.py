"""The one error of the proofs."""


class ProofError(ValueError):
    """Bytes that are not what they should be, or prove nothing; `code` is stable, `detail` says where, never what a secret is."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
