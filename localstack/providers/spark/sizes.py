"""What a worker of a standalone cluster offers: Spark lets an executor that fits none wait for ever."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from localstack.providers.spark.errors import RefusedError

_MEBIBYTES = {"k": 2**-10, "m": 1, "g": 2**10, "t": 2**20}
_SIZE = re.compile(r"(\d+)(?:([kmgt])b?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WorkerSize:
    """What a worker offers to executors.

    Attributes:
        cores: As Spark counts them; a machine may have fewer.
        memory_mebibytes: Of all its executors.
    """

    cores: int = 2
    memory_mebibytes: int = 2048

    def check(self, properties: Mapping[str, str]) -> None:
        """Refuse an executor that no worker has room for.

        Raises:
            RefusedError: It asks for more than a worker has, or for no number.
        """
        memory = _mebibytes("spark.executor.memory", properties.get("spark.executor.memory", "1g"))
        cores = properties.get("spark.executor.cores", "1")
        if not cores.isdecimal():
            msg = f"`spark.executor.cores` must be a number; got `{cores}`"
            raise RefusedError(msg)
        if memory > self.memory_mebibytes or int(cores) > self.cores:
            msg = (
                f"an executor of {cores} cores and {memory:g} MiB fits no worker: "
                f"each has {self.cores} cores and {self.memory_mebibytes} MiB"
            )
            raise RefusedError(msg)


def _mebibytes(name: str, told: str) -> float:
    """Return a size of Java's notation, of which a bare number is MiB."""
    if (found := _SIZE.fullmatch(told.strip())) is None:
        msg = f"`{name}` must be a size such as 512m or 2g; got `{told}`"
        raise RefusedError(msg)
    return int(found[1]) * _MEBIBYTES[(found[2] or "m").lower()]
