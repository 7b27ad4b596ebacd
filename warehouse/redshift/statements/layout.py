"""How a table is laid out on Redshift's nodes: DISTSTYLE, DISTKEY, SORTKEY, BACKUP; recorded, and no more."""

from dataclasses import dataclass, field, replace

from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.statements.reader import Reader

_STYLES = ("all", "auto", "even", "key")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a statement says of a table's layout.

    Attributes:
        style: AUTO, ALL, EVEN or KEY; empty where it is not said.
        dist_key: The column of KEY, or nothing.
        sort_style: AUTO, COMPOUND or INTERLEAVED; empty where there is no sort key.
        sort_keys: Its columns, in their order.
        is_backed_up: Whether snapshots hold it.
    """

    style: str = ""
    dist_key: str = ""
    sort_style: str = ""
    sort_keys: tuple[str, ...] = field(default=())
    is_backed_up: bool = True

    @property
    def has_keys(self) -> bool:
        """Whether it names columns."""
        return bool(self.dist_key or self.sort_keys)

    @property
    def diststyle(self) -> str:
        """In the words of SVV_TABLE_INFO."""
        if self.dist_key:
            return f"KEY({self.dist_key})"
        return self.style if self.style in {"ALL", "EVEN"} else "AUTO(ALL)"

    def check(self, columns: tuple[str, ...]) -> None:
        """Refuse a layout that does not fit a table's columns.

        Raises:
            RedshiftError: A column is not there, or KEY and its column are not both said.
        """
        for name in (self.dist_key, *self.sort_keys):
            if name and name not in columns:
                msg = f'column "{name}" named as key does not exist'
                raise RedshiftError(msg, "42703")
        if self.dist_key and self.style not in {"", "KEY"}:
            msg = f"DISTKEY and DISTSTYLE {self.style} must not be said together"
            raise RedshiftError(msg, "42601")
        if self.style == "KEY" and not self.dist_key:
            msg = "DISTSTYLE KEY must have a DISTKEY"
            raise RedshiftError(msg, "42601")


def read_layout(reader: Reader, layout: Layout = Layout()) -> Layout:  # frozen
    """Step over the attributes of a table, and return what is known with what they add.

    Raises:
        RedshiftError: An attribute is not complete.
    """
    while (longer := _attribute(reader, layout)) is not None:
        layout = longer
    return layout


def _attribute(reader: Reader, layout: Layout) -> Layout | None:
    longer: Layout | None = layout
    if reader.take("diststyle"):
        style = reader.keyword()
        if style not in _STYLES:
            msg = f"DISTSTYLE must be AUTO, EVEN, KEY or ALL; got {style.upper()}"
            raise RedshiftError(msg, "42601")
        longer = replace(layout, style=style.upper())
    elif reader.take("distkey"):
        key, *others = reader.names()
        if others:
            msg = "DISTKEY takes one column"
            raise RedshiftError(msg, "42601")
        longer = replace(layout, dist_key=key)
    elif reader.take("sortkey", "auto"):
        longer = replace(layout, sort_style="AUTO", sort_keys=())
    elif style := reader.take_one("compound sortkey", "interleaved sortkey", "sortkey"):
        word = "INTERLEAVED" if style.startswith("interleaved") else "COMPOUND"
        longer = replace(layout, sort_style=word, sort_keys=reader.names())
    elif answer := reader.take_one("backup yes", "backup no"):
        longer = replace(layout, is_backed_up=answer.endswith("yes"))
    elif not reader.take("encode", "auto"):
        longer = None
    return longer
