"""A function may do what it likes: the error is the one that AWS gives, and the next invocation works."""

import json
import os
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.stack.settings import StandSettings
from localstack.providers.lambda_runtime.sandbox import Function, Outcome, Sandbox
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(90)
ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
type MakeSandbox = Callable[..., Sandbox]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[MakeSandbox]:
    """Make an environment of a function's source, and end it afterwards."""
    made: list[Sandbox] = []

    def make(
        source: str, *, handler: str = "app.handler", memory_mib: int = 128, seconds: float = 5
    ) -> Sandbox:
        code = tmp_path / "code"
        code.mkdir(exist_ok=True)
        (code / "app.py").write_text(textwrap.dedent(source), encoding="utf-8")
        function = Function(
            python=StandSettings().functions_python,
            handler=handler,
            code=code,
            layers=(),
            environment={"AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_REGION": "us-east-1"},
            memory_mib=memory_mib,
            timeout_seconds=seconds,
            version="$LATEST",
            folder=tmp_path / f"environment-{len(made)}",
        )
        made.append(Sandbox(function))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.stop()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("environment-")]


def invoke(sandbox: Sandbox, event: Any = None, request_id: str = "r-1") -> Outcome:
    """Invoke once."""
    return sandbox.invoke(request_id, json.dumps(event).encode(), ARN, "")


def error_of(outcome: Outcome) -> tuple[str, str]:
    """Return an error's type and message."""
    assert outcome.is_error, outcome
    payload = json.loads(outcome.payload)
    return payload["errorType"], payload["errorMessage"]


def test_an_environment_is_used_again(sandbox: MakeSandbox) -> None:
    """The module is loaded once; START, END and REPORT stand around each invocation."""
    function = sandbox(
        """
        print("loading")
        count = 0
        def handler(event, context):
            global count
            count += 1
            print("handling", event["n"])
            return {"count": count, "id": context.aws_request_id, "arn": context.invoked_function_arn}
        """
    )
    first, second = (invoke(function, {"n": number}, f"r-{number}") for number in (1, 2))
    assert [json.loads(each.payload)["count"] for each in (first, second)] == [1, 2]
    assert json.loads(second.payload) == {"count": 2, "id": "r-2", "arn": ARN}
    assert first.logs.splitlines()[:3] == ["loading", "START RequestId: r-1 Version: $LATEST", "handling 1"]
    assert "Init Duration" in first.logs.splitlines()[-1]
    assert "Init Duration" not in second.logs
    assert second.logs.splitlines()[-1].startswith("REPORT RequestId: r-2\tDuration: ")


def test_an_exception_has_its_type_and_trace(sandbox: MakeSandbox) -> None:
    """As the runtime client sends it; the environment stays warm."""
    function = sandbox("def handler(event, context):\n    return 1 / event")
    outcome = invoke(function, 0)
    assert error_of(outcome) == ("ZeroDivisionError", "division by zero")
    assert "app.py" in json.loads(outcome.payload)["stackTrace"][0]
    assert "[ERROR] ZeroDivisionError" in outcome.logs
    assert json.loads(invoke(function, 2).payload) == 0.5


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        pytest.param(
            "while True: pass", "Sandbox.Timedout", "Task timed out after 1.00 seconds", id="endless loop"
        ),
        pytest.param(
            "import time; time.sleep(60)", "Sandbox.Timedout", "Task timed out after 1.00 seconds", id="sleep"
        ),
        pytest.param("import os; os._exit(3)", "Runtime.ExitError", "exit status 3", id="exit"),
        pytest.param("import sys; sys.exit(2)", "Runtime.ExitError", "exit status", id="sys.exit"),
        pytest.param(
            "import os; os._exit(0)", "Runtime.ExitError", "without providing a reason", id="exit 0"
        ),
        pytest.param(
            "import ctypes; ctypes.string_at(0)", "Runtime.ExitError", "segmentation fault", id="segfault"
        ),
        pytest.param("x = bytearray(10**9)", "Runtime.OutOfMemory", "signal: killed", id="memory hog"),
        pytest.param(
            "return {1, 2}", "Runtime.MarshalError", "Unable to marshal response", id="unserialisable"
        ),
        pytest.param(
            "return 'x' * 7_000_000", "Function.ResponseSizeTooLarge", "6291556", id="seven megabytes"
        ),
    ],
)
def test_a_handler_that_misbehaves(sandbox: MakeSandbox, body: str, kind: str, message: str) -> None:
    """The invocation fails by AWS's name for it, and the next one works."""
    function = sandbox(
        f"""
        def handler(event, context):
            if event == "misbehave":
                {body}
            return "well"
        """,
        seconds=1,
    )
    found, said = error_of(invoke(function, "misbehave"))
    assert (found, message in said) == (kind, True), said
    outcome = invoke(function, "behave", "r-2")
    assert json.loads(outcome.payload) == "well", outcome


def test_a_memory_hog_s_report_says_what_it_used(sandbox: MakeSandbox) -> None:
    """More than it has."""
    function = sandbox("def handler(event, context):\n    x = bytearray(10**9)", seconds=10)
    report = invoke(function).logs.splitlines()[-1]
    assert "Memory Size: 128 MB" in report
    assert int(report.split("Max Memory Used: ")[1].split(" ")[0]) > 128
    assert "Error Type: Runtime.OutOfMemory" in report


def test_a_hundred_children_end_with_their_environment(sandbox: MakeSandbox) -> None:
    """Those that left the process group too."""
    function = sandbox(
        """
        import subprocess
        def handler(event, context):
            flags = [{"start_new_session": number % 2 == 0} for number in range(100)]
            return [subprocess.Popen(["sleep", "300"], **each).pid for each in flags]
        """,
        memory_mib=1024,
        seconds=20,
    )
    pids = json.loads(invoke(function).payload)
    assert len(pids) == 100
    function.stop()
    until(lambda: not any(psutil.pid_exists(pid) for pid in pids), 10)


def test_a_daemon_ends_with_its_environment(sandbox: MakeSandbox) -> None:
    """One whose own parent is gone is the environment's child again."""
    function = sandbox(
        """
        import subprocess
        def handler(event, context):
            subprocess.run(["setsid", "-f", "sleep", "4321"])
        """
    )
    invoke(function)

    def sleepers() -> list[psutil.Process]:
        return [
            each for each in psutil.process_iter(["cmdline"]) if each.info["cmdline"] == ["sleep", "4321"]
        ]

    assert len(until(sleepers)) == 1
    function.stop()
    until(lambda: not sleepers(), 10)


def test_a_process_that_ended_meanwhile_costs_no_invocation(sandbox: MakeSandbox) -> None:
    """The next one gets a new one."""
    function = sandbox(
        """
        import os, threading
        def handler(event, context):
            if event == "later":
                threading.Timer(0.2, os._exit, (1,)).start()
            return os.getpid()
        """
    )
    first = json.loads(invoke(function, "later").payload)
    until(lambda: not psutil.pid_exists(first) or psutil.Process(first).status() == psutil.STATUS_ZOMBIE, 10)
    outcome = invoke(function, "now", "r-2")
    assert not outcome.is_error
    assert json.loads(outcome.payload) != first


def test_a_flood_of_output_is_bounded(sandbox: MakeSandbox) -> None:
    """A gigabyte is read and counted, a mebibyte is kept, and the handler is not held up."""
    function = sandbox(
        """
        import os
        def handler(event, context):
            line = b"x" * 1_000_000 + b"\\n"
            for _ in range(1000):
                os.write(1, line)
            return "done"
        """,
        seconds=60,
    )
    outcome = invoke(function)
    assert json.loads(outcome.payload) == "done"
    assert len(outcome.logs) < 1_200_000
    assert "more bytes of this invocation's output were dropped" in outcome.logs


@pytest.mark.parametrize(
    ("source", "handler", "kind", "message"),
    [
        pytest.param("x = 1", "app.handler", "Runtime.HandlerNotFound", "handler", id="no handler"),
        pytest.param("x = 1", "none.handler", "Runtime.ImportModuleError", "none", id="no module"),
        pytest.param("def handler(:", "app.handler", "Runtime.UserCodeSyntaxError", "syntax", id="no syntax"),
        pytest.param("raise ValueError('no')", "app.handler", "ValueError", "no", id="raises"),
        pytest.param(
            "import os; os._exit(4)", "app.handler", "Runtime.ExitError", "exit status 4", id="exits"
        ),
    ],
)
def test_an_initialisation_that_fails(
    sandbox: MakeSandbox, source: str, handler: str, kind: str, message: str
) -> None:
    """The invocation gets the error, and the logs say what happened, the second time too."""
    function = sandbox(source, handler=handler)
    for request_id in ("r-1", "r-2"):
        outcome = invoke(function, request_id=request_id)
        found, said = error_of(outcome)
        assert (found, message in said) == (kind, True), said
        assert "INIT_REPORT Init Duration: " in outcome.logs
        assert f"REPORT RequestId: {request_id}" in outcome.logs


def test_an_initialisation_may_heal(sandbox: MakeSandbox, tmp_path: Path) -> None:
    """It is tried again by the next invocation."""
    function = sandbox(
        f"""
        import pathlib
        flag = pathlib.Path({str(tmp_path / "flag")!r})
        if not flag.exists():
            flag.touch()
            raise RuntimeError("not yet")
        def handler(event, context):
            return "well"
        """
    )
    assert json.loads(invoke(function).payload) == "well"


def test_each_environment_has_a_folder_of_its_own(sandbox: MakeSandbox) -> None:
    """As TMPDIR, gone with it."""
    function = sandbox(
        """
        import tempfile, pathlib
        def handler(event, context):
            path = pathlib.Path(tempfile.mkstemp()[1])
            path.write_text("kept")
            return str(path)
        """
    )
    path = Path(json.loads(invoke(function).payload))
    assert path.read_text(encoding="utf-8") == "kept"
    function.stop()
    assert not path.exists()


def test_a_function_does_not_outlive_a_killed_cloud(tmp_path: Path) -> None:
    """Its process looks for its parent once a second."""
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys, time
            sys.path.insert(0, {str(Path.cwd())!r})
            from tests.integration.test_lambda_sandbox import StandSettings, Function, Sandbox
            from pathlib import Path
            code = Path({str(tmp_path)!r}) / "orphan"
            code.mkdir()
            (code / "app.py").write_text("def handler(event, context):\\n    while True: pass")
            function = Function(StandSettings().functions_python, "app.handler", code, (), {{}}, 128, 60, "1",
                                code / "environment")
            sandbox = Sandbox(function)
            sandbox.start()
            print(sandbox._process.pid, flush=True)
            sandbox.invoke("r", b"null", "{ARN}", "")
            """
        ),
        encoding="utf-8",
    )
    parent = psutil.Popen(
        [sys.executable, str(script)], stdout=-1, env=os.environ | {"PYTHONPATH": str(Path.cwd())}
    )
    pid = int(parent.stdout.readline())
    time.sleep(0.5)
    assert psutil.pid_exists(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not psutil.pid_exists(pid), 10)
