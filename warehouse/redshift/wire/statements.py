"""What a client sends as SQL: split into statements, and parameters put in.

A semicolon or a `$1` inside of a comment, a quote or a $tag$ string is neither. sqlglot's tokenizer cannot be
asked: it takes `$1, $` for the beginning of a $tag$ string.
"""

import re
from collections.abc import Iterator, Sequence

from warehouse.redshift.errors import RedshiftError

_PIECES = re.compile(
    r"""
    (?P<plain> (?:
        [^'"$;/-] | (?<= \w) \$ | - (?! -) | / (?! \*)  # `a$1` is a name
        | '(?: [^'\\] | \\. | '' )*+'  # a backslash escapes, as it does in Redshift
        | "(?: [^"] | "" )*+"
    )++ )
    | (?P<line> --[^\n]* )
    | (?P<comment> /\* )
    | (?P<tagged> \$ (?P<tag> (?: [^\W\d] \w* )? ) \$ .*? \$ (?P=tag) \$ )
    | (?P<place> \$ \d+ )
    | (?P<end> ; )
    | (?P<open> ['"] | \$ (?: [^\W\d] \w* )? \$ )  # what none of the above could close
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")


def _pieces(sql: str) -> Iterator[tuple[str, int, int]]:
    """Yield each piece of a text: its kind, where it starts and where it ends."""
    at = 0
    while found := _PIECES.match(sql, at):
        kind, start, at = found.lastgroup or "", at, found.end()
        if kind == "comment":
            at = _after_comment(sql, start)
        elif kind == "open":
            msg = f"unterminated quoted string at or near {sql[start : start + 40]!r}"
            raise RedshiftError(msg, "42601")
        yield kind, start, at


def _after_comment(sql: str, start: int) -> int:
    """Return where a comment ends; comments in it have ends of their own."""
    depth = 0
    for mark in _COMMENT.finditer(sql, start):
        depth += 1 if mark[0] == "/*" else -1
        if not depth:
            return mark.end()
    msg = f"unterminated /* comment at or near {sql[start : start + 40]!r}"
    raise RedshiftError(msg, "42601")


def split(sql: str) -> list[str]:
    r"""Return the statements of a text; what is empty or only a comment is none.

    >>> split("select ';' ; select /* ; */ $$;$$; -- that; is all")
    ["select ';'", 'select /* ; */ $$;$$']

    Raises:
        RedshiftError: A quote or comment is not closed.
    """
    statements: list[str] = []
    after, is_empty = 0, True
    for kind, start, end in (*_pieces(sql), ("end", len(sql), len(sql))):
        if kind == "end":
            if not is_empty:
                statements.append(sql[after:start].strip())
            after, is_empty = end, True
        elif kind not in {"line", "comment"}:
            is_empty = is_empty and sql[start:end].isspace()
    return statements


class Template:
    """A statement with `$1`, `$2`… where values are to stand."""

    def __init__(self, sql: str) -> None:
        """Find the places.

        Raises:
            RedshiftError: A quote or comment is not closed, or a parameter is `$0`.
        """
        self._texts: list[str] = []
        self._numbers: list[int] = []
        after = 0
        for kind, start, end in _pieces(sql) if "$" in sql else ():
            if kind == "place":
                self._texts.append(sql[after:start])
                self._numbers.append(int(sql[start + 1 : end]))
                after = end
        self._texts.append(sql[after:])
        if 0 in self._numbers:
            msg = "there is no parameter $0"
            raise RedshiftError(msg, "42P02")

    @property
    def count(self) -> int:
        """How many values it takes."""
        return max(self._numbers, default=0)

    def fill(self, literals: Sequence[str]) -> str:
        """Return the statement with its values, the first of which is `$1`'s.

        >>> Template("select $2, '$1', $1").fill(["1", "'b'"])
        "select  'b' , '$1',  1 "

        Raises:
            RedshiftError: There are fewer values than it takes.
        """
        if self.count > len(literals):
            msg = f"there is no parameter ${self.count}"
            raise RedshiftError(msg, "42P02")
        filled = [self._texts[0]]
        for number, text in zip(self._numbers, self._texts[1:], strict=True):
            filled += [" ", literals[number - 1], " ", text]  # so that `-$1` of -1 is no comment
        return "".join(filled)
