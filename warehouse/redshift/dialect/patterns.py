"""POSIX and SQL regular expressions in the words of DuckDB's engine, RE2.

Source: AWS, Amazon Redshift Database Developer Guide, "POSIX operators" and "SIMILAR TO". The two engines
agree on characters, classes, groups, alternatives and counts; a pattern with anything else is refused.
"""

import re

from sqlglot import exp

from warehouse.redshift.dialect.build import is_literal
from warehouse.redshift.errors import NotSupportedError

_DIFFERENT = (
    (r"\(\?", "(?…) in a regular expression, which is PCRE's"),
    (r"\\[1-9]", "a back reference in a regular expression"),
    (r"\[\[[.=]", "a collating class in a regular expression"),
    (r"[*+?}][?+]", "a lazy or possessive count in a regular expression"),
    (r"\\[^dDwWsS.\[\]{}()*+?^$|\\/\-@_%'\" :,;#&=<>!~`tnr]", "an escape in a regular expression"),
    (r"\\[<>]", "a word boundary in a regular expression"),
)


def literal(node: exp.Expr, what: str) -> str:
    """Return a pattern, which is known before the query runs.

    Raises:
        NotSupportedError: It is computed.
    """
    if not is_literal(node):
        feature = f"{what} that is not a literal"
        raise NotSupportedError(feature)
    return node.name


def posix(pattern: str) -> str:
    """Return a POSIX pattern for RE2.

    POSIX takes the longest of alternatives and RE2 the first. Whether a text matches is the same, and so is
    what matched unless one alternative begins another; see `first_is_longest`.

    Raises:
        NotSupportedError: It holds something that RE2 reads otherwise.
    """
    for different, feature in _DIFFERENT:
        if found := re.search(different, pattern):
            named = f"{feature}: `{found[0]}`"
            raise NotSupportedError(named)
    return pattern


def first_is_longest(pattern: str) -> str:
    """Return a POSIX pattern whose matches are cut out: alternatives must not be open at their ends.

    Raises:
        NotSupportedError: One alternative may be the beginning of another.
    """
    pattern = posix(pattern)
    plain = re.sub(r"\\.|\[[^\]]*\]", "x", pattern)
    for group in re.findall(r"\(([^()]*\|[^()]*)\)", plain) + (
        [plain] if "|" in re.sub(r"\([^()]*\)", "", plain) else []
    ):
        parts = group.split("|")
        is_open = any(one != other and other.startswith(one) for one in parts for other in parts) or any(
            re.search(r"[^\w@ /.:-]", part) for part in parts
        )
        if is_open:
            feature = f"alternatives of which one may begin another: `{pattern}`"
            raise NotSupportedError(feature)
    return pattern


def similar(pattern: str, escape: str) -> str:
    r"""Return a pattern of SIMILAR TO for RE2, which must match the whole text.

    >>> similar("%(a|b)_", "\\")
    '.*(a|b).'
    """
    out, position, in_class = "", 0, False
    while position < len(pattern):
        char = pattern[position]
        position += 1
        if char == escape:
            if position == len(pattern):
                feature = "an escape at the end of a pattern"
                raise NotSupportedError(feature)
            out += re.escape(pattern[position])
            position += 1
        elif in_class:
            out += "\\\\" if char == "\\" else char
            in_class = char != "]"
        elif char == "[":
            if pattern[position : position + 1] == ":":
                feature = "[: outside of a class in SIMILAR TO"
                raise NotSupportedError(feature)
            out += char
            in_class = True
        else:
            out += {"%": ".*", "_": "."}.get(
                char, char if char in "|*+?{}()," or char.isalnum() else re.escape(char)
            )
    return out
