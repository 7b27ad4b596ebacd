"""Why a text is no value of a column's type, in the words of STL_LOAD_ERRORS.

AWS, "Load error reference" and the examples of "STL_LOAD_ERRORS".
"""

import re

from warehouse.redshift.copy.columns import Column
from warehouse.redshift.copy.failures import Code
from warehouse.redshift.dialect.copy_statement import Conversion

type Verdict = tuple[Code, str, int]
"""AWS's number of what is wrong, what it is in words, and where in the text."""

_DATE_LENGTH = 10
_TYPES = {
    "BIGINT": "Long",
    "DECIMAL": "Decimal",
    "DOUBLE": "Double",
    "FLOAT": "Float",
    "INTEGER": "Integer",
    "SMALLINT": "Short",
}
_NUMBERS = {
    "DECIMAL": re.compile(r"[+-]?\d*\.?\d*"),
    "DOUBLE": re.compile(r"[+-]?\d*\.?\d*([eE][+-]?\d*)?"),
    "FLOAT": re.compile(r"[+-]?\d*\.?\d*([eE][+-]?\d*)?"),
}
_INTEGER = re.compile(r"[+-]?\d*")
_DIGIT_CODES: dict[str, Code] = {"DOUBLE": 1208, "FLOAT": 1208}


def reason_for(column: Column, text: str | None, conversion: Conversion) -> Verdict:
    """Return what is wrong with a text."""
    if text is None or (not text.strip() and (not column.is_text or column.is_required)):
        return 1213, "Missing data for not-null field", 0
    match column.kind:
        case "CHAR" if not text.isascii():
            raw = next(each for each in text if not each.isascii()).encode().hex(" ")
            reason = (
                f"Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: {raw}"
            )
            verdict: Verdict = (1220, reason, 0)
        case "JSON":
            verdict = (1216, "Invalid JSON", 0)
        case "CHAR" | "VARCHAR":
            verdict = (1204, "String length exceeds DDL length", 0)
        case "BOOLEAN":
            verdict = (1210, "Unknown boolean format", 0)
        case "DATE" if conversion.date_format is None and len(text.strip()) < _DATE_LENGTH:
            verdict = (1205, "Invalid Date Format - length must be 10 or more", 0)
        case "DATE":
            verdict = (1205, f"Invalid Date Format [{conversion.date_format or 'YYYY-MM-DD'}]", 0)
        case "TIME":
            verdict = (1206, "Invalid time format or value [HH24:MI:SS]", 0)
        case "TIMESTAMP" | "TIMESTAMP WITH TIME ZONE":
            form = conversion.time_format or "YYYY-MM-DD HH24:MI:SS"
            verdict = (1206, f"Invalid timestamp format or value [{form}]", 0)
        case _:
            verdict = _number(column, text.strip())
    return verdict


def _number(column: Column, text: str) -> Verdict:
    found = _NUMBERS.get(column.kind, _INTEGER).match(text)
    position = found.end() if found else 0
    name = _TYPES[column.kind]
    if position < len(text) or not any(each.isdigit() for each in text):
        position = min(position, len(text) - 1)
        code = _DIGIT_CODES.get(column.kind, 1207)
        return code, f"Invalid digit, Value '{text[position]}', Pos {position}, Type: {name}", position
    return 1204, f"Overflow, Value '{text}', Type: {name}", 0
