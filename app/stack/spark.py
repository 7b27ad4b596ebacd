"""spark-submit, as a process of its own: the stand-in for EMR's cluster."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from app.errors import StandError, UsageError
from app.stack.java import find_java
from app.stack.spark_jars import ensure_jars

JOBS = Path("jobs")

_DEFAULTS = {
    "spark.master": "local[2]",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.fs.s3a.path.style.access": "true",
}
_LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1}: %m%n%ex
"""


class JobFailedError(StandError):
    """A Spark job ended with an error."""

    def __init__(self, job: str, reason: str, log: Path) -> None:
        """Keep which, why, and where its log is."""
        super().__init__(job, reason, log)
        self.job = job
        self.reason = reason
        self.log = log

    def __str__(self) -> str:
        """Say which, why, and where its log is."""
        return f"job `{self.job}` failed: {self.reason}; its log is {self.log}"


def job_names() -> list[str]:
    """Return the names of the jobs there are: one file under jobs/ each."""
    return sorted(each.stem for each in JOBS.glob("*.py") if each.stem != "__init__")


def check_job(job: str) -> None:
    """Refuse a job that there is not.

    Raises:
        UsageError: There is no such job.
    """
    if job not in job_names():
        msg = f"there is no job `{job}`; there are: {', '.join(job_names())}"
        raise UsageError(msg)


def submit(job: str, arguments: Sequence[str], home: Path, endpoint_url: str) -> None:
    """Run a job to its end; its log is kept under `home`.

    **Delivery**: the job's own; a re-run replaces what it wrote. **On failure**: `JobFailedError`; on Ctrl-C
    the job's processes are ended first.

    Args:
        job: Its name, a file under jobs/.
        arguments: As its `main` takes them.
        home: Run-time folder of the stand, for jars, configuration and logs.
        endpoint_url: AWS endpoint of S3.

    Raises:
        JobFailedError: It ended with an error.
        JarsError: Spark's jars cannot be had.
        NoJavaError: There is no Java.
    """
    check_job(job)
    home = home.absolute()
    java = find_java(home)
    conf = _configuration(home, ensure_jars(home))
    log = home / "logs" / f"job-{job}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))},
        "JAVA_HOME": str(java),
        "SPARK_CONF_DIR": str(conf),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    command = [str(Path(sys.executable).parent / "spark-submit"), str(JOBS / f"{job}.py"), *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our own jobs
            command, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            exit_code = process.wait()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
    if exit_code:
        raise JobFailedError(job, _reason(log), log)


def _configuration(home: Path, jars: Path) -> Path:
    folder = home / "spark"
    folder.mkdir(parents=True, exist_ok=True)
    settings = _DEFAULTS | {
        "spark.driver.extraClassPath": f"{jars}/*",
        "spark.executor.extraClassPath": f"{jars}/*",
        "spark.local.dir": str(folder / "tmp"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    lines = "".join(f"{name} {value}\n" for name, value in settings.items())
    (folder / "spark-defaults.conf").write_text(lines, encoding="utf-8")
    (folder / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
    return folder


def _reason(log: Path) -> str:
    """Return the line that says most: a job's own last words, else the last error of the log."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    telling = [line for line in lines if line.startswith("error: ") or "Error" in line or "Exception" in line]
    return (telling or [line for line in lines if line] or ["no word in its log"])[-1][:300]
