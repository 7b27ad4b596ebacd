"""Redshift's SQL as a tree: sqlglot's reading of it, with every function under the name that was written.

sqlglot takes functions of Redshift's for others that have the same name elsewhere. Here a call stays a call;
what it means is looked up in Redshift's own list, in `functions`.
"""

from typing import ClassVar

from sqlglot import ErrorLevel, exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import SqlglotError
from sqlglot.parsers.redshift import RedshiftParser
from sqlglot.tokenizer_core import Token, TokenType

from warehouse.redshift.errors import RedshiftError

APPROXIMATE = "approximate"
"""The name under which APPROXIMATE f(x) is kept: a call of it with f(x)."""

_WITH_KEYWORDS = {"CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "TRY_CAST"}


class _Parser(RedshiftParser):
    FUNCTIONS: ClassVar[dict] = {}  # type: ignore[type-arg]
    NO_PAREN_FUNCTIONS: ClassVar[dict] = {}  # type: ignore[type-arg]
    FUNCTION_PARSERS: ClassVar[dict] = {  # type: ignore[type-arg]
        name: parser for name, parser in RedshiftParser.FUNCTION_PARSERS.items() if name in _WITH_KEYWORDS
    }
    NO_PAREN_FUNCTION_PARSERS: ClassVar[dict] = {  # type: ignore[type-arg]
        **{name: RedshiftParser.NO_PAREN_FUNCTION_PARSERS[name] for name in ("ANY", "CASE", "SYSDATE")},
        "APPROXIMATE": lambda self: exp.Anonymous(this=APPROXIMATE, expressions=[self._parse_function()]),
    }

    def _parse_interval_span(self, this: exp.Expr, parse_function_unit: bool = True) -> exp.Interval:  # noqa: FBT001, FBT002  # sqlglot's own
        """Keep the whole of a text: of '1 day ago', sqlglot keeps the day."""
        interval = super()._parse_interval_span(this, parse_function_unit)
        if this.is_string and interval.this is not this:
            interval.set("this", this)
            interval.set("unit", None)
        return interval


class _Dialect(Redshift):
    Parser = _Parser


_DIALECT = _Dialect()
_TEXTS = {TokenType.BYTE_STRING, TokenType.HEREDOC_STRING}
_LITERAL_TYPES = {TokenType.DATE, TokenType.TIME, TokenType.TIMESTAMP, TokenType.TIMESTAMPTZ}


def parse(sql: str, tokens: list[Token] | None = None) -> exp.Expr:
    """Return the tree of one statement; its tokens may be there already.

    Raises:
        RedshiftError: It is not one.
    """
    try:
        written = _with_parentheses(_plain(_DIALECT.tokenize(sql) if tokens is None else tokens))
        (tree,) = _DIALECT.parser(error_level=ErrorLevel.RAISE).parse(written, sql)
    except SqlglotError as error:
        msg = f"syntax error: {str(error).splitlines()[0]}"
        raise RedshiftError(msg) from None
    if tree is None:
        msg = "there is no statement"
        raise RedshiftError(msg)
    return tree


def _plain(tokens: list[Token]) -> list[Token]:
    r"""Return E'…' and $$…$$ as the texts that they are: a backslash escapes in '…' too."""
    return [
        Token(TokenType.STRING, token.text, token.line, token.col, token.start, token.end)
        if token.token_type in _TEXTS
        else token
        for token in tokens
    ]


def _with_parentheses(tokens: list[Token]) -> list[Token]:
    """Set `date '2013-02-08'::varchar` right: sqlglot would cast the text first."""
    if not any(token.token_type is TokenType.DCOLON for token in tokens):
        return tokens
    out: list[Token] = []
    for at, token in enumerate(tokens):
        kinds = [each.token_type for each in tokens[at : at + 3]]
        is_cast = kinds[0] in _LITERAL_TYPES and kinds[1:] == [TokenType.STRING, TokenType.DCOLON]
        if is_cast:
            out.append(Token(TokenType.L_PAREN, "(", token.line, token.col, token.start, token.end))
        out.append(token)
        if (
            len(out) > 1
            and kinds[:2] == [TokenType.STRING, TokenType.DCOLON]
            and out[-2].token_type in _LITERAL_TYPES
        ):
            out.append(Token(TokenType.R_PAREN, ")", token.line, token.col, token.start, token.end))
    return out
