"""Whether an executor fits a worker."""

import pytest

from localstack.providers.spark.errors import RefusedError
from localstack.providers.spark.sizes import WorkerSize

SIZE = WorkerSize(cores=2, memory_mebibytes=2048)


@pytest.mark.parametrize(
    ("memory", "cores"), [("1g", "1"), ("2G", "2"), ("2048", "1"), ("2097152k", "2"), ("512mb", "1")]
)
def test_an_executor_that_fits_is_taken(memory: str, cores: str) -> None:
    """By Java's notation, a bare number being MiB."""
    SIZE.check({"spark.executor.memory": memory, "spark.executor.cores": cores})
    SIZE.check({})


@pytest.mark.parametrize(
    ("memory", "cores", "message"),
    [
        ("3g", "1", "an executor of 1 cores and 3072 MiB fits no worker: each has 2 cores and 2048 MiB"),
        ("1g", "4", "an executor of 4 cores and 1024 MiB fits no worker"),
        ("much", "1", "`spark.executor.memory` must be a size such as 512m or 2g; got `much`"),
        ("-1g", "1", "must be a size"),
        ("1g", "two", "`spark.executor.cores` must be a number; got `two`"),
    ],
)
def test_an_executor_that_fits_no_worker_is_refused(memory: str, cores: str, message: str) -> None:
    """Spark would wait for it, and say so in a log only."""
    with pytest.raises(RefusedError, match=message):
        SIZE.check({"spark.executor.memory": memory, "spark.executor.cores": cores})
