"""Where in a JSON document the value of each column is.

AWS, "COPY from JSON format": 'auto' takes the field of the column's name, 'auto ignorecase' in any case, and
a JSONPaths file has one expression for each column.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from warehouse.redshift.errors import LoadError

type Path = tuple[str | int, ...]
type Extractor = Callable[[Any], Any]

_STEP = re.compile(r"""\.([A-Za-z_][\w$]*)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]""")


def by_name(name: str) -> Extractor:
    """Return what gives the field of a name."""
    return lambda document: document.get(name) if isinstance(document, dict) else None


def by_name_in_any_case(name: str) -> Extractor:
    """Return what gives the field of a name, in upper or lower case."""

    def extract(document: Any) -> Any:
        if not isinstance(document, dict):
            return None
        return next((value for key, value in document.items() if key.lower() == name), None)

    return extract


def read_paths(url: str, data: bytes, width: int) -> list[Extractor]:
    """Return what gives the value of each of `width` columns, by a JSONPaths file.

    Raises:
        LoadError: It is no such file, or has another number of expressions.
    """
    try:
        written = json.loads(data)["jsonpaths"]
        paths = [_path(url, each) for each in written]
    except (ValueError, KeyError, TypeError) as error:
        reason = f'is no JSONPaths file, which is {{"jsonpaths": ["$.…", …]}}: {error!r}'
        raise LoadError(url, reason) from None
    if len(paths) != width:
        reason = f"Number of jsonpaths and the number of columns should match. JSONPath size: {len(paths)}, Number of columns in table or column list: {width}"  # noqa: E501  # AWS's words
        raise LoadError(url, reason)
    return [_along(path) for path in paths]


def _path(url: str, written: str) -> Path:
    path: list[str | int] = []
    place = 1
    while written.startswith("$") and (found := _STEP.match(written, place)):
        name, index, single, double = found.groups()
        path.append(
            int(index)
            if index is not None
            else next(each for each in (name, single, double) if each is not None)
        )
        place = found.end()
    if not path or place != len(written):
        reason = f"Invalid JSONPath format: `{written}`; it is $.name or $['name'] or $[0], and so on"
        raise LoadError(url, reason)
    return tuple(path)


def _along(path: Path) -> Extractor:
    def extract(document: Any) -> Any:
        for step in path:
            if isinstance(step, int):
                if not isinstance(document, list) or step >= len(document):
                    return None
            elif not isinstance(document, dict) or step not in document:
                return None
            document = document[step]
        return document

    return extract
