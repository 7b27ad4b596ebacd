"""The command report."""

from rich.console import Console

from app.demo.run import BUILD
from app.errors import UsageError
from app.report.figures import Figures
from app.report.summary import figures_table


def report() -> None:
    """Show the figures of the last demo."""
    path = BUILD / "report.json"
    if not path.exists():
        msg = f"there is no {path}; run `make demo` first"
        raise UsageError(msg)
    Console().print(figures_table(Figures.read(path)))
