"""COPY, read token by token: sqlglot pairs its options wrongly.

Source of the grammar: AWS, Amazon Redshift Database Developer Guide, "COPY".
"""

from dataclasses import dataclass

from sqlglot.tokenizer_core import Token

from warehouse.redshift.dialect.tokens import Tokens, word
from warehouse.redshift.errors import NotSupportedError, RedshiftError


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


def parse_copy(statement: list[Token]) -> CopyStatement:
    """Read a COPY statement.

    Raises:
        NotSupportedError: It asks for an option or a source that is not supported.
        RedshiftError: It is no COPY statement.
    """
    tokens = Tokens(statement)
    tokens.expect("copy")
    table = tokens.table()
    columns = []
    if tokens.take("("):
        columns.append(tokens.identifier())
        while tokens.take(","):
            columns.append(tokens.identifier())
        tokens.expect(")")
    tokens.expect("from")
    url = tokens.text()
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://"):
        feature = f"COPY from `{url}`; only from s3://"
        raise NotSupportedError(feature)
    if not bucket or not key:
        msg = f"`{url}` must name a bucket and a key"
        raise RedshiftError(msg)
    is_manifest, is_parquet = False, False
    while option := tokens.peek():
        if tokens.take("iam_role"):
            _iam_role(tokens)
        elif tokens.take("manifest"):
            is_manifest = True
        elif tokens.take("format"):
            tokens.take("as")
            is_parquet = _parquet(tokens)
        else:
            feature = f"COPY with {option.text.upper()}"
            raise NotSupportedError(feature)
    if not is_parquet:
        feature = "COPY of text; only FORMAT AS PARQUET"
        raise NotSupportedError(feature)
    return CopyStatement(table, tuple(columns), url, is_manifest)


def _iam_role(tokens: Tokens) -> None:
    if not tokens.take("default") and not (role := tokens.text()).startswith("arn:"):
        msg = f"IAM_ROLE must be default or the ARN of a role; got `{role}`"
        raise RedshiftError(msg)


def _parquet(tokens: Tokens) -> bool:
    file_format = word(tokens.next())
    if file_format != "parquet":
        feature = f"COPY of format {file_format.upper()}; only FORMAT AS PARQUET"
        raise NotSupportedError(feature)
    return True
