"""A statement's tokens, with its text at hand: parts of it are queries and expressions that others read."""

import re

from sqlglot.tokenizer_core import Token, TokenType

from warehouse.redshift.dialect.tokens import Relation, Tokens, tokenize, word
from warehouse.redshift.errors import RedshiftError

_AHEAD = "_ "
"""Stands before the statement: sqlglot would take some first words for commands, and the rest for text."""


class Reader(Tokens):
    """A walk over one statement."""

    def __init__(self, sql: str, database: str) -> None:
        """Stand before the first word; names may begin with the database.

        Raises:
            RedshiftError: It is no statement, or more than one.
        """
        self._text = _AHEAD + sql
        super().__init__([part for token in tokenize(self._text)[1:] for part in _words(token)])
        self._database = database

    @property
    def is_at_end(self) -> bool:
        """Whether nothing follows."""
        return self.peek() is None

    def ahead_is(self, *words: str) -> bool:
        """Return whether these keywords come next, and stay before them."""
        return [word(token) for token in self.ahead(len(words))] == list(words)

    def ahead(self, count: int) -> list[Token]:
        """Return the tokens that come next, up to so many, and stay before them."""
        return self._tokens[self._position : self._position + count]

    def end(self) -> None:
        """Refuse what still follows.

        Raises:
            RedshiftError: Something does.
        """
        if not self.is_at_end:
            self.fail()

    def place(self) -> int:
        """Return where the next token begins, for `text_from`."""
        token = self.peek()
        return token.start if token else self.last().end + 1

    def text_from(self, place: int) -> str:
        """Return the statement's text from a place to the last token that was stepped over."""
        return self._text[place : self.last().end + 1]

    def rest(self) -> str:
        """Step over all that follows and return its text.

        Raises:
            RedshiftError: Nothing follows.
        """
        place = self.place()
        self.next()
        while self.peek():
            self.next()
        return self.text_from(place)

    def cut_end(self, *words: str) -> bool:
        """Leave these keywords out where the statement ends with them; return whether it did."""
        is_there = [word(token) for token in self._tokens[-len(words) :]] == list(words)
        if is_there:
            del self._tokens[-len(words) :]
        return is_there

    def keyword(self) -> str:
        """Step over a keyword and return it in lower case.

        Raises:
            RedshiftError: Something else comes next.
        """
        token = self.peek()
        if token is None or not (found := word(token)):
            self.fail()
        self.next()
        return found

    def take_one(self, *words: str) -> str:
        """Step over one of these keywords and return it, or nothing where none of them comes next."""
        return next((each for each in words if self.take(*each.split())), "")

    def identifier(self) -> str:
        """Step over a name and return it in lower case; that of a temporary table may begin with #."""
        token = self.peek()
        if token and token.token_type is TokenType.VAR and token.text.startswith("#"):
            return self.next().text.lower()
        return super().identifier()

    def relation(self) -> Relation:
        """Step over the name of a table or view, with or without its database and schema.

        Raises:
            RedshiftError: Something else comes next, or the database is another.
        """
        return self._relation(self._parts())

    def column(self) -> tuple[Relation, str]:
        """Step over the name of a column of a table or view.

        Raises:
            RedshiftError: Something else comes next, or the database is another.
        """
        *parts, column = self._parts()
        return self._relation(parts), column

    def _parts(self) -> list[str]:
        parts = [self.identifier()]
        while self.take("."):
            parts.append(self.identifier())
        return parts

    def _relation(self, parts: list[str]) -> Relation:
        if len(parts) == 3:  # noqa: PLR2004  # database, schema and name
            self.check_database(parts.pop(0))
        if len(parts) not in {1, 2}:
            self.fail()
        return Relation(*reversed(parts))

    def relations(self) -> tuple[Relation, ...]:
        """Step over names with commas between."""
        found = [self.relation()]
        while self.take(","):
            found.append(self.relation())
        return tuple(found)

    def schema(self) -> str:
        """Step over the name of a schema, with or without its database."""
        found = self.relation()
        if found.schema:
            self.check_database(found.schema)
        return found.name

    def check_database(self, name: str) -> None:
        """Refuse another database.

        Raises:
            RedshiftError: It is another.
        """
        if name != self._database:
            msg = f'database "{name}" is not there; there is "{self._database}"'
            raise RedshiftError(msg, "3D000")

    def names(self) -> tuple[str, ...]:
        """Step over names in parentheses, with commas between."""
        self.expect("(")
        found = [self.identifier()]
        while self.take(","):
            found.append(self.identifier())
        self.expect(")")
        return tuple(found)

    def text(self) -> str:
        """Step over a string, $tag$ ones too, and return what it holds."""
        token = self.peek()
        if token and token.token_type is TokenType.HEREDOC_STRING:
            return self.next().text
        return super().text()

    def number(self) -> int:
        """Step over an integer and return it.

        Raises:
            RedshiftError: Something else comes next.
        """
        sign = -1 if self.take("-") else 1
        token = self.peek()
        if token is None or token.token_type is not TokenType.NUMBER or not token.text.isdecimal():
            self.fail()
        return sign * int(self.next().text)

    def expression(self, *ends: str) -> str:
        """Step over all up to a comma, a closing parenthesis or one of these keywords; return its text.

        Raises:
            RedshiftError: Nothing is there.
        """
        place, depth = self.place(), 0
        while token := self.peek():
            found = word(token)
            if depth == 0 and (found in {",", ")"} or (found in ends and self.place() > place)):
                break
            depth += {"(": 1, ")": -1}.get(found, 0)
            self.next()
        if self.place() == place:
            self.fail()
        return self.text_from(place)


def _words(token: Token) -> list[Token]:
    """Return each word of a token of several, such as DOUBLE PRECISION, as one of its own."""
    if " " not in word(token) or token.token_type is TokenType.HEREDOC_STRING:
        return [token]
    return [
        Token(
            TokenType.VAR, text=found[0], start=token.start + found.start(), end=token.start + found.end() - 1
        )
        for found in re.finditer(r"\S+", token.text)
    ]
