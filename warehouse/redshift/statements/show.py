"""SHOW of parameters, of what is there, and of how it was made.

Source: AWS, "SHOW", "SHOW SCHEMAS", "SHOW TABLES", "SHOW COLUMNS", "SHOW GRANTS", "SHOW TABLE", "SHOW VIEW".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import NotSupportedError
from warehouse.redshift.result import Column, Result
from warehouse.redshift.statements.command import Command, Context, texts
from warehouse.redshift.statements.definitions import table_definition, view_definition
from warehouse.redshift.statements.people import require
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import Kind, require_schema
from warehouse.redshift.statements.relations import require as require_relation

_ARROW = {
    "bool": pa.bool_(), "int2": pa.int16(), "int4": pa.int32(), "int8": pa.int64(),
    "timestamp": pa.timestamp("us"), "varchar": pa.string(),
}  # fmt: skip


_NOTHING = Relation("")


def shown(columns: Sequence[Column], rows: Sequence[Sequence[Any]], tag: str = "SHOW") -> Result:
    """Return rows as the result of a statement."""
    lists = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
    arrays = [pa.array(list(each), _ARROW[column.type]) for each, column in zip(lists, columns, strict=True)]
    table = pa.table(arrays, names=[column.name for column in columns])
    return Result(tag, tuple(columns), table, table.num_rows)


@dataclass(frozen=True, slots=True)
class ShowParameter:
    """SHOW name | ALL."""

    name: str

    @property
    def columns(self) -> tuple[Column, ...]:
        """Of the result."""
        return texts("name", "setting") if self.name == "all" else texts(self.name)

    def run(self, context: Context) -> Result:
        """Return its value."""
        if self.name == "all":
            return shown(
                self.columns, [(name, context.parameters[name]) for name in context.parameters.names]
            )
        return shown(self.columns, [(context.parameters[self.name],)])


@dataclass(frozen=True, slots=True)
class ShowRows:
    """SHOW of what is there: a query over the records.

    Attributes:
        columns: Of the result.
        sql: DuckDB's, with the parameters `$schema`, `$name`, `$pattern`, `$most`, as far as it has them.
        relation: What it is asked of, which must be there.
        kind: Of that: schema, table, user, role, or nothing.
        pattern: That names are to be like.
        most: Rows.
    """

    columns: tuple[Column, ...]
    sql: str
    relation: Relation = _NOTHING
    kind: str = ""
    pattern: str = "%"
    most: int = 10_000

    def run(self, context: Context) -> Result:
        """Return the rows."""
        schema, name = self.relation.schema, self.relation.name
        if self.kind == "schema":
            require_schema(context, name)
            schema = name
        elif self.kind == "table":
            found = require_relation(context, self.relation)
            schema, name = found.schema, found.name
        elif self.kind in {"user", "role"}:
            require(context, "user" if self.kind == "user" else "role", name)
        asked = {"schema": schema, "name": name, "pattern": self.pattern, "most": self.most}
        used = {key: value for key, value in asked.items() if f"${key}" in self.sql}
        rows = context.connection.execute(self.sql, used).fetchall()
        return shown(self.columns, rows)


@dataclass(frozen=True, slots=True)
class ShowDefinition:
    """SHOW TABLE name, SHOW VIEW name: the statement that makes it."""

    relation: Relation
    is_view: bool

    @property
    def columns(self) -> tuple[Column, ...]:
        """Of the result."""
        return texts("Show View DDL statement" if self.is_view else "Show Table DDL statement")

    def run(self, context: Context) -> Result:
        """Return it."""
        kinds: tuple[Kind, ...] = ("view", "materialized view") if self.is_view else ("table",)
        found = require_relation(context, self.relation, *kinds)
        text = view_definition(context, found) if self.is_view else table_definition(context, found)
        return shown(self.columns, [(text,)])


def show(reader: Reader) -> Command:
    """Read what follows SHOW."""
    for words, read in _FORMS.items():
        if reader.take(*words.split()):
            command = read(reader)
            reader.end()
            return command
    if refused := reader.take_one(*_REFUSED):
        feature = f"SHOW {refused.upper()}"
        raise NotSupportedError(feature)
    if reader.take("transaction", "isolation", "level"):
        command = ShowParameter("transaction_isolation")
    elif reader.take("time", "zone"):
        command = ShowParameter("timezone")
    elif reader.take("all"):
        command = ShowParameter("all")
    else:
        command = ShowParameter(reader.identifier())
    reader.end()
    return command


def _filters(reader: Reader) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    if reader.take("like"):
        filters["pattern"] = reader.text()
    if reader.take("limit"):
        filters["most"] = reader.number()
    return filters


def _databases(reader: Reader) -> Command:
    columns = (
        *texts("database_name"),
        Column("database_owner", "int4"),
        *texts("database_type", "database_acl"),
    )
    return ShowRows(
        (*columns, *texts("parameters", "database_isolation_level")),
        """
        select current_database(), 100, 'local', null, null, 'Serializable'
        where current_database() like $pattern limit $most
        """,
        **_filters(reader),
    )


def _schemas(reader: Reader) -> Command:
    if reader.take("from", "database"):
        reader.check_database(reader.identifier())
    columns = (*texts("database_name", "schema_name"), Column("schema_owner", "int4"))
    return ShowRows(
        (*columns, *texts("schema_type", "schema_acl", "source_database", "schema_option")),
        """
        select current_database(), s."schema", coalesce(u.id, 100), 'local', null, null, null
        from _system.schemas as s left join _system.users as u on u.name = s.owner
        where s."schema" like $pattern order by 2 limit $most
        """,
        **_filters(reader),
    )


def _tables(reader: Reader) -> Command:
    reader.expect("from")
    reader.expect("schema")
    columns = (
        *texts("database_name", "schema_name", "table_name", "table_type", "table_acl", "remarks", "owner"),
        *(Column("last_altered_time", "timestamp"), Column("last_modified_time", "timestamp")),
        *texts("dist_style", "table_subtype"),
    )
    sql = """
        select current_database(), r.s, r.n, r.kind, null,
            (select max(c.comment) from _system.comments as c
             where c."schema" = r.s and c.relation = r.n and c."column" = '' and c.kind in ('table', 'view')),
            r.owner, null, null, r.diststyle, r.subtype
        from (
            select "schema" as s, "table" as n, 'TABLE' as kind, owner, diststyle, 'REGULAR TABLE' as subtype
            from _system.tables as t where not exists (
                from _system.views as v where v."schema" = t."schema" and v."view" = t."table")
            union all
            select "schema", "view", 'VIEW', owner, null, case kind when 'late' then 'LATE BINDING VIEW'
                when 'materialized' then 'MATERIALIZED VIEW' else 'REGULAR VIEW' end
            from _system.views
        ) as r where r.s = $schema and r.n like $pattern order by r.n limit $most
    """
    return ShowRows(columns, sql, Relation(reader.schema()), "schema", **_filters(reader))


def _columns(reader: Reader) -> Command:
    reader.expect("from")
    reader.expect("table")
    columns = (
        *texts("database_name", "schema_name", "table_name", "column_name"),
        Column("ordinal_position", "int4"),
        *texts("column_default", "is_nullable", "data_type"),
        *(Column("character_maximum_length", "int4"), Column("numeric_precision", "int4")),
        *(Column("numeric_scale", "int4"), *texts("remarks", "sort_key_type")),
        *(Column("sort_key", "int4"), Column("dist_key", "int4"), *texts("encoding", "collation")),
    )
    sql = """
        with declared as (
            select "column" as n, position as p, "default" as d, is_not_null as nn, "type" as t, encoding,
                sortkey, is_distkey from _system.columns where "schema" = $schema and "table" = $name
        ), seen as (
            select column_name as n, column_index as p, null as d, false as nn, case data_type
                when 'VARCHAR' then 'character varying(65535)' when 'FLOAT' then 'real'
                when 'DOUBLE' then 'double precision' when 'TIMESTAMP' then 'timestamp without time zone'
                when 'HUGEINT' then 'numeric(38,0)'
                else replace(lower(data_type), 'decimal', 'numeric') end as t, null as encoding,
                0 as sortkey, false as is_distkey
            from duckdb_columns() where schema_name = $schema and table_name = $name
            and not exists (from declared)
        )
        select current_database(), $schema, $name, c.n, c.p, c.d, case when c.nn then 'NO' else 'YES' end,
            regexp_replace(c.t, '\\(.*\\)', ''),
            case when c.t like 'character%'
                then coalesce(nullif(regexp_extract(c.t, '\\d+'), ''), '65535')::integer end,
            case when c.t like 'numeric%' then regexp_extract(c.t, '\\d+')::integer
                 else map {'smallint': 16, 'integer': 32, 'bigint': 64}[c.t] end,
            case when c.t like 'numeric%' then regexp_extract(c.t, ',(\\d+)', 1)::integer
                 when c.t in ('smallint', 'integer', 'bigint') then 0 end,
            (select max(m.comment) from _system.comments as m
             where m."schema" = $schema and m.relation = $name and m."column" = c.n),
            case when c.sortkey = 0 then null else (select sort_style from _system.tables
                where "schema" = $schema and "table" = $name) end,
            c.sortkey, case when c.is_distkey then 1 else 0 end, c.encoding, null
        from (from declared union all from seen) as c
        where c.n like $pattern order by c.p limit $most
    """
    return ShowRows(columns, sql, reader.relation(), "table", **_filters(reader))


_GRANT_COLUMNS = (
    *texts("database_name", "schema_name", "object_name", "object_type", "privilege_type"),
    *(Column("identity_id", "int4"), *texts("identity_name", "identity_type")),
    *(Column("admin_option", "bool"), *texts("privilege_scope", "grantor_name")),
)
_GRANTS = """
    select current_database(), nullif(g."schema", ''),
        coalesce(nullif(g.relation, ''), nullif(g."schema", ''), current_database()),
        upper(g.kind), g.privilege,
        coalesce(u.id, o.id, r.id, 0),
        case g.grantee_kind when 'public' then 'public' when 'group' then '/' || g.grantee else g.grantee end,
        case g.grantee_kind when 'group' then 'role' else g.grantee_kind end,
        g.is_grantable, upper(g.kind), g.grantor
    from _system.grants as g
    left join _system.users as u on g.grantee_kind = 'user' and u.name = g.grantee
    left join _system.groups as o on g.grantee_kind = 'group' and o.name = g.grantee
    left join _system.roles as r on g.grantee_kind = 'role' and r.name = g.grantee
    where g."column" = '' and {} order by g."schema", g.relation, g.grantee, g.privilege limit $most
"""
"""AWS, "SHOW GRANTS": a group stands among the roles, with a slash before its name."""


def _grants(reader: Reader) -> Command:
    if reader.take("for"):
        kind = reader.take_one("role") or "user"
        relation = Relation(reader.identifier())
        return ShowRows(
            _GRANT_COLUMNS,
            _GRANTS.format(f"g.grantee = $name and g.grantee_kind = '{kind}'"),
            relation,
            kind,
            **_filters(reader),
        )
    reader.expect("on")
    if reader.take("schema"):
        where, relation, kind = (
            "g.kind = 'schema' and g.\"schema\" = $schema",
            Relation(reader.schema()),
            "schema",
        )
    elif reader.take("database"):
        reader.check_database(reader.identifier())
        where, relation, kind = "g.kind = 'database'", Relation(""), ""
    else:
        reader.take("table")
        where, kind = "g.kind = 'table' and g.\"schema\" = $schema and g.relation = $name", "table"
        relation = reader.relation()
    return ShowRows(_GRANT_COLUMNS, _GRANTS.format(where), relation, kind, **_filters(reader))


def _definition(reader: Reader, *, is_view: bool) -> Command:
    return ShowDefinition(reader.relation(), is_view)


_FORMS: dict[str, Callable[[Reader], Command]] = {
    "columns": _columns,
    "databases": _databases,
    "grants": _grants,
    "schemas": _schemas,
    "table": lambda reader: _definition(reader, is_view=False),
    "tables": _tables,
    "view": lambda reader: _definition(reader, is_view=True),
}
_REFUSED = (
    *(
        "column grants",
        "constraints",
        "datashares",
        "external table",
        "functions",
        "identity",
        "masking policies",
    ),
    *("model", "parameters", "policies", "procedure", "procedures", "rls policies", "template", "templates"),
)
