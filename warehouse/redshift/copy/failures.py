"""Rows that a COPY could not load, in the columns and codes of STL_LOAD_ERRORS.

Source: AWS, Amazon Redshift Database Developer Guide, "STL_LOAD_ERRORS" and "Load error reference".
"""

from dataclasses import dataclass
from typing import Literal

Code = Literal[1200, 1202, 1204, 1205, 1206, 1207, 1208, 1210, 1212, 1213, 1214, 1216, 1220]
"""What is wrong, by AWS's number.

1200 the file cannot be read; 1202 too many columns; 1204 out of the type's range, or too long; 1205 no date;
1206 no time; 1207 no digit; 1208 no FLOAT; 1210 no BOOLEAN; 1212 no file; 1213 nothing for a NOT NULL column;
1214 no delimiter; 1216 no line of this format; 1220 no UTF-8.
"""

LONGEST_RAW = 1024
"""Characters that are kept of a line and of a value."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that is wrong.

    Attributes:
        filename: URL of its file.
        line_number: Of its first line, from 1; 0 where the file has no lines.
        code: What is wrong, by AWS's number.
        reason: What is wrong, in words.
        column: The column that it was read for; empty where the whole row is wrong.
        type: Of that column.
        length: Of that column as declared, or empty.
        position: Of what is wrong in the value, from 0.
        raw_line: The row as it stands in the file.
        raw_value: The value as it was read.
    """

    filename: str
    line_number: int
    code: Code
    reason: str
    column: str = ""
    type: str = ""
    length: str = ""
    position: int = 0
    raw_line: str = ""
    raw_value: str = ""

    def __str__(self) -> str:
        """Say where it is and what is wrong."""
        column = f", column {self.column}" if self.column else ""
        return f"line {self.line_number}{column}: {self.reason}"


class TooManyFailures(Exception):  # noqa: N818  # it ends a loop
    """As many rows are wrong as the COPY does not bear."""


class Failures(list[Failure]):
    """The rows of a COPY that are wrong, up to as many as make it fail."""

    def __init__(self, most: int) -> None:
        """Bear fewer than `most`, or none."""
        super().__init__()
        self._most = max(most, 1)

    def add(self, failures: list[Failure]) -> None:
        """Take more of them.

        Raises:
            TooManyFailures: They are as many as make the COPY fail.
        """
        room = self._most - len(self)
        self.extend(failures[:room])
        if len(failures) >= room:
            raise TooManyFailures
