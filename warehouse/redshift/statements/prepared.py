"""PREPARE, EXECUTE and DEALLOCATE; DECLARE, FETCH and CLOSE; CANCEL: what a session keeps by name.

Source: AWS, "PREPARE", "DECLARE", "FETCH", "CANCEL". A cursor's rows are computed at its DECLARE.
"""

from dataclasses import dataclass, replace

from sqlglot.tokenizer_core import TokenType

from warehouse.redshift.dialect.tokens import word
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.binding import filled
from warehouse.redshift.statements.column_types import read_type
from warehouse.redshift.statements.command import Command, Context
from warehouse.redshift.statements.reader import Reader

_PREPARED = {"select", "with", "(", "insert", "update", "delete"}


@dataclass(frozen=True, slots=True)
class Prepare:
    """PREPARE name [(types)] AS statement."""

    name: str
    types: tuple[str, ...]
    sql: str

    def run(self, context: Context) -> Result:
        """Keep it."""
        if self.name in context.prepared:
            msg = f'prepared statement "{self.name}" already exists'
            raise RedshiftError(msg, "42P05")
        context.prepared[self.name] = (self.types, self.sql)
        return Result("PREPARE")


@dataclass(frozen=True, slots=True)
class Execute:
    """EXECUTE name [(values)]."""

    name: str
    values: tuple[str, ...]

    def run(self, context: Context) -> Result:
        """Run it with these values in the places of $1, $2, …."""
        if self.name not in context.prepared:
            msg = f'prepared statement "{self.name}" does not exist'
            raise RedshiftError(msg, "26000")
        types, sql = context.prepared[self.name]
        if types and len(types) != len(self.values):
            msg = f'wrong number of parameters for prepared statement "{self.name}": expected {len(types)}'
            raise RedshiftError(msg, "42601")
        values = {str(number): f"({value})" for number, value in enumerate(self.values, start=1)}
        for number, kind in enumerate(types, start=1):
            values[str(number)] = f"cast{values[str(number)][:-1]} as {kind})"

        def value_of(number: str) -> str:
            if number not in values:
                msg = f"there is no parameter ${number}"
                raise RedshiftError(msg, "42P02")
            return values[number]

        return context.execute(
            context.translated(filled(sql, context.database, TokenType.PARAMETER, value_of))
        )


@dataclass(frozen=True, slots=True)
class Deallocate:
    """DEALLOCATE [PREPARE] name | ALL."""

    name: str

    def run(self, context: Context) -> Result:
        """Forget it."""
        if self.name == "all":
            context.prepared.clear()
        elif context.prepared.pop(self.name, None) is None:
            msg = f'prepared statement "{self.name}" does not exist'
            raise RedshiftError(msg, "26000")
        return Result("DEALLOCATE")


@dataclass(frozen=True, slots=True)
class Declare:
    """DECLARE name CURSOR FOR query."""

    name: str
    sql: str

    def run(self, context: Context) -> Result:
        """Run its query; Redshift has one cursor at a time, in a transaction that the client began."""
        if not context.is_in_block():
            msg = "DECLARE CURSOR may only be used in transaction blocks"
            raise RedshiftError(msg, "25P01")
        if self.name in context.cursors:
            msg = f'cursor "{self.name}" already exists'
            raise RedshiftError(msg, "42P03")
        if context.cursors:
            msg = "only one cursor may be open at a time"
            raise RedshiftError(msg, "42P03")
        statement = context.translated(self.sql)
        if statement.kind != "query":
            msg = "a cursor must be for a query"
            raise RedshiftError(msg, "42601")
        context.cursors[self.name] = (context.execute(statement), 0)
        return Result("DECLARE CURSOR")


@dataclass(frozen=True, slots=True)
class Fetch:
    """FETCH [NEXT | ALL | FORWARD [count | ALL]] FROM name.

    Attributes:
        name: Of the cursor.
        count: Rows; None for all that are left.
    """

    name: str
    count: int | None

    def run(self, context: Context) -> Result:
        """Return the rows that come next."""
        result, place = open_cursor(context, self.name)
        count = result.count - place if self.count is None else self.count
        table = result.table.slice(place, count) if result.table is not None else None
        part = replace(result, tag="FETCH", table=table, affected=table.num_rows if table else 0)
        context.cursors[self.name] = (result, place + part.affected)
        return part


@dataclass(frozen=True, slots=True)
class Close:
    """CLOSE name."""

    name: str

    def run(self, context: Context) -> Result:
        """Forget it."""
        open_cursor(context, self.name)
        del context.cursors[self.name]
        return Result("CLOSE CURSOR")


@dataclass(frozen=True, slots=True)
class Cancel:
    """CANCEL pid ['message']."""

    pid: int

    def run(self, context: Context) -> Result:
        """Have what that session runs fail."""
        if not context.stop(self.pid):
            msg = f"PID {self.pid} is not a running session"
            raise RedshiftError(msg, "42704")
        return Result("CANCEL")


def prepare(reader: Reader) -> Command:
    """Read what follows PREPARE."""
    name = reader.identifier()
    types: list[str] = []
    if reader.take("("):
        while True:
            types.append(read_type(reader).written)
            if not reader.take(","):
                break
        reader.expect(")")
    reader.expect("as")
    token = reader.peek()
    if token is None or word(token) not in _PREPARED:
        feature = "PREPARE of other than SELECT, INSERT, UPDATE or DELETE"
        raise NotSupportedError(feature)
    return Prepare(name, tuple(types), reader.rest())


def execute(reader: Reader) -> Command:
    """Read what follows EXECUTE."""
    name = reader.identifier()
    values: list[str] = []
    if reader.take("("):
        while True:
            values.append(reader.expression())
            if not reader.take(","):
                break
        reader.expect(")")
    reader.end()
    return Execute(name, tuple(values))


def deallocate(reader: Reader) -> Command:
    """Read what follows DEALLOCATE."""
    reader.take("prepare")
    name = "all" if reader.take("all") else reader.identifier()
    reader.end()
    return Deallocate(name)


def declare(reader: Reader) -> Command:
    """Read what follows DECLARE."""
    name = reader.identifier()
    for each in ("cursor", "for"):
        reader.expect(each)
    return Declare(name, reader.rest())


def fetch(reader: Reader) -> Command:
    """Read what follows FETCH."""
    count: int | None = 1
    if reader.take_one("all", "forward all"):
        count = None
    elif reader.take("forward") and not reader.ahead_is("from"):
        count = reader.number()
    else:
        reader.take("next")
    reader.expect("from")
    name = reader.identifier()
    reader.end()
    return Fetch(name, count)


def close(reader: Reader) -> Command:
    """Read what follows CLOSE."""
    name = reader.identifier()
    reader.end()
    return Close(name)


def cancel(reader: Reader) -> Command:
    """Read what follows CANCEL."""
    pid = reader.number()
    if not reader.is_at_end:
        reader.text()
    reader.end()
    return Cancel(pid)


def open_cursor(context: Context, name: str) -> tuple[Result, int]:
    """Return what a cursor gives, and the place of the row that comes next.

    Raises:
        RedshiftError: No such cursor is open.
    """
    if name not in context.cursors:
        msg = f'cursor "{name}" does not exist'
        raise RedshiftError(msg, "34000")
    return context.cursors[name]
