"""What a run asks for, and what becomes of it."""

from pathlib import Path

import pytest

from localstack.providers.spark.configuration import properties_of, resolve, write
from localstack.providers.spark.errors import RefusedError
from localstack.providers.spark.guard import check_endpoints
from localstack.providers.spark.parameters import Parameters, parse
from localstack.providers.spark.reason import reason


def test_parameters_are_read_as_a_shell_would() -> None:
    """Quotes, both ways to give a value, and lists."""
    text = (
        "--conf 'spark.a=b c=d' --conf=spark.e= --driver-memory 2g --name=x "
        "--py-files s3://b/a.zip,s3://b/c.py --class org.Main"
    )
    properties = {"spark.a": "b c=d", "spark.e": "", "spark.driver.memory": "2g", "spark.app.name": "x"}
    files = {"--py-files": ("s3://b/a.zip", "s3://b/c.py")}
    assert parse(text) == Parameters(properties, files, "org.Main")
    assert parse("") == Parameters()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--master yarn", "`--master` is not supported"),
        ("--deploy-mode=cluster", "`--deploy-mode` is not supported"),
        ("--properties-file x", "`--properties-file` is not supported"),
        ("--packages a:b:1", "`--packages` is not supported"),
        ("--unheard-of", "`--unheard-of` is not supported"),
        ("script.py", r"`script\.py` is not supported"),
        ("--conf", "`--conf` needs a value"),
        ("--conf spark.a", "takes name=value"),
        ("--conf =1", "takes name=value"),
        ("--name 'x", "no closing quotation"),
    ],
)
def test_wrong_parameters_are_refused(text: str, message: str) -> None:
    """By the name of what is wrong."""
    with pytest.raises(RefusedError, match=message):
        parse(text)


def test_later_layers_win_and_the_jars_stay(tmp_path: Path) -> None:
    """The class path that gives Spark its S3 is never lost."""
    low = {"spark.driver.memory": "2g", "spark.x": "low", "spark.driver.extraClassPath": "/mine/*"}
    found = resolve([low, {"spark.x": "high"}], Path("/jars"), tmp_path)
    assert (found["spark.driver.memory"], found["spark.x"]) == ("2g", "high")
    assert found["spark.driver.extraClassPath"] == "/jars/*:/mine/*"
    assert found["spark.executor.extraClassPath"] == "/jars/*"
    assert found["spark.sql.session.timeZone"] == "UTC"


@pytest.mark.parametrize("name", ["spark.master", "spark.submit.deployMode", "spark.jars.packages"])
def test_what_is_the_launchers_to_say_is_refused(name: str, tmp_path: Path) -> None:
    """In whichever layer."""
    with pytest.raises(RefusedError, match=name):
        resolve([{}, {name: "x"}], Path("/jars"), tmp_path)


def test_other_classifications_are_refused() -> None:
    """And nested ones."""
    assert properties_of([{"classification": "spark-defaults", "properties": {"a": "b"}}]) == {"a": "b"}
    with pytest.raises(RefusedError, match="`hive-site` is not supported"):
        properties_of([{"classification": "hive-site"}])
    with pytest.raises(RefusedError, match="no `configurations`"):
        properties_of([{"classification": "spark-defaults", "configurations": [{"classification": "x"}]}])


def test_the_file_is_javas(tmp_path: Path) -> None:
    """Backslashes and line ends are escaped."""
    write({"spark.a": "b\\c\nd=e"}, tmp_path)
    assert (tmp_path / "spark-defaults.conf").read_text() == "spark.a b\\\\c\\nd=e\n"
    assert "SYSTEM_ERR" in (tmp_path / "log4j2.properties").read_text()


NAMES = [
    "spark.hadoop.fs.s3a.endpoint",
    "fs.s3a.endpoint",
    "spark.hadoop.fs.s3a.bucket.my.lake.endpoint",
    "fs.s3a.bucket.lake.endpoint",
    "spark.executorEnv.AWS_ENDPOINT_URL",
    "spark.emr-serverless.driverEnv.AWS_ENDPOINT_URL",
    "spark.executorEnv.AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "value",
    ["https://s3.amazonaws.com", "", "http://127.0.0.1@evil.example", "127.0.0.1.evil.example", "${env.X}"],
)
def test_what_is_not_on_this_machine_is_refused(name: str, value: str) -> None:
    """Whatever it looks like, unless the user allows it."""
    with pytest.raises(RefusedError, match="is not on this machine"):
        check_endpoints({name: value}, is_aws_allowed=False)
    check_endpoints({name: value}, is_aws_allowed=True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["http://127.0.0.1:4566", "localhost:4566", "http://[::1]:4566/"])
def test_this_machine_is_let_through(name: str, value: str) -> None:
    """With a scheme and without."""
    check_endpoints({name: value, "spark.hadoop.fs.s3a.endpoint.region": "eu"}, is_aws_allowed=False)


def test_the_telling_line_is_the_last_error(tmp_path: Path) -> None:
    """Of what was printed, else of the log; short enough for stateDetails."""
    stdout, stderr = tmp_path / "stdout", tmp_path / "stderr"
    assert reason(1, stdout, stderr) == "it said nothing"
    stderr.write_text("WARNING: incubator\n")
    assert reason(1, stdout, stderr) == "WARNING: incubator"
    stderr.write_text("12:00 ERROR Task: java.io.IOException: gone\nbye\n")
    assert reason(1, stdout, stderr) == "12:00 ERROR Task: java.io.IOException: gone"
    stderr.write_text("org.apache.X$YException: " + "x" * 300)
    assert reason(1, stdout, stderr) == ("org.apache.X$YException: " + "x" * 300)[:256]
    stdout.write_text("Traceback:\n  raise ValueError('dry')\nValueError: dry\nbye\n")
    assert reason(1, stdout, stderr) == "ValueError: dry"
    assert reason(137, stdout, stderr) == "its driver was killed by SIGKILL"
