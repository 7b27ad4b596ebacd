"""GRANT and REVOKE: recorded and shown, and not enforced: whoever connects may do everything.

Source: AWS, "GRANT", "REVOKE".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from warehouse.redshift.dialect.tokens import Relation, word
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.command import Command, Context
from warehouse.redshift.statements.people import Person, require
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import columns_of, require_schema
from warehouse.redshift.statements.relations import require as require_relation

_PRIVILEGES = {
    "table": ("select", "insert", "update", "delete", "drop", "references", "alter", "truncate"),
    "schema": ("create", "usage", "alter", "drop"),
    "database": ("create", "temporary", "usage", "alter"),
}
_COLUMNS = ("select", "update")


@dataclass(frozen=True, slots=True)
class Grantee:
    """Who is granted something: a user, a group, a role, or public with no name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Target:
    """What something is granted on.

    Attributes:
        kind: table, schema or database.
        relations: Tables and views, or schemas by their names, or nothing for the database.
        all_in: Schemas all of whose tables and views are meant.
    """

    kind: str
    relations: tuple[Relation, ...]
    all_in: tuple[str, ...] = ()

    def keys(self, context: Context) -> Iterator[tuple[str, str]]:
        """Yield schema and relation of each; each is there."""
        if self.kind == "database":
            yield "", ""
        for schema in self.all_in:
            require_schema(context, schema)
            sql = """
                select "table" from _system.tables where "schema" = $1
                union select "view" from _system.views where "schema" = $1 order by 1
            """
            yield from ((schema, name) for (name,) in context.rows(sql, schema))
        for relation in self.relations:
            if self.kind == "schema":
                require_schema(context, relation.name)
                yield relation.name, ""
            else:
                found = require_relation(context, relation)
                yield found.schema, found.name


@dataclass(frozen=True, slots=True)
class Grant:
    """GRANT or REVOKE of privileges on tables, schemas or the database."""

    privileges: tuple[str, ...]
    columns: tuple[str, ...]
    target: Target
    grantees: tuple[Grantee, ...]
    is_grantable: bool
    is_revoked: bool

    def run(self, context: Context) -> Result:
        """Write it down, once; or take it away."""
        _require_all(context, self.grantees)
        for schema, relation in list(self.target.keys(context)):
            self._check_columns(context, schema, relation)
            for grantee in self.grantees:
                for privilege in self.privileges:
                    for column in self.columns or ("",):
                        self._write(context, (self.target.kind, schema, relation, column, privilege), grantee)
        return Result("REVOKE" if self.is_revoked else "GRANT")

    def _check_columns(self, context: Context, schema: str, relation: str) -> None:
        if self.columns:
            there = columns_of(context, require_relation(context, Relation(relation, schema)))
            if missing := [name for name in self.columns if name not in there]:
                msg = f'column "{missing[0]}" of relation "{relation}" does not exist'
                raise RedshiftError(msg, "42703")

    def _write(self, context: Context, key: tuple[str, str, str, str, str], grantee: Grantee) -> None:
        where = """
            kind = ? and "schema" = ? and relation = ? and "column" = ? and privilege = ?
            and grantee = ? and grantee_kind = ?
        """
        who = (grantee.name, grantee.kind)
        if self.is_revoked and self.is_grantable:  # GRANT OPTION FOR: the privilege itself stays
            context.do(f"update _system.grants set is_grantable = false where {where}", *key, *who)  # noqa: S608
            return
        context.do(f"delete from _system.grants where {where}", *key, *who)  # noqa: S608  # ours
        if not self.is_revoked:
            row = (*key, *who, context.user, self.is_grantable)
            context.do("insert into _system.grants values (?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)


@dataclass(frozen=True, slots=True)
class GrantRole:
    """GRANT or REVOKE of roles."""

    roles: tuple[str, ...]
    grantees: tuple[Grantee, ...]
    is_admin: bool
    is_revoked: bool

    def run(self, context: Context) -> Result:
        """Write it down, once; or take it away."""
        _require_all(context, self.grantees)
        for role in self.roles:
            require(context, "role", role)
            for grantee in self.grantees:
                key = (role, grantee.name, grantee.kind)
                where = "role = ? and grantee = ? and grantee_kind = ?"
                context.do(f"delete from _system.role_grants where {where}", *key)  # noqa: S608  # ours
                if not self.is_revoked:
                    context.do("insert into _system.role_grants values (?, ?, ?, ?)", *key, self.is_admin)
        return Result("REVOKE" if self.is_revoked else "GRANT")


def grant(reader: Reader) -> Command:
    """Read what follows GRANT."""
    return _read(reader, is_revoked=False)


def revoke(reader: Reader) -> Command:
    """Read what follows REVOKE."""
    return _read(reader, is_revoked=True)


def _read(reader: Reader, *, is_revoked: bool) -> Command:
    is_option = is_revoked and reader.take("grant", "option", "for")
    is_admin = is_revoked and reader.take("admin", "option", "for")
    if reader.take("role"):
        roles = [reader.identifier()]
        while reader.take(","):
            reader.take("role")
            roles.append(reader.identifier())
        grantees = _grantees(reader, is_revoked=is_revoked)
        is_admin = reader.take("with", "admin", "option") or is_admin
        reader.end()
        return GrantRole(tuple(roles), grantees, is_admin, is_revoked)
    said, columns = _privileges(reader)
    reader.expect("on")
    target = _target(reader)
    grantees = _grantees(reader, is_revoked=is_revoked)
    is_grantable = is_option or (not is_revoked and reader.take("with", "grant", "option"))
    reader.take_one("cascade", "restrict")
    reader.end()
    there = _PRIVILEGES[target.kind]
    privileges = (
        there if said == ("all",) else tuple("temporary" if each == "temp" else each for each in said)
    )
    for each in privileges:
        if each not in there or (columns and each not in _COLUMNS):
            msg = f"invalid privilege type {each.upper()} for {target.kind}"
            raise RedshiftError(msg, "0LP01")
    upper = tuple(each.upper() for each in privileges)
    return Grant(upper, columns, target, grantees, is_grantable, is_revoked)


def _privileges(reader: Reader) -> tuple[tuple[str, ...], tuple[str, ...]]:
    said, columns = [], []
    while True:
        privilege = reader.keyword()
        said.append(privilege)
        if privilege == "all":
            reader.take("privileges")
        token = reader.peek()
        if token and word(token) == "(":
            columns += list(reader.names())
        if not reader.take(","):
            return tuple(said), tuple(columns)


def _target(reader: Reader) -> Target:
    if reader.take("all", "tables", "in", "schema"):
        schemas = [reader.schema()]
        while reader.take(","):
            schemas.append(reader.schema())
        return Target("table", (), tuple(schemas))
    if reader.take("schema"):
        schemas = [reader.schema()]
        while reader.take(","):
            schemas.append(reader.schema())
        return Target("schema", tuple(Relation(name) for name in schemas))
    if reader.take("database"):
        reader.check_database(reader.identifier())
        return Target("database", ())
    for other in ("function", "procedure", "language", "model", "datashare", "all", "external", "copy"):
        if reader.take(other):
            feature = f"GRANT or REVOKE ON {other.upper()}"
            raise NotSupportedError(feature)
    reader.take("table")
    return Target("table", reader.relations())


def _grantees(reader: Reader, *, is_revoked: bool) -> tuple[Grantee, ...]:
    reader.expect("from" if is_revoked else "to")
    grantees = []
    while True:
        if reader.take("public"):
            grantees.append(Grantee("public", ""))
        else:
            kind = reader.take_one("group", "role") or "user"
            grantees.append(Grantee(kind, reader.identifier()))
        if not reader.take(","):
            return tuple(grantees)


def _require_all(context: Context, grantees: tuple[Grantee, ...]) -> None:
    kinds: dict[str, Person] = {"user": "user", "group": "group", "role": "role"}
    for each in grantees:
        if kind := kinds.get(each.kind):
            require(context, kind, each.name)
