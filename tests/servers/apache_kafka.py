"""Apache Kafka as one process, broker and controller at once, of jars that Maven downloads."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.servers.cache import CACHE, cached
from tests.servers.ports import free_ports, listens
from tests.servers.process import ServerFailed, ServerProcess, Shelter, run, shelter

POM = Path(__file__).with_name("pom.xml")
PROPERTIES = Path(__file__).with_name("kafka.properties")
CLUSTER_ID = "orderport-tests-------"
OLDEST_JAVA = 17
JAVA = (
    *("java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),  # small, and soon there
    "-XX:-UsePerfData",  # nothing outside the server's own folder
    "-Dorg.apache.logging.log4j.level=WARN",
)


class NoApacheKafka(Exception):
    """Apache Kafka cannot be had here; the message says why."""


@dataclass
class ApacheKafka(ServerProcess):
    """One process of Apache Kafka."""

    port: int

    @property
    def bootstrap_servers(self) -> str:
        """Where clients find it."""
        return f"127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        """Tell whether the controller counts the broker as alive, and each partition has its leader."""
        if not listens(self.port):
            return False
        client = AdminClient({"bootstrap.servers": self.bootstrap_servers, "log_level": 0})
        try:
            known = client.list_topics(timeout=1)
        except KafkaException:
            return False
        topics = known.topics.values()
        leaders = [part.leader for topic in topics for part in topic.partitions.values()]
        return bool(known.brokers) and all(leader >= 0 for leader in leaders)


def version() -> str:
    """Give the version of Kafka, which stands in the pom."""
    project = ElementTree.parse(POM).getroot()
    return project.findtext("version", default="")


def why_not() -> str | None:
    """Tell what there is not, and Apache Kafka cannot be had without; None where all is there."""
    java = _java_version()
    if int(java.partition(".")[0] or 0) < OLDEST_JAVA:
        return f"java is {java or 'missing'}, and it needs {OLDEST_JAVA}"
    if not (CACHE / _name()).is_dir() and not shutil.which("mvn"):
        return "mvn is missing, which downloads it"
    return None


def install() -> Sequence[str]:
    """Give the command that runs a class of Kafka's; download what that needs, once. Raises `NoApacheKafka`."""
    reason = why_not()
    if reason:
        raise NoApacheKafka(reason)
    java = [*JAVA, "-cp", f"{cached(_name(), _download)}/*"]
    classes = cached(f"{_name()}-java-{_java_version()}", partial(_archive_classes, java))
    return [*java, f"-XX:SharedArchiveFile={classes / 'classes.jsa'}"]


def format_kafka(java: Sequence[str], place: Shelter) -> ApacheKafka:
    """Make a Kafka with ports and a folder of its own, which is not started yet."""
    broker, controller = free_ports(2)
    properties = place.folder / "server.properties"
    properties.write_text(
        f"{PROPERTIES.read_text()}\n"
        f"listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}\n"
        f"controller.quorum.bootstrap.servers=127.0.0.1:{controller}\n"
        f"log.dirs={place.folder / 'kafka'}\n"
    )
    java = [*java, f"-Djava.io.tmpdir={place.folder}"]
    tool = ["kafka.tools.StorageTool", "format", "--standalone"]
    run([*java, *tool, "--cluster-id", CLUSTER_ID, "--config", str(properties)])
    return ApacheKafka("kafka", [*java, "kafka.Kafka", properties], place, broker)


def _name() -> str:
    return f"kafka-{version()}"


def _java_version() -> str:
    """Give the version of the `java` on the PATH; where there is none, nothing."""
    if not shutil.which("java"):
        return ""
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d[^"]*)"', told)
    return version[1] if version else ""


def _download(folder: Path) -> None:
    maven = ["mvn", "--quiet", "--batch-mode", "--strict-checksums", "--file", str(POM)]
    try:
        run([*maven, "dependency:copy-dependencies", f"-DoutputDirectory={folder}"])
    except ServerFailed as error:
        raise NoApacheKafka(str(error)) from error


def _archive_classes(java: Sequence[str], folder: Path) -> None:
    """Have Java write down the classes that a Kafka has loaded: the next ones start in half the time."""
    with shelter() as place:
        kafka = format_kafka([*java, f"-XX:ArchiveClassesAtExit={folder / 'classes.jsa'}"], place)
        kafka.start()
        kafka.stop()
