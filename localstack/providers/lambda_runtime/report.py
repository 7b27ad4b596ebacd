"""The lines that Lambda writes around an invocation's own, and the errors of an environment that ended.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html shows START, END and REPORT.
"""

import json
import re
import signal
from dataclasses import dataclass

_DURATION = re.compile(r"^REPORT RequestId: \S+\tDuration: ([\d.]+) ms", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one invocation took.

    Attributes:
        duration_ms: Of the handler.
        init_ms: Of the initialisation; None where the environment was warm.
        memory_mib: What the function has.
        used_mib: What it used at most.
    """

    duration_ms: float
    init_ms: float | None
    memory_mib: int
    used_mib: int


def start_line(request_id: str, version: str) -> str:
    """Return the line before an invocation's own."""
    return f"START RequestId: {request_id} Version: {version}\n"


def end_lines(request_id: str, figures: Figures, status: str = "") -> str:
    r"""Return the lines behind an invocation's own; `status` is what AWS adds where it failed.

    >>> end_lines("1", Figures(12.3, None, 128, 40)).split("\t")[1:3]
    ['Duration: 12.30 ms', 'Billed Duration: 13 ms']
    """
    billed = int(figures.duration_ms + (figures.init_ms or 0)) + 1
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {figures.duration_ms:.2f} ms",
        f"Billed Duration: {billed} ms",
        f"Memory Size: {figures.memory_mib} MB",
        f"Max Memory Used: {figures.used_mib} MB",
    ]
    if figures.init_ms is not None:
        fields.append(f"Init Duration: {figures.init_ms:.2f} ms")
    if status:
        fields.append(status)
    tab = "\t"
    return f"END RequestId: {request_id}\n{tab.join(fields)}\n"


def duration_ms(logs: str) -> float | None:
    r"""Return what the last REPORT line of some logs says the handler took; None where there is none.

    >>> duration_ms(end_lines("1", Figures(12.3, None, 128, 40)))
    12.3
    """
    found = _DURATION.findall(logs)
    return float(found[-1]) if found else None


def init_line(init_ms: float, phase: str, status: str) -> str:
    """Return the line of an initialisation that failed."""
    return f"INIT_REPORT Init Duration: {init_ms:.2f} ms\tPhase: {phase}\t{status}\n"


def error(kind: str, message: str) -> bytes:
    """Return the payload of an error that no handler raised."""
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def timed_out(request_id: str, seconds: float) -> bytes:
    """Return the error of a handler that took longer than its timeout."""
    return error(
        "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    )


def out_of_memory(request_id: str) -> bytes:
    """Return the error of a process that took more memory than the function has."""
    message = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
    return error("Runtime.OutOfMemory", message)


def exited(request_id: str, code: int) -> bytes:
    """Return the error of a process that ended by itself; a negative code is a signal's."""
    if code == 0:
        return error(
            "Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited without providing a reason"
        )
    how = f"exit status {code}" if code > 0 else f"signal: {_SIGNALS.get(-code, f'signal {-code}')}"
    return error("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: {how}")


def error_type(payload: bytes) -> str:
    """Return the errorType of an error's payload."""
    try:
        return str(json.loads(payload)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "Runtime.Unknown"


_SIGNALS: dict[int, str] = {
    signal.SIGSEGV: "segmentation fault",
    signal.SIGKILL: "killed",
    signal.SIGABRT: "aborted",
    signal.SIGTERM: "terminated",
}
"""As Go's syscall package names them, in which Lambda's environment is written."""


def too_large(size_bytes: int, most_bytes: int) -> bytes:
    """Return the error of an answer beyond the payload limit."""
    limit = f"exceeded maximum allowed payload size ({most_bytes} bytes)."
    return error("Function.ResponseSizeTooLarge", f"Response payload size ({size_bytes} bytes) {limit}")
