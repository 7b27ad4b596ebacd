"""report.html: one file that opens with no network."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.reconcile.comparison import TableCheck
from app.reconcile.reconcile import MOST_SHOWN
from app.report.charts import Chart
from app.report.figures import Figures
from app.report.summary import figure_rows


def write_page(
    path: Path,
    days: tuple[date, date],
    figures: Figures,
    checks: Sequence[TableCheck],
    charts: Sequence[Chart],
) -> None:
    """Write the page of one demo; text is escaped, charts are taken as they are drawn.

    Args:
        path: The file; its folder is made.
        days: First and last New York date, both included.
        figures: What happened.
        checks: The reconciliation, one a table.
        charts: What is drawn, in its order.
    """
    environment = Environment(
        loader=PackageLoader("app.report", ""), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template("page.html.j2").render(
        first=days[0],
        last=days[1],
        figures=figures,
        rows=figure_rows(figures),
        checks=checks,
        cells=sum(check.cells for check in checks),
        differences=[difference for check in checks for difference in check.differences],
        shown=MOST_SHOWN,
        charts=charts,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
