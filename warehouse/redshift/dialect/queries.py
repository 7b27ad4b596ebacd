"""Queries: which names each part sees, each column's type. A query is rewritten where it stands.

Source: AWS, Amazon Redshift Database Developer Guide, "SELECT", "WITH clause", "FROM clause", "Joins".
"""

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, binary, call, cast, named, number
from warehouse.redshift.dialect.columns import column
from warehouse.redshift.dialect.compare import alike, condition, without_blanks
from warehouse.redshift.dialect.conditions import unified
from warehouse.redshift.dialect.grouping import read_group, selected
from warehouse.redshift.dialect.hierarchies import connected
from warehouse.redshift.dialect.outer_joins import join_by_marks
from warehouse.redshift.dialect.peers import appended, combined, distinct, is_padded, show_keys
from warehouse.redshift.dialect.pivots import turned
from warehouse.redshift.dialect.reader import Reader
from warehouse.redshift.dialect.scope import Columns, Scope
from warehouse.redshift.dialect.select_lists import select_list
from warehouse.redshift.dialect.sql_types import INT8, SUPER, TEXT
from warehouse.redshift.errors import NotSupportedError, RedshiftError


def read_query(reader: Reader, node: exp.Expr, parent: Scope | None) -> Columns:
    """Rewrite a query as DuckDB means it, and return its columns.

    Raises:
        NotSupportedError: It holds something that is not known to mean the same.
        RedshiftError: It names something that is not there.
    """
    scope = Scope(parent)
    read_common(reader, node, scope)
    if isinstance(node, exp.Subquery):
        columns = read_query(reader, node.this, scope)
        _ends(reader, node, scope, columns)
        return columns
    if isinstance(node, exp.SetOperation):
        return _set_operation(reader, node, scope)
    if isinstance(node, exp.Select):
        return _select(reader, node, scope)
    feature = f"{type(node).__name__.upper()} as a query"
    raise NotSupportedError(feature)


def read_common(reader: Reader, node: exp.Expr, scope: Scope) -> None:
    """Read WITH: each query sees those before it, a recursive one itself."""
    with_ = node.args.get("with_")
    if with_ is None:
        return
    for cte in with_.expressions:
        given = [each.name for each in cte.args["alias"].args.get("columns") or []]
        if with_.args.get("recursive") and isinstance(cte.this, exp.Union) and given:
            anchor = read_query(reader, cte.this.this.copy(), scope)
            scope.queries[cte.alias] = _renamed(anchor, given, cte.alias)
        columns = read_query(reader, cte.this, scope)
        scope.queries[cte.alias] = _renamed(columns, given, cte.alias)


def _renamed(columns: Columns, names: list[str], source: str) -> Columns:
    """Name the columns of a source; a literal in it has become a text."""
    if len(names) > len(columns):
        msg = f'"{source}" has {len(columns)} columns available but {len(names)} columns specified'
        raise RedshiftError(msg)
    old = list(columns)
    kinds = [TEXT if kind.is_unknown else kind for kind in columns.values()]
    return dict(zip(names + old[len(names) :], kinds, strict=True))


def _set_operation(reader: Reader, node: exp.SetOperation, scope: Scope) -> Columns:
    left, right = read_query(reader, node.this, scope), read_query(reader, node.expression, scope)
    if len(left) != len(right):
        msg = f"each {node.key.upper()} query must have the same number of columns"
        raise RedshiftError(msg)
    columns: Columns = {}
    is_changed = [False, False]
    for (name, one), other in zip(left.items(), right.values(), strict=True):
        _, kind = unified([Typed(exp.column(name), one), Typed(exp.column(name), other)], node.key.upper())
        columns[name] = kind
        for at, side in enumerate((one, other)):
            is_changed[at] |= side != kind and not kind.is_text
    for at, (place, own) in enumerate((("this", left), ("expression", right))):
        if is_changed[at]:
            node.set(place, _converted(node.args[place], own, columns))
    whole = _with_peers(node, columns)
    _ends(reader, whole, scope, columns)
    return columns


def _with_peers(node: exp.SetOperation, columns: Columns) -> exp.Expr:
    """Put a query in the place of an operation that DuckDB would do on texts with their blanks."""
    if not any(is_padded(Typed(exp.column(name), kind)) for name, kind in columns.items()):
        return node
    order = node.args.get("order")
    if not node.args.get("distinct") and not order:
        return node
    whole = combined(node, columns) if node.args.get("distinct") else appended(node, columns)
    for name in ("with_", "order", "limit", "offset"):
        if part := node.args.get(name):
            whole.set(name, part)
    node.replace(whole)
    return whole


def _converted(query: exp.Expr, own: Columns, wanted: Columns) -> exp.Expr:
    """Return a query whose columns have the types of the union that it is part of."""
    chosen = []
    for (name, kind), want in zip(own.items(), wanted.values(), strict=True):
        source = exp.column(name, quoted=True)
        node = source if kind == want or want.is_text else cast(source, want)
        chosen.append(named(node, name))
    inner = query.this if isinstance(query, exp.Subquery) and not query.alias else query
    names = [exp.to_identifier(name, quoted=True) for name in own]  # the query may have one name twice
    alias = exp.TableAlias(this=exp.to_identifier("part", quoted=True), columns=names)
    return exp.Select(expressions=chosen).from_(exp.Subquery(this=inner, alias=alias))


def _select(reader: Reader, node: exp.Select, scope: Scope) -> Columns:
    if from_ := node.args.get("from_"):
        if node.args.get("connect"):
            connected(node, _columns_of(reader, from_.this, scope))
        from_.set("this", read_source(reader, from_.this, scope))
    if node.args.get("joins"):
        join_by_marks(node)
    for join in node.args.get("joins") or []:
        _join(reader, join, scope)
    _condition(reader, node, "where", scope)
    columns = select_list(reader, node, scope)
    keys = read_group(reader, node, scope, columns)
    inner = Scope(scope.parent, scope.sources, scope.merged, scope.queries)
    _condition(reader, node, "having", inner)
    _condition(reader, node, "qualify", scope)
    _ends(reader, node, scope, columns)
    show_keys(node, keys)
    if node.args.get("distinct"):
        node.set("distinct", distinct(selected(node, columns)))
    return columns


def _condition(reader: Reader, node: exp.Expr, name: str, scope: Scope) -> None:
    if part := node.args.get(name):
        part.set("this", condition(reader, part.this, scope))


def read_source(reader: Reader, node: exp.Expr, scope: Scope) -> exp.Expr:
    """Read one item of FROM."""
    if node.args.get("pivots"):
        plain = node.copy()
        plain.set("pivots", None)
        node = turned(node, _columns_of(reader, plain, scope))
    if isinstance(node, exp.Table):
        scope_name = node.alias or node.name
        _add(scope, scope_name, _table(reader, node, scope))
        return node
    if isinstance(node, exp.Subquery):
        if isinstance(node.this, exp.Values):
            feature = "VALUES in place of a table"
            raise NotSupportedError(feature)
        if not node.alias:  # dbt-redshift gives none; the page asks for one, and Redshift takes it without
            name = exp.to_identifier(f"subquery {len(scope.sources) + 1}", quoted=True)
            node.set("alias", exp.TableAlias(this=name))
        columns = read_query(reader, node.this, _outside(scope))
        given = [each.name for each in node.args["alias"].args.get("columns") or []]
        _add(scope, node.alias, _renamed(columns, given, node.alias))
        return node
    if isinstance(node, (exp.AtIndex, exp.Alias, exp.Unnest, exp.Column)):
        return _unnested(node, scope)
    feature = f"{node.sql('redshift')} in place of a table"
    raise NotSupportedError(feature)


def _columns_of(reader: Reader, node: exp.Expr, scope: Scope) -> Columns:
    """Return the columns of a source that is read later."""
    seen = Scope(scope.parent, queries=scope.queries)
    read_source(reader, node.copy(), seen)
    (columns,) = seen.sources.values()
    return columns


def _outside(scope: Scope) -> Scope:
    """Return what a subquery in FROM sees: the common table expressions, not its neighbours."""
    return Scope(scope.parent, queries=scope.queries)


def _add(scope: Scope, name: str, columns: Columns) -> None:
    if name in scope.sources:
        msg = f'table name "{name}" specified more than once'
        raise RedshiftError(msg)
    scope.sources[name] = columns


def _table(reader: Reader, node: exp.Table, scope: Scope) -> Columns:
    found = scope.query(node.name) if not node.db else None
    columns = found if found is not None else reader.catalogue.columns(node.db, node.name)
    alias = node.args.get("alias")
    given = [each.name for each in alias.args.get("columns") or []] if alias else []
    return _renamed(dict(columns), given, node.alias or node.name)


def _unnested(node: exp.Expr, scope: Scope) -> exp.Expr:
    """Read `FROM t, t.items AS item AT i`: each element of an array, and where it stands."""
    index = ""
    if isinstance(node, exp.AtIndex):
        index, node = node.expression.name, node.this
    if isinstance(node, exp.Unnest):
        (path,), alias = node.expressions, node.args["alias"].args["columns"][0].name
    elif isinstance(node, exp.Alias):
        path, alias = node.this, node.alias
    else:
        path, alias = node, node.name
    value = column(path, scope) if isinstance(path, exp.Column) else None
    if value is None or value.type != SUPER:
        feature = f"`{path.sql('redshift')}` in place of a table"
        raise NotSupportedError(feature)
    columns: Columns = {alias: SUPER}
    if index:
        columns[index] = INT8
    _add(scope, f"{alias}", columns)
    array = call("millrace_elements", value.node)
    chosen = [named(call("unnest", array), alias)]
    if index:
        places = exp.Paren(
            this=exp.Sub(this=call("generate_subscripts", array.copy(), number(1)), expression=number(1))
        )
        chosen.append(named(places, index))
    return exp.Lateral(
        this=exp.Subquery(this=exp.Select(expressions=chosen)),
        alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)),
    )


def _join(reader: Reader, join: exp.Join, scope: Scope) -> None:
    kind = join.kind.upper()
    if kind not in {"", "CROSS", "INNER", "OUTER"}:
        feature = f"{kind} JOIN"
        raise NotSupportedError(feature)
    before = set(scope.sources)
    join.set("this", read_source(reader, join.this, scope))
    if isinstance(join.this, exp.Lateral):
        join.set("kind", "CROSS")
    if join.method:
        _name_common(join, before, scope)
    if using := join.args.get("using"):
        (new,) = set(scope.sources) - before
        join.set("using", None)
        join.set("on", exp.and_(*(_merge(each.name, new, join.side.upper(), scope) for each in using)))
        return
    if on := join.args.get("on"):
        join.set("on", condition(reader, on, scope))


def _name_common(join: exp.Join, before: set[str], scope: Scope) -> None:
    """Make USING of NATURAL: the names that both sides have."""
    (new,) = set(scope.sources) - before
    names = dict.fromkeys(name for source in before for name in scope.sources[source])
    common = [exp.to_identifier(name) for name in names if name in scope.sources[new]]
    join.set("method", None)
    if common:
        join.set("using", common)
    else:
        join.set("kind", "CROSS")


def _merge(name: str, new: str, side: str, scope: Scope) -> exp.Expr:
    """Make one column of two, as USING asks for, and return what joins them: they compare as `=` has it.

    Raises:
        RedshiftError: One of them is not there, or more than one is before it.
    """
    columns = scope.sources.pop(new)
    found = scope.find(name) if any(name in source for source in scope.sources.values()) else None
    scope.sources[new] = columns
    if found is None or name not in columns:
        msg = f'column "{name}" specified in USING clause does not exist in both tables'
        raise RedshiftError(msg, "42703")
    pair = [Typed(*found), Typed(exp.column(name, table=new, quoted=True), columns[name])]
    left, right = alike([Typed(each.node.copy(), each.type) for each in pair], "USING")
    if side == "FULL":
        nodes, kind = unified(pair, "USING")
        scope.merged[name] = call("coalesce", *nodes), kind
    else:
        scope.merged[name] = (pair[1].node, pair[1].type) if side == "RIGHT" else found
    return binary(exp.EQ, left.node, right.node)


def _ends(reader: Reader, node: exp.Expr, scope: Scope, columns: Columns) -> None:
    """Read ORDER BY, LIMIT, OFFSET."""
    order = node.args.get("order")
    for term in order.expressions if order else []:
        term.set("this", _order_term(reader, term.this, node, scope, columns))
    limit = node.args.get("limit")
    if limit and isinstance(limit.expression, exp.Var) and limit.expression.name.upper() == "ALL":
        node.set("limit", None)
        limit = None
    for part in (limit, node.args.get("offset")):
        if part:
            part.set("expression", reader.expression(part.expression, Scope()).node)


def _order_term(reader: Reader, term: exp.Expr, node: exp.Expr, scope: Scope, columns: Columns) -> exp.Expr:
    """A name alone is one of the result; what is computed is computed of what was selected from."""
    is_place = isinstance(term, exp.Literal) and not term.is_string
    if is_place or (isinstance(term, exp.Column) and not term.table and term.name in columns):
        place = int(term.name) - 1 if is_place and term.name.isdigit() else -1
        names = list(columns)
        name = term.name if not is_place else names[place] if 0 <= place < len(names) else ""
        if isinstance(node, exp.Select) and name in columns:
            value = selected(node, columns)[names.index(name)]
            if is_padded(value):
                return without_blanks(value)
        return term if is_place else exp.column(term.name, quoted=True)
    if not isinstance(node, exp.Select):
        msg = f"ORDER BY of a {node.key.upper()} must be on one of its columns"
        raise RedshiftError(msg)
    value = reader.expression(term, scope)
    return without_blanks(value) if value.type.is_text else value.node
