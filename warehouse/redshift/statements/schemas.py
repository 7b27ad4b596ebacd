"""CREATE, ALTER and DROP SCHEMA.

Source: https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_SCHEMA.html, r_DROP_SCHEMA.html.
"""

from dataclasses import dataclass

from warehouse.redshift.dialect.names import SYSTEM
from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.command import Command, Context, quoted
from warehouse.redshift.statements.people import require_user
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import drop, find, has_schema, require_schema

_RESERVED = (SYSTEM, "main", "temp", "information_schema", "pg_catalog", "catalog_history")


@dataclass(frozen=True, slots=True)
class CreateSchema:
    """CREATE SCHEMA [IF NOT EXISTS] name [AUTHORIZATION user] [QUOTA …]."""

    name: str
    owner: str
    is_if_missing: bool

    def run(self, context: Context) -> Result:
        """Create it, and look for it on the search path from now on."""
        _check(self.name)
        if has_schema(context, self.name):
            if self.is_if_missing:
                return Result("CREATE SCHEMA")
            msg = f'schema "{self.name}" already exists'
            raise RedshiftError(msg, "42P06")
        if self.owner:
            require_user(context, self.owner)
        context.do(f"create schema {quoted(self.name)}")
        owner = self.owner or context.user
        context.do("insert into _system.schemas values (?, ?, now()::timestamp)", self.name, owner)
        context.search()
        return Result("CREATE SCHEMA")


@dataclass(frozen=True, slots=True)
class DropSchema:
    """DROP SCHEMA [IF EXISTS] name [, …] [CASCADE | RESTRICT]."""

    names: tuple[str, ...]
    is_if_there: bool
    is_cascade: bool

    def run(self, context: Context) -> Result:
        """Drop them, and on CASCADE all that is in them or reads what is in them."""
        for name in self.names:
            _check(name)
            if not has_schema(context, name) and self.is_if_there:
                continue
            require_schema(context, name)
            self._drop(context, name)
        context.search()
        return Result("DROP SCHEMA")

    def _drop(self, context: Context, name: str) -> None:
        sql = """
            select "table" from _system.tables where "schema" = $1
            union select "view" from _system.views where "schema" = $1 order by 1
        """
        inside = [relation for (relation,) in context.rows(sql, name)]
        if inside and not self.is_cascade:
            msg = (
                f"cannot drop schema {name} because other objects depend on it: {', '.join(inside)}; "
                "use DROP ... CASCADE to drop the dependent objects too"
            )
            raise RedshiftError(msg, "2BP01")
        for relation in inside:
            if found := find(context, Relation(relation, name)):
                drop(context, found, is_cascade=True)
        context.do(f"drop schema {quoted(name)}")
        for record in ("schemas", "comments", "grants"):
            context.do(f'delete from _system.{record} where "schema" = ?', name)  # noqa: S608  # ours


@dataclass(frozen=True, slots=True)
class AlterSchema:
    """ALTER SCHEMA name OWNER TO user: the owner is recorded."""

    name: str
    owner: str

    def run(self, context: Context) -> Result:
        """Record the owner."""
        require_schema(context, self.name)
        require_user(context, self.owner)
        context.do('update _system.schemas set owner = ? where "schema" = ?', self.owner, self.name)
        return Result("ALTER SCHEMA")


def create_schema(reader: Reader) -> Command:
    """Read what follows CREATE SCHEMA."""
    is_if_missing = reader.take("if", "not", "exists")
    name = "" if reader.take("authorization") else reader.schema()
    owner = reader.identifier() if not name or reader.take("authorization") else ""
    if reader.take("quota"):
        feature = "CREATE SCHEMA … QUOTA"
        raise NotSupportedError(feature)
    reader.end()
    return CreateSchema(name or owner, owner, is_if_missing)


def drop_schema(reader: Reader) -> Command:
    """Read what follows DROP SCHEMA."""
    is_if_there = reader.take("if", "exists")
    names = [reader.schema()]
    while reader.take(","):
        names.append(reader.schema())
    is_cascade = reader.take_one("cascade", "restrict") == "cascade"
    reader.end()
    return DropSchema(tuple(names), is_if_there, is_cascade)


def alter_schema(reader: Reader) -> Command:
    """Read what follows ALTER SCHEMA.

    Raises:
        NotSupportedError: It is to have another name, or a quota.
    """
    name = reader.schema()
    if reader.take("owner", "to"):
        owner = reader.identifier()
        reader.end()
        return AlterSchema(name, owner)
    feature = f"ALTER SCHEMA … {reader.keyword().upper()}"
    raise NotSupportedError(feature)


def _check(name: str) -> None:
    if name in _RESERVED or name.startswith("pg_"):
        msg = f'unacceptable schema name "{name}"; it is the system\'s'
        raise RedshiftError(msg, "42939")
