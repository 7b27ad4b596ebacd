"""The golden cases: what AWS's documentation says of a statement, as data in `tests/golden`.

`python -m tests.support.golden` writes docs/redshift-sql.md from them.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path("tests/golden")
PAGE = Path("docs/redshift-sql.md")
GUIDE = "https://docs.aws.amazon.com/redshift/latest/dg"

_HEAD = """\
# Redshift's SQL

Written by `python -m tests.support.golden` from `tests/golden`; every line is a test. What is not told here
may work; what would mean something else is refused by name, and nothing is done. Where AWS's documentation
is silent, the choice is told by the module of `warehouse/redshift/dialect` that makes it.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One statement, and what AWS says of it.

    Attributes:
        area: Of which it is.
        name: The fact, in a few words.
        page: Of AWS's guide, which says so.
        setup: Statements before it, in its transaction.
        sql: The statement.
        types: Of the result's columns, as Redshift's catalogue calls them.
        rows: The result: a text stands for anything that is written like it.
        names: Of the result's columns; empty where they do not matter.
        refused: What the error says, as a regular expression; empty where there is none.
    """

    area: str
    name: str
    page: str
    setup: tuple[str, ...]
    sql: str
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    names: tuple[str, ...]
    refused: str

    @property
    def url(self) -> str:
        """The page's address."""
        return f"{GUIDE}/{self.page}.html"


@dataclass(frozen=True, slots=True)
class Area:
    """A file of cases.

    Attributes:
        name: What they are about.
        setup: Statements before all of them.
        cases: In their order.
    """

    name: str
    setup: tuple[str, ...]
    cases: tuple[Case, ...]


def areas() -> list[Area]:
    """Return all cases, file by file."""
    return [_area(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.yml"))]


def _area(written: dict[str, Any]) -> Area:
    cases = tuple(
        Case(
            written["area"],
            case["id"],
            case.get("page", written["page"]),
            tuple(case.get("setup", ())),
            case["sql"],
            tuple(case.get("types", ())),
            tuple(tuple(row) for row in case.get("rows", ())),
            tuple(case.get("names", ())),
            case.get("refused", ""),
        )
        for case in written["cases"]
    )
    return Area(written["area"], tuple(written.get("setup", ())), cases)


def page() -> str:
    """Return docs/redshift-sql.md."""
    parts = [_HEAD]
    for area in areas():
        parts.append(f"\n## {area.name}\n\n| what | statement | result | AWS |\n|---|---|---|---|\n")
        parts += [
            f"| {case.name} | {_code('; '.join([*case.setup, case.sql]))} | {_result(case)} "
            f"| [{case.page}]({case.url}) |\n"
            for case in area.cases
        ]
    return "".join(parts)


def _result(case: Case) -> str:
    if case.refused:
        return f"error: {_code(case.refused.replace('.*', ' … ').replace('\\', ''))}"
    if not case.types:
        return "done"
    rows = "; ".join(", ".join(_value(value) for value in row) for row in case.rows)
    return f"{_code(rows or 'no rows')} ({', '.join(case.types)})"


def _value(value: Any) -> str:
    if value is None:
        return "null"
    return repr(value) if isinstance(value, str) else str(value).lower()


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    escaped = text.replace("|", "\\|").replace("\n", " ")
    return f"{fence}{escaped}{fence}"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
