"""IteratorAge, gathered."""

from localstack.providers.lambda_mapping.ages import Ages


class Clock:
    """Moves by hand."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_ages_are_gathered() -> None:
    """And told once, in milliseconds."""
    ages = Ages(Clock())
    for arrived in (99.0, 98.0, 101.0):
        ages.note("a", arrived)
    assert ages.take({"a": 90.0}) == {"SampleCount": 3, "Sum": 3000.0, "Minimum": 0.0, "Maximum": 2000.0}
    assert ages.take({}) is None


def test_a_blocked_shard_grows_older() -> None:
    """Between its attempts too, while another one stays young."""
    clock = Clock()
    ages = Ages(clock)
    oldest = []
    for _ in range(3):
        clock.now += 10
        ages.note("young", clock.now - 0.5)
        taken = ages.take({"blocked": 100.0, "young": 0.0})
        assert taken
        assert taken["Minimum"] == 500.0
        oldest.append(taken["Maximum"])
    assert oldest == [10_000.0, 20_000.0, 30_000.0]
