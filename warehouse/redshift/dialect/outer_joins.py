"""The (+) of Oracle in WHERE: an outer join, written as one.

Source: AWS, Amazon Redshift Database Developer Guide, "Oracle-style outer joins in the WHERE clause".
"""

from sqlglot import exp

from warehouse.redshift.errors import NotSupportedError, RedshiftError


def join_by_marks(select: exp.Select) -> None:
    """Move conditions with (+) from WHERE into left joins of the tables that they mark.

    Raises:
        NotSupportedError: A condition that marks no table, or is part of an OR.
        RedshiftError: It marks two tables.
    """
    where = select.args.get("where")
    if not where or not any(each.args.get("join_mark") for each in where.find_all(exp.Column)):
        return
    kept: list[exp.Expr] = []
    joined: dict[str, list[exp.Expr]] = {}
    for part in list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]:
        marked = [each for each in part.find_all(exp.Column) if each.args.get("join_mark")]
        if not marked:
            kept.append(part)
            continue
        tables = {each.table for each in marked}
        if "" in tables or not isinstance(part, exp.Predicate):
            feature = f"(+) in `{part.sql('redshift')}`; name the table, and join conditions by AND only"
            raise NotSupportedError(feature)
        if len(tables) > 1:
            msg = "a predicate may mark only one table with (+)"
            raise RedshiftError(msg)
        for each in marked:
            each.set("join_mark", None)
        joined.setdefault(tables.pop(), []).append(part)
    joins = {join.this.alias_or_name: join for join in select.args.get("joins") or []}
    for table, conditions in joined.items():
        join = joins.get(table)
        if join is None or join.args.get("on") or join.args.get("using") or join.side:
            feature = f'(+) on "{table}", which is not one of the later tables of a FROM list with commas'
            raise NotSupportedError(feature)
        join.set("side", "LEFT")
        join.set("kind", "")
        join.set("on", exp.and_(*conditions))
    _order(select, joined)
    where.set("this", exp.and_(*kept)) if kept else select.set("where", None)


def _order(select: exp.Select, joined: dict[str, list[exp.Expr]]) -> None:
    """Tables that are joined by (+) come after those that their conditions name."""
    joins = select.args["joins"]
    plain = [join for join in joins if join.this.alias_or_name not in joined]
    later = [join for join in joins if join.this.alias_or_name in joined]
    for join in plain:
        if not join.args.get("on") and not join.args.get("using") and not join.kind:
            join.set("kind", "CROSS")
    placed = {select.args["from_"].this.alias_or_name, *(join.this.alias_or_name for join in plain)}
    ordered = []
    while later:
        ready = [
            join
            for join in later
            if {each.table for each in join.args["on"].find_all(exp.Column)}
            <= placed | {join.this.alias_or_name}
        ]
        if not ready:
            feature = "(+) joins that wait for each other"
            raise NotSupportedError(feature)
        for join in ready:
            placed.add(join.this.alias_or_name)
            ordered.append(join)
            later.remove(join)
    select.set("joins", plain + ordered)
