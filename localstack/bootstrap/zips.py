"""Zips of code: of a function, what its handler imports and Lambda lacks; of the jobs, what they share.

The same sources make the same bytes: names are sorted, and times and permissions are always the same.
"""

import io
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from modulefinder import ModuleFinder
from pathlib import Path

PROJECT = ("contracts", "pipelines", "runtime", "warehouse")
"""The application's packages, of which a zip may hold parts."""

SHARED = ("contracts", "jobs/shared")
"""Folders of what the Spark jobs share."""

CARRIED = ("backports", "orjson")
"""What handlers import and Lambda's Python runtime lacks; boto3 it brings."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16


def build_zip(module: str, site_packages: Path) -> bytes:
    """Return the zip of a handler's module.

    Args:
        module: Dotted name.
        site_packages: Where `CARRIED` is installed, for the platform that the function runs on.

    Raises:
        FileNotFoundError: The module or a carried package is not there.
    """
    root = _root()
    files = {path.relative_to(root).as_posix(): path for path in _sources(root, module)}
    for name in CARRIED:
        package = site_packages / name
        if not package.is_dir():
            raise FileNotFoundError(package)
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                files[path.relative_to(site_packages).as_posix()] = path
    return _zipped(files)


def build_packages() -> bytes:
    """Return the zip of what the Spark jobs import of the application: spark-submit's `--py-files`."""
    root = _root()
    paths = [root / "jobs" / "__init__.py"]
    for folder in SHARED:
        paths += root.joinpath(folder).rglob("*.py")
    return _zipped({path.relative_to(root).as_posix(): path for path in paths})


def _root() -> Path:
    spec = find_spec("contracts")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("contracts")
    return Path(spec.origin).parent.parent


def _sources(root: Path, module: str) -> Iterator[Path]:
    """Yield the project's files that a module imports, at whatever remove, and the SQL beside them."""
    script = root.joinpath(*module.split(".")).with_suffix(".py")
    if not script.is_file():
        raise FileNotFoundError(script)
    finder = ModuleFinder(path=[str(root)])
    finder.import_hook(module)
    for name, found in finder.modules.items():
        file = getattr(found, "__file__", None)
        if name.split(".")[0] not in PROJECT or file is None:
            continue
        path = Path(file)
        yield path
        if path.name == "__init__.py":
            yield from path.parent.rglob("*.sql")


def _zipped(files: dict[str, Path]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _READABLE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name].read_bytes())
    return buffer.getvalue()
