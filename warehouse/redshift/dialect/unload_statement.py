"""UNLOAD, read token by token: to sqlglot it is one text.

Source of the grammar: AWS, Amazon Redshift Database Developer Guide, "UNLOAD".
"""

from dataclasses import dataclass
from typing import Any, Literal

from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from warehouse.redshift.dialect.copy_statement import Compression, FileFormat
from warehouse.redshift.dialect.options import Options, bucket_and_key
from warehouse.redshift.dialect.tokens import tokenize
from warehouse.redshift.errors import NotSupportedError, RedshiftError

MEGABYTE = 2**20
LEAST_BYTES, MOST_BYTES = 5 * MEGABYTE, int(6.2 * 1024 * MEGABYTE)
_REFUSED = frozenset({"encrypted", "fixedwidth"})
_UNITS = {"mb": MEGABYTE, "gb": 1024 * MEGABYTE}
_ROW_GROUP_BYTES = (32 * MEGABYTE, 128 * MEGABYTE)
_OF_TEXT = {"addquotes", "delimiter", "escape", "header", "null"}
_COMPRESSIONS = {"bzip2", "gzip", "zstd"}


@dataclass(frozen=True, slots=True)
class UnloadStatement:
    """UNLOAD ('query') TO 's3://…' [options].

    Attributes:
        url: What the names of all files begin with.
        file_format: Of the files.
        compression: Of files of text, or nothing.
        partition_by: Columns whose values are folders.
        is_partition_kept: Whether these columns are in the files, too.
        manifest: Whether a manifest is written, and whether it says sizes and columns.
        is_header: Whether each file begins with the names of the columns.
        delimiter: Between two fields of text.
        is_quoted: Whether every field of delimited text is in quotation marks.
        is_escaped: Whether a backslash stands before what else would end a field or a line.
        null: The text that stands for NULL.
        is_overwriting: Whether files that are there may be written over.
        is_cleaning: Whether files that are there are deleted first.
        is_parallel: Whether files are named by slice and part, or by a number alone.
        most_bytes: Of a file.
        extension: At the end of the files' names; None for that of the format or compression.
    """

    url: str
    file_format: FileFormat = "text"
    compression: Compression = ""
    partition_by: tuple[str, ...] = ()
    is_partition_kept: bool = False
    manifest: Literal["", "plain", "verbose"] = ""
    is_header: bool = False
    delimiter: str = "|"
    is_quoted: bool = False
    is_escaped: bool = False
    null: str = ""
    is_overwriting: bool = False
    is_cleaning: bool = False
    is_parallel: bool = True
    most_bytes: int = MOST_BYTES
    extension: str | None = None


def parse_unload(rest: str) -> tuple[str, UnloadStatement]:
    """Read what follows UNLOAD, and return its query and what becomes of that.

    Raises:
        NotSupportedError: It asks for an option that is not supported.
        RedshiftError: It is no UNLOAD statement.
    """
    options = Options(rest, tokenize(rest))
    options.expect("(")
    token = options.next()
    if token.token_type not in {TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.RAW_STRING}:
        msg = f'syntax error at or near "{token.text}"; the query of UNLOAD is a text'
        raise RedshiftError(msg)
    query = token.text
    _refuse_limit(query)
    options.expect(")")
    options.expect("to")
    url = options.text()
    bucket_and_key(url, "UNLOAD to")
    return query, UnloadStatement(url, **_Reader(options).read())


def _refuse_limit(query: str) -> None:
    """AWS, "UNLOAD": the SELECT query can't use a LIMIT clause in the outer SELECT."""
    try:
        tree = parse_one(query, read="redshift", error_level=ErrorLevel.RAISE)
    except SqlglotError:
        return  # the translation says what is wrong
    if isinstance(tree, exp.Query) and tree.args.get("limit"):
        msg = "Limit clause is not supported in the outer SELECT of UNLOAD; put it into a nested query"
        raise RedshiftError(msg)


class _Reader:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._values: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        """Step over all options, and return what they say."""
        options, values = self._options, self._values
        readers = {
            "addquotes": self._flag("is_quoted"),
            "allowoverwrite": self._flag("is_overwriting"),
            "bzip2": self._flag("compression", "bz2"),
            "cleanpath": self._flag("is_cleaning"),
            "csv": self._flag("file_format", "csv"),
            "delimiter": lambda: values.update(delimiter=options.character("DELIMITER")),
            "escape": self._flag("is_escaped"),
            "extension": lambda: values.update(extension=options.string()),
            "format": self._format,
            "gzip": self._flag("compression", "gzip"),
            "header": self._flag("is_header"),
            "json": self._flag("file_format", "json"),
            "manifest": lambda: values.update(manifest="verbose" if options.take("verbose") else "plain"),
            "maxfilesize": lambda: values.update(
                most_bytes=self._size("MAXFILESIZE", LEAST_BYTES, MOST_BYTES)
            ),
            "null": lambda: values.update(null=options.string()),
            "parallel": lambda: values.update(is_parallel=options.switch()),
            "parquet": self._flag("file_format", "parquet"),
            "partition by": self._partition,
            "rowgroupsize": self._row_group_size,
            "zstd": self._flag("compression", "zstd"),
        }
        options.read(readers, _REFUSED, "UNLOAD")
        self._check()
        if values.get("file_format") == "csv":
            values.setdefault("delimiter", ",")
        return values

    def _check(self) -> None:
        options, named = self._options, self._options.named
        file_format = self._values.get("file_format", "text")
        if len(named & {"csv", "format", "json", "parquet"}) > 1 or len(named & _COMPRESSIONS) > 1:
            msg = "conflicting or redundant options: a file has one format and one compression"
            raise RedshiftError(msg)
        if file_format == "csv":
            options.refuse_together("CSV", {"addquotes", "escape"})
        elif file_format == "json":
            options.refuse_together("JSON", _OF_TEXT)
        elif file_format == "parquet":
            options.refuse_together("PARQUET", {*_OF_TEXT, *_COMPRESSIONS})
        if "rowgroupsize" in named and file_format != "parquet":
            msg = "ROWGROUPSIZE can be used with PARQUET only"
            raise RedshiftError(msg)
        if "cleanpath" in named:
            options.refuse_together("CLEANPATH", {"allowoverwrite"})

    def _flag(self, name: str, value: Any = True) -> Any:  # noqa: FBT002  # a value
        return lambda: self._values.update({name: value})

    def _format(self) -> None:
        self._options.take("as")
        for name in ("csv", "json", "parquet"):
            if self._options.take(name):
                self._values["file_format"] = name
                return
        feature = f"UNLOAD of format {self._options.next().text.upper()}; only CSV, JSON and PARQUET"
        raise NotSupportedError(feature)

    def _partition(self) -> None:
        options = self._options
        options.expect("(")
        columns = [options.identifier()]
        while options.take(","):
            columns.append(options.identifier())
        options.expect(")")
        self._values |= {"partition_by": tuple(columns), "is_partition_kept": options.take("include")}

    def _row_group_size(self) -> None:
        """Leave it out: how rows are grouped changes no value."""
        self._size("ROWGROUPSIZE", *_ROW_GROUP_BYTES)

    def _size(self, option: str, least: int, most: int) -> int:
        """Step over a size, which is in MB unless it says GB."""
        options = self._options
        options.take("as")
        written = options.next().text
        unit = next((unit for unit in _UNITS if options.take(unit)), "mb")
        try:
            size = int(float(written) * _UNITS[unit])
        except ValueError:
            size = 0
        if not least <= size <= most:
            bounds = f"from {least // MEGABYTE} MB to {most // MEGABYTE} MB"
            msg = f"{option} must be {bounds}; got `{written} {unit.upper()}`"
            raise RedshiftError(msg)
        return size
