"""CSV and delimited text: how a file is cut into rows and fields."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from warehouse.redshift.copy.careful import cut_carefully
from warehouse.redshift.copy.cutting import Form, cut_quickly
from warehouse.redshift.copy.text import LONGEST_ROW_BYTES, read_text
from warehouse.redshift.dialect.copy_statement import Conversion, CopyStatement, FileFormat, Layout
from warehouse.redshift.dialect.tokens import Relation

CSV = Layout(delimiter=",")
TEXT = Layout()
ESCAPED = Layout(is_escaped=True)
UNQUOTED = Layout(is_unquoted=True)

type Read = tuple[list[tuple[int, list[bytes | None]]], list[tuple[int, int, str]]]


def read(data: bytes, layout: Layout, width: int, block_bytes: int = 2**20, null: str = "\\N") -> Read:
    """Return the rows with their lines, and the lines, codes and raw bytes of those that are wrong."""
    file_format: FileFormat = "csv" if layout.delimiter == "," else "text"
    conversion = Conversion(null=null)
    copy = CopyStatement(
        Relation("t"), (), "s3://b/k", file_format=file_format, layout=layout, conversion=conversion
    )
    rows: list[tuple[int, list[bytes | None]]] = []
    wrong: list[tuple[int, int, str]] = []
    for records in read_text("s3://b/k", _blocks(data, block_bytes), copy, width):
        fields = zip(*(column.to_pylist() for column in records.columns), strict=True)
        rows += list(zip(records.lines, map(list, fields), strict=True))
        wrong += [(each.line_number, each.code, each.raw_line) for each in records.failures]
    return rows, wrong


def _blocks(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.mark.parametrize(
    ("data", "layout", "expected"),
    [
        pytest.param(b"a,b\nc,d\n", CSV, [[b"a", b"b"], [b"c", b"d"]], id="plain"),
        pytest.param(b"a,b\nc,d", CSV, [[b"a", b"b"], [b"c", b"d"]], id="no end of the last line"),
        pytest.param(b"a,b\r\nc,d\r\n", CSV, [[b"a", b"b"], [b"c", b"d"]], id="CR LF"),
        pytest.param(b"a,b\r", CSV, [[b"a", b"b"]], id="CR at the end of the file"),
        pytest.param(b'"a,1","b\n2"\r\n', CSV, [[b"a,1", b"b\n2"]], id="delimiter and line end in quotes"),
        pytest.param(b'"say ""hi""",""""\n', CSV, [[b'say "hi"', b'"']], id="two marks are one"),
        pytest.param(b'"",\n', CSV, [[b"", b""]], id="empty"),
        pytest.param(b'a , "b" \n', CSV, [[b"a ", b"b"]], id="white space beside quotes is left out"),
        pytest.param(b'"b\r\n",c\r\n', CSV, [[b"b\r\n", b"c"]], id="CR LF in quotes"),
        pytest.param(b"a\rb,c\n", CSV, [[b"a\rb", b"c"]], id="a lone CR is data"),
        pytest.param(b"\\N,\\\\N\n", CSV, [[None, b"\\\\N"]], id="NULL"),
        pytest.param(b"a|b\n", TEXT, [[b"a", b"b"]], id="pipes"),
        pytest.param(b"a|b|\n", TEXT, [[b"a", b"b"]], id="a delimiter after the last field"),
        pytest.param(b"a|\n", TEXT, [[b"a", b""]], id="an empty last field"),
        pytest.param(b'"a|b"\n', TEXT, [[b'"a', b'b"']], id="quotes are data in delimited text"),
        pytest.param(b"a\\|1|b\\\n2\n", ESCAPED, [[b"a|1", b"b\n2"]], id="ESCAPE"),
        pytest.param(b"a\\\\|b\\\\\\|c\n", ESCAPED, [[b"a\\", b"b\\|c"]], id="escaped backslashes"),
        pytest.param(b"\\N|\\\\N\n", ESCAPED, [[None, b"\\N"]], id="NULL and the text that looks like it"),
        pytest.param(b"a|b\\\r\n", ESCAPED, [[b"a", b"b\r"]], id="an escaped CR before the end"),
        pytest.param(b"a|b\\", ESCAPED, [[b"a", b"b\\"]], id="a backslash at the end of the file"),
        pytest.param(b"'a|b'|\"c\"\n", UNQUOTED, [[b"a|b", b"c"]], id="REMOVEQUOTES"),
        pytest.param(b"Blue'|it's\n", UNQUOTED, [[b"Blue'", b"it's"]], id="marks inside stay"),
        pytest.param(b"''' Black '''|''\n", UNQUOTED, [[b"'' Black ''", b""]], id="the outermost marks go"),
        pytest.param(b"\\N|'\\N'\n", UNQUOTED, [[None, None]], id="NULL in marks"),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 5, 2**20])
def test_text_is_cut_into_fields(
    data: bytes, layout: Layout, expected: list[list[bytes | None]], block_bytes: int
) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html, and its neighbours.

    In whatever pieces the file is read.
    """
    rows, wrong = read(data, layout, 2, block_bytes)
    assert [fields for _, fields in rows] == expected
    assert not wrong


@pytest.mark.parametrize(
    ("data", "layout", "wrong"),
    [
        pytest.param(b"1\na,b\n", CSV, [(1, 1214, "1")], id="too few"),
        pytest.param(b"a,b\n1,2,3\n", CSV, [(2, 1202, "1,2,3")], id="too many"),
        pytest.param(b"a,b\n1,2,\n", CSV, [(2, 1202, "1,2,")], id="a delimiter too many in CSV"),
        pytest.param(b"\na,b\n", CSV, [(1, 1214, "")], id="a blank line"),
        pytest.param(b'a,x"y\na,b\n', CSV, [(1, 1214, 'a,x"y')], id="a mark inside"),
        pytest.param(b'a,"x"y\na,b\n', CSV, [(1, 1214, 'a,"x"y')], id="something after a closing mark"),
        pytest.param(b'a,b\n1,"x\n', CSV, [(2, 1214, '1,"x')], id="a mark that is not closed"),
        pytest.param(b"a|b\n'x|1\n", UNQUOTED, [(2, 1214, "'x|1")], id="REMOVEQUOTES, not closed"),
        pytest.param(b'a|b\nx|"\n', UNQUOTED, [(2, 1214, 'x|"')], id="REMOVEQUOTES, a mark alone"),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 5, 2**20])
def test_a_row_that_is_wrong_spoils_no_other(
    data: bytes, layout: Layout, wrong: list[tuple[int, int, str]], block_bytes: int
) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html: 1202 and 1214."""
    rows, found = read(data, layout, 2, block_bytes)
    assert found == wrong
    assert [fields for _, fields in rows] == [[b"a", b"b"]]


def test_lines_are_those_of_the_file() -> None:
    """A field that spans lines moves all that follow, and a header counts."""
    layout = Layout(delimiter=",", header_lines=1, is_blank_ignored=True)
    rows, wrong = read(b'x,y\n"a\nb",1\n\n\r\nc,2\nd\n', layout, 2)
    assert [line for line, _ in rows] == [2, 6]
    assert wrong == [(7, 1214, "d")]


def test_fields_may_be_missing_at_the_end() -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html, FILLRECORD."""
    rows, wrong = read(b"a\na,b\n\na,b,c\na,b,c,d\n", Layout(delimiter=",", is_filled=True), 3)
    assert [fields for _, fields in rows] == [
        [b"a", b"", b""],
        [b"a", b"b", b""],
        [b"", b"", b""],
        [b"a", b"b", b"c"],
    ]
    assert wrong == [(5, 1202, "a,b,c,d")]


def test_a_row_beyond_4_mb_is_wrong() -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html: the largest row of any source is 4 MB."""
    long = b"x" * (LONGEST_ROW_BYTES + 1)
    rows, wrong = read(b"a\n" + long + b"\nb\n", CSV, 1)
    assert [fields for _, fields in rows] == [[b"a"], [b"b"]]
    assert [(line, code) for line, code, _ in wrong] == [(2, 1216)]


def test_a_mark_that_is_never_closed_takes_no_memory_for_ever() -> None:
    """Beyond the longest row it is given up, and the lines after it are read."""
    line, count = b"b" * 1023 + b"\n", LONGEST_ROW_BYTES // 512
    rows, wrong = read(b'"a\n' + line * count, CSV, 1, 2**20)
    assert wrong == [(1, 1214, '"a')]
    assert len(rows) == count


FIELDS = st.text(st.sampled_from("ab,|\n\r\"'\\ ü"), max_size=6)
TABLES = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(FIELDS, min_size=width, max_size=width), min_size=1, max_size=5)
)


def _csv(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'


def _escaped(field: str) -> str:
    return "".join(f"\\{each}" if each in "\\|\n\r" else each for each in field)


@given(TABLES, st.sampled_from(["\n", "\r\n"]), st.integers(1, 40))
def test_csv_in_quotes_comes_back(table: list[list[str]], end: str, block_bytes: int) -> None:
    """Whatever stands in the fields, and wherever the file is cut."""
    data = "".join(",".join(map(_csv, row)) + end for row in table).encode()
    rows, wrong = read(data, CSV, len(table[0]), block_bytes, null="no such text")
    assert not wrong
    assert [fields for _, fields in rows] == [[field.encode() for field in row] for row in table]


@given(TABLES, st.integers(1, 40))
def test_escaped_text_comes_back(table: list[list[str]], block_bytes: int) -> None:
    """Whatever stands in the fields, and wherever the file is cut."""
    data = "".join("|".join(map(_escaped, row)) + "\n" for row in table).encode()
    rows, wrong = read(data, ESCAPED, len(table[0]), block_bytes)
    assert not wrong
    assert [fields for _, fields in rows] == [[field.encode() for field in row] for row in table]


@given(text=st.text(st.sampled_from('ab,\n\r" '), max_size=20), is_last=st.booleans())
def test_the_quick_cut_and_the_careful_one_agree(text: str, *, is_last: bool) -> None:
    """On any bytes that the quick one does not leave to the other."""
    data = text.encode()
    form = Form(CSV, is_csv=True, null=b"a")
    quick = cut_quickly(data, form, is_last=is_last)
    if quick is None:
        return
    careful = cut_carefully(data, form, is_last=is_last, is_longest=False)
    assert not careful.wrong
    assert quick.fields.to_pylist() == careful.fields.to_pylist()
    for one, other in (
        (quick.first, careful.first),
        (quick.starts, careful.starts),
        (quick.ends, careful.ends),
    ):
        assert one.tolist() == other.tolist()
    assert quick.used == careful.used


@given(
    text=st.text(st.sampled_from("ab|\n\r\"'\\ "), max_size=20),
    block_bytes=st.integers(1, 8),
    is_csv=st.booleans(),
)
@example(text="'\\\\\\\n\\\\'", block_bytes=1, is_csv=False)  # an escape in two blocks, inside marks
def test_blocks_make_no_difference(text: str, block_bytes: int, *, is_csv: bool) -> None:
    """Rows and what is wrong are the same in whatever pieces the bytes come."""
    layout = Layout(delimiter=",") if is_csv else Layout(is_escaped=True, is_unquoted=True)
    data = text.replace("|", ",").encode() if is_csv else text.encode()
    whole, pieces = read(data, layout, 2), read(data, layout, 2, block_bytes)
    assert whole == pieces
    lines = sorted([line for line, _ in whole[0]] + [line for line, *_ in whole[1]])
    assert all(one <= other for one, other in pairwise(lines))
