"""Values of a query as text: fields of CSV and delimited text, documents of JSON, names of partitions.

AWS, "UNLOAD". Each is an SQL expression of DuckDB's over columns c0, c1, …, so that a batch is one query.
"""

from collections.abc import Sequence

from warehouse.redshift.dialect.unload_statement import UnloadStatement

ROWS = "rows of an unload"
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL")
_FLOATS = ("FLOAT", "DOUBLE")


def text(column: str, kind: str) -> str:
    """Return the SQL of a value as text; NULL stays NULL.

    Floating point numbers have as many digits as bring them back: AWS's files may have fewer.
    """
    if kind == "BOOLEAN":
        return f"case {column} when true then 't' when false then 'f' end"
    if kind in _FLOATS:
        words = "when 'nan' then 'NaN' when 'inf' then 'Infinity' when '-inf' then '-Infinity'"
        return f"case cast({column} as varchar) {words} else cast({column} as varchar) end"
    return column if kind == "VARCHAR" else f"cast({column} as varchar)"


def lines(kinds: Sequence[str], places: Sequence[int], names: Sequence[str], unload: UnloadStatement) -> str:
    """Return the SQL of one line for each row, with some of the columns, in their order."""
    if unload.file_format == "json":
        pairs = [
            _literal(_json_key(names[place])) + " || " + _json(f"c{place}", kinds[place]) for place in places
        ]
        return "'{' || " + " || ',' || ".join(pairs) + " || '}' || chr(10)"
    fields = [_field(text(f"c{place}", kinds[place]), unload) for place in places]
    return f" || {_literal(unload.delimiter)} || ".join(fields) + " || chr(10)"


def header(names: Sequence[str], unload: UnloadStatement) -> str:
    """Return the SQL of a line with names of columns."""
    fields = [_field(_literal(name), unload) for name in names]
    return f" || {_literal(unload.delimiter)} || ".join(fields) + " || chr(10)"


def _field(value: str, unload: UnloadStatement) -> str:
    delimiter = _literal(unload.delimiter)
    if unload.file_format == "csv":
        special = " or ".join(
            f"contains({value}, {each})" for each in (delimiter, "'\"'", "chr(10)", "chr(13)")
        )
        quoted = f"""'"' || replace({value}, '"', '""') || '"'"""
        value = f"case when {special} then {quoted} else {value} end"
    if unload.is_escaped:
        special = "\\\\" + "\\" + unload.delimiter + "\n\r" + ("\"'" if unload.is_quoted else "")
        value = f"regexp_replace({value}, {_literal(f'([{special}])')}, '\\\\\\1', 'g')"
    if unload.is_quoted:
        value = f"""'"' || {value} || '"'"""
    return f"coalesce({value}, {_literal(unload.null)})"


def _json_key(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}":'


def _json(column: str, kind: str) -> str:
    if kind.startswith(_NUMBERS) or kind == "JSON":
        value = f"cast({column} as varchar)"
    elif kind in _FLOATS:
        otherwise = f"when {column} is not null then error('JSON has no NaN and no Infinity')"
        value = f"case when isfinite({column}) then cast({column} as varchar) {otherwise} end"
    elif kind == "BOOLEAN":
        value = f"case {column} when true then 'true' when false then 'false' end"
    else:
        value = f"cast(to_json({text(column, kind)}) as varchar)"
    return f"coalesce({value}, 'null')"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
