"""COPY, read token by token: sqlglot pairs its options wrongly.

Source of the grammar: AWS, Amazon Redshift Database Developer Guide, "COPY".
"""

import re
from dataclasses import dataclass
from typing import NoReturn

from warehouse.redshift.errors import NotSupportedError, RedshiftError

_TOKEN = re.compile(r"\s*(?:--[^\n]*\n\s*)*('(?:[^']|'')*'|\"[^\"]+\"|[\w.]+|[(),;])")


@dataclass(frozen=True, slots=True)
class CopyStatement:
    """COPY table [(columns)] FROM 's3://…' [IAM_ROLE …] [MANIFEST] FORMAT [AS] PARQUET.

    Attributes:
        table: Where the rows go.
        columns: Of the table, in the order of the files'; empty for all.
        url: Of a manifest, or the prefix of the files.
        is_manifest: Whether `url` names a manifest.
    """

    table: str
    columns: tuple[str, ...]
    url: str
    is_manifest: bool


def parse_copy(sql: str) -> CopyStatement:
    """Read a COPY statement.

    Raises:
        NotSupportedError: It asks for an option or a source that is not supported.
        RedshiftError: It is no COPY statement.
    """
    tokens = _Tokens(sql)
    tokens.expect("copy")
    table = tokens.identifier()
    columns = []
    if tokens.take("("):
        columns.append(tokens.identifier())
        while tokens.take(","):
            columns.append(tokens.identifier())
        tokens.expect(")")
    tokens.expect("from")
    url = tokens.text()
    if not url.startswith("s3://"):
        feature = f"COPY from `{url}`; only from s3://"
        raise NotSupportedError(feature)
    is_manifest, file_format = False, ""
    while option := tokens.next():
        if option == "iam_role":
            tokens.next()
        elif option == "manifest":
            is_manifest = True
        elif option == "format":
            tokens.take("as")
            file_format = tokens.next()
        elif option != ";":
            feature = f"COPY with {option.upper()}"
            raise NotSupportedError(feature)
    if file_format != "parquet":
        feature = f"COPY of format {file_format.upper() or 'text'}; only FORMAT AS PARQUET"
        raise NotSupportedError(feature)
    return CopyStatement(table, tuple(columns), url, is_manifest)


class _Tokens:
    def __init__(self, sql: str) -> None:
        self._tokens: list[str] = []
        position = 0
        text = sql.strip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if not found:
                self._fail(text[position:].split()[0])
            self._tokens.append(found[1])
            position = found.end()
        self._tokens.reverse()

    @staticmethod
    def _fail(at: str) -> NoReturn:
        msg = f'syntax error at or near "{at}"'
        raise RedshiftError(msg)

    def next(self) -> str:
        token = self._tokens.pop() if self._tokens else ""
        return token if token.startswith(("'", '"')) else token.lower()

    def take(self, word: str) -> bool:
        if self._tokens and self._tokens[-1].lower() == word:
            self._tokens.pop()
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.take(word):
            self._fail(self._tokens[-1] if self._tokens else "end of statement")

    def identifier(self) -> str:
        token = self.next()
        if not token or token.startswith("'"):
            self._fail(token or "end of statement")
        return token.strip('"')

    def text(self) -> str:
        token = self.next()
        if not token.startswith("'"):
            self._fail(token or "end of statement")
        return token[1:-1].replace("''", "'")
