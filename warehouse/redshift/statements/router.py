"""From the first words of a statement to who reads it; queries and changes of rows are not read here."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from warehouse.redshift.errors import NotSupportedError
from warehouse.redshift.statements.alter_table import alter_table
from warehouse.redshift.statements.command import Command
from warehouse.redshift.statements.comments import comment
from warehouse.redshift.statements.create_table import create_table
from warehouse.redshift.statements.create_view import create_view
from warehouse.redshift.statements.drops import drop_relations
from warehouse.redshift.statements.grants import grant, revoke
from warehouse.redshift.statements.maintenance import analyze, explain, vacuum
from warehouse.redshift.statements.materialized import alter_materialized, create_materialized, refresh
from warehouse.redshift.statements.prepared import cancel, close, deallocate, declare, execute, fetch, prepare
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.refused import REFUSED
from warehouse.redshift.statements.schemas import alter_schema, create_schema, drop_schema
from warehouse.redshift.statements.settings import reset, set_parameter
from warehouse.redshift.statements.show import show
from warehouse.redshift.statements.users import (
    alter_group,
    alter_role,
    alter_user,
    create_group,
    create_role,
    create_user,
    drop_people,
)

Read = Callable[[Reader], Command]

_TEMPORARY = partial(create_table, is_temporary=True)
_ROUTES: Mapping[str, Mapping[str, Read]] = MappingProxyType(
    {
        "alter": {
            "group": alter_group,
            "materialized view": alter_materialized,
            "role": alter_role,
            "schema": alter_schema,
            "table": alter_table,
            "user": alter_user,
        },
        "analyze": {"": analyze},
        "cancel": {"": cancel},
        "close": {"": close},
        "comment": {"": comment},
        "create": {
            "group": create_group,
            "materialized view": create_materialized,
            "or replace view": partial(create_view, is_replaced=True),
            "role": create_role,
            "schema": create_schema,
            "table": partial(create_table, is_temporary=False),
            "user": create_user,
            "view": partial(create_view, is_replaced=False),
            **{
                f"{scope}{word} table": _TEMPORARY
                for scope in ("", "local ")
                for word in ("temp", "temporary")
            },
        },
        "deallocate": {"": deallocate},
        "declare": {"": declare},
        "drop": {
            "group": partial(drop_people, kind="group"),
            "materialized view": partial(drop_relations, kind="materialized view"),
            "role": partial(drop_people, kind="role"),
            "schema": drop_schema,
            "table": partial(drop_relations, kind="table"),
            "user": partial(drop_people, kind="user"),
            "view": partial(drop_relations, kind="view"),
        },
        "execute": {"": execute},
        "explain": {"": explain},
        "fetch": {"": fetch},
        "grant": {"": grant},
        "prepare": {"": prepare},
        "refresh": {"materialized view": refresh},
        "reset": {"": reset},
        "revoke": {"": revoke},
        "set": {"": set_parameter},
        "show": {"": show},
        "vacuum": {"": vacuum},
    }
)


OF_SESSION = frozenset(
    {"cancel", "close", "deallocate", "declare", "explain", "fetch", "prepare", "reset", "set", "show"}
)
"""First words of statements that change nothing but their session."""


def is_command(first: str) -> bool:
    """Return whether a statement with this first word is read here; queries and changes of rows are not."""
    return first in _ROUTES or first in REFUSED


def read_command(sql: str, first: str, database: str) -> Command:
    """Return a statement that is neither a query nor a change of rows.

    Args:
        sql: The statement.
        first: Its first word.
        database: That it is run in.

    Raises:
        NotSupportedError: Redshift has it, and it is not there.
        RedshiftError: It is no statement.
    """
    reader = Reader(sql, database)
    reader.expect(first)
    for words in REFUSED.get(first, ()):
        if reader.take(*words.split()):
            feature = f"{first} {words}".strip().upper()
            raise NotSupportedError(feature)
    for words, read in _ROUTES.get(first, {}).items():
        if reader.take(*words.split()):
            return read(reader)
    count = 3 if reader.ahead_is("or", "replace") else 1
    feature = " ".join([first, *(token.text for token in reader.ahead(count))]).upper()
    raise NotSupportedError(feature)
