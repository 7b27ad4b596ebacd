"""Whether users, groups and roles are there."""

from typing import Literal

from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.statements.command import Context

Person = Literal["user", "group", "role"]


def exists(context: Context, kind: Person, name: str) -> bool:
    """Return whether one of this name is there."""
    return bool(context.rows(f"select 1 from _system.{kind}s where name = ?", name))  # noqa: S608  # ours


def require(context: Context, kind: Person, name: str) -> None:
    """Refuse one that is not there.

    Raises:
        RedshiftError: It is not.
    """
    if not exists(context, kind, name):
        msg = f'{kind} "{name}" does not exist'
        raise RedshiftError(msg, "42704")


def require_user(context: Context, name: str) -> None:
    """Refuse a user that is not there.

    Raises:
        RedshiftError: It is not.
    """
    require(context, "user", name)


def next_id(context: Context) -> int:
    """Return the number of a new user, group or role."""
    ((number,),) = context.rows("select nextval('_system.ids')")
    return int(number)


def require_free(context: Context, kind: Person, name: str) -> None:
    """Refuse a name that one of the kind has.

    Raises:
        RedshiftError: It is taken.
    """
    if exists(context, kind, name):
        msg = f'{kind} "{name}" already exists'
        raise RedshiftError(msg, "42710")
