"""The functions' zips: the same bytes each time, small, and whole."""

import io
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from app.stack.settings import StandSettings
from localstack.bootstrap.zips import CARRIED, build_zip

MODULES = [
    each["module"]
    for each in yaml.safe_load(files("localstack.bootstrap").joinpath("resources.yml").read_text())[
        "functions"
    ]
]
HEAVY = ("pyarrow", "apache_beam", "pyspark", "duckdb", "app", "localstack", "jobs")


@pytest.mark.parametrize("module", MODULES)
def test_a_zip_is_deterministic_and_small(module: str) -> None:
    """And holds nothing of what a Lambda should not carry."""
    packages = StandSettings().functions_packages
    data = build_zip(module, packages)
    assert data == build_zip(module, packages)
    assert len(data) < 2**20
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert names == sorted(names)
    assert {name.split("/")[0] for name in names} <= {
        "contracts",
        "pipelines",
        "runtime",
        "warehouse",
        *CARRIED,
    }


@pytest.mark.parametrize("module", MODULES)
def test_a_zip_is_all_that_a_function_needs(module: str, tmp_path: Path) -> None:
    """Its module is loaded from the zip alone, with the functions' own interpreter."""
    zipfile.ZipFile(io.BytesIO(build_zip(module, StandSettings().functions_packages))).extractall(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {module} as function; "
        "print(function.handler.__name__, function.__file__); "
        f"assert not {HEAVY!r} & sys.modules.keys()".replace(f"not {HEAVY!r} &", f"not set({HEAVY!r}) &")
    )
    done = subprocess.run(
        [StandSettings().functions_python, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["handler", str(tmp_path / (module.replace(".", "/") + ".py"))]


def test_a_module_that_is_not_there() -> None:
    """Is named."""
    with pytest.raises(FileNotFoundError, match=r"pipelines/functions/nobody\.py"):
        build_zip("pipelines.functions.nobody", StandSettings().functions_packages)


def test_a_package_that_is_not_there() -> None:
    """Is named."""
    with pytest.raises(FileNotFoundError, match="backports"):
        build_zip(MODULES[0], Path(sys.prefix) / "nowhere")
