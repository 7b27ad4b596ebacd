"""The docs keep up: every command, make target, setting and figure is in them."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from app.cli import app
from app.report.figures import Figures

COMMANDS = Path("docs/commands.md").read_text(encoding="utf-8")


def test_every_command_is_documented() -> None:
    """By its name."""
    names = [command.callback.__name__ for command in app.registered_commands if command.callback]
    for group in app.registered_groups:
        assert group.typer_instance
        commands = group.typer_instance.registered_commands
        names += [f"{group.name} {_name(command)}" for command in commands]
    assert len(names) == 25
    assert [name for name in names if f"`millrace {name}`" not in COMMANDS] == []


def _name(command: Any) -> str:
    return str(command.name or command.callback.__name__)


def test_every_make_target_is_documented_and_helped() -> None:
    """In the docs, and with a `##` comment of its own."""
    makefile = Path("Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()
    assert [target for target in targets if f"make {target}" not in COMMANDS] == []
    assert [target for target in targets if not re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)] == []


def test_every_setting_is_documented() -> None:
    """Whatever a reader of the environment reads."""
    readers = [
        Path("runtime/settings.py"),
        Path("app/stack/settings.py"),
        Path("app/cli.py"),
        Path("warehouse/redshift/settings.py"),
    ]
    names = {
        name
        for reader in readers
        for name in re.findall(r'"((?:AWS|MILLRACE)_\w+)"', reader.read_text(encoding="utf-8"))
    }
    assert len(names) >= 10
    assert [name for name in sorted(names - {"AWS_DEFAULT_REGION"}) if f"`{name}`" not in COMMANDS] == []


def test_every_figure_is_documented() -> None:
    """The names that other tools read."""
    assert [field.name for field in fields(Figures) if f"`{field.name}`" not in COMMANDS] == []


@pytest.mark.parametrize(
    "page",
    [
        "docs/redshift.md",
        "docs/lambda.md",
        "docs/redshift-copy.md",
        "docs/redshift-snapshots.md",
    ],
)
def test_every_test_that_a_page_names_is_there(page: str) -> None:
    """Anywhere below tests/."""
    named = set(re.findall(r"`(test_\w+)`", Path(page).read_text(encoding="utf-8")))
    defined = {
        name
        for path in Path("tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named
    assert named - defined == set()
