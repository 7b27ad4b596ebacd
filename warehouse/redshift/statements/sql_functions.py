"""CREATE FUNCTION … LANGUAGE sql and DROP FUNCTION: the record of a function, which calls are written from.

Source: https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_FUNCTION.html.
"""

from dataclasses import dataclass

from warehouse.redshift.result import Result
from warehouse.redshift.statements.command import Context


@dataclass(frozen=True, slots=True)
class SqlFunctionChange:
    """A function that comes or goes.

    Attributes:
        sql: DuckDB's statements that change the record.
        tag: The words that PostgreSQL's protocol ends the statement with.
    """

    sql: str
    tag: str

    def run(self, context: Context) -> Result:
        """Change the record, in the session's transaction."""
        context.connection.execute(self.sql)
        return Result(self.tag)
