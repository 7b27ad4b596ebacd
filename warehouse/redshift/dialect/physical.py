"""How a table is laid out on Redshift's nodes: DISTSTYLE, DISTKEY, SORTKEY, ENCODE, BACKUP.

There are no nodes here. The attributes are taken out of CREATE TABLE before sqlglot, which fails on most of
them, sees it; they are recorded, and change nothing.
"""

from dataclasses import dataclass

from sqlglot.tokenizer_core import Token

from warehouse.redshift.dialect.tokens import Tokens, word
from warehouse.redshift.errors import NotSupportedError, RedshiftError


@dataclass(frozen=True, slots=True)
class Layout:
    """What CREATE TABLE says of a table's layout, in the words of SVV_TABLE_INFO.

    Attributes:
        diststyle: AUTO(ALL), ALL, EVEN or KEY(column).
        sort_key: Columns, with commas between.
    """

    diststyle: str = "AUTO(ALL)"
    sort_key: str = ""


def split_layout(sql: str, statement: list[Token]) -> tuple[str, Layout]:
    """Return CREATE TABLE without the attributes of its layout, and what they say.

    Raises:
        NotSupportedError: An interleaved sort key.
        RedshiftError: An attribute is not complete.
    """
    reader = _Reader(statement)
    reader.read()
    for start, end in reversed(reader.cuts):
        sql = f"{sql[:start]} {sql[end + 1 :]}"
    style = f"KEY({reader.dist_key})" if reader.dist_key else reader.style
    return sql, Layout(style, ", ".join(reader.sort_keys))


class _Reader:
    def __init__(self, statement: list[Token]) -> None:
        self._tokens = Tokens(statement)
        self.cuts: list[tuple[int, int]] = []
        self.style = "AUTO(ALL)"
        self.dist_key = ""
        self.sort_keys: list[str] = []

    def read(self) -> None:
        depth, column, before = 0, "", ""
        while token := self._tokens.peek():
            if depth == 0 and word(token) == "as" and before != "(":
                return  # what follows is a query
            start = token.start
            if depth == 1 and before in {"(", ","}:
                column = token.text.lower()
            elif (depth == 1 and self._of_column(column)) or (depth == 0 and self._of_table()):
                self.cuts.append((start, self._end()))
                continue
            depth += {"(": 1, ")": -1}.get(word(token), 0)
            before = word(self._tokens.next())

    def _end(self) -> int:
        end: int = self._tokens.last().end
        return end

    def _of_column(self, column: str) -> bool:
        if self._tokens.take("encode"):
            self._tokens.identifier()
        elif self._tokens.take("distkey"):
            self.dist_key = column
        elif self._tokens.take("sortkey"):
            self.sort_keys.append(column)
        else:
            return False
        return True

    def _of_table(self) -> bool:
        tokens = self._tokens
        if tokens.take("diststyle"):
            self.style = tokens.identifier().upper()
            if self.style not in {"ALL", "AUTO", "EVEN", "KEY"}:
                msg = f"DISTSTYLE must be AUTO, EVEN, KEY or ALL; got {self.style}"
                raise RedshiftError(msg)
        elif tokens.take("distkey"):
            self.dist_key, *others = self._names()
            if others:
                msg = "DISTKEY takes one column"
                raise RedshiftError(msg)
        elif tokens.take("interleaved"):
            feature = "INTERLEAVED SORTKEY"
            raise NotSupportedError(feature)
        elif tokens.take("compound", "sortkey") or tokens.take("sortkey"):
            if not tokens.take("auto"):
                self.sort_keys = self._names()
        elif not (
            tokens.take("encode", "auto") or tokens.take("backup", "yes") or tokens.take("backup", "no")
        ):
            return False
        return True

    def _names(self) -> list[str]:
        self._tokens.expect("(")
        names = [self._tokens.identifier()]
        while self._tokens.take(","):
            names.append(self._tokens.identifier())
        self._tokens.expect(")")
        return names
