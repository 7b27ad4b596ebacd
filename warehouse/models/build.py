"""Tables and marts, made from the SQL beside this module."""

from runtime.warehouse import Warehouse
from warehouse.models.statements import names, statements


def create_tables(warehouse: Warehouse) -> None:
    """Create the tables of the star schema that are missing; what is there stays.

    Raises:
        StatementFailedError: The warehouse refused one; none is created then.
    """
    warehouse.batch([statement for name in names("schema") for statement in statements(f"schema/{name}.sql")])


def build_marts(warehouse: Warehouse) -> list[str]:
    """Build every mart anew, all in one transaction, and return their names.

    Raises:
        StatementFailedError: The warehouse refused one; the marts stay as they were.
    """
    marts = names("marts")
    batch = []
    for name in marts:
        (select,) = statements(f"marts/{name}.sql")
        batch += [f"drop table if exists {name}", f"create table {name} as\n{select}"]
    warehouse.batch(batch)
    return marts
