"""The reference of the system's views, from their SQL: `python -m warehouse.redshift.catalogue.describe`.

docs/redshift-catalogue.md is what it prints.
"""

import re
import sys
from collections.abc import Iterator
from typing import Any

from sqlglot import exp, parse_one

from warehouse.redshift.catalogue.views import FAMILIES, VIEWS, family_sql

_HEAD = """\
# The system's views

What `pg_catalog`, `information_schema`, SVV, STL, SVL, STV and SYS views say in this warehouse. This page is
made from their SQL in `warehouse/redshift/catalogue/views/` by
`python -m warehouse.redshift.catalogue.describe`.
What is not here is refused by name: `not supported by this warehouse, and nothing was done: system table …`.

- Columns that are **told** follow from what users made and ran. **Constant** ones say the same in every row.
- **Simulated** ones are of slices, which are not there. A row's slice is a hash of its DISTKEY, which is not
  AWS's, modulo the number of slices (`MILLRACE_DATABASE_SLICES`): it shows how even a key is.
- Object identifiers hold while the process runs; a restart may give others.
- The logs hold the last 10,000 statements, loads and sessions, and end with the process; AWS keeps them for
  2 to 7 days. Statements are cut after 65,535 characters. Passwords and credentials are masked.
- A text column of a view has the length of the column that it is; what a function gives has none.
- SVV_TABLE_INFO shows empty tables too. Its `size` counts blocks of the file, so it is 0 until a checkpoint.
- Arrays are texts, as PostgreSQL writes them: `{1,2}`.
- Queries of the system's views only may use PostgreSQL's words as its clients do: `::regclass`,
  `OPERATOR(pg_catalog.~)`, `ARRAY(…)`, `= ANY(…)`. Beside tables of users they are refused.
"""
_VIEW = re.compile(r"^create or replace view .*?;$", re.MULTILINE | re.DOTALL)
_SIMULATED = re.compile(r"^-- simulated: (.+)$", re.MULTILINE)


def describe() -> str:
    """Return the page."""
    parts, shown = [_HEAD], set()
    for family in FAMILIES:
        views = list(_views(family_sql(family)))
        if views:
            rows = "".join(
                f"| `{name}` | {told} | {constant} | {faked} |\n" for name, told, constant, faked in views
            )
            parts.append(f"## {family}\n\n| view | told | constant | simulated |\n|---|---|---|---|\n{rows}")
        shown |= {name for name, *_ in views}
    tables = ", ".join(f"`{name}`" for name in sorted(VIEWS - shown))
    parts.append(f"## What COPY and UNLOAD write\n\n{tables}, with AWS's columns.\n")
    return "\n".join(parts)


def _views(sql: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield each view that is shown: its name, and its columns by what they are."""
    simulated = {name for line in _SIMULATED.findall(sql) for name in line.split(", ")}
    for written in _VIEW.findall(sql):
        tree = parse_one(written, read="duckdb")
        name = tree.this.name
        if name not in VIEWS:
            continue
        told, constant, faked = [], [], []
        for column, values in _columns(tree.expression):
            if f"{name}.{column}" in simulated:
                faked.append(column)
            elif all(map(_is_constant, values)) and len(set(map(_value, values))) == 1:
                constant.append(column)
            else:
                told.append(column)
        where = tree.expression.args.get("where")
        is_empty = where and where.this == exp.false()
        yield name, "*no rows*" if is_empty else ", ".join(told), ", ".join(constant), ", ".join(faked)


def _columns(query: exp.Expr) -> Iterator[tuple[str, list[exp.Expr]]]:
    """Yield the name of each column, and what it is in each branch of a UNION."""
    branches: list[Any] = [query]
    while isinstance(branches[0], exp.Union):
        union = branches.pop(0)
        branches[:0] = [union.this, union.expression]
    for place, first in enumerate(branches[0].selects):
        yield first.alias_or_name, [branch.selects[place].unalias() for branch in branches]


def _is_constant(value: exp.Expr) -> bool:
    """Whether it says the same in every row; the database's name is one too."""
    return not any(
        isinstance(node, (exp.Column, exp.Anonymous, exp.AggFunc, exp.Subquery, exp.Exists))
        for node in value.walk()
    )


def _value(value: exp.Expr) -> str:
    while isinstance(value, exp.Cast):
        value = value.this
    return value.sql("duckdb")


if __name__ == "__main__":
    sys.stdout.write(describe())
