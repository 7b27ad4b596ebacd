"""SELECT … INTO [TEMP] [TABLE] name …: a CREATE TABLE AS in other words.

Source: https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_INTO.html
"""

from sqlglot.tokenizer_core import Token

from warehouse.redshift.dialect.tokens import Tokens, word


def split_into(sql: str, tokens: list[Token]) -> str:
    """Return the CREATE TABLE AS that a SELECT INTO is; nothing for another statement.

    >>> from warehouse.redshift.dialect.tokens import tokenize
    >>> sql = "select a into temp u from t"
    >>> split_into(sql, tokenize(sql))
    'create temporary table u as select a  from t'
    """
    depth = 0
    if word(tokens[0]) not in {"select", "with"}:
        return ""
    for place, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(word(token), 0)
        if depth == 0 and word(token) in {"insert", "merge"}:  # a WITH before it
            return ""
        if depth == 0 and word(token) == "into":
            rest = Tokens(tokens[place + 1 :])
            is_temporary = rest.take("temporary") or rest.take("temp")
            rest.take("table")
            first = rest.peek()
            rest.relation()
            end = rest.last().end + 1
            name = sql[first.start : end] if first else ""
            temporary = "temporary " if is_temporary else ""
            return f"create {temporary}table {name} as {sql[: token.start]}{sql[end:]}"
    return ""
