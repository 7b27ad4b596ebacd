"""DATEFORMAT and TIMEFORMAT, as DuckDB's SQL.

AWS, "DATEFORMAT and TIMEFORMAT strings" and "Using automatic recognition with DATEFORMAT and TIMEFORMAT". Of
the formats that 'auto' recognizes, those below are here; a value of another is a load error.
"""

import re

from warehouse.redshift.errors import NotSupportedError, RedshiftError

_PARTS = {
    "YYYY": "%Y",
    "MM": "%m",
    "MON": "%b",
    "DD": "%d",
    "HH24": "%H",
    "HH12": "%I",
    "HH": "%H",
    "MI": "%M",
    "SS": "%S",
    "AM": "%p",
    "PM": "%p",
}
_TOKEN = re.compile("|".join([*sorted(_PARTS, key=len, reverse=True), r"[A-Za-z]+", r"."]), re.IGNORECASE)

_DAYS = (
    (r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y"),
    (r"\d{8}", "%Y%m%d"),
    (r"\d{4}\.\d{3}", "%Y.%j"),
    (r"[A-Za-z]{3}-\d{1,2}-\d{4}", "%b-%d-%Y"),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", "%b %d, %Y"),
)
_TIMES = (
    (r"\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    (r"\d{1,2}:\d{2}:\d{2}\.\d{1,6}", "%H:%M:%S.%f"),
    (r"\d{1,2}:\d{2}", "%H:%M"),
    (r"\d{6}", "%H%M%S"),
)
_ZONE = r"(:\d{2}(\.\d+)?) ?(Z|[+-]\d{1,2}(:?\d{2})?)$"


def day(text: str, date_format: str | None) -> str:
    """Return the SQL that reads a text as a DATE; a time behind it is left out.

    Raises:
        NotSupportedError: The format has a part that is not supported.
    """
    if date_format is None:
        is_right = rf"regexp_full_match({text}, '\d{{4}}-\d\d-\d\d( .*)?')"
        return f"case when {is_right} then try_cast(left({text}, 10) as date) end"
    if date_format == "auto":
        return f"cast({_automatic(text)} as date)"
    return f"cast(try_strptime({text}, {_literal(_formats(date_format, 'DATEFORMAT'))}) as date)"


def moment(text: str, time_format: str | None) -> str:
    """Return the SQL that reads a text as a TIMESTAMP.

    Raises:
        NotSupportedError: The format has a part that is not supported.
    """
    match time_format:
        case None:
            is_right = rf"regexp_full_match({text}, '\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{{1,6}})?')"
            return f"case when {is_right} then try_cast({text} as timestamp) end"
        case "auto":
            return _automatic(text)
        case "epochsecs":
            return _epoch(text, 11, 1_000_000)
        case "epochmillisecs":
            return _epoch(text, 14, 1_000)
    return f"try_strptime({text}, {_literal(_formats(time_format, 'TIMEFORMAT'))})"


def zoned_moment(text: str, time_format: str | None) -> str:
    """Return the SQL that reads a text as a TIMESTAMPTZ; one that names no zone is in UTC.

    Raises:
        NotSupportedError: The format has a part that is not supported.
    """
    if time_format not in {None, "auto"}:
        return f"cast({moment(text, time_format)} as timestamp with time zone)"
    separator = " " if time_format is None else "[ T]"
    zone = r" ?([+-]\d{1,2}(:?\d\d)?)?" if time_format is None else r" ?(Z|[+-]\d{1,2}(:?\d\d)?)?"
    is_right = rf"regexp_full_match({text}, '\d{{4}}-\d\d-\d\d{separator}\d\d:\d\d:\d\d(\.\d{{1,6}})?{zone}')"
    two_digits = rf"regexp_replace({text}, '([+-])(\d)(:\d\d)?$', '\10\2\3')"
    four_digits = rf"regexp_replace({two_digits}, '(:\d\d(?:\.\d+)? ?[+-]\d\d)(\d\d)$', '\1:\2')"
    return f"case when {is_right} then try_cast({four_digits} as timestamp with time zone) end"


def _epoch(text: str, digits: int, micros: int) -> str:
    is_right = rf"regexp_full_match({text}, '-?\d{{1,{digits}}}')"
    return f"case when {is_right} then make_timestamp(cast({text} as bigint) * {micros}) end"


def _automatic(text: str) -> str:
    """AWS, "Datetime types": time zone values in input strings are ignored for a TIMESTAMP."""
    bare = rf"regexp_replace({text}, '{_ZONE}', '\1')"
    forms = list(_DAYS)
    for day_pattern, day_format in _DAYS:
        forms += [(f"{day_pattern}[ T]{time}", f"{day_format} {form}") for time, form in _TIMES]
    # 17 Dec 07:37:16 1997
    forms += [(rf"\d{{1,2}} [A-Za-z]{{3}} {time} \d{{4}}", f"%d %b {form} %Y") for time, form in _TIMES[:2]]
    spaced = rf"regexp_replace({bare}, '(\d)T(\d)', '\1 \2')"
    cases = " ".join(
        f"when regexp_full_match({bare}, '{pattern}') then try_strptime({spaced}, '{form}')"
        for pattern, form in forms
    )
    return f"case {cases} end"


def _formats(written: str, option: str) -> list[str]:
    """Return DuckDB's formats for one of Redshift's: months in short or full, seconds with or without."""
    form = ""
    for token in _TOKEN.findall(written):
        part = _PARTS.get(token.upper())
        if part is None and token.isalpha():
            feature = f"{token} in {option} `{written}`"
            raise NotSupportedError(feature)
        form += part or token.replace("%", "%%")
    if not form:
        msg = f"{option} is empty"
        raise RedshiftError(msg)
    forms = [form, form.replace("%b", "%B")] if "%b" in form else [form]
    return [*forms, *(each.replace("%S", "%S.%f") for each in forms if "%S" in each)]


def _literal(formats: list[str]) -> str:
    texts = ", ".join("'" + each.replace("'", "''") + "'" for each in formats)
    return f"[{texts}]"
