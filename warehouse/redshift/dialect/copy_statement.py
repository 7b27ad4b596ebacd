"""COPY, read token by token: sqlglot pairs its options wrongly.

Source of the grammar: AWS, Amazon Redshift Database Developer Guide, "COPY" and its "parameter reference".
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlglot.tokenizer_core import Token

from warehouse.redshift.dialect.options import Options, bucket_and_key
from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import NotSupportedError, RedshiftError

FileFormat = Literal["csv", "json", "parquet", "text"]
Compression = Literal["", "bz2", "gzip", "zstd"]

MOST_ERRORS = 100_000
_REFUSED = frozenset(
    {"avro", "encrypted", "fixedwidth", "job", "lzop", "master_symmetric_key", "orc"}
    | {"shapefile", "simplify", "ssh"}
)
_TEXT_ONLY = {
    *("delimiter", "escape", "ignoreblanklines", "ignoreheader", "null", "removequotes"),
}
_OF_PARQUET = {
    *(
        "access_key_id",
        "compupdate",
        "credentials",
        "fillrecord",
        "format",
        "iam_role",
        "kms_key_id",
        "manifest",
    ),
    *("parquet", "region", "secret_access_key", "session_token", "statupdate", "token"),
}
"""What goes with Parquet: AWS, "COPY from columnar data formats"."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the fields of a file of text lie in it.

    Attributes:
        delimiter: Between two fields.
        quote: Around a field of CSV that holds a delimiter or the end of a line.
        is_escaped: Whether a backslash takes the meaning from the character after it.
        is_unquoted: Whether quotation marks around a field of delimited text are taken away.
        header_lines: Lines at the top of each file that are left out.
        is_blank_ignored: Whether lines without a character are left out.
        is_filled: Whether fields may be missing at the end of a line.
    """

    delimiter: str = "|"
    quote: str = '"'
    is_escaped: bool = False
    is_unquoted: bool = False
    header_lines: int = 0
    is_blank_ignored: bool = False
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class Conversion:
    r"""How texts become values.

    Attributes:
        null: The text that stands for NULL.
        date_format: Of DATE columns: 'auto', or a format string; None for YYYY-MM-DD.
        time_format: Of TIMESTAMP columns: 'auto', 'epochsecs', 'epochmillisecs' or a format string.
        is_any_date: Whether a date that is none is NULL.
        is_blank_null: Whether a VARCHAR of white space is NULL.
        is_empty_null: Whether an empty VARCHAR is NULL.
        is_trimmed: Whether white space at the end of a VARCHAR is taken away.
        is_cut: Whether a VARCHAR that is too long is cut.
        is_rounded: Whether digits beyond a DECIMAL's scale round it; else they are cut off.
        replacement: What each byte that is no UTF-8 becomes; None where such a row is wrong.
    """

    null: str = "\\N"
    date_format: str | None = None
    time_format: str | None = None
    is_any_date: bool = False
    is_blank_null: bool = False
    is_empty_null: bool = False
    is_trimmed: bool = False
    is_cut: bool = False
    is_rounded: bool = False
    replacement: str | None = None


@dataclass(frozen=True, slots=True)
class CopyStatement:
    """COPY table [(columns)] FROM 's3://…' [options].

    Attributes:
        table: Where the rows go.
        columns: Of the table, in the order of the files'; empty for all.
        url: Of a manifest, or the prefix of the files.
        is_manifest: Whether `url` names a manifest.
        file_format: Of the files.
        compression: Of the files, or nothing.
        json_paths: 'auto', 'auto ignorecase' or the URL of a file of JSONPath expressions.
        layout: Of files of text.
        conversion: From texts to values.
        max_errors: So many rows that are wrong make the COPY fail; 0 and 1 both mean the first.
        is_trial: Whether the files are only checked, and nothing is loaded.
        has_explicit_ids: Whether the files give the values of IDENTITY columns.
    """

    table: Relation
    columns: tuple[str, ...]
    url: str
    is_manifest: bool = False
    file_format: FileFormat = "text"
    compression: Compression = ""
    json_paths: str = "auto"
    layout: Layout = field(default_factory=Layout)
    conversion: Conversion = field(default_factory=Conversion)
    max_errors: int = 0
    is_trial: bool = False
    has_explicit_ids: bool = False


def parse_copy(sql: str, statement: list[Token]) -> CopyStatement:
    """Read a COPY statement.

    Raises:
        NotSupportedError: It asks for an option or a source that is not supported.
        RedshiftError: It is no COPY statement.
    """
    reader = _Reader(Options(sql, statement))
    return reader.read()


class _Reader:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._layout: dict[str, Any] = {}
        self._conversion: dict[str, Any] = {}
        self._whole: dict[str, Any] = {}
        self._readers = {
            "acceptanydate": self._flag(self._conversion, "is_any_date"),
            "acceptinvchars": self._accept_invalid,
            "blanksasnull": self._flag(self._conversion, "is_blank_null"),
            "bzip2": self._flag(self._whole, "compression", "bz2"),
            "comprows": lambda: self._ignore(options.number("COMPROWS", 10**9)),
            "compupdate": lambda: self._ignore(options.take("preset") or options.switch()),
            "csv": self._csv,
            "dateformat": lambda: self._conversion.update(date_format=options.string()),
            "delimiter": lambda: self._layout.update(delimiter=options.character("DELIMITER")),
            "emptyasnull": self._flag(self._conversion, "is_empty_null"),
            "encoding": self._encoding,
            "escape": self._flag(self._layout, "is_escaped"),
            "explicit_ids": self._flag(self._whole, "has_explicit_ids"),
            "fillrecord": self._flag(self._layout, "is_filled"),
            "format": self._format,
            "gzip": self._flag(self._whole, "compression", "gzip"),
            "ignoreblanklines": self._flag(self._layout, "is_blank_ignored"),
            "ignoreheader": lambda: self._layout.update(header_lines=options.number("IGNOREHEADER", 10**9)),
            "json": self._json,
            "manifest": self._flag(self._whole, "is_manifest"),
            "maxerror": lambda: self._whole.update(max_errors=options.number("MAXERROR", MOST_ERRORS)),
            "noload": self._flag(self._whole, "is_trial"),
            "null": lambda: self._conversion.update(null=options.string()),
            "quote": lambda: self._layout.update(quote=options.character("QUOTE")),
            "removequotes": self._flag(self._layout, "is_unquoted"),
            "roundec": self._flag(self._conversion, "is_rounded"),
            "statupdate": lambda: self._ignore(options.switch()),
            "timeformat": lambda: self._conversion.update(time_format=options.string()),
            "trimblanks": self._flag(self._conversion, "is_trimmed"),
            "truncatecolumns": self._flag(self._conversion, "is_cut"),
            "zstd": self._flag(self._whole, "compression", "zstd"),
        }

    def read(self) -> CopyStatement:
        options = self._options
        options.expect("copy")
        table, columns = options.relation(), []
        if options.take("("):
            columns.append(options.identifier())
            while options.take(","):
                columns.append(options.identifier())
            options.expect(")")
        options.expect("from")
        url = options.text()
        bucket_and_key(url, "COPY from")
        options.read(self._readers, _REFUSED, "COPY")
        self._check()
        copy = CopyStatement(table, tuple(columns), url, **self._whole)
        layout = Layout(**{"delimiter": "," if copy.file_format == "csv" else "|"} | self._layout)
        return replace(copy, layout=layout, conversion=Conversion(**self._conversion))

    def _check(self) -> None:
        options = self._options
        file_format = self._whole.get("file_format", "text")
        if file_format == "csv":
            options.refuse_together("CSV", {"escape", "removequotes"})
            if self._layout.get("delimiter") == self._layout.get("quote", '"'):
                msg = "DELIMITER and QUOTE must be different"
                raise RedshiftError(msg)
        elif "quote" in options.named:
            msg = "QUOTE can be used with CSV only"
            raise RedshiftError(msg)
        if file_format == "json":
            options.refuse_together("JSON", {*_TEXT_ONLY, "fillrecord"})
        if file_format == "parquet":
            options.refuse_together("PARQUET", options.named - _OF_PARQUET)
        if len(options.named & {"bzip2", "gzip", "zstd"}) > 1:
            msg = "conflicting or redundant options: a file is compressed in one way"
            raise RedshiftError(msg)

    def _flag(self, values: dict[str, Any], name: str, value: Any = True) -> Any:  # noqa: FBT002  # a value
        return lambda: values.update({name: value})

    def _ignore(self, _value: object) -> None:
        """Leave out what changes nothing here: encodings and statistics are DuckDB's own affair."""

    def _format(self) -> None:
        options = self._options
        options.take("as")
        if options.take("csv"):
            self._csv()
        elif options.take("json"):
            self._json()
        elif options.take("parquet"):
            self._choose("parquet")
        else:
            feature = f"COPY of format {options.next().text.upper()}; only CSV, JSON and PARQUET"
            raise NotSupportedError(feature)

    def _csv(self) -> None:
        self._choose("csv")

    def _json(self) -> None:
        self._choose("json")
        options = self._options
        option = options.string() if options.is_string() else "auto"
        if option == "noshred":
            feature = "COPY of JSON with noshred"
            raise NotSupportedError(feature)
        if option not in {"auto", "auto ignorecase"}:
            bucket_and_key(option, "COPY of JSON with")
        self._whole["json_paths"] = option

    def _choose(self, file_format: FileFormat) -> None:
        if "file_format" in self._whole:
            msg = f"conflicting or redundant options: {file_format.upper()}"
            raise RedshiftError(msg)
        self._whole["file_format"] = file_format

    def _encoding(self) -> None:
        options = self._options
        options.take("as")
        name = options.next().text.lower()
        if name not in {"utf8", "utf-8"}:
            feature = f"COPY with ENCODING {name.upper()}; only UTF8"
            raise NotSupportedError(feature)

    def _accept_invalid(self) -> None:
        options = self._options
        is_given = options.take("as") or options.is_string()
        self._conversion["replacement"] = options.character("ACCEPTINVCHARS") if is_given else "?"
