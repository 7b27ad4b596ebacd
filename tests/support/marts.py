"""The marts without dbt: the SQL of each model as dbt renders it, for warehouses in memory, and in no time.

`tests/integration/test_dbt.py` holds what dbt makes of the same files against this.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

import warehouse.models
from runtime.warehouse import Warehouse

FOLDER = Path(warehouse.models.__path__[0])
_JINJA = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701  # SQL


def build_marts(target: Warehouse) -> list[str]:
    """Build every mart anew in one transaction, and return their names in the order of building."""
    project = Project()
    batch = [
        statement
        for name, select in project.marts().items()
        for statement in (f"drop table if exists {name}", f"create table {name} as\n{select}")
    ]
    target.batch(batch)
    return list(project.marts())


@dataclass
class Project:
    """The models of warehouse/models.

    Attributes:
        paths: Their files, by their names.
    """

    paths: dict[str, Path] = field(
        default_factory=lambda: {
            path.stem: path
            for folder in ("staging", "marts")
            for path in sorted((FOLDER / folder).glob("*.sql"))
        }
    )
    _tables: dict[str, str] = field(default_factory=dict)

    def marts(self) -> dict[str, str]:
        """Return the query of each model that is a table, after those that it reads."""
        for name in self.paths:
            self._ref(name)
        return self._tables

    def rendered(self, name: str) -> tuple[str, str]:
        """Return a model's query and its materialization, as dbt has them on a first build."""
        path = self.paths[name]
        kind = "view" if path.parent.name == "staging" else "table"

        def config(materialized: str = kind, **_others: Any) -> str:
            nonlocal kind
            kind = materialized
            return ""

        template = _JINJA.from_string(path.read_text(encoding="utf-8"))
        sql = template.render(config=config, ref=self._ref, source=_source, is_incremental=bool)
        return sql.strip(), kind

    def _ref(self, name: str) -> str:
        """Return what stands for a model: a table's name; of a view and an ephemeral model the query."""
        if name not in self._tables:
            sql, kind = self.rendered(name)
            if kind in {"view", "ephemeral"}:
                return f"({sql}) as {name}"
            self._tables[name] = sql
        return name


def _source(_name: str, table: str) -> str:
    return table
