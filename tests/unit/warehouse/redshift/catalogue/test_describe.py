"""docs/redshift-catalogue.md: the reference of the system's views."""

from pathlib import Path

from warehouse.redshift.catalogue.describe import describe
from warehouse.redshift.catalogue.views import VIEWS

PAGE = Path(__file__).parents[5] / "docs" / "redshift-catalogue.md"


def test_the_page_is_made_from_the_views() -> None:
    """`python -m warehouse.redshift.catalogue.describe > docs/redshift-catalogue.md` makes it."""
    assert PAGE.read_text("utf-8") == describe()


def test_every_view_is_on_the_page() -> None:
    """None is shown that is not told of."""
    page = PAGE.read_text("utf-8")
    assert [name for name in sorted(VIEWS) if f"`{name}`" not in page] == []


def test_constants_and_simulations_are_told_apart() -> None:
    """A column is one of three."""
    rows = {
        line.split(" | ")[0]: line.split(" | ") for line in describe().splitlines() if line.startswith("| `")
    }
    told, constant, simulated = rows["| `svv_table_info`"][1:]
    assert ("skew_rows" in told, "skew_rows" in simulated) == (False, True)
    assert "tbl_rows" in told
    assert "pct_used" in constant
    assert rows["| `svv_external_tables`"][1] == "*no rows*"
