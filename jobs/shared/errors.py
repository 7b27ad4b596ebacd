"""Why a job ends without a result: one line, and nothing written.

JobError
├── NoInputError       a folder of the lake that the job reads is not there
├── WrongInputError    it is there, and lacks a column or has one of another type
└── QualityError       rows break a rule that the result stands on
"""

from collections.abc import Sequence


class JobError(Exception):
    """The job cannot go on; nothing was written."""


class NoInputError(JobError):
    """A folder that the job reads is not there, or is empty."""

    def __init__(self, what: str, uri: str) -> None:
        """Keep what it should hold, and where."""
        super().__init__(what, uri)
        self.what = what
        self.uri = uri

    def __str__(self) -> str:
        """Say what is missing, and where."""
        return f"no {self.what} at {self.uri}"


class WrongInputError(JobError):
    """The files of a folder are not as their contract says."""

    def __init__(self, uri: str, wrong: Sequence[str]) -> None:
        """Keep where, and what is wrong."""
        super().__init__(uri, wrong)
        self.uri = uri
        self.wrong = wrong

    def __str__(self) -> str:
        """Say what is wrong."""
        return f"the files of {self.uri} are not as contracts/schema.py says: {'; '.join(self.wrong)}"


class QualityError(JobError):
    """Rows break a rule that the result stands on."""

    def __init__(self, rule: str, rows: int) -> None:
        """Keep the rule, and how many rows break it."""
        super().__init__(rule, rows)
        self.rule = rule
        self.rows = rows

    def __str__(self) -> str:
        """Say which rule, and how often."""
        return f"{self.rows:,} rows break the rule: {self.rule}; nothing was written"
