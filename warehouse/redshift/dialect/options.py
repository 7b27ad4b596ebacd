"""Options of COPY and UNLOAD: keywords, each with its argument or none, in any order.

Source: AWS, Amazon Redshift Database Developer Guide, "COPY" and "UNLOAD".
"""

import re
from collections.abc import Callable, Collection, Mapping

from sqlglot.tokenizer_core import Token, TokenType

from warehouse.redshift.dialect.tokens import Tokens, word
from warehouse.redshift.errors import NotSupportedError, RedshiftError

_ESCAPED = re.compile(r"''|\\([0-7]{1,3}|.)", re.DOTALL)
_NAMED = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b", "v": "\v", "N": "\\N"}
_SECRETS = (
    *("access_key_id", "secret_access_key", "session_token", "token"),
    *("credentials", "kms_key_id", "region"),
)
"""Options that say who asks, with which key, and where: there is one S3 here, so they change nothing."""


class Options(Tokens):
    """A walk over the options of a statement; none may come twice.

    Attributes:
        named: Those that were stepped over.
    """

    def __init__(self, sql: str, statement: list[Token]) -> None:
        """Stand before the first token of a statement."""
        super().__init__(statement)
        self._sql = sql
        self.named: set[str] = set()

    def string(self) -> str:
        r"""Step over a text and return it; `'\N'` is what AWS writes for a backslash and an N.

        Raises:
            RedshiftError: Something else comes next.
        """
        self.take("as")
        token = self.peek()
        if token is None or token.token_type is not TokenType.STRING:
            self.fail()
        self.next()
        return _ESCAPED.sub(_character, self._sql[token.start + 1 : token.end])

    def is_string(self) -> bool:
        """Return whether a text comes next, with or without AS before it."""
        position = self._position
        self.take("as")
        token = self.peek()
        self._position = position
        return token is not None and token.token_type is TokenType.STRING

    def character(self, option: str) -> str:
        """Step over a text that is one ASCII character.

        Raises:
            RedshiftError: It is longer, or something else comes next.
        """
        text = self.string()
        if len(text) != 1 or not text.isascii():
            msg = f"{option} must be a single ASCII character; got `{text}`"
            raise RedshiftError(msg)
        return text

    def number(self, option: str, most: int) -> int:
        """Step over a whole number, from 0 to `most`.

        Raises:
            RedshiftError: It is none, or larger.
        """
        self.take("as")
        text = self.next().text
        if not text.isdecimal() or int(text) > most:
            msg = f"{option} must be a number from 0 to {most}; got `{text}`"
            raise RedshiftError(msg)
        return int(text)

    def switch(self) -> bool:
        """Step over ON, TRUE, OFF or FALSE where one comes next; ON where none does."""
        if self.take("off") or self.take("false"):
            return False
        return self.take("on") or self.take("true") or True

    def read(
        self, readers: Mapping[str, Callable[[], None]], refused: Collection[str], statement: str
    ) -> None:
        """Step over all options that are left, and let the reader of each take its argument.

        Raises:
            NotSupportedError: One is among those that are refused.
            RedshiftError: One is unknown, or comes twice.
        """
        while token := self.peek():
            name = word(token)
            if name in self.named:
                msg = f"conflicting or redundant options: {name.upper()}"
                raise RedshiftError(msg)
            if name in refused:
                feature = f"{statement} with {name.upper()}"
                raise NotSupportedError(feature)
            if name not in readers and name not in {"iam_role", *_SECRETS}:
                self.fail()
            self.next()
            self.named.add(name)
            if name == "iam_role":
                self._iam_role()
            elif name in _SECRETS:
                self.string()
            else:
                readers[name]()

    def refuse_together(self, option: str, others: Collection[str]) -> None:
        """Refuse options that do not go with another.

        Raises:
            RedshiftError: One is there.
        """
        if both := sorted(self.named & set(others)):
            msg = f"{both[0].upper()} cannot be used with {option}"
            raise RedshiftError(msg)

    def _iam_role(self) -> None:
        if not self.take("default") and not (role := self.string()).startswith("arn:"):
            msg = f"IAM_ROLE must be default or the ARN of a role; got `{role}`"
            raise RedshiftError(msg)


def _character(found: re.Match[str]) -> str:
    escaped = found[1]
    if escaped is None:
        return "'"
    return _NAMED.get(escaped) or (chr(int(escaped, 8)) if escaped.isdigit() else escaped)


def bucket_and_key(url: str, statement: str) -> tuple[str, str]:
    """Return the bucket and the key of a URL.

    Raises:
        NotSupportedError: It is not of S3.
        RedshiftError: It names no bucket or no key.
    """
    if not url.startswith("s3://"):
        feature = f"{statement} `{url}`; only s3://"
        raise NotSupportedError(feature)
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not bucket or not key:
        msg = f"`{url}` must name a bucket and a key"
        raise RedshiftError(msg)
    return bucket, key
