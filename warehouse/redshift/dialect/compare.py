"""Comparisons and logic: = <> < > BETWEEN IN IS LIKE AND OR NOT.

Source: AWS, Amazon Redshift Database Developer Guide, "Conditions" and "Significance of trailing blanks":
blanks at the end count neither in CHAR nor in VARCHAR when values are compared.
"""

from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, binary, call, cast, is_literal, string
from warehouse.redshift.dialect.casts import cast_to, text_of
from warehouse.redshift.dialect.sql_types import BOOL, FLOAT8, TEXT, common_type
from warehouse.redshift.errors import NotSupportedError, RedshiftError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope


def comparison(reader: "Reader", node: exp.Binary, scope: "Scope") -> Typed:
    """Read = <> < <= > >=."""
    if isinstance(node.expression, (exp.Any, exp.All)):
        feature = f"{type(node.expression).__name__.upper()} of a query; use IN or EXISTS"
        raise NotSupportedError(feature)
    if isinstance(node.this, exp.Tuple) or isinstance(node.expression, exp.Tuple):
        return _rows(reader, node, scope)
    left, right = alike(
        [reader.expression(node.this, scope), reader.expression(node.expression, scope)], "comparison"
    )
    return Typed(binary(type(node), left.node, right.node), BOOL)


def _rows(reader: "Reader", node: exp.Binary, scope: "Scope") -> Typed:
    left, right = node.this, node.expression
    if not (isinstance(node, exp.EQ) and isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple)):
        feature = "comparison of rows other than (a, b) = (c, d)"
        raise NotSupportedError(feature)
    if len(left.expressions) != len(right.expressions):
        msg = "unequal number of entries in row expressions"
        raise RedshiftError(msg)
    pairs = [exp.EQ(this=a, expression=b) for a, b in zip(left.expressions, right.expressions, strict=True)]
    return Typed(exp.Paren(this=exp.and_(*(reader.expression(each, scope).node for each in pairs))), BOOL)


def alike(values: list[Typed], where: str) -> list[Typed]:
    """Return values that DuckDB compares as Redshift does.

    Raises:
        NotSupportedError: Redshift would convert one, and that is not done here.
    """
    if any(value.type.name == "super" for value in values):
        return _with_super(values, where)
    kind = common_type((value.type for value in values), where)
    if not kind.is_text:
        is_same = all(value.type.is_unknown or value.type.is_number == kind.is_number for value in values)
        if not is_same:
            feature = f"{where} of {kind} with another type"
            raise NotSupportedError(feature)
        if kind.is_number:  # numbers of any kind compare by their value
            return [cast_to(value, kind) if value.type.is_unknown else value for value in values]
        return [value if value.type.name == kind.name else cast_to(value, kind) for value in values]
    return [Typed(without_blanks(value), TEXT) for value in values]


def without_blanks(value: Typed) -> exp.Expr:
    """Return a text without the blanks at its end; one kept as CHAR has none."""
    if value.type.name == "bpchar":
        return value.node
    if is_literal(value.node):
        return string(value.node.name.rstrip(" "))
    if isinstance(value.node, exp.Null):
        return value.node
    return call("rtrim", text_of(value), string(" "))


def _with_super(values: list[Typed], where: str) -> list[Typed]:
    """A SUPER compares with a scalar of its own kind, and gives nothing beside another."""
    plain = [value for value in values if value.type.name != "super"]
    if not plain:
        return values
    kind = common_type((value.type for value in plain), where)
    changed = []
    for value in values:
        if value.type.name != "super":
            changed.append(value)
        elif kind.is_text:
            changed.append(Typed(call("millrace_super_string", value.node), TEXT))
        elif kind.is_number:
            changed.append(Typed(cast(call("millrace_super_number", value.node), FLOAT8), FLOAT8))
        elif kind == BOOL:
            changed.append(Typed(call("millrace_super_bool", value.node), BOOL))
        else:
            feature = f"{where} of SUPER with {kind}; cast it"
            raise NotSupportedError(feature)
    return alike(changed, where)


def between(reader: "Reader", node: exp.Between, scope: "Scope") -> Typed:
    """Read BETWEEN, both ends included."""
    if node.args.get("symmetric"):
        feature = "BETWEEN SYMMETRIC"
        raise NotSupportedError(feature)
    parts = [reader.expression(node.args[name], scope) for name in ("this", "low", "high")]
    value, low, high = (each.node for each in alike(parts, "BETWEEN"))
    return Typed(exp.Paren(this=exp.Between(this=value, low=low, high=high)), BOOL)


def within(reader: "Reader", node: exp.In, scope: "Scope") -> Typed:
    """Read IN, of values or of a query."""
    if query := node.args.get("query"):
        return _within_query(reader, node.this, query, scope)
    if node.args.get("unnest") or node.args.get("field"):
        feature = "IN of other than values or a query"
        raise NotSupportedError(feature)
    if isinstance(node.this, exp.Tuple):
        pairs = [exp.EQ(this=node.this.copy(), expression=each) for each in node.expressions]
        return Typed(exp.Paren(this=exp.or_(*(comparison(reader, p, scope).node for p in pairs))), BOOL)
    values = [reader.expression(each, scope) for each in (node.this, *node.expressions)]
    first, *rest = (each.node for each in alike(values, "IN"))
    return Typed(exp.Paren(this=exp.In(this=first, expressions=rest)), BOOL)


def _within_query(reader: "Reader", left: exp.Expr, query: exp.Expr, scope: "Scope") -> Typed:
    held = exp.Paren(this=query)  # another may take its place
    columns = list(reader.query(query, scope).items())
    query = held.this
    lefts = list(left.expressions) if isinstance(left, exp.Tuple) else [left]
    if len(lefts) != len(columns):
        msg = f"subquery has {len(columns)} columns where {len(lefts)} are compared"
        raise RedshiftError(msg)
    values = [reader.expression(each, scope) for each in lefts]
    named = [
        (value, Typed(exp.column(name, quoted=True), kind))
        for value, (name, kind) in zip(values, columns, strict=True)
    ]
    pairs = [alike([value, column], "IN") for value, column in named]
    chosen = [pair[1].node for pair in pairs]
    inner = query.this if isinstance(query, exp.Subquery) else query
    if any(not isinstance(each, exp.Column) for each in chosen):
        inner = exp.Select(expressions=chosen).from_(
            exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("compared")))
        )
    nodes = [pair[0].node for pair in pairs]
    this = exp.Tuple(expressions=nodes) if isinstance(left, exp.Tuple) else nodes[0]
    return Typed(exp.Paren(this=exp.In(this=this, query=exp.Subquery(this=inner))), BOOL)


def exists(reader: "Reader", node: exp.Exists, scope: "Scope") -> Typed:
    """Read EXISTS."""
    reader.query(node.this, scope)
    return Typed(node, BOOL)


def is_(reader: "Reader", node: exp.Is, scope: "Scope") -> Typed:
    """Read IS NULL, IS TRUE, IS FALSE, IS UNKNOWN."""
    value = reader.expression(node.this, scope)
    right = node.expression
    if not isinstance(right, (exp.Null, exp.Boolean)):
        feature = f"IS {right.sql('redshift')}"
        raise NotSupportedError(feature)
    inner = call("millrace_super_null", value.node) if value.type.name == "super" else value.node
    test = exp.Paren(this=exp.Is(this=inner, expression=right))
    return Typed(exp.Paren(this=exp.Not(this=test)) if node.args.get("negate") else test, BOOL)


def logic(reader: "Reader", node: exp.Binary, scope: "Scope") -> Typed:
    """Read AND, OR: a long row of them without recursion."""
    kind, rest = type(node), [node]
    parts: list[exp.Expr] = []
    while rest:
        each = rest.pop()
        if type(each) is kind:
            rest += [each.expression, each.this]
        else:
            parts.append(condition(reader, each, scope))
    joined = parts[0]
    for part in parts[1:]:
        joined = kind(this=joined, expression=part)
    return Typed(exp.Paren(this=joined), BOOL)


def negation(reader: "Reader", node: exp.Not, scope: "Scope") -> Typed:
    """Read NOT."""
    return Typed(exp.Paren(this=exp.Not(this=condition(reader, node.this, scope))), BOOL)


def condition(reader: "Reader", node: exp.Expr, scope: "Scope") -> exp.Expr:
    """Return an expression that is true or false.

    Raises:
        RedshiftError: It is of another type.
    """
    value = reader.expression(node, scope)
    if value.type.is_unknown:
        value = cast_to(value, BOOL)
    if value.type.name == "super":
        value = Typed(call("millrace_super_bool", value.node), BOOL)
    if value.type != BOOL:
        msg = f"argument of a condition must be boolean, and is {value.type}"
        raise RedshiftError(msg)
    return value.node


def like(reader: "Reader", node: exp.Binary, scope: "Scope") -> Typed:
    """Read LIKE, ILIKE: a backslash escapes unless ESCAPE names another character."""
    escape = "\\"
    parent = node
    if isinstance(node, exp.Escape):
        if not is_literal(node.expression) or len(node.expression.name) != 1:
            feature = "ESCAPE of other than one character"
            raise NotSupportedError(feature)
        escape, parent = node.expression.name, node.this
    if not isinstance(parent, (exp.Like, exp.ILike)):
        feature = "ESCAPE here"
        raise NotSupportedError(feature)
    if isinstance(parent.expression, (exp.Any, exp.All, exp.Tuple)):
        feature = "LIKE ANY"
        raise NotSupportedError(feature)
    text = text_of(reader.expression(parent.this, scope))
    pattern = reader.expression(parent.expression, scope)
    plain = type(parent)(this=text, expression=text_of(pattern))
    is_simple = is_literal(pattern.node) and escape not in pattern.node.name
    test = exp.Paren(this=plain if is_simple else exp.Escape(this=plain, expression=string(escape)))
    return Typed(exp.Paren(this=exp.Not(this=test)) if parent.args.get("negate") else test, BOOL)
