"""dbt by hand, as users run it against the stand's warehouse."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.stack.dbt import PROJECT, environment
from app.stack.settings import StandSettings
from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Dbt:
    """One project and one schema of the warehouse.

    Attributes:
        settings: Where the warehouse is.
        stand: Has dbt's environment.
        project: Folder of dbt_project.yml; the profile is that of the application's models.
        target: Folder that takes what dbt writes.
        schema: That it builds in.
        datasharing: Whether dbt asks by SHOW, or by queries of the system's tables.
    """

    settings: Settings
    stand: StandSettings
    project: Path
    target: Path
    schema: str = "public"
    datasharing: bool = False

    def run(self, *arguments: str) -> dict[str, str]:
        """Run a command that must not fail; return the status of each node by its name, `pass`, `success`."""
        own = {
            "DBT_PROJECT_DIR": str(self.project.absolute()),
            "DBT_PROFILES_DIR": str(PROJECT.absolute()),
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(self.target),
            "MILLRACE_SCHEMA": self.schema,
            "MILLRACE_DATASHARING": str(self.datasharing),
        }
        done = subprocess.run(
            [str(self.stand.dbt), *arguments],
            env=environment(self.settings, self.stand) | own,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr
        results = json.loads((self.target / "run_results.json").read_text(encoding="utf-8"))["results"]
        return {each["unique_id"].split(".", 2)[2]: each["status"] for each in results}
