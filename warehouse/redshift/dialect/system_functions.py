"""Functions of the system beside other things: who asks, what they may do, what ran last.

Source: AWS, Amazon Redshift Database Developer Guide, "System information functions". The catalogue has them
as macros; `system_query` reads those that only queries of the catalogue call.
"""

from collections.abc import Callable, Mapping

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.names import SYSTEM
from warehouse.redshift.dialect.sql_types import BOOL, INT4, INT8, TEXT, Type

_TYPES: Mapping[str, tuple[Type, int, int]] = {
    "current_database": (TEXT, 0, 0),
    "current_schema": (TEXT, 0, 0),
    "current_user": (TEXT, 0, 0),
    "current_user_id": (INT4, 0, 0),
    "has_schema_privilege": (BOOL, 2, 3),
    "has_table_privilege": (BOOL, 2, 3),
    "pg_backend_pid": (INT4, 0, 0),
    "pg_cancel_backend": (INT4, 1, 1),
    "pg_get_userbyid": (TEXT, 1, 1),
    "pg_last_copy_count": (INT8, 0, 0),
    "pg_last_copy_id": (INT8, 0, 0),
    "pg_last_query_id": (INT8, 0, 0),
    "quote_ident": (TEXT, 1, 1),
    "quote_literal": (TEXT, 1, 1),
    "session_user": (TEXT, 0, 0),
    "user": (TEXT, 0, 0),
    "version": (TEXT, 0, 0),
}
"""Their types, and how many arguments they take."""

_WORDS = ("current_schema", "current_user", "current_user_id", "session_user", "user")


def _called(call: Call) -> Typed:
    kind, least, most = _TYPES[call.name]
    call.takes(least, most)
    arguments = [call.typed(place).node for place in range(len(call.raw))]
    function = exp.Anonymous(this=call.name, expressions=arguments)
    return Typed(exp.Dot(this=exp.to_identifier(SYSTEM), expression=function), kind)


FUNCTIONS: Mapping[str, Callable[[Call], Typed]] = dict.fromkeys(_TYPES, _called)
BARE: Mapping[str, Callable[[Call], Typed]] = dict.fromkeys(_WORDS, _called)
"""Words that are functions without parentheses."""
