"""TPC-H's data and DuckDB's own answers: `python tpch_data.py FOLDER SCALE`, run by the peers' Python.

DuckDB 1.5.5 is the last one whose `tpch` extension is on PyPI. Each table is a Parquet file of the types that
AWS's DDL has for it, and each answer one of the columns that DuckDB gives.
"""

import sys
from importlib.resources import files
from pathlib import Path

import duckdb  # 1.5.5, and not the warehouse's

TABLES = {
    "region": "r_regionkey::int as r_regionkey, r_name, r_comment",
    "nation": "n_nationkey::int as n_nationkey, n_name, n_regionkey::int as n_regionkey, n_comment",
    "supplier": (
        "s_suppkey::int as s_suppkey, s_name, s_address, s_nationkey::int as s_nationkey, s_phone, "
        "s_acctbal::decimal(12, 2) as s_acctbal, s_comment"
    ),
    "customer": (
        "c_custkey, c_name, c_address, c_nationkey::int as c_nationkey, c_phone, "
        "c_acctbal::decimal(12, 2) as c_acctbal, c_mktsegment, c_comment"
    ),
    "part": (
        "p_partkey, p_name, p_mfgr, p_brand, p_type, p_size::int as p_size, p_container, "
        "p_retailprice::decimal(12, 2) as p_retailprice, p_comment"
    ),
    "partsupp": (
        "ps_partkey, ps_suppkey::int as ps_suppkey, ps_availqty::int as ps_availqty, "
        "ps_supplycost::decimal(12, 2) as ps_supplycost, ps_comment"
    ),
    "orders": (
        "o_orderkey, o_custkey, o_orderstatus, o_totalprice::decimal(12, 2) as o_totalprice, o_orderdate, "
        "o_orderpriority, o_clerk, o_shippriority::int as o_shippriority, o_comment"
    ),
    "lineitem": (
        "l_orderkey, l_partkey, l_suppkey::int as l_suppkey, l_linenumber::int as l_linenumber, "
        "l_quantity::decimal(12, 2) as l_quantity, l_extendedprice::decimal(12, 2) as l_extendedprice, "
        "l_discount::decimal(12, 2) as l_discount, l_tax::decimal(12, 2) as l_tax, "
        "l_returnflag, l_linestatus, l_shipdate, l_commitdate, l_receiptdate, l_shipinstruct, l_shipmode, "
        "l_comment"
    ),
}
"""What is written of each table: the integers and decimals that AWS's DDL has."""


def main(folder: Path, scale: str) -> None:
    """Write `<table>.parquet` and `q<number>.parquet`."""
    folder.mkdir(parents=True, exist_ok=True)
    extension = files("duckdb_extension_tpch") / f"extensions/v{duckdb.__version__}/tpch.duckdb_extension"
    database = duckdb.connect(config={"allow_unsigned_extensions": True})
    database.execute(f"load '{extension}'")
    database.execute(f"call dbgen(sf = {float(scale)})")
    for table, columns in TABLES.items():
        query = f"select {columns} from {table}"  # noqa: S608  # ours
        database.execute(f"copy ({query}) to '{folder / table}.parquet' (format parquet)")
    for number, query in database.execute("select query_nr, query from tpch_queries()").fetchall():
        asked = query.strip().rstrip(";")
        database.execute(f"copy ({asked}) to '{folder}/q{number}.parquet' (format parquet)")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
