"""Redshift's functions, by name. What is not here is refused.

Source: AWS, Amazon Redshift Database Developer Guide, "SQL functions reference".
"""

from collections.abc import Callable, Mapping
from typing import Any

from warehouse.redshift.dialect import (
    conditions,
    convert,
    digests,
    group_functions,
    intervals,
    moments,
    numbers,
    parts,
    regexps,
    super_values,
    system_functions,
    windows,
    words,
    zones,
)
from warehouse.redshift.dialect.aggregates import AGGREGATES
from warehouse.redshift.dialect.build import Typed
from warehouse.redshift.dialect.grammar import APPROXIMATE

FUNCTIONS: Mapping[str, Callable[[Any], Typed]] = {
    **conditions.FUNCTIONS,
    **group_functions.FUNCTIONS,
    **intervals.FUNCTIONS,
    **moments.FUNCTIONS,
    **numbers.FUNCTIONS,
    **parts.FUNCTIONS,
    **regexps.FUNCTIONS,
    **super_values.FUNCTIONS,
    **convert.FUNCTIONS,
    **digests.FUNCTIONS,
    **words.FUNCTIONS,
    **zones.FUNCTIONS,
    **system_functions.FUNCTIONS,
    **dict.fromkeys(AGGREGATES, windows.grouped),
    APPROXIMATE: windows.approximate,
}
BARE: Mapping[str, Callable[[Any], Typed]] = {**moments.BARE, **system_functions.BARE}
