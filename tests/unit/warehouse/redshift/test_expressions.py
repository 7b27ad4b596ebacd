"""Random typed expressions through the layer, against a small model of Redshift's rules in Python.

The model knows of no SQL: a node computes its own type and value, by AWS's "Computations with numeric
values", "Type compatibility and conversion", "CASE", "NVL and COALESCE", "Significance of trailing
blanks".
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.locks import TableLocks

type Kind = Literal["int", "decimal", "text", "date", "bool"]

FAILS = "fails"
"""The value of what Redshift refuses to compute: a division by zero, an overflow."""


@dataclass(frozen=True)
class Model:
    """An expression in SQL, and what it is.

    Attributes:
        sql: Its text.
        kind: Of its type.
        value: What it gives, or FAILS.
        digits: Of a decimal, all and those behind the point.
    """

    sql: str
    kind: Kind
    value: Any
    digits: tuple[int, int] = (0, 0)


def _int(value: int | None) -> Model:
    return Model("null::integer" if value is None else f"(({value})::integer)", "int", value)


def _decimal(units: int | None) -> Model:
    value = None if units is None else Decimal(units).scaleb(-2)
    return Model(f"({'null' if value is None else value}::decimal(8,2))", "decimal", value, (8, 2))


def _text(value: str | None) -> Model:
    return Model("null::varchar(20)" if value is None else f"('{value}'::varchar(20))", "text", value)


def _date(days: int | None) -> Model:
    value = None if days is None else date(2013, 1, 1) + timedelta(days=days)
    return Model("null::date" if value is None else f"date '{value}'", "date", value)


def _cut(value: Decimal, scale: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-scale), ROUND_DOWN)


def _as_decimal(model: Model) -> tuple[Any, int, int]:
    value = Decimal(model.value) if isinstance(model.value, int) else model.value
    return (value, 10, 0) if model.kind == "int" else (value, *model.digits)


def arithmetic(sign: str, left: Model, right: Model) -> Model:
    """Integers stay integers, and anything with a decimal is one, with AWS's digits."""
    sql = f"({left.sql} {sign} {right.sql})"
    is_int = left.kind == right.kind == "int"
    (one, p1, s1), (other, p2, s2) = _as_decimal(left), _as_decimal(right)
    if sign == "*":
        scale, size = s1 + s2, p1 + p2 + 1
    elif sign == "/":
        scale = max(4, s1 + p2 - s2 + 1)
        size = p1 - s1 + s2 + scale
    else:
        scale = max(s1, s2)
        size = max(p1 - s1, p2 - s2) + 1 + scale
    kind: Kind = "int" if is_int else "decimal"
    if FAILS in (left.value, right.value):
        return Model(sql, kind, FAILS, (size, scale))
    if one is None or other is None:
        return Model(sql, kind, None, (size, scale))
    if sign in "/%" and other == 0:
        return Model(sql, kind, FAILS, (size, scale))
    with localcontext(prec=80):
        value = {"+": one + other, "-": one - other, "*": one * other}.get(sign)
        if value is None:
            value = one / other if sign == "/" else one - other * _cut(one / other, 0)
        if is_int:
            whole = int(_cut(value, 0))
            return Model(sql, kind, whole if -(2**31) <= whole < 2**31 else FAILS)
        return Model(sql, kind, _cut(value, scale), (size, scale))


def compared(sign: str, left: Model, right: Model) -> Model:
    """Blanks at the end of a text do not count, and nothing compares with nothing."""
    sql = f"({left.sql} {sign} {right.sql})"
    one, other = left.value, right.value
    if FAILS in (one, other):
        return Model(sql, "bool", FAILS)
    if one is None or other is None:
        return Model(sql, "bool", None)
    if left.kind == "text":
        one, other = one.rstrip(" "), other.rstrip(" ")
    return Model(
        sql, "bool", {"=": one == other, "<>": one != other, "<": one < other, ">=": one >= other}[sign]
    )


def chosen(test: Model, then: Model, otherwise: Model) -> Model:
    """CASE computes the branch that it takes; decimals of two sizes meet in the wider."""
    sql = f"(case when {test.sql} then {then.sql} else {otherwise.sql} end)"
    value = FAILS if test.value == FAILS else then.value if test.value else otherwise.value
    scale = max(then.digits[1], otherwise.digits[1])
    return Model(sql, then.kind, value, (38, scale))


def first(one: Model, other: Model) -> Model:
    """COALESCE gives the first that is there."""
    value = other.value if one.value is None else one.value
    return Model(
        f"coalesce({one.sql}, {other.sql})", one.kind, value, (38, max(one.digits[1], other.digits[1]))
    )


def rounded(model: Model) -> Model:
    """A cast to an integer rounds halves away from zero."""
    value = model.value
    if value not in {None, FAILS}:
        whole = int(value.quantize(Decimal(1), ROUND_HALF_UP))
        value = whole if -(2**31) <= whole < 2**31 else FAILS
    return Model(f"({model.sql}::integer)", "int", value)


def words(name: str, model: Model, number: int) -> Model:
    """Functions of texts count characters, and give nothing for nothing."""
    value = model.value
    if value in {None, FAILS}:
        kind: Kind = "int" if name == "len" else "text"
        return Model(_call(name, model.sql, number), kind, value)
    results: dict[str, Any] = {
        "len": len(value),
        "upper": value.upper(),
        "reverse": value[::-1],
        "left": value[: max(number, 0)],
        "substring": value[max(number - 1, 0) : max(number - 1 + 3, 0)],
        "rpad": value[: max(number, 0)].ljust(max(number, 0), "*"),
        "rtrim": value.rstrip(" "),
    }
    return Model(_call(name, model.sql, number), "int" if name == "len" else "text", results[name])


def _call(name: str, sql: str, number: int) -> str:
    more = {"left": f", {number}", "substring": f", {number}, 3", "rpad": f", {number}, '*'"}.get(name, "")
    return f"{name}({sql}{more})"


def joined(left: Model, right: Model) -> Model:
    """A text and nothing is nothing."""
    values = (left.value, right.value)
    value = FAILS if FAILS in values else None if None in values else left.value + right.value
    return Model(f"({left.sql} || {right.sql})", "text", value)


def later(day: Model, days: Model) -> Model:
    """A date and an integer is a date."""
    values = (day.value, days.value)
    value = FAILS if FAILS in values else None if None in values else day.value + timedelta(days=days.value)
    return Model(f"({day.sql} + {days.sql})", "date", value)


_NONE = st.none()
_INTS = st.builds(_int, st.one_of(_NONE, st.integers(-9, 9), st.integers(-(2**31), 2**31 - 1)))
_DECIMALS = st.builds(_decimal, st.one_of(_NONE, st.integers(-999_999, 999_999), st.integers(-300, 300)))
_TEXTS = st.builds(_text, st.one_of(_NONE, st.text("ab é ", max_size=5)))
_DAYS = st.builds(_int, st.one_of(_NONE, st.integers(-400, 400)))
_DATES = st.builds(_date, st.one_of(_NONE, st.integers(-400, 400)))
_SIGNS = st.sampled_from(["=", "<>", "<", ">="])
_TESTS = st.one_of(
    st.builds(compared, _SIGNS, _INTS, _INTS),
    st.builds(compared, _SIGNS, _DECIMALS, _INTS),
    st.builds(compared, _SIGNS, _TEXTS, _TEXTS),
    st.builds(compared, _SIGNS, _DATES, _DATES),
)
_WORDS = st.sampled_from(["upper", "reverse", "left", "substring", "rpad", "rtrim"])


def _grown(parts: st.SearchStrategy[Model]) -> st.SearchStrategy[Model]:
    ints = st.one_of(_INTS, parts.filter(lambda model: model.kind == "int"))
    texts = st.one_of(_TEXTS, parts.filter(lambda model: model.kind == "text"))
    numbers = st.one_of(ints, _DECIMALS)
    return st.one_of(
        st.builds(arithmetic, st.sampled_from("+-*/%"), ints, ints),
        st.builds(arithmetic, st.sampled_from("+-*/%"), _DECIMALS, numbers),
        st.builds(arithmetic, st.sampled_from("+-*/%"), numbers, _DECIMALS),
        st.builds(chosen, _TESTS, ints, ints),
        st.builds(chosen, _TESTS, texts, texts),
        st.builds(first, ints, ints),
        st.builds(first, texts, texts),
        st.builds(first, _DECIMALS, _DECIMALS),
        st.builds(rounded, _DECIMALS),
        st.builds(words, _WORDS, texts, st.integers(-2, 6)),
        st.builds(words, st.just("len"), texts, st.just(0)),
        st.builds(joined, texts, texts),
        st.builds(later, _DATES, _DAYS),
        _TESTS,
    )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Give a warehouse."""
    engine = Engine(tmp_path_factory.mktemp("expressions") / "warehouse.duckdb", MemoryS3(), TableLocks())
    yield engine
    engine.close()


@given(model=st.recursive(_grown(_INTS), _grown, max_leaves=6))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_expression_gives_what_the_model_gives(warehouse: Engine, model: Model) -> None:
    """Value and, of a decimal, its scale; what the model says fails, fails.

    Beside a literal NULL a planner, PostgreSQL's too, may know the result without computing what would fail.
    """
    sql = f"select {model.sql} as x"
    if model.value == FAILS:
        with suppress(RedshiftError) if "null" in sql else pytest.raises(RedshiftError):
            warehouse.execute([sql])
        return
    (result,) = warehouse.execute([sql])
    ((value,),) = result.rows
    assert (value, type(value)) == (model.value, type(model.value)), model
    if model.kind == "decimal" and result.columns:
        assert result.columns[0].scale == model.digits[1], model
