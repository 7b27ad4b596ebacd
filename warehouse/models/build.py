"""Tables and marts, made from the SQL beside this module."""

from runtime.warehouse import Warehouse
from warehouse.models.statements import names, statements


def create_tables(warehouse: Warehouse) -> list[str]:
    """Create the tables of the star schema that are missing, and return their names; what is there stays.

    Raises:
        StatementFailedError: The warehouse refused one; none is created then.
    """
    there = {name for (name,) in warehouse.query("select tablename from pg_tables").rows}
    missing = [name for name in names("schema") if name not in there]
    if missing:
        warehouse.batch([sql for name in missing for sql in statements(f"schema/{name}.sql")])
    return missing


def build_marts(warehouse: Warehouse) -> list[str]:
    """Build every mart anew, all in one transaction and from whole loads only, and return their names.

    Raises:
        StatementFailedError: The warehouse refused one; the marts stay as they were.
    """
    marts = names("marts")
    batch = ["lock etl_ledger"]
    for name in marts:
        (select,) = statements(f"marts/{name}.sql")
        batch += [f"drop table if exists {name}", f"create table {name} as\n{select}"]
    warehouse.batch(batch)
    return marts
