"""A statement as Redshift means it: names in lower case, parameters put in, each part read with its types.

Source: AWS, Amazon Redshift Database Developer Guide, "SQL functions reference" and "Data types".
"""

from collections.abc import Mapping

from sqlglot import exp

from warehouse.redshift.dialect import statements
from warehouse.redshift.dialect.reader import Reader
from warehouse.redshift.dialect.scope import Catalogue, Columns
from warehouse.redshift.errors import ParameterError


def bind(tree: exp.Expr, parameters: Mapping[str, str]) -> None:
    """Put the values of `:name` in, as texts without a type, as the Data API does.

    Raises:
        ParameterError: One is missing, or one is not used.
    """
    used = set()
    for each in list(tree.find_all(exp.Placeholder)):
        if not each.name or each.name not in parameters:
            msg = f"there is no value for parameter `:{each.name}`"
            raise ParameterError(msg)
        used.add(each.name)
        each.replace(exp.Literal.string(parameters[each.name]))
    if unused := sorted(set(parameters) - used):
        msg = f"the statement does not use parameter `{unused[0]}`"
        raise ParameterError(msg)


def lower_names(tree: exp.Expr) -> None:
    """Put names in lower case, quoted ones too, as Redshift keeps them."""
    for each in tree.find_all(exp.Identifier):
        each.set("this", each.name.lower())


def mean_as_redshift(tree: exp.Expr, catalogue: Catalogue) -> tuple[exp.Expr, Columns]:
    """Return a statement whose every part means in DuckDB what it means on Redshift; of a query, its columns.

    Raises:
        NotSupportedError: A part is not known to.
        RedshiftError: It names what is not there, or mixes types that do not go together.
    """
    reader = Reader(catalogue)
    match tree:
        case exp.Insert():
            statements.read_insert(reader, tree)
        case exp.Update():
            statements.read_update(reader, tree)
        case exp.Delete():
            statements.read_delete(reader, tree)
        case exp.Merge():
            statements.read_merge(reader, tree)
        case exp.Query():
            return statements.read_result(reader, tree)
    return tree, {}


def mean_as_stored(query: exp.Expr, catalogue: Catalogue, *, is_lasting: bool) -> tuple[exp.Expr, Columns]:
    """Return a query for DuckDB whose rows are kept, and its columns; a lasting one is a view's, a default's.

    Raises:
        NotSupportedError: A part is not known to mean the same.
        RedshiftError: It names what is not there, or mixes types that do not go together.
    """
    return statements.read_stored(Reader(catalogue, is_lasting=is_lasting), query)
