"""What the warehouse refuses, in Redshift's words where it has some.

RedshiftError            the statement failed
├── LoadError            a COPY failed, and at which file
├── NotSupportedError    Redshift has it and this warehouse has not: it is refused by name
└── ParameterError       the statement and its parameters do not fit each other: it is not even begun
"""


class RedshiftError(Exception):
    """The statement failed; the message is what a client is shown.

    Attributes:
        number: Of the statement in its batch, from 1; the engine sets it.
    """

    number: int = 1


class LoadError(RedshiftError):
    """A COPY failed at a file."""

    def __init__(self, filename: str, reason: str) -> None:
        """Name the file, as a URL, and say why."""
        super().__init__(filename, reason)
        self.filename = filename
        self.reason = reason

    def __str__(self) -> str:
        """Name the file first."""
        return f"`{self.filename}`: {self.reason}"


class NotSupportedError(RedshiftError):
    """Redshift has it and this warehouse has not."""

    def __init__(self, feature: str) -> None:
        """Name what is not supported."""
        super().__init__(feature)
        self.feature = feature

    def __str__(self) -> str:
        """Say what is refused, and that nothing was done."""
        return f"not supported by this warehouse, and nothing was done: {self.feature}"


class ParameterError(RedshiftError):
    """A parameter is missing, or nothing uses it."""
