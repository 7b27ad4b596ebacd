"""Redshift's SQL as tokens, for what sqlglot reads wrongly or not at all."""

import re
from dataclasses import dataclass
from typing import NoReturn

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from warehouse.redshift.errors import RedshiftError


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view as a statement names it; without a schema, the session's search path decides."""

    name: str
    schema: str = ""

    def __str__(self) -> str:
        """As DuckDB's SQL names it."""
        parts = (self.schema, self.name) if self.schema else (self.name,)
        return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


_FIRST = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(\w+)", re.DOTALL)
_QUOTED = {TokenType.STRING, TokenType.IDENTIFIER}


def tokenize(sql: str) -> list[Token]:
    """Return the tokens of one statement; comments and a last semicolon are left out.

    Raises:
        RedshiftError: A quote is not closed, or there is no statement, or more than one.
    """
    try:
        tokens = sqlglot.tokenize(sql, read="redshift")
    except SqlglotError as error:
        msg = f"syntax error: {str(error).splitlines()[0]}"
        raise RedshiftError(msg, "42601") from None
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        msg = "there is no statement"
        raise RedshiftError(msg)
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        msg = "one statement is expected; got more"
        raise RedshiftError(msg)
    return tokens


def first_word(sql: str) -> str:
    r"""Return the first word of a statement in lower case, comments left out, without a look at the rest.

    >>> first_word("/* why */ -- and how\n SELECT 1")
    'select'
    """
    found = _FIRST.match(sql)
    return found[1].lower() if found else ""


def word(token: Token) -> str:
    """Return a token in lower case, or nothing where it is quoted and so no keyword."""
    return "" if token.token_type in _QUOTED else token.text.lower()


class Tokens:
    """A walk over tokens, from the left to the right."""

    def __init__(self, tokens: list[Token]) -> None:
        """Stand before the first."""
        self._tokens = tokens
        self._position = 0

    def peek(self) -> Token | None:
        """Return the next token and stay before it; None at the end."""
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def next(self) -> Token:
        """Step over the next token and return it.

        Raises:
            RedshiftError: There is none.
        """
        token = self.peek()
        if token is None:
            self.fail()
        self._position += 1
        return token

    def last(self) -> Token:
        """Return the token that was stepped over last."""
        return self._tokens[self._position - 1]

    def take(self, *words: str) -> bool:
        """Step over these keywords where all of them come next; return whether they did."""
        ahead = self._tokens[self._position : self._position + len(words)]
        is_there = [word(token) for token in ahead] == list(words)
        self._position += len(words) if is_there else 0
        return is_there

    def expect(self, keyword: str) -> None:
        """Step over a keyword.

        Raises:
            RedshiftError: Something else comes next.
        """
        if not self.take(keyword):
            self.fail()

    def identifier(self) -> str:
        """Step over a name and return it, in lower case as Redshift keeps names.

        Raises:
            RedshiftError: Something else comes next.
        """
        token = self.peek()
        is_name = token is not None and (
            token.text.isidentifier() or token.token_type is TokenType.IDENTIFIER
        )
        if token is None or token.token_type is TokenType.STRING or not is_name:
            self.fail()
        return self.next().text.lower()

    def relation(self) -> Relation:
        """Step over the name of a table, with or without its schema.

        Raises:
            RedshiftError: Something else comes next.
        """
        name = self.identifier()
        return Relation(self.identifier(), name) if self.take(".") else Relation(name)

    def text(self) -> str:
        """Step over a string and return what it holds.

        Raises:
            RedshiftError: Something else comes next.
        """
        token = self.peek()
        if token is None or token.token_type is not TokenType.STRING:
            self.fail()
        return self.next().text

    def fail(self) -> NoReturn:
        """Refuse the token that comes next.

        Raises:
            RedshiftError: Always.
        """
        token = self.peek()
        msg = f'syntax error at or near "{token.text}"' if token else "syntax error at end of input"
        raise RedshiftError(msg, "42601")
