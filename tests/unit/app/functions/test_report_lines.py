"""REPORT lines read: those that the local Lambda writes, and AWS's own."""

import pytest

from app.functions.prices import prices
from app.functions.report_lines import Report, parse_report
from localstack.providers.lambda_runtime.report import Figures, end_lines


@pytest.mark.parametrize("status", ["", "Status: timeout", "Status: error\tError Type: Runtime.ExitError"])
@pytest.mark.parametrize("init_ms", [None, 100.5])
def test_what_is_written_is_read(status: str, init_ms: float | None) -> None:
    """Warm and cold, taken and failed."""
    end, report = end_lines("4a-7", Figures(12.3, init_ms, 512, 40), status).splitlines()
    billed_ms = 13 if init_ms is None else 113
    assert parse_report(report) == Report(12.3, billed_ms, 512, init_ms)
    assert parse_report(end) is None


def test_aws_s_line_is_read() -> None:
    """With the spaces and tabs that CloudWatch Logs holds, X-Ray's fields behind it."""
    line = (
        "REPORT RequestId: 8f507cfc\tDuration: 79.67 ms\tBilled Duration: 80 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 73 MB\tXRAY TraceId: 1-5c4f\tSegmentId: 07\tSampled: true\t\n"
    )
    assert parse_report(line) == Report(79.67, 80, 128, None)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "START RequestId: 1 Version: $LATEST",
        "INIT_REPORT Init Duration: 3.00 ms\tPhase: init\tStatus: error",
        "a handler's line: REPORT RequestId: 1\tDuration: 1.00 ms",
        "REPORT RequestId: 1\tDuration: 1.00 ms",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """Half a REPORT included."""
    assert parse_report(line) is None


def test_a_cost_is_requests_and_gb_seconds() -> None:
    """By architecture: half a GB for two seconds, a million times."""
    gb_seconds = Report(2000.0, 2000, 512, None).gb_seconds * 1_000_000
    assert gb_seconds == pytest.approx(1_000_000)
    assert prices().cost(1_000_000, gb_seconds, "x86_64") == pytest.approx(0.20 + 16.6667)
    assert prices().cost(1_000_000, gb_seconds, "arm64") == pytest.approx(0.20 + 13.3334)
    assert prices().cost(0, 0, "x86_64") == 0
