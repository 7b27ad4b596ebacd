"""INSERT, UPDATE, DELETE, MERGE, and queries as statements: each part as Redshift means it.

Source: AWS, Amazon Redshift Database Developer Guide, "INSERT", "UPDATE", "DELETE", "MERGE", "SELECT".
"""

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, call, cast, named, number, string
from warehouse.redshift.dialect.casts import assign
from warehouse.redshift.dialect.compare import condition
from warehouse.redshift.dialect.queries import read_common, read_query, read_source
from warehouse.redshift.dialect.reader import Reader
from warehouse.redshift.dialect.scope import Columns, Scope
from warehouse.redshift.dialect.sql_types import Type
from warehouse.redshift.errors import NotSupportedError, RedshiftError


def read_result(reader: Reader, tree: exp.Expr) -> tuple[exp.Expr, Columns]:
    """Rewrite a query whose rows a client gets, and return it with its columns: a CHAR has its blanks."""
    tree, columns = _read(reader, tree)
    return _with_types(tree, columns, is_shown=True), columns


def read_stored(reader: Reader, tree: exp.Expr) -> tuple[exp.Expr, Columns]:
    """Rewrite a query whose rows are kept, and return it with its columns."""
    tree, columns = _read(reader, tree)
    return _with_types(tree, columns, is_shown=False), columns


def _read(reader: Reader, tree: exp.Expr) -> tuple[exp.Expr, Columns]:
    """Rewrite a query, of which another may take the place, and return it."""
    held = exp.Paren(this=tree)
    columns = read_query(reader, tree, None)
    query: exp.Expr = held.this
    query.pop()
    return query, columns


def _with_types(tree: exp.Expr, columns: Columns, *, is_shown: bool) -> exp.Expr:
    """Give each column the very type that Redshift gives it, where DuckDB's may differ."""
    select = tree
    while isinstance(select, exp.Subquery) and not isinstance(select.this, exp.SetOperation):
        select = select.this
    if not isinstance(select, exp.Select):
        return _around(tree, columns, is_shown=is_shown)
    if select.args.get("distinct") and any(kind.name == "bpchar" for kind in columns.values()) and is_shown:
        return _around(tree, columns, is_shown=is_shown)
    for each, kind in zip(select.expressions, columns.values(), strict=True):
        inner = each.this if isinstance(each, exp.Alias) else each
        changed = _exact(inner, kind, is_shown=is_shown)
        if changed is not inner:
            name = each.alias if isinstance(each, exp.Alias) else each.name
            each.replace(named(changed, name))
    return tree


def _around(tree: exp.Expr, columns: Columns, *, is_shown: bool) -> exp.Expr:
    changes = [
        _exact(exp.column(name, quoted=True), kind, is_shown=is_shown) for name, kind in columns.items()
    ]
    if all(isinstance(each, exp.Column) for each in changes):
        return tree
    names = [named(node, name.rstrip(" ")) for node, name in zip(changes, columns, strict=True)]
    if len({name.rstrip(" ") for name in columns}) < len(columns):
        return tree
    order = tree.args.get("order")
    inner = exp.Subquery(this=tree, alias=exp.TableAlias(this=exp.to_identifier("result", quoted=True)))
    outer = exp.Select(expressions=names).from_(inner)
    if order:  # a subquery's order need not be the result's
        outer.set("order", order.copy())
    return outer


def _exact(node: exp.Expr, kind: Type, *, is_shown: bool) -> exp.Expr:
    if kind.name == "bpchar" and is_shown and kind.size:
        return call("rpad", node.copy(), number(kind.size), string(" "))
    if kind.is_unknown:
        return cast(node.copy(), "VARCHAR")
    is_bare = isinstance(node, (exp.Column, exp.Cast))
    if kind.name in {"numeric", "interval"} and not (is_bare and kind.name == "interval"):
        is_cast = isinstance(node, exp.Cast) and node.to.sql("duckdb") == cast(exp.Null(), kind).args[
            "to"
        ].sql("duckdb")
        return node if is_cast or isinstance(node, exp.Column) else cast(node.copy(), kind)
    return node


def read_insert(reader: Reader, tree: exp.Insert) -> None:
    """Rewrite INSERT: a value takes the type of its column, DEFAULT its default."""
    target = tree.this
    table = target.this if isinstance(target, exp.Schema) else target
    columns = _columns(reader, table)
    names = [each.name for each in target.expressions] if isinstance(target, exp.Schema) else list(columns)
    for name in names:
        if name not in columns:
            msg = f'column "{name}" of relation "{table.name}" does not exist'
            raise RedshiftError(msg, "42703")
    if tree.args.get("default"):
        return
    scope = Scope()
    if tree.args.get("with_"):
        feature = "WITH before INSERT; put it behind"
        raise NotSupportedError(feature)
    source = tree.expression
    if isinstance(source, exp.Values):
        for row in source.expressions:
            _check_width(len(row.expressions), names, target)
            row.set(
                "expressions",
                [
                    _value(reader, each, columns[name], name, scope)
                    for each, name in zip(row.expressions, names, strict=False)
                ],
            )
        if not isinstance(target, exp.Schema):
            _name_columns(tree, table, names[: len(source.expressions[0].expressions)])
        return
    own = read_query(reader, source, None)
    source = tree.expression
    _check_width(len(own), names, target)
    wanted = [columns[name] for name in names[: len(own)]]
    tree.set("expression", _assigned(source, own, wanted, names))
    if len(own) < len(names):
        _name_columns(tree, table, names[: len(own)])


def _check_width(given: int, names: list[str], target: exp.Expr) -> None:
    """AWS: fewer values than columns may be given, but not fewer than columns that are named."""
    is_named = not isinstance(target, exp.Table)
    if given > len(names) or (is_named and given < len(names)):
        found, wanted = ("expressions", "target columns")[:: 1 if given > len(names) else -1]
        msg = f"INSERT has more {found} than {wanted}"
        raise RedshiftError(msg, "42601")


def _name_columns(tree: exp.Insert, table: exp.Expr, names: list[str]) -> None:
    columns = [exp.to_identifier(name, quoted=True) for name in names]
    tree.set("this", exp.Schema(this=table.copy(), expressions=columns))


def _value(reader: Reader, node: exp.Expr, kind: Type, name: str, scope: Scope) -> exp.Expr:
    if isinstance(node, exp.Var) and node.name.upper() == "DEFAULT":
        return node
    if isinstance(node, exp.Column) and not node.table and node.name == "default":
        return exp.Var(this="DEFAULT")
    return assign(reader.expression(node, scope), kind, name).node


def _assigned(source: exp.Expr, own: Columns, wanted: list[Type], names: list[str]) -> exp.Expr:
    pairs = list(zip(own.items(), wanted, names, strict=False))
    values = [
        assign(Typed(exp.column(column, table="given", quoted=True), kind), want, name)
        for (column, kind), want, name in pairs
    ]
    if all(isinstance(each.node, exp.Column) for each in values):
        return source
    select = source
    while isinstance(select, exp.Subquery):
        select = select.this
    if isinstance(select, exp.Select) and not select.args.get("distinct") and not select.args.get("order"):
        chosen = []
        for each, ((_, kind), want, name) in zip(select.expressions, pairs, strict=True):
            inner = each.this if isinstance(each, exp.Alias) else each
            chosen.append(named(assign(Typed(inner.copy(), kind), want, name).node, name))
        select.set("expressions", chosen)
        return source
    alias = exp.TableAlias(
        this=exp.to_identifier("given", quoted=True),
        columns=[exp.to_identifier(column, quoted=True) for column in own],
    )
    inner = source if isinstance(source, exp.Subquery) else exp.Subquery(this=source)
    inner.set("alias", alias)
    return exp.Select(expressions=[each.node for each in values]).from_(inner)


def read_update(reader: Reader, tree: exp.Update) -> None:
    """Rewrite UPDATE … SET … [FROM …] [WHERE …]."""
    scope = Scope()
    read_common(reader, tree, scope)
    columns = _target(reader, tree.this, scope)
    if from_ := tree.args.get("from_"):
        from_.set("this", read_source(reader, from_.this, scope))
        for join in from_.this.args.get("joins") or []:
            join.set("this", read_source(reader, join.this, scope))
            if on := join.args.get("on"):
                join.set("on", condition(reader, on, scope))
    tree.set("expressions", [_set(reader, each, columns, scope) for each in tree.expressions])
    _where(reader, tree, scope)


def _set(reader: Reader, node: exp.Expr, columns: Columns, scope: Scope) -> exp.Expr:
    name = node.this.name
    if name not in columns:
        msg = f'column "{name}" does not exist'
        raise RedshiftError(msg, "42703")
    value = _value(reader, node.expression, columns[name], name, scope)
    return exp.EQ(this=exp.column(name, quoted=True), expression=value)


def read_delete(reader: Reader, tree: exp.Delete) -> None:
    """Rewrite DELETE [FROM] … [USING …] [WHERE …]."""
    scope = Scope()
    read_common(reader, tree, scope)
    _target(reader, tree.this, scope)
    tree.set("using", [read_source(reader, each, scope) for each in tree.args.get("using") or []] or None)
    _where(reader, tree, scope)


def _where(reader: Reader, tree: exp.Expr, scope: Scope) -> None:
    if where := tree.args.get("where"):
        where.set("this", condition(reader, where.this, scope))


def _target(reader: Reader, table: exp.Expr, scope: Scope) -> Columns:
    columns = _columns(reader, table)
    scope.sources[table.alias or table.name] = columns
    return columns


def _columns(reader: Reader, table: exp.Expr) -> Columns:
    return dict(reader.catalogue.columns(table.text("db"), table.name))


def read_merge(reader: Reader, tree: exp.Merge) -> None:
    """Rewrite MERGE: conditions and values, each with the names that it may use."""
    scope = Scope()
    columns = _target(reader, tree.this, scope)
    tree.set("using", read_source(reader, tree.args["using"], scope))
    tree.set("on", condition(reader, tree.args["on"], scope))
    for when in tree.args["whens"].expressions:
        then = when.args["then"]
        if isinstance(then, exp.Update):
            then.set("expressions", [_set(reader, each, columns, scope) for each in then.expressions])
        elif isinstance(then, exp.Insert):
            names = [each.name for each in then.this.expressions] if then.this else list(columns)
            values = then.expression.expressions
            _check_width(len(values), names, then.this or tree.this)
            for name in names:
                if name not in columns:
                    msg = f'column "{name}" of relation "{tree.this.name}" does not exist'
                    raise RedshiftError(msg, "42703")
            then.expression.set(
                "expressions",
                [
                    _value(reader, each, columns[name], name, scope)
                    for each, name in zip(values, names, strict=False)
                ],
            )
