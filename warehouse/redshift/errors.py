"""What the warehouse refuses, in Redshift's words where it has some.

RedshiftError            the statement failed
└── NotSupportedError    Redshift has it and this warehouse has not: it is refused by name
"""


class RedshiftError(Exception):
    """The statement failed; the message is what a client is shown."""


class NotSupportedError(RedshiftError):
    """Redshift has it and this warehouse has not."""

    def __init__(self, feature: str) -> None:
        """Name what is not supported."""
        super().__init__(feature)
        self.feature = feature

    def __str__(self) -> str:
        """Say what is refused, and that nothing was done."""
        return f"not supported by this warehouse, and nothing was done: {self.feature}"
