"""CONVERT(type, value): CAST in another order.

Source: AWS, Amazon Redshift Database Developer Guide, "CONVERT".
"""

from collections.abc import Callable

from sqlglot import exp
from sqlglot.errors import SqlglotError

from warehouse.redshift.dialect.build import Typed
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import cast_to
from warehouse.redshift.dialect.sql_types import written_type
from warehouse.redshift.errors import RedshiftError


def _convert(call_: Call) -> Typed:
    call_.takes(2)
    written = call_.raw[0].sql("redshift")
    try:
        kind = written_type(exp.DataType.build(written, dialect="redshift"))
    except SqlglotError:
        msg = f'type "{written}" does not exist'
        raise RedshiftError(msg) from None
    return cast_to(call_.typed(1), kind)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {"convert": _convert}
