"""Errors of the load.

LoadError                  nothing of this load is in the warehouse
├── UnreadableManifestError    an object under manifests/ is no manifest; stop, and look at it
└── NothingToLoadError         the lake has no files for what is to be loaded; write them, then load again
"""

from contracts.errors import MillraceError


class LoadError(MillraceError):
    """A load that did not come to the warehouse."""


class UnreadableManifestError(LoadError):
    """An object among the manifests is none."""

    def __init__(self, key: str, reason: str) -> None:
        """Name the object."""
        super().__init__(key, reason)
        self.key = key
        self.reason = reason

    def __str__(self) -> str:
        """Say what was found, and what to do."""
        return f"no manifest under key `{self.key}`: {self.reason}; remove the object, then load again"


class NothingToLoadError(LoadError):
    """The lake lacks what is to be loaded."""

    def __init__(self, prefix: str) -> None:
        """Name the folder or the object that is missing."""
        super().__init__(prefix)
        self.prefix = prefix

    def __str__(self) -> str:
        """Say what is missing, and what to do."""
        return f"nothing to load under `{self.prefix}`; write it to the lake, then load again"
