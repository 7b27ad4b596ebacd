"""Named parameters of several statements: each has those that it names."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from sqlglot.tokenizer_core import TokenType

from warehouse.redshift.dialect.tokens import tokenize
from warehouse.redshift.errors import ParameterError, RedshiftError


def shared(sqls: Sequence[str], parameters: Mapping[str, str]) -> list[Mapping[str, str]]:
    """Return the parameters of each statement.

    AWS, "BatchExecuteStatement": a statement may name any of them, and each must be named by one at least.

    Raises:
        ParameterError: None of the statements names one of them.

    >>> shared(["select :a", "select 1", "select :a, :b"], {"a": "1", "b": "2"})
    [{'a': '1'}, {}, {'a': '1', 'b': '2'}]
    """
    if not parameters:
        return [{}] * len(sqls)
    named = [_named(sql) for sql in sqls]
    if unused := sorted(parameters.keys() - set().union(*named)):
        msg = f"no statement uses parameter `{unused[0]}`"
        raise ParameterError(msg)
    return [{name: value for name, value in parameters.items() if name in names} for names in named]


def _named(sql: str) -> set[str]:
    try:
        tokens = tokenize(sql)
    except RedshiftError:  # the statement says so when it runs
        return set()
    return {name.text for colon, name in pairwise(tokens) if colon.token_type is TokenType.COLON}
