"""The extended protocol: statements that are prepared, portals that run, and errors until Sync.

Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import pyarrow as pa

from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.result import Column, Result
from warehouse.redshift.wire import messages, rows
from warehouse.redshift.wire.connections import Client
from warehouse.redshift.wire.messages import Bind, Execute, Named, Parse
from warehouse.redshift.wire.parameters import literal, sample
from warehouse.redshift.wire.statements import Template, split
from warehouse.redshift.wire.stream import Stream
from warehouse.redshift.wire.types import OIDS
from warehouse.redshift.wire.types import field as as_field

_OPEN = {0, 705}
"""OIDs of a parameter whose type the client left open."""


@dataclass(slots=True)
class Prepared:
    """A statement that was parsed.

    Attributes:
        template: With the places of its parameters.
        oids: Of the types of its parameters.
        described: The columns that a client was told of, which its rows then have to have.
    """

    template: Template
    oids: tuple[int, ...]
    described: tuple[Column, ...] | None = None

    def filled(self, parameter: Callable[[int], str]) -> str:
        """Return the statement with what a function makes of the OID of each parameter."""
        return self.template.fill([parameter(oid) for oid in self.oids])


class Rows:
    """A result that is given bit by bit."""

    def __init__(self, result: Result) -> None:
        """Stand before its first row."""
        self.result = result
        self._position = 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """Of its rows; none for a statement without a result."""
        return self.result.columns or ()

    def take(self, most: int | None) -> pa.Table:
        """Return the next rows, all that are left for None."""
        table = self.result.table
        if table is None:
            return pa.table({})
        taken = table.slice(self._position, most)
        self._position += taken.num_rows
        return taken


@dataclass(slots=True)
class Portal:
    """A statement with its values, which runs once and may give its rows bit by bit."""

    sql: str
    result_formats: tuple[int, ...] = ()
    described: tuple[Column, ...] | None = None
    rows: Rows | None = None


@dataclass(slots=True)
class Extended:
    """What one client has prepared, and what it runs of that."""

    stream: Stream
    client: Client
    _statements: dict[str, Prepared] = field(default_factory=dict)
    _portals: dict[str, Portal] = field(default_factory=dict)

    def parse(self, parse: Parse) -> None:
        """Prepare a statement.

        Raises:
            RedshiftError: It is none, or its name is taken.
        """
        if parse.name and parse.name in self._statements:
            msg = f'prepared statement "{parse.name}" already exists'
            raise RedshiftError(msg, "42P05")
        statements = split(parse.sql)
        if len(statements) > 1:
            msg = "cannot insert multiple commands into a prepared statement"
            raise RedshiftError(msg, "42601")
        template = Template(statements[0] if statements else "")
        if statements and not template.count:
            self.client.session.gives_rows(statements[0])  # what is wrong with it is told now
        oids = (parse.oids + (0,) * template.count)[: max(template.count, len(parse.oids))]
        self._statements[parse.name] = Prepared(template, oids)
        self.stream.write(messages.PARSE_COMPLETE)

    def bind(self, bind: Bind) -> None:
        """Make a portal of a statement and the values of its parameters.

        Raises:
            RedshiftError: There is no such statement, or the values do not fit it.
        """
        prepared = self._statement(bind.statement)
        if bind.portal and bind.portal in self._portals:
            msg = f'portal "{bind.portal}" already exists'
            raise RedshiftError(msg, "42P03")
        if len(bind.values) != len(prepared.oids):
            msg = (
                f"bind message supplies {len(bind.values)} parameters, but prepared statement "
                f'"{bind.statement}" requires {len(prepared.oids)}'
            )
            raise RedshiftError(msg, "08P01")
        formats = messages.each_format(bind.formats, len(bind.values))
        literals = [
            literal(oid, value, is_binary=code == 1)
            for oid, value, code in zip(prepared.oids, bind.values, formats, strict=True)
        ]
        sql = prepared.template.fill(literals)
        self._portals[bind.portal] = Portal(sql, bind.result_formats, prepared.described)
        self.stream.write(messages.BIND_COMPLETE)

    def describe(self, named: Named) -> None:
        """Tell a statement's parameters and columns, or a portal's columns.

        Raises:
            RedshiftError: There is no such one, or it cannot be run.
        """
        if named.kind == "P":
            self._describe_portal(named.name)
            return
        prepared = self._statement(named.name)
        oids = [OIDS["varchar"] if oid in _OPEN else oid for oid in prepared.oids]
        try:
            columns = prepared.described = self._columns(prepared)
        except RedshiftError:
            del self._statements[
                named.name
            ]  # Redshift's Parse had failed, and the client uses the name again
            raise
        self.stream.write(messages.parameter_description(oids))
        self.stream.write(_description(columns, [0] * len(columns or ())))

    def execute(self, execute: Execute) -> None:
        """Run a portal, or go on with it.

        Raises:
            RedshiftError: There is no such one, or it failed.
        """
        portal = self._portal(execute.portal)
        if not portal.sql:
            self.stream.write(messages.EMPTY_QUERY)
            return
        found = self._run(portal)
        table = found.take(execute.most_rows or None)
        formats = messages.each_format(portal.result_formats, len(found.columns))
        for piece in rows.data_rows(table, found.columns, formats):
            self.stream.send(piece)
        is_query = found.result.columns is not None
        if is_query and execute.most_rows and table.num_rows == execute.most_rows:
            self.stream.write(messages.PORTAL_SUSPENDED)
        else:
            self.stream.write(messages.complete(tag(found.result, table.num_rows if is_query else None)))

    def close(self, named: Named) -> None:
        """Forget a statement or a portal; one that is not there is no error."""
        held: dict[str, Prepared] | dict[str, Portal] = (
            self._statements if named.kind == "S" else self._portals
        )
        held.pop(named.name, None)
        self.stream.write(messages.CLOSE_COMPLETE)

    def forget_portals(self) -> None:
        """Close all portals: they end with their transaction."""
        self._portals.clear()

    def _statement(self, name: str) -> Prepared:
        if name not in self._statements:
            msg = f'prepared statement "{name}" does not exist'
            raise RedshiftError(msg, "26000")
        return self._statements[name]

    def _portal(self, name: str) -> Portal:
        if name not in self._portals:
            msg = f'portal "{name}" does not exist'
            raise RedshiftError(msg, "34000")
        return self._portals[name]

    def _describe_portal(self, name: str) -> None:
        if name not in self._portals:  # a cursor is a portal that DECLARE made
            columns: tuple[Column, ...] | None = self.client.session.cursor_columns(name)
            formats: Sequence[int] = ()
        else:
            portal = self._portals[name]
            # A query runs now: its columns are then those of its rows, whatever its values made of them.
            columns = None
            if portal.sql and self.client.session.gives_rows(portal.sql):
                columns = self._run(portal).result.columns
            formats = portal.result_formats
        self.stream.write(_description(columns, messages.each_format(formats, len(columns or ()))))

    def _columns(self, prepared: Prepared) -> tuple[Column, ...] | None:
        """Find a statement's columns before it has values: NULL stands for them, or any where none may."""
        if not prepared.filled(lambda _oid: "null"):
            return None
        if prepared.template.count:
            with suppress(RedshiftError):
                return self.client.session.describe(
                    prepared.filled(lambda oid: literal(oid, None, is_binary=False))
                )
        return self.client.session.describe(prepared.filled(sample))

    def _run(self, portal: Portal) -> Rows:
        if portal.rows is None:
            result = self.client.run(portal.sql, settles=False)
            portal.rows = Rows(_as_described(result, portal.described))
        return portal.rows


def tag(result: Result, count: int | None = None) -> str:
    """Return the words that end a statement, with a number of rows where they have one."""
    if count is None:
        count = result.affected
    is_counted = result.tag.partition(" ")[0] in {
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE",
        "COPY",
        "FETCH",
    }
    return f"{result.tag} {count}" if is_counted else result.tag


def _description(columns: Sequence[Column] | None, formats: Sequence[int]) -> bytes:
    if columns is None:
        return messages.NO_DATA
    return messages.row_description(
        [as_field(column, code) for column, code in zip(columns, formats, strict=True)]
    )


def _as_described(result: Result, described: tuple[Column, ...] | None) -> Result:
    """Return a result that has the types which the client was told before it had sent values.

    Raises:
        RedshiftError: It has others: the client would read them as what they are not.
    """
    if described and [each.type for each in result.columns or ()] != [each.type for each in described]:
        msg = "cached plan must not change result type; cast the parameter"
        raise RedshiftError(msg, "0A000")
    return result
