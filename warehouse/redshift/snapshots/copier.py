"""The child process that copies the warehouse's file: `copier.py SOURCE TARGET`, told by lines of its input.

It is a process of its own because one that opens and closes a file that DuckDB has open in the same process
takes away DuckDB's lock on it, and another warehouse could then open the file as well.
"""

import shutil
import sys
from contextlib import suppress
from pathlib import Path


def main(source: Path, target: Path) -> int:
    """Copy at the first line, and fold the log into the copy at the second; say when each is done.

    At the end of its input, which is the end of its parent, it ends too.
    """
    _say("ready")
    if sys.stdin.readline():
        shutil.copyfile(source, target)
        with suppress(FileNotFoundError):  # after a checkpoint there is none
            shutil.copyfile(log_of(source), log_of(target))
        _say("copied")
        if sys.stdin.readline():
            fold(target)
            _say("folded")
    return 0


def fold(file: Path) -> None:
    """Open a copy, as a warehouse would, and close it: its log goes into it.

    Raises:
        duckdb.Error: It is no database, or its log cannot be read.
    """
    import duckdb  # noqa: PLC0415  # it takes a moment, in which writers would wait

    with duckdb.connect(file, config={"enable_external_access": False}) as copy:
        copy.execute("checkpoint")


def log_of(file: Path) -> Path:
    """Return where DuckDB keeps what is committed and is not yet in the file."""
    return file.with_name(f"{file.name}.wal")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
