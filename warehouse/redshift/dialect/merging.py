"""MERGE: what DuckDB would not check, and the form that sqlglot does not read.

Source: AWS, Amazon Redshift Database Developer Guide, "MERGE".
"""

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from warehouse.redshift.dialect.tokens import word

REMOVED = "DO NOTHING"
"""What stands in a tree for REMOVE DUPLICATES."""


def split_remove_duplicates(sql: str, tokens: list[Token]) -> str:
    """Return MERGE … REMOVE DUPLICATES with a WHEN that sqlglot reads in its place."""
    if [word(token) for token in tokens[-2:]] != ["remove", "duplicates"]:
        return sql
    return f"{sql[: tokens[-2].start]} WHEN MATCHED THEN {REMOVED}"


def merge_check(tree: exp.Merge) -> exp.Expr:
    """Return a query of target rows that two source rows match: Redshift fails, DuckDB would take either."""
    target, source = tree.this, tree.args["using"]
    matches = exp.select("1").from_(target.copy()).join(source.copy(), on=tree.args["on"].copy())
    row = exp.column("rowid", table=target.name, quoted=True)
    return matches.group_by(row).having("count(*) > 1").limit(1)


def replaced(tree: exp.Merge) -> tuple[exp.Expr, exp.Expr]:
    """Return REMOVE DUPLICATES as two statements: what matches goes, and all of the source comes."""
    target, source = tree.this, tree.args["using"]
    going = exp.Delete(
        this=target.copy(), using=[source.copy()], where=exp.Where(this=tree.args["on"].copy())
    )
    coming = exp.Insert(this=target.copy(), expression=exp.select("*").from_(source.copy()))
    return going, coming
