"""The code of the jobs, in the lake where EMR reads it: a script each, and one zip of what they share."""

from pathlib import Path

from contracts.lake import job_script_key, packages_key
from localstack.bootstrap.zips import build_packages
from runtime.objects import Objects

JOBS = Path("jobs")


def publish(job: str, lake: Objects) -> None:
    """Put a job's script and the packages that the jobs share into the lake, as they are on this machine."""
    lake.put(packages_key(), build_packages())
    lake.put(job_script_key(job), (JOBS / f"{job}.py").read_bytes())
