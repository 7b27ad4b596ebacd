"""report.html: one file that opens with no network."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.reconcile.comparison import TableCheck
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
    """Write the page of one demo."""
    environment = Environment(
        loader=PackageLoader("app.report", "."), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template("page.html.j2").render(
        first=days[0], last=days[1], figures=figures, rows=figure_rows(figures), checks=checks, charts=charts
    )
    path.write_text(page, encoding="utf-8")
