"""Who keeps to AWS's documentation: `make conformance` runs the suite on ours and on its peers.

The table goes to docs/kinesis.md, every outcome to build/conformance/kinesis.json. Only ours must pass.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from rich.console import Console

from benchmarks.install import install
from benchmarks.kinesis.peers import ALL
from benchmarks.kinesis.running import Running
from tests.support.documented import ENDPOINT

SUITE = Path("tests/contract/conformance")
RESULTS = Path("build/conformance/kinesis.json")
PAGE = Path("docs/kinesis.md")
BEGIN, END = "<!-- conformance:begin -->", "<!-- conformance:end -->"
REFERENCE = "https://docs.aws.amazon.com/kinesis/latest/APIReference"
GUIDE = "https://docs.aws.amazon.com/streams/latest/dev"

type Outcomes = dict[str, bool]
"""Whether each test passed, by module and function, every parameter included."""


def _outcomes(peer: str, port: int) -> Outcomes:
    report = RESULTS.with_name(f"{peer}.xml").absolute()
    command = [
        sys.executable,
        "-m",
        "pytest",
        str(SUITE),
        "-q",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
    ]
    subprocess.run(
        command,
        env=os.environ | {ENDPOINT: f"http://127.0.0.1:{port}"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    outcomes: Outcomes = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314  # our own pytest wrote it
        name = case.get("name", "").partition("[")[0]
        key = f"{case.get('classname', '').rpartition('.')[2]}::{name}"
        has_failed = case.find("failure") is not None or case.find("error") is not None
        outcomes[key] = outcomes.get(key, True) and not has_failed
    return outcomes


def _facts() -> list[tuple[str, str, str]]:
    """Return key, page and fact of every test, in the order of the suite."""
    facts = []
    for path in sorted(SUITE.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                pages = [
                    each.args[0].value
                    for each in node.decorator_list
                    if isinstance(each, ast.Call)
                    and getattr(each.func, "id", "") == "documented"
                    and isinstance(each.args[0], ast.Constant)
                ]
                facts.append((f"{path.stem}::{node.name}", str(pages[0]), ast.get_docstring(node) or ""))
    return facts


def _table(results: dict[str, Outcomes]) -> str:
    lines = [f"| AWS documents | {' | '.join(results)} |", f"|---|{'---|' * len(results)}"]
    for key, page, fact in _facts():
        url = f"{REFERENCE if page.startswith(('API_', 'Common')) else GUIDE}/{page}.html"
        marks = " | ".join("✓" if outcomes.get(key) else "✗" for outcomes in results.values())
        lines.append(f"| {fact.rstrip('.')} ([page]({url})) | {marks} |")
    totals = " | ".join(f"**{sum(each.values())} of {len(_facts())}**" for each in results.values())
    return "\n".join([*lines, f"| kept | {totals} |"])


def main() -> int:
    """Run the suite on every peer that can be had, and write the table; 1 where ours fails a test."""
    console = Console()
    missing = install(ALL)
    results: dict[str, Outcomes] = {}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    for peer in ALL:
        if peer.name in missing:
            console.print(f"{peer.title}: {missing[peer.name]}")
            continue
        with console.status(f"{peer.title}: running the suite"):
            running = Running(peer, f"conformance-{peer.name}")
            try:
                results[peer.title.partition(" (")[0]] = outcomes = _outcomes(peer.name, running.port)
            finally:
                running.stop()
        console.print(
            f"{peer.title}: {sum(outcomes.values())} of {len(outcomes)} facts kept", highlight=False
        )
    RESULTS.write_text(json.dumps(results, indent=2), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    head, tail = page.partition(BEGIN)[0], page.partition(END)[2]
    PAGE.write_text(f"{head}{BEGIN}\n{_table(results)}\n{END}{tail}", encoding="utf-8")
    ours = next(iter(results))  # Millrace is the first of ALL
    failed = [key for key, is_kept in results[ours].items() if not is_kept]
    for key in failed:
        console.print(f"[red]✗[/] {ours}: {key}", highlight=False)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
