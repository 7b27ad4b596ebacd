"""ALTER TABLE: names, owner, keys, layout, and the parts that change columns (`alter_columns`).

Source: https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.alter_columns import (
    AddColumn,
    Append,
    ChangeType,
    DropColumn,
    RenameColumn,
)
from warehouse.redshift.statements.column_types import read_type
from warehouse.redshift.statements.columns import read_column, read_encoding
from warehouse.redshift.statements.command import Command, Context
from warehouse.redshift.statements.create_table import read_constraint
from warehouse.redshift.statements.layout import Layout, read_layout
from warehouse.redshift.statements.people import require_user
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import Found, columns_of, rename, require
from warehouse.redshift.statements.tables import (
    Constraint,
    record_constraints,
    record_layout,
    recorded_layout,
)
from warehouse.redshift.statements.views import bind_late, follow


class Action(Protocol):
    """What ALTER TABLE does to a table."""

    def apply(self, context: Context, table: Found) -> None:
        """Do it.

        Raises:
            RedshiftError: It cannot be done.
        """


@dataclass(frozen=True, slots=True)
class AlterTable:
    """ALTER TABLE name action; RENAME TO and OWNER TO are for views too."""

    relation: Relation
    action: Action

    def run(self, context: Context) -> Result:
        """Do it."""
        is_any = isinstance(self.action, (Rename, Own))
        found = require(context, self.relation) if is_any else require(context, self.relation, "table")
        self.action.apply(context, found)
        bind_late(context, found)
        return Result("ALTER TABLE")


@dataclass(frozen=True, slots=True)
class Rename:
    """RENAME TO: bound views follow, and late-binding ones find what has come."""

    name: str

    def apply(self, context: Context, table: Found) -> None:
        """Rename it."""
        new = rename(context, table, self.name)
        follow(context, new)
        bind_late(context, new)


@dataclass(frozen=True, slots=True)
class Own:
    """OWNER TO: recorded."""

    owner: str

    def apply(self, context: Context, table: Found) -> None:
        """Record the owner."""
        require_user(context, self.owner)
        record, column = ("views", "view") if table.kind == "view" else ("tables", "table")
        sql = f'update _system.{record} set owner = ? where "schema" = ? and "{column}" = ?'  # noqa: S608  # ours
        context.do(sql, self.owner, table.schema, table.name)


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """ADD CONSTRAINT: recorded, and not enforced."""

    constraint: Constraint

    def apply(self, context: Context, table: Found) -> None:
        """Record it."""
        record_constraints(context, table, [self.constraint])


@dataclass(frozen=True, slots=True)
class DropConstraint:
    """DROP CONSTRAINT."""

    name: str

    def apply(self, context: Context, table: Found) -> None:
        """Forget it."""
        sql = 'delete from _system.constraints where "schema" = ? and "table" = ? and name = ? returning name'
        if not context.rows(sql, table.schema, table.name, self.name):
            msg = f'constraint "{self.name}" of relation "{table.name}" does not exist'
            raise RedshiftError(msg, "42704")


@dataclass(frozen=True, slots=True)
class ChangeLayout:
    """ALTER DISTSTYLE, DISTKEY, SORTKEY: recorded."""

    change: Callable[[Layout], Layout]

    def apply(self, context: Context, table: Found) -> None:
        """Record it."""
        layout = self.change(recorded_layout(context, table))
        layout.check(columns_of(context, table))
        record_layout(context, table, layout)


@dataclass(frozen=True, slots=True)
class ChangeEncoding:
    """ALTER COLUMN name ENCODE encoding [, …], or ALTER ENCODE AUTO: recorded."""

    encodings: tuple[tuple[str, str], ...]

    def apply(self, context: Context, table: Found) -> None:
        """Record them."""
        there = columns_of(context, table)
        for name, encoding in self.encodings:
            if name not in there:
                msg = f'column "{name}" of relation "{table.name}" does not exist'
                raise RedshiftError(msg, "42703")
            sql = """
                update _system.columns set encoding = ? where "schema" = ? and "table" = ? and "column" = ?
            """
            context.do(sql, encoding, table.schema, table.name, name)


def alter_table(reader: Reader) -> Command:
    """Read what follows ALTER TABLE."""
    relation = reader.relation()
    action = _ACTIONS.get(verb := reader.keyword())
    if action is None:
        feature = f"ALTER TABLE … {verb.upper()}"
        raise NotSupportedError(feature)
    command = AlterTable(relation, action(reader))
    reader.end()
    return command


def _add(reader: Reader) -> Action:
    if constraint := read_constraint(reader):
        return AddConstraint(constraint)
    reader.take("column")
    column, hints = read_column(reader)
    if hints.constraints or hints.is_distkey or hints.is_sortkey:
        feature = "ALTER TABLE … ADD COLUMN with a key"
        raise NotSupportedError(feature)
    return AddColumn(column)


def _drop(reader: Reader) -> Action:
    action: Action
    if reader.take("constraint"):
        action = DropConstraint(reader.identifier())
        reader.take_one("cascade", "restrict")
        return action
    reader.take("column")
    name = reader.identifier()
    return DropColumn(name, is_cascade=reader.take_one("cascade", "restrict") == "cascade")


def _rename(reader: Reader) -> Action:
    if reader.take("to"):
        return Rename(reader.identifier())
    reader.take("column")
    name = reader.identifier()
    reader.expect("to")
    return RenameColumn(name, reader.identifier())


def _own(reader: Reader) -> Action:
    reader.expect("to")
    return Own(reader.identifier())


def _append(reader: Reader) -> Action:
    reader.expect("from")
    source = reader.relation()
    return Append(source, reader.take_one("ignoreextra", "filltarget"))


def _alter(reader: Reader) -> Action:
    if change := _layout(reader):
        return ChangeLayout(lambda layout: replace(layout, **change))
    if reader.take("encode", "auto"):
        return ChangeEncoding(())
    reader.take("column")
    name = reader.identifier()
    if reader.take("type"):
        return ChangeType(name, read_type(reader))
    encodings = []
    while True:
        reader.expect("encode")
        encodings.append((name, read_encoding(reader)))
        if not reader.take(","):
            return ChangeEncoding(tuple(encodings))
        reader.expect("alter")
        reader.take("column")
        name = reader.identifier()


def _layout(reader: Reader) -> dict[str, Any]:
    """Step over a layout and return what it changes; nothing where none comes next."""
    change: dict[str, Any] = {}
    if style := reader.take_one("diststyle auto", "diststyle all", "diststyle even"):
        change = {"style": style.removeprefix("diststyle ").upper(), "dist_key": ""}
    elif reader.take("diststyle", "key", "distkey") or reader.take("distkey"):
        change = {"style": "KEY", "dist_key": reader.identifier()}
    elif reader.take_one("sortkey none", "compound sortkey none"):
        change = {"sort_style": "", "sort_keys": ()}
    elif not reader.ahead_is("encode") and (new := read_layout(reader)).sort_style:
        change = {"sort_style": new.sort_style, "sort_keys": new.sort_keys}
    return change


def _set(reader: Reader) -> Action:
    feature = f"ALTER TABLE … SET {reader.keyword().upper()}"
    raise NotSupportedError(feature)


_ACTIONS: dict[str, Callable[[Reader], Action]] = {
    "add": _add,
    "alter": _alter,
    "append": _append,
    "drop": _drop,
    "owner": _own,
    "rename": _rename,
    "set": _set,
}
