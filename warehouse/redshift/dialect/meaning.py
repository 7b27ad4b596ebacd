"""What sqlglot's translation leaves with another meaning than Redshift's, put right.

Source: AWS, Amazon Redshift Database Developer Guide, "SQL functions reference" and "Data types".

Three differences stay, and are told here. NUMERIC divides and averages as DOUBLE PRECISION, so 15 digits are
right. SUM of any integers is NUMERIC(38,0), as Redshift's is of BIGINT only: cast it. GETDATE() has fractions
of a second.
"""

from collections.abc import Callable, Mapping

from sqlglot import exp

from warehouse.redshift.errors import NotSupportedError, ParameterError

NOW = "statement_started"
"""The parameter of DuckDB's SQL that carries the time of GETDATE()."""

MACROS = """
create or replace macro millrace_text(x) as case
    when typeof(x) in ('DOUBLE', 'FLOAT', 'BOOLEAN', 'INTERVAL')
    then error('not supported by this warehouse, and nothing was done: ' || typeof(x) || ' as text')
    else x::varchar end;
create or replace macro millrace_cut(x, n) as case
    when strlen(x) <= n then x
    else left(x, list_filter(range(n, -1, -1), lambda k: strlen(left(x, k)) <= n)[1]) end;
"""
"""Functions in the warehouse's file that the translation calls.

Redshift writes doubles in other digits than DuckDB, so they are refused as text; a cast to VARCHAR(n) cuts
after so many bytes, and never inside a character.
"""

DEFAULT_LENGTH = 256
LARGEST_LENGTH = 65_535

_TYPES = {
    *(exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT, exp.DType.DECIMAL, exp.DType.FLOAT),
    *(exp.DType.DOUBLE, exp.DType.BOOLEAN, exp.DType.VARCHAR, exp.DType.TEXT, exp.DType.DATE),
    *(exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ),
}
_TEXTS = (exp.DType.VARCHAR, exp.DType.TEXT)


def bind(tree: exp.Expr, parameters: Mapping[str, str]) -> None:
    """Put the values of `:name` in, as texts without a type, as the Data API does.

    Raises:
        ParameterError: One is missing, or one is not used.
    """
    used = set()
    for each in list(tree.find_all(exp.Placeholder)):
        if not each.name or each.name not in parameters:
            msg = f"there is no value for parameter `:{each.name}`"
            raise ParameterError(msg)
        used.add(each.name)
        each.replace(exp.Literal.string(parameters[each.name]))
    if unused := sorted(set(parameters) - used):
        msg = f"the statement does not use parameter `{unused[0]}`"
        raise ParameterError(msg)


def lower_names(tree: exp.Expr) -> None:
    """Put names in lower case, quoted ones too, as Redshift keeps them, and leave schema `public` out."""
    for each in tree.find_all(exp.Identifier):
        each.set("this", each.name.lower())
    for table in tree.find_all(exp.Table, exp.Column):
        if table.text("db") == "public":
            table.set("db", None)


def text_length(kind: exp.DataType) -> int | None:
    """Return how many bytes a text type takes, 0 where it does not say; None for other types.

    Raises:
        NotSupportedError: It is longer than Redshift's longest.
    """
    if kind.this not in _TEXTS:
        return None
    if not kind.expressions:
        return 0
    written = kind.expressions[0].name.upper()
    length = LARGEST_LENGTH if written == "MAX" else int(written)
    if not 0 < length <= LARGEST_LENGTH:
        feature = f"VARCHAR({length}); the longest is {LARGEST_LENGTH}"
        raise NotSupportedError(feature)
    return length


def mean_as_redshift(tree: exp.Expr) -> None:
    """Replace every node of a statement whose translation would mean something else.

    Raises:
        NotSupportedError: A type that is not there.
    """
    for node in list(tree.walk(bfs=False))[::-1]:  # the innermost first
        change = _CHANGES.get(type(node))
        new = change(node) if change else None
        if new is not None:
            node.replace(new)


def _now(node: exp.CurrentTimestamp) -> exp.Expr | None:
    """SYSDATE is when the transaction began, GETDATE() when the statement did; both without a zone."""
    if node.args.get("sysdate"):
        return None
    created = node.find_ancestor(exp.Create)
    is_lasting = node.find_ancestor(exp.ColumnDef) or (created and created.kind == "VIEW")
    moment = exp.CurrentTimestamp() if is_lasting else exp.Placeholder(this=NOW)
    return exp.cast(moment, "timestamp", copy=False)


def _divide(node: exp.Div) -> exp.Expr:
    """DuckDB's `//` divides by the types, as Redshift's `/` does; its `/` gives a fraction."""
    return exp.Paren(this=exp.IntDiv(this=node.this.copy(), expression=node.expression.copy()))


def _average(node: exp.Avg) -> exp.Expr | None:
    """The mean of integers is an integer: `//` sees to that, and the type of a quotient to its width."""
    window = node.parent if isinstance(node.parent, exp.Window) else None

    def over(function: type[exp.Func]) -> exp.Expr:
        part = function(this=node.this.copy())
        if window is None:
            return part
        whole = window.copy()
        whole.set("this", part)
        return whole

    mean = exp.IntDiv(this=over(exp.Sum), expression=over(exp.Count))
    sample = exp.IntDiv(this=over(exp.Min), expression=exp.cast(_number(1), "bigint"))
    whole = exp.Anonymous(this="cast_to_type", expressions=[mean, sample])
    if window is None:
        return whole
    window.replace(whole)
    return None


def _concat(node: exp.Concat) -> exp.Expr:
    """Nothing and a text is nothing."""
    left, right = (_text(each.copy()) for each in node.expressions)
    return exp.Paren(this=exp.DPipe(this=left, expression=right))


def _pipe(node: exp.DPipe) -> exp.Expr:
    return exp.DPipe(this=_text(node.this.copy()), expression=_text(node.expression.copy()))


def _text(node: exp.Expr, length: int = 0) -> exp.Expr:
    if isinstance(node, exp.Literal) and node.is_string and not length:
        return node
    text = exp.Anonymous(this="millrace_text", expressions=[node])
    if not length:
        return text
    return exp.Anonymous(this="millrace_cut", expressions=[text, exp.Literal.number(length)])


def _list(node: exp.GroupConcat) -> exp.Expr:
    """Nothing stands between the texts unless it is said."""
    separator = node.args.get("separator") or exp.Literal.string("")
    return exp.GroupConcat(this=_text(node.this.copy()), separator=separator.copy())


def _pattern(node: exp.Expr) -> exp.Expr | None:
    """A backslash escapes, unless ESCAPE names another character."""
    is_simple = isinstance(node.expression, exp.Literal) and "\\" not in node.expression.name
    if is_simple or isinstance(node.parent, exp.Escape):
        return None
    return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))


def _substring(node: exp.Substring) -> exp.Expr | None:
    """A start before the text counts what is not there; DuckDB would count from the end."""
    start, length = node.args["start"], node.args.get("length")
    if isinstance(start, exp.Literal) and int(start.name) > 0:
        return None
    parts = {"this": node.this.copy(), "start": exp.Greatest(this=start.copy(), expressions=[_number(1)])}
    if length:
        before = exp.Least(this=exp.Paren(this=start.copy() - 1), expressions=[_number(0)])
        rest = exp.Add(this=exp.Paren(this=length.copy()), expression=before)
        parts["length"] = exp.Greatest(this=rest, expressions=[_number(0)])
    return exp.Substring(**parts)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _type(node: exp.DataType) -> exp.Expr | None:
    if node.this not in _TYPES or node.args.get("nested"):
        feature = f"type {node.sql('redshift').upper()}"
        raise NotSupportedError(feature)
    text_length(node)
    if node.this is exp.DType.DECIMAL and not node.expressions:
        return exp.DataType.build("decimal(18, 0)")
    return None


def _cast(node: exp.Cast) -> exp.Expr | None:
    length = text_length(node.to)
    if length is None:
        return None
    if isinstance(node, exp.TryCast):
        feature = "TRY_CAST as text"
        raise NotSupportedError(feature)
    return _text(node.this.copy(), length)


_CHANGES: Mapping[type[exp.Expr], Callable[..., exp.Expr | None]] = {
    exp.Avg: _average,
    exp.Cast: _cast,
    exp.Concat: _concat,
    exp.CurrentTimestamp: _now,
    exp.DataType: _type,
    exp.Div: _divide,
    exp.DPipe: _pipe,
    exp.GroupConcat: _list,
    exp.ILike: _pattern,
    exp.Like: _pattern,
    exp.Substring: _substring,
    exp.TryCast: _cast,
}
