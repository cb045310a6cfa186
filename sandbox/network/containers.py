"""On which ports containers listen: `docker run`, Compose files, and the declaration of a container VM."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.network.programs import command_sockets
from sandbox.network.script import program
from sandbox.network.sockets import Socket, socket
from sandbox.network.software import image_ports, serves_files
from sandbox.network.yaml_text import load_yaml

_ENGINES = {"docker", "podman", "nerdctl"}
_FLAGS = {
    "--detach", "--rm", "--privileged", "--init", "--tty", "--interactive", "--publish-all", "--read-only",
    "--no-healthcheck", "--oom-kill-disable", "--sig-proxy", "--quiet", "--replace",
}  # fmt: skip
_OPAQUE_PORT = 8080  # what the container contract of Cloud Run asks of an image


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What is known of one container: its image, arguments, environment and published ports."""

    image: str
    arguments: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    published: tuple[str, ...] = ()  # [ip:]host:container[/protocol]
    host_network: bool = False

    @property
    def port(self) -> int | None:
        """Return its PORT variable."""
        value = self.environment.get("PORT", "")
        return int(value) if value.isdigit() else None

    def serves(self) -> tuple[int, ...] | None:
        """Return the ports it serves inside, or None where the image could serve any."""
        told = tuple(one.port for one in command_sockets(f"run {self.arguments}", self.port))
        known = image_ports(self.image)
        if told or self.port:
            return told or tuple(port for port in (self.port,) if port)
        return known if known or not self.arguments else None

    def sockets(self) -> Iterator[Socket]:
        """Yield the sockets it opens on its machine."""
        text = "" if serves_files(self.image) else None
        inside = self.serves()
        if self.host_network:
            for port in inside if inside is not None else (_OPAQUE_PORT,):
                yield socket(port, None, text, files=text is not None)
            return
        for mapping in self.published:
            for host, outer, inner in _mapped(mapping):
                if inside is None or inner in inside:
                    yield socket(outer, host, text, files=text is not None)


def run_container(command: str) -> Container | None:
    """Return what a `docker run` command starts, or None for any other command."""
    words = _split(command)
    if program(command) not in _ENGINES or not {"run", "create"} & set(words):
        return None
    words = words[next(place for place, word in enumerate(words) if word in {"run", "create"}) + 1 :]
    options, rest = _options(words)
    if not rest:
        return None
    assigned = [value.partition("=") for name, value in options if name in {"-e", "--env"}]
    return Container(
        image=rest[0],
        arguments=" ".join(rest[1:]),
        environment={name: value for name, _, value in assigned},
        published=tuple(value for name, value in options if name in {"-p", "--publish"}),
        host_network=any(value == "host" for name, value in options if name in {"--network", "--net"}),
    )


def compose_containers(text: str) -> Iterator[Container]:
    """Yield the services of a Compose file."""
    document = load_yaml(text)
    services = document.get("services") if isinstance(document, dict) else None
    for service in (services if isinstance(services, dict) else {}).values():
        if isinstance(service, dict):
            yield Container(
                image=str(service.get("image", "")),
                arguments=_joined(service.get("command")),
                environment=_environment(service.get("environment")),
                published=tuple(_published(port) for port in service.get("ports") or ()),
                host_network=service.get("network_mode") == "host",
            )


def declared_containers(text: str) -> Iterator[Container]:
    """Yield the containers of a `gce-container-declaration`, which share the machine's network."""
    document = load_yaml(text)
    spec = document.get("spec") if isinstance(document, dict) else None
    containers = spec.get("containers") if isinstance(spec, dict) else None
    for container in containers if isinstance(containers, list) else []:
        if isinstance(container, dict) and container.get("image"):
            yield Container(
                image=str(container["image"]),
                arguments=f"{_joined(container.get('command'))} {_joined(container.get('args'))}".strip(),
                environment=_environment(container.get("env")),
                host_network=True,
            )


def _options(words: Sequence[str]) -> tuple[list[tuple[str, str]], Sequence[str]]:
    """Return the options before the image as (name, value), and the image with what follows."""
    options: list[tuple[str, str]] = []
    place = 0
    while place < len(words) and words[place].startswith("-"):
        word = words[place]
        name, equals, value = word.partition("=")
        place += 1
        if equals:
            options.append((name, value))
        elif word in _FLAGS or (not word.startswith("--") and set(word[1:]) <= set("ditP")):
            continue
        elif not word.startswith("--") and len(word) > len("-p"):
            options.append((word[:2], word[2:]))
        elif place < len(words):
            options.append((word, words[place]))
            place += 1
    return options, words[place:]


def _mapped(mapping: str) -> Iterator[tuple[str | None, int, int]]:
    """Yield (host address, port outside, port inside); a port published at random cannot be found."""
    if mapping.endswith("/udp"):
        return
    parts = mapping.removesuffix("/tcp").rsplit(":", 2)
    if len(parts) == 1:
        return
    outer, inner = (_span(part) for part in parts[-2:])
    for outside, inside in zip(outer, inner, strict=False):
        yield (parts[0] if len(parts) > len(("host", "container")) else None), outside, inside


def _span(text: str) -> range:
    low, _, high = text.partition("-")
    return range(int(low), int(high or low) + 1) if low.isdigit() and (high or low).isdigit() else range(0)


def _published(port: Any) -> str:
    if isinstance(port, dict):
        return f"{port.get('published', '')}:{port.get('target', '')}"
    return str(port)


def _environment(value: Any) -> dict[str, str]:
    if isinstance(value, dict):
        return {str(key): str(one) for key, one in value.items()}
    named = [one for one in value or () if isinstance(one, dict)]
    written = [str(one).partition("=") for one in value or () if isinstance(one, str)]
    return {str(one.get("name")): str(one.get("value")) for one in named} | {n: v for n, _, v in written}


def _joined(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()
