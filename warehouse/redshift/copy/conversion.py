"""Texts of a file as values of a table's columns, all rows of a block at once.

AWS, "Data conversion parameters" and "Data types". DuckDB's casts take more than Redshift's COPY does (1_000,
0x10, 2.5 for an integer), so each type says first which texts it takes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import compute

from warehouse.redshift.copy.columns import Column
from warehouse.redshift.copy.failures import LONGEST_RAW, Failure
from warehouse.redshift.copy.reasons import Verdict, reason_for
from warehouse.redshift.copy.records import Records, as_text
from warehouse.redshift.copy.time_formats import day, moment, zoned_moment
from warehouse.redshift.copy.unicode import as_texts
from warehouse.redshift.dialect.copy_statement import Conversion
from warehouse.redshift.errors import NotSupportedError

_ROWS = "texts of a copy"
_TRUE = "'t', 'true', 'y', 'yes', '1'"
_FALSE = "'f', 'false', 'n', 'no', '0'"
_DIGITS = r"(\d+\.?\d*|\.\d+)"
_NOT_FINITE = {"nan": "nan", "infinity": "inf", "-infinity": "-inf"}


class Converter:
    """From texts to values, for the columns of one COPY."""

    def __init__(
        self, session: duckdb.DuckDBPyConnection, columns: Sequence[Column], conversion: Conversion
    ) -> None:
        """Take a session that has no transaction to lose: it sees nothing but the texts.

        Raises:
            NotSupportedError: A column is of a type that no text fills, or a format is not supported.
        """
        self._session = session
        self._columns = columns
        self._conversion = conversion
        self._sql = _statement(columns, conversion)

    def convert(self, url: str, records: Records) -> tuple[pa.Table, list[Failure]]:
        """Return the rows that are right, and why the others are not."""
        if not records.lines:
            return pa.table({}), []
        texts: list[Any] = []
        invalid: dict[int, tuple[int, str]] = {}
        for place, (column, fields) in enumerate(zip(self._columns, records.columns, strict=True)):
            text, bad = as_texts(fields, self._conversion.replacement if column.kind == "VARCHAR" else None)
            invalid |= {row: (place, why) for row, why in bad.items() if row not in invalid}
            texts.append(self._cut(column, text))
        names = [f"t{place}" for place in range(len(texts))]
        self._session.register(_ROWS, pa.table(texts, names=names))
        typed = self._session.sql(self._sql).to_arrow_table()
        self._session.unregister(_ROWS)
        wrong = typed.column(len(texts)).to_numpy().copy()
        wrong[list(invalid)] = [place for place, _ in invalid.values()]
        rows = np.flatnonzero(wrong >= 0)
        typed = typed.drop_columns(["wrong"])
        if not rows.size:
            return typed, []
        failures = []
        for row in rows.tolist():
            place = int(wrong[row])
            if row in invalid:
                verdict: Verdict = (1220, invalid[row][1], 0)
            else:
                verdict = reason_for(self._columns[place], texts[place][row].as_py(), self._conversion)
            failures.append(self._failure(url, records, row, place, verdict))
        return typed.filter(pa.array(wrong < 0)), failures

    def _failure(self, url: str, records: Records, row: int, place: int, verdict: Verdict) -> Failure:
        column = self._columns[place]
        code, reason, position = verdict
        raw = records.columns[place][row].as_py()
        return Failure(
            url,
            records.lines[row],
            code,
            reason,
            column=column.name,
            type=column.type_name,
            length=column.length,
            position=position,
            raw_line=as_text(records.raw(row)),
            raw_value=as_text(raw) if isinstance(raw, bytes) else (raw or "")[:LONGEST_RAW],
        )

    def _cut(self, column: Column, text: Any) -> Any:
        """AWS, TRUNCATECOLUMNS: cut to the length of the column, between two characters."""
        if not self._conversion.is_cut or not column.is_text or not column.modifiers:
            return text
        most = column.modifiers[0]
        is_long = compute.fill_null(compute.greater(compute.binary_length(text), most), False)  # noqa: FBT003
        if not compute.any(is_long).as_py():
            return text
        cut = [each.encode()[:most].decode(errors="ignore") for each in text.filter(is_long).to_pylist()]
        return compute.replace_with_mask(text, is_long, pa.array(cut, pa.string()))


def _statement(columns: Sequence[Column], conversion: Conversion) -> str:
    texts, values, checks = [], [], []
    for place, column in enumerate(columns):
        texts.append(f"{_text(column, f't{place}', conversion)} as n{place}")
        values.append(f"n{place}, {_value(column, f'n{place}', conversion)} as v{place}")
        is_date = column.kind in {"DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}
        if not (conversion.is_any_date and is_date):
            checks.append(f"when n{place} is not null and v{place} is null then {place}")
        if column.is_required:
            checks.append(f"when v{place} is null then {place}")
    names = ", ".join(f"v{place}" for place in range(len(columns)))
    wrong = f"case {' '.join(checks)} else -1 end" if checks else "-1"
    inner = f'select {", ".join(texts)} from "{_ROWS}"'  # noqa: S608  # names of our own
    middle = f"select {', '.join(values)} from ({inner})"  # noqa: S608
    return f"select {names}, cast({wrong} as integer) as wrong from ({middle})"  # noqa: S608


def _text(column: Column, text: str, conversion: Conversion) -> str:
    """Return what is read: of other types than texts, empty and blank fields are NULL."""
    if not column.is_text:
        return f"nullif(trim({text}, ' \t\r\v\f'), '')"
    if conversion.is_blank_null:
        text = f"case when {text} = '' or not regexp_full_match({text}, '\\s*') then {text} end"
    if conversion.is_trimmed:
        text = f"regexp_replace({text}, '\\s+$', '')"
    return f"nullif({text}, '')" if conversion.is_empty_null else text


def _value(column: Column, text: str, conversion: Conversion) -> str:
    make = _VALUES.get(column.kind)
    if make is None:
        feature = f"COPY of text into column `{column.name}` of type {column.kind}"
        raise NotSupportedError(feature)
    return make(column, text, conversion)


def _varchar(column: Column, text: str, _conversion: Conversion) -> str:
    return f"case when strlen({text}) <= {column.modifiers[0]} then {text} end" if column.modifiers else text


def _char(column: Column, text: str, _conversion: Conversion) -> str:
    """AWS, "Character types": a CHAR holds single-byte characters; blanks at its end mean nothing."""
    bare = f"rtrim({text}, ' ')"
    fits = f"strlen({bare}) <= {column.modifiers[0]} and " if column.modifiers else ""
    return f"case when {fits}strlen({text}) = length({text}) then {bare} end"


def _super(_column: Column, text: str, _conversion: Conversion) -> str:
    return f"case when json_valid({text}) then {text} end"


def _integer(column: Column, text: str, _conversion: Conversion) -> str:
    return rf"case when regexp_full_match({text}, '[+-]?\d+') then try_cast({text} as {column.kind}) end"


def _float(column: Column, text: str, _conversion: Conversion) -> str:
    words = " ".join(f"when lower({text}) = '{word}' then '{value}'" for word, value in _NOT_FINITE.items())
    number = f"try_cast({text} as {column.kind})"
    is_number = rf"regexp_full_match({text}, '[+-]?{_DIGITS}([eE][+-]?\d+)?') and isfinite({number})"
    return f"cast(case {words} when {is_number} then {text} end as {column.kind})"


def _decimal(column: Column, text: str, conversion: Conversion) -> str:
    """AWS, ROUNDEC: by default, COPY truncates values when necessary to fit the scale of the column."""
    precision, scale = column.modifiers
    digits = text if conversion.is_rounded else rf"regexp_replace({text}, '(\.\d{{{scale}}})\d+$', '\1')"
    is_right = f"regexp_full_match({text}, '[+-]?{_DIGITS}')"
    return f"case when {is_right} then try_cast({digits} as decimal({precision}, {scale})) end"


def _boolean(_column: Column, text: str, _conversion: Conversion) -> str:
    return f"case when lower({text}) in ({_TRUE}) then true when lower({text}) in ({_FALSE}) then false end"


def _time(_column: Column, text: str, _conversion: Conversion) -> str:
    is_right = rf"regexp_full_match({text}, '\d\d:\d\d:\d\d(\.\d{{1,6}})?')"
    return f"case when {is_right} then try_cast({text} as time) end"


_VALUES: Mapping[str, Callable[[Column, str, Conversion], str]] = {
    "BIGINT": _integer,
    "BOOLEAN": _boolean,
    "CHAR": _char,
    "DATE": lambda _, text, conversion: day(text, conversion.date_format),
    "DECIMAL": _decimal,
    "DOUBLE": _float,
    "FLOAT": _float,
    "INTEGER": _integer,
    "JSON": _super,
    "SMALLINT": _integer,
    "TIME": _time,
    "TIMESTAMP": lambda _, text, conversion: moment(text, conversion.time_format),
    "TIMESTAMP WITH TIME ZONE": lambda _, text, conversion: zoned_moment(text, conversion.time_format),
    "VARCHAR": _varchar,
}
