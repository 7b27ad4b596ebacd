"""STL_LOAD_ERRORS: the rows that COPY could not load.

AWS, Amazon Redshift Database Developer Guide, "STL_LOAD_ERRORS", whose columns these are.
"""

from datetime import datetime

import duckdb

from warehouse.redshift.copy.failures import Failure
from warehouse.redshift.copy.files import MissingFileError
from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import LoadError, RedshiftError

TABLE = """
create table if not exists _system.stl_load_errors (
    userid integer, slice integer, tbl integer, starttime timestamp, session integer, query integer,
    filename varchar, line_number bigint, colname varchar, type varchar, col_length varchar, position integer,
    raw_line varchar, raw_field_value varchar, err_code integer, err_reason varchar, is_partial integer,
    start_offset bigint, copy_job_id bigint
);
"""


def record_failures(
    session: duckdb.DuckDBPyConnection, table: Relation, started: datetime, failures: list[Failure]
) -> None:
    """Write down the rows that a COPY left out, or that made it fail."""
    sql = """
        insert into _system.stl_load_errors
        select 100, 0, (select table_oid from duckdb_tables() where table_name = ? limit 1), ?, 0, 0,
            ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, -1
    """
    for each in failures:
        where = [each.filename, each.line_number, each.column, each.type, each.length, each.position]
        what = [each.raw_line, each.raw_value, each.code, each.reason]
        session.execute(sql, [table.name, started, *where, *what])


def failures_of(error: RedshiftError) -> list[Failure]:
    """Return the rows that made a COPY fail; where it was a file or a column, one that stands for it."""
    if not isinstance(error, LoadError):
        return [Failure("", 0, 1200, str(error))]
    if error.failures:
        return list(error.failures)
    return [Failure(error.filename, 0, 1212 if isinstance(error, MissingFileError) else 1200, error.reason)]
