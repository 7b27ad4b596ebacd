"""The lake's layout: every object's key is derived from what it holds, so a retry overwrites its own object.

    plans/<stream>/<shard>/<after>.json                     what a run is to read, written before any work
    state/<stream>/<shard>/<last>.parquet                   what the next range of the shard must know
    events/<name>/<stream>/<shard>/<after>-<last>/<part>.parquet
    partials/<kind of window>/<stream>/<shard>/<after>-<last>.parquet
    rejects/<stream>/<shard>/<after>-<last>.jsonl
    manifests/<stream>/<shard>/<after>-<last>.json          the objects of one range, the run's last output
    replays/<stream>.json                                   where a replay ended, its explicit signal
    reference/<table>.parquet                               airlines, airports, planes
    loads/<load>/<table>.manifest                           what one COPY reads
    daily_on_time/day=<date>/*.parquet                      output of a Spark job; so are
    weather_impact/, delay_propagation/, stream_differences/
    compacted/flight-events/day=<date>/version=<version>/*.parquet      the archive in few files; which are in
    compacted/flight-events/day=<date>.json                             force, their pointer says
    runs/<job>/<run>.json                                   what a run of a Spark job read and wrote
    code/jobs/<job>.py, code/packages.zip                   what EMR runs
    logs/applications/<application>/jobs/<run>/…            where EMR Serverless puts a run's logs

`<stream>` is a `StreamIdentity.slug`, `<name>` the stream's name.
"""

from contracts.positions import ResumeAfter, ShardRange, StreamIdentity

MANIFESTS = "manifests/"
DAILY_ON_TIME = "daily_on_time"
WEATHER_IMPACT = "weather_impact"
DELAY_PROPAGATION = "delay_propagation"
STREAM_DIFFERENCES = "stream_differences"
COMPACTED_EVENTS = "compacted/flight-events"
AIRPORT_HOUR_PARTIALS = "partials/partials/"


def plan_key(stream: StreamIdentity, shard_id: str, after: ResumeAfter) -> str:
    """Return where the plan of the range behind `after` stands: one position, one plan."""
    return f"plans/{stream.slug}/{shard_id}/{after}.json"


def state_key(stream: StreamIdentity, shard_id: str, last: int) -> str:
    """Return where the state stands that a shard carries on from `last`."""
    return f"state/{stream.slug}/{shard_id}/{ResumeAfter(last)}.parquet"


def events_prefix(stream_name: str) -> str:
    """Return the folder of a stream's archive, whatever its incarnation."""
    return f"events/{stream_name}/"


def events_key(shard_range: ShardRange, part: int) -> str:
    """Return where one part of a range's events is archived."""
    return f"{events_prefix(shard_range.stream.name)}{shard_range}/{part:05}.parquet"


def partials_key(shard_range: ShardRange, dataset: str) -> str:
    """Return where a range's partials of one kind of window stand."""
    return f"partials/{dataset}/{shard_range}.parquet"


def rejects_key(shard_range: ShardRange) -> str:
    """Return where a range's rejects stand."""
    return f"rejects/{shard_range}.jsonl"


def manifest_key(shard_range: ShardRange) -> str:
    """Return where a range's manifest stands."""
    return f"{MANIFESTS}{shard_range}.json"


def replay_end_key(stream: StreamIdentity) -> str:
    """Return where a replay says that it has ended."""
    return f"replays/{stream.slug}.json"


def reference_key(table: str) -> str:
    """Return where a dimension's rows stand."""
    return f"reference/{table}.parquet"


def copy_manifest_key(load_id: str, table: str) -> str:
    """Return where the manifest of one COPY stands."""
    return f"loads/{load_id}/{table}.manifest"


def job_day_prefix(output: str, day: str) -> str:
    """Return the partition of a Spark job's output for one New York date, written YYYY-MM-DD."""
    return f"{output}/day={day}/"


def compacted_pointer_key(day: str) -> str:
    """Return what says which files hold the compacted events of a New York date, written YYYY-MM-DD."""
    return f"{COMPACTED_EVENTS}/day={day}.json"


def run_record_key(job: str, run: str) -> str:
    """Return where a run of a Spark job writes down what it did."""
    return f"{run_records_prefix(job)}{run}.json"


def run_records_prefix(job: str) -> str:
    """Return the folder of the records of a Spark job's runs."""
    return f"runs/{job}/"


def job_script_key(job: str) -> str:
    """Return where the script of a Spark job stands."""
    return f"code/jobs/{job}.py"


def packages_key() -> str:
    """Return where the zip stands of what the Spark jobs share."""
    return "code/packages.zip"
