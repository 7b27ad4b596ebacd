"""Values in the places of a statement's parameters, told from all else by its tokens."""

from collections.abc import Callable

from sqlglot.tokenizer_core import TokenType

from warehouse.redshift.statements.reader import Reader


def filled(sql: str, database: str, mark: TokenType, value: Callable[[str], str]) -> str:
    """Return a statement with a value for each mark that a name follows at once, such as `:name` or `$1`.

    Raises:
        RedshiftError: It is no statement, or `value` has none for a name.
    """
    reader = Reader(sql, database)
    parts: list[str] = []
    while not reader.is_at_end:
        start = reader.place()
        token = reader.next()
        following = reader.peek()
        if token.token_type is mark and following and following.start == token.end + 1:
            parts.append(value(reader.next().text))
        else:
            parts.append(reader.text_from(start))
    return " ".join(parts)
