"""Names of relations: the database's, those of users, and the system's own, which only its views show.

The system's relations lie in one schema of DuckDB's, `_system`, which no statement can name; Redshift's names
of them lead there. https://docs.aws.amazon.com/redshift/latest/dg/c_intro_catalog_views.html
"""

from sqlglot import exp

from warehouse.redshift.catalogue.views import VIEWS
from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import NotSupportedError, RedshiftError

SYSTEM = "_system"
PUBLIC = "public"

SYSTEM_VIEWS = VIEWS
"""What anyone reads and none writes; those of `information_schema` with its name before theirs."""

_PREFIXES = ("pg_", "stl_", "stv_", "svcs_", "svl_", "svv_", "sys_")
_OTHERS = ("duckdb_", "pragma_", "sqlite_")


def is_system_name(name: str) -> bool:
    """Whether a relation of that name, without a schema, is the system's."""
    return name.startswith(_PREFIXES)


def settle_names(tree: exp.Expr, database: str) -> None:
    """Leave out the database's name, and lead the names of the system's relations to where they are.

    Raises:
        NotSupportedError: A relation of the system that is not there.
        RedshiftError: Another database, or a relation of the system that is written.
    """
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for column in tree.find_all(exp.Column):
        if column.catalog == database:  # else the first of four names begins a path into a SUPER
            column.set("catalog", None)
    for table in list(tree.find_all(exp.Table)):
        _check_database(table, database)
        table.set("catalog", None)
        if table.db or table.name not in ctes:
            _settle(table)


def check_written(relation: Relation) -> None:
    """Refuse to write what is the system's.

    Raises:
        RedshiftError: It is.
    """
    if relation.schema in {SYSTEM, "information_schema", "pg_catalog"} or (
        not relation.schema and relation.name.startswith((*_PREFIXES, *_OTHERS))
    ):
        msg = f'permission denied: "{relation.name}" is a table of the system'
        raise RedshiftError(msg, "42501")


def _check_database(table: exp.Table, database: str) -> None:
    if table.catalog not in {"", database}:
        msg = f'database "{table.catalog}" is not there; there is "{database}"'
        raise RedshiftError(msg, "3D000")
    if table.db in {SYSTEM, "main", "temp"}:
        msg = f'schema "{table.db}" does not exist'
        raise RedshiftError(msg, "3F000")


def _settle(table: exp.Table) -> None:
    schema, name = table.db, table.name
    if schema == "information_schema":
        wanted = f"{schema}.{name}"
    elif schema == "pg_catalog" or (not schema and name.startswith(_PREFIXES)):
        wanted = name
    elif not schema and name.startswith(_OTHERS):
        feature = f"system table {name}"
        raise NotSupportedError(feature)
    else:
        return
    if wanted not in SYSTEM_VIEWS:
        feature = f"system table {wanted}"
        raise NotSupportedError(feature)
    if not table.alias:  # its columns may be told by its name
        table.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
    table.set("this", exp.to_identifier(wanted, quoted=True))
    table.set("db", exp.to_identifier(SYSTEM))
