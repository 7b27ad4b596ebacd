"""Tables, made from the SQL beside this module; the marts are dbt's."""

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
