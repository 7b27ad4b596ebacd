"""A function call, as the functions of Redshift's list are given it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, is_literal
from warehouse.redshift.dialect.casts import coerce, text_of
from warehouse.redshift.dialect.sql_types import FLOAT8, INT4, TIMESTAMP, Type
from warehouse.redshift.errors import NotSupportedError, RedshiftError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope


@dataclass(slots=True)
class Call:
    """A call of a function of Redshift's.

    Attributes:
        name: In lower case.
        raw: Its arguments, as they were written.
        reader: Reads them.
        scope: Where they stand.
    """

    name: str
    raw: list[exp.Expr]
    reader: "Reader"
    scope: "Scope"

    def takes(self, least: int, most: int | None = None) -> int:
        """Return how many arguments there are.

        Raises:
            RedshiftError: Too few or too many.
        """
        count = len(self.raw)
        if not least <= count <= (least if most is None else most):
            msg = f"function {self.name} does not exist with {count} arguments"
            raise RedshiftError(msg)
        return count

    def typed(self, position: int) -> Typed:
        """Return an argument, read.

        Raises:
            NotSupportedError: It is DISTINCT, which only aggregates take.
        """
        raw = self.raw[position]
        if isinstance(raw, (exp.Distinct, exp.Star, exp.IgnoreNulls)):
            feature = f"{raw.sql('redshift')} in function {self.name.upper()}"
            raise NotSupportedError(feature)
        return self.reader.expression(raw, self.scope)

    def all(self) -> list[Typed]:
        """Return every argument, read."""
        return [self.typed(position) for position in range(len(self.raw))]

    def text(self, position: int) -> exp.Expr:
        """Return an argument as a text."""
        return text_of(self.typed(position))

    def integer(self, position: int) -> exp.Expr:
        """Return an argument as an INTEGER."""
        return self.coerced(position, INT4)

    def double(self, position: int) -> exp.Expr:
        """Return an argument as a DOUBLE PRECISION."""
        return self.coerced(position, FLOAT8)

    def coerced(self, position: int, kind: Type) -> exp.Expr:
        """Return an argument as another type, where Redshift converts it unasked."""
        return coerce(self.typed(position), kind, f"argument {position + 1} of {self.name.upper()}").node

    def moment(self, position: int) -> Typed:
        """Return an argument that is a DATE or a timestamp; a literal is a timestamp.

        Raises:
            RedshiftError: It is neither.
        """
        argument = self.typed(position)
        if argument.type.is_unknown or argument.type.is_text:
            return coerce(argument, TIMESTAMP, f"argument {position + 1} of {self.name.upper()}")
        if not argument.type.is_moment:
            msg = f"function {self.name}({argument.type}) does not exist"
            raise RedshiftError(msg)
        return argument

    def literal(self, position: int) -> str:
        """Return what a literal text says.

        Raises:
            NotSupportedError: It is computed.
        """
        raw = self.raw[position]
        if not is_literal(raw):
            feature = f"argument {position + 1} of {self.name.upper()} that is not a literal"
            raise NotSupportedError(feature)
        return raw.name

    def keyword(self, position: int) -> str:
        """Return a word that is written bare or as a text, such as a date part, in lower case."""
        raw = self.raw[position]
        is_bare = isinstance(raw, exp.Column) and not raw.table
        if is_bare or is_literal(raw):
            return raw.name.lower()
        feature = f"argument {position + 1} of {self.name.upper()} that is not a word"
        raise NotSupportedError(feature)
