"""An execution environment: one process of AWS's runtime client, and what Lambda does around it.

No container stands around a function: it runs as the same user, sees the same files, and has a folder of its
own as TMPDIR. docs/lambda.md says what that means.
"""

import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty

import psutil

from localstack.providers.lambda_runtime import report
from localstack.providers.lambda_runtime.output import Output
from localstack.providers.lambda_runtime.runtime_api import RuntimeApi, Work

INIT_SECONDS = 10.0
MOST_PAYLOAD_BYTES = 6 * 2**20 + 100
_LOOK_SECONDS = 0.05
_LOOKS_A_FAMILY = 10
_IDLE_SECONDS = 1.0
_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Function:
    """What is run.

    Attributes:
        python: Interpreter that has awslambdaric.
        handler: `module.function`.
        code: Folder of the unpacked zip.
        layers: Folders of the unpacked layers.
        environment: Variables of Lambda's and the function's own.
        memory_mib: Beyond it the environment is killed.
        timeout_seconds: Beyond it too.
        version: As the START line says it.
        folder: For this environment alone; removed with it.
    """

    python: Path
    handler: str
    code: Path
    layers: tuple[Path, ...]
    environment: dict[str, str]
    memory_mib: int
    timeout_seconds: float
    version: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an invocation."""

    payload: bytes
    is_error: bool
    logs: str


@dataclass(frozen=True, slots=True)
class _Failure:
    payload: bytes
    status: str


class Sandbox:
    """One execution environment.

    **On failure**: whatever a handler does, the invocation gets the error that AWS gives, and the next one a
    process that works; the process and all that it started are ended with the environment.
    """

    def __init__(self, function: Function) -> None:
        """Start nothing yet."""
        self._function = function
        self._api = RuntimeApi()
        self._output = Output()
        self._process: subprocess.Popen[bytes] | None = None
        self._group: set[psutil.Process] = set()
        self._is_over = threading.Event()
        self._is_busy = threading.Event()
        self._killed_for_memory = False
        self._peak_bytes = 0
        self._init_ms = 0.0
        self._is_cold = False
        self._init_logs = ""
        (function.folder / "tmp").mkdir(parents=True, mode=0o700)

    def start(self) -> None:
        """Start the process and wait until it is initialised; what fails is tried again by an invocation."""
        failure = self._initialise("init")
        if failure:
            self._end()

    def invoke(self, request_id: str, payload: bytes, arn: str, trace_id: str) -> Outcome:
        """Run the handler once."""
        if self._process and self._process.poll() is not None:  # it ended since the last invocation
            self._end()
        if self._process is None:
            failure = self._initialise("invoke")
            if failure:
                self._end()
                logs = self._init_logs + report.start_line(request_id, self._function.version)
                self._init_logs = ""
                figures = report.Figures(self._init_ms, None, self._function.memory_mib, self._used_mib())
                return Outcome(
                    failure.payload,
                    is_error=True,
                    logs=logs + report.end_lines(request_id, figures, failure.status),
                )
        return self._run(request_id, payload, arn, trace_id)

    def stop(self) -> None:
        """End the process and all that it started, and remove its folder."""
        if self._is_over.is_set():
            return
        self._is_over.set()
        self._end()
        self._api.is_ready.set()  # whoever waits for an initialisation waits for nothing
        self._api.close()
        self._output.close()
        shutil.rmtree(self._function.folder, ignore_errors=True)

    def output(self) -> str:
        """Return what was printed and not yet given."""
        return self._init_logs + self._output.take()

    def _initialise(self, phase: str) -> _Failure | None:
        self._api.forget()
        self._is_busy.set()
        started = time.perf_counter()
        process = self._spawn()
        threading.Thread(target=self._watch, args=(process,), daemon=True, name="lambda-watch").start()
        # The first attempt has ten seconds; one that an invocation makes has the invocation's time.
        seconds = INIT_SECONDS if phase == "init" else max(INIT_SECONDS, self._function.timeout_seconds)
        is_ready = self._api.is_ready.wait(seconds)
        self._is_busy.clear()
        self._init_ms = (time.perf_counter() - started) * 1000
        self._is_cold = True
        failure = self._init_failure(process, is_ready=is_ready)
        self._init_logs += self._output.take()
        if failure:
            self._init_logs += report.init_line(self._init_ms, phase, failure.status)
        return failure

    def _init_failure(self, process: subprocess.Popen[bytes], *, is_ready: bool) -> _Failure | None:
        if not is_ready:
            return _Failure(report.timed_out("init", self._init_ms / 1000), "Status: timeout")
        with suppress(Empty):
            body = self._api.said.get_nowait().body
            return _Failure(body, f"Status: error\tError Type: {report.error_type(body)}")
        if process.poll() is not None:
            return self._exit("init", process)
        return None

    def _run(self, request_id: str, payload: bytes, arn: str, trace_id: str) -> Outcome:
        function, process = self._function, self._process
        assert process  # noqa: S101  # the caller saw to it
        logs = self._init_logs + self._output.take() + report.start_line(request_id, function.version)
        self._init_logs = ""
        deadline_ms = int((time.time() + function.timeout_seconds) * 1000)
        self._api.hand(
            Work(
                payload,
                [
                    ("Lambda-Runtime-Aws-Request-Id", request_id),
                    ("Lambda-Runtime-Deadline-Ms", str(deadline_ms)),
                    ("Lambda-Runtime-Invoked-Function-Arn", arn),
                    ("Lambda-Runtime-Trace-Id", trace_id),
                    ("Content-Type", "application/json"),
                ],
            )
        )
        self._is_busy.set()
        started = time.perf_counter()
        body, failure = self._answer(request_id, process, started)
        duration_ms = (time.perf_counter() - started) * 1000
        self._is_busy.clear()
        logs += self._output.take()
        if failure and failure.status.startswith("Status: timeout"):
            logs += f"{request_id} Task timed out after {function.timeout_seconds:.2f} seconds\n"
        figures = report.Figures(
            duration_ms, self._init_ms if self._is_cold else None, function.memory_mib, self._used_mib()
        )
        self._is_cold = False
        if failure and body is None:
            self._end()
        logs += report.end_lines(request_id, figures, failure.status if failure else "")
        return Outcome(
            body if body is not None else failure.payload if failure else b"", failure is not None, logs
        )

    def _answer(
        self, request_id: str, process: subprocess.Popen[bytes], started: float
    ) -> tuple[bytes | None, _Failure | None]:
        """Return the payload, and a failure where it is an error's; no payload where the process must end."""
        seconds = self._function.timeout_seconds
        while True:
            left = seconds - (time.perf_counter() - started)
            if left <= 0:
                return None, _Failure(report.timed_out(request_id, seconds), "Status: timeout")
            try:
                said = self._api.said.get(timeout=min(left, _LOOK_SECONDS))
            except Empty:
                if process.poll() is None:
                    continue
                # It may have answered and ended at once: an answer counts.
                if self._api.said.empty():
                    return None, self._exit(request_id, process)
                continue
            if said.request_id != request_id:
                continue
            if said.is_error:
                return said.body, _Failure(said.body, "")
            if len(said.body) > MOST_PAYLOAD_BYTES:
                payload = report.too_large(len(said.body), MOST_PAYLOAD_BYTES)
                return payload, _Failure(payload, "")
            return said.body, None

    def _exit(self, request_id: str, process: subprocess.Popen[bytes]) -> _Failure:
        if self._killed_for_memory:
            payload, kind = report.out_of_memory(request_id), "Runtime.OutOfMemory"
        else:
            payload, kind = report.exited(request_id, process.wait()), "Runtime.ExitError"
        return _Failure(payload, f"Status: error\tError Type: {kind}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        function = self._function
        layers = [str(layer / "python") for layer in function.layers if (layer / "python").is_dir()]
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "en_US.UTF-8",
            "HOME": str(function.folder),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            **function.environment,
            "LAMBDA_TASK_ROOT": str(function.code),
            "LAMBDA_RUNTIME_DIR": str(function.folder),
            "TMPDIR": str(function.folder / "tmp"),
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
        }
        own = function.environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join([str(function.code), *layers, *([own] if own else [])])
        self._killed_for_memory, self._peak_bytes = False, 0
        command = [str(function.python), str(_BOOTSTRAP), str(os.getpid()), function.handler]
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter; the handler is an argument of it
            command,
            cwd=function.code,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output.write_end,
            stderr=self._output.write_end,
            start_new_session=True,
        )
        return self._process

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """While it works, weigh the process and its children, and kill them beyond the function's memory."""
        limit = self._function.memory_mib * _MIB
        try:
            root = psutil.Process(process.pid)
        except psutil.NoSuchProcess:
            root = None
        looks = 0
        while root and process.poll() is None and not self._is_over.is_set():
            if not self._is_busy.wait(_IDLE_SECONDS):
                continue
            with suppress(psutil.NoSuchProcess):
                if looks % _LOOKS_A_FAMILY == 0:  # it means reading every process of the machine
                    family = {root, *root.children(recursive=True)}
                    self._group = family | {each for each in self._group if each.is_running()}
                looks += 1
                used = sum(map(_resident_bytes, self._group))
                self._peak_bytes = max(self._peak_bytes, used)
                if used > limit:
                    self._killed_for_memory = True
                    _kill_group(process.pid)
            time.sleep(_LOOK_SECONDS)
        if process is self._process:
            self._api.is_ready.set()

    def _end(self) -> None:
        """End the process, its group, and children that left the group."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(psutil.NoSuchProcess):
            self._group.update(psutil.Process(process.pid).children(recursive=True))
        _kill_group(process.pid)
        for each in self._group:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self._group.clear()
        process.wait()

    def _used_mib(self) -> int:
        return self._peak_bytes // _MIB


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
