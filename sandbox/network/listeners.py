"""Which ports a start-up script opens, by what it installs, writes and runs."""

import re
from collections.abc import Iterator
from dataclasses import replace

from sandbox.network.containers import compose_containers, run_container
from sandbox.network.programs import (
    command_sockets,
    is_client,
    opaque_runner,
    runner_socket,
    source_sockets,
)
from sandbox.network.script import STDIN, Script, expand, program
from sandbox.network.sockets import LOOPBACK, Socket, proxied_port, socket
from sandbox.network.software import SERVERS, Server

_INSTALLS = re.compile(
    r"\b(?:apt-get|apt|yum|dnf|apk|zypper|snap|pacman|brew|choco)\b.*\b(?:install|add|-S)\b|Install-WindowsFeature|Enable-WindowsOptionalFeature"
)
_NEEDS_START = re.compile(r"\b(?:yum|dnf|zypper|pacman)\b")
_STARTS = r"\b(?:systemctl|service|rc-service|supervisorctl)\b.*(?:\b(?:re)?start|--now)\b"
_STOPS = r"\b(?:systemctl|service)\b.*\b(?:stop|disable|mask)\b|\b(?:remove|purge)\b"
_APACHE_TLS = re.compile(r"\ba2ensite\s+(?:\S+\s+)*default-ssl\b")
_SUPERVISOR = re.compile(r"\bsupervisor(?:ctl|d)?\b.*\b(?:update|start|restart|reload)\b|\bsupervisord\b")
_SUPERVISED = re.compile(r"(?m)^\s*command\s*=\s*(?P<command>.+)$")
_UNIT = re.compile(r"\.service$")
_EXEC = re.compile(r"(?m)^\s*ExecStart\s*=\s*[-@+!:]*(?P<command>.+)$")
_PORT_VARIABLES = (
    "PORT",
    "APP_PORT",
    "SERVER_PORT",
    "HTTP_PORT",
    "WEB_PORT",
    "LISTEN_PORT",
    "API_PORT",
    "NODE_PORT",
)
_ENVIRONMENT = re.compile(rf"(?m)(?:^|[\s\"'=])(?:{'|'.join(_PORT_VARIABLES)})=[\"']?(\d{{2,5}})\b")
_REDIRECT = re.compile(
    r"--dport\s+(?P<outer>\d+)\b.*?(?:--to-ports?\s+|--to-destination\s+[\d.]*:)(?P<inner>\d+)"
)
_SUBSTITUTION = re.compile(r"s([/|#,@])(?P<old>.*?)\1(?P<new>.*?)\1")
_SOURCE = re.compile(
    r"\.(?:py|[cm]?[jt]sx?|go|rb|ru|php|rs|java|kt|scala|cs|fs|exs?|swift|lua|pl|cc?|cpp|properties|ya?ml|json|toml)$"
)
# a program that came with the machine's own files, not with its system
_OWN_PROGRAM = re.compile(r"(?:(?:sudo|nohup|env|\w+=\S*)\s+)*(?:\./|/(?!usr/s?bin/|s?bin/))[\w./-]+(?:\s|$)")
_BY_FOLDER = re.compile(
    r"\b(?:npm|yarn|pnpm|bun|go|cargo|mvn|mvnw|gradle|gradlew|flask|docker|make|pm2|forever|node|dotnet|rustc|javac|java|gcc)\b"
)
_NOT_RUN = {
    "chmod",
    "chown",
    "cat",
    "tee",
    "touch",
    "cp",
    "mv",
    "install",
    "mkdir",
    "rm",
    "sed",
    "apt-get",
    "apt",
    "echo",
}


def script_sockets(script: Script) -> tuple[Socket, ...]:
    """Return the sockets open once the script has run, each port once."""
    return _Reading(script).sockets()


class _Reading:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.all_commands = (*script.commands, *_unit_commands(script))
        self.port = _port_variable(script, self.all_commands)

    def sockets(self) -> tuple[Socket, ...]:
        found: dict[int, Socket] = {}
        for one in (*self._servers(), *self._containers(), *self._commands(), *self._programs()):
            kept = found.get(one.port)
            if kept is None or (one.public and not kept.public):
                found[one.port] = one
        for one in self._unread(found=bool(found)):
            found.setdefault(one.port, one)
        for outer, inner in self._redirects():
            if inner in found:
                found[outer] = replace(found[inner], port=outer, public=True)
        return tuple(found.values())

    # --- server software ----------------------------------------------------------------------------------

    def _servers(self) -> Iterator[Socket]:
        for server in SERVERS:
            if self._runs(server):
                yield from self._opened_by(server)

    def _runs(self, server: Server) -> bool:
        name = re.compile(rf"(?:^|[\s/\"'=])(?:{server.packages})(?=$|[\s\"'.=*:])")
        running = False
        for command in self.all_commands:
            if not name.search(command):
                continue
            if re.search(_STOPS, command):
                running = False
            elif _INSTALLS.search(command):
                running = running or not _NEEDS_START.search(command)
            elif re.search(_STARTS, command) or re.fullmatch(server.packages, program(command)):
                running = True
        return running

    def _opened_by(self, server: Server) -> Iterator[Socket]:
        folder = re.compile(server.folder or r"(?!)")
        configurations = {path: text for path, text in self.script.files.items() if folder.search(path)}
        text = "\n".join((*self.script.files, *configurations.values())) if server.pages else None
        taken = False
        for path, configuration in configurations.items():
            taken = taken or bool(server.replaced and re.search(server.replaced, path))
            for found in re.finditer(server.directive or r"(?!)", configuration):
                host = found["host"] or ""
                yield replace(
                    socket(found["port"], host if LOOPBACK.match(host) else None, text, files=server.pages),
                    upstream=proxied_port(configuration),
                )
        removed = re.compile(r"\brm\b.*(?:sites-enabled/default|conf\.d/default\.conf)")
        if server.name == "apache" and any(_APACHE_TLS.search(one) for one in self.script.commands):
            yield socket(443, None, text, files=True)
        if server.name == "nginx" and any(removed.search(command) for command in self.script.commands):
            taken = True
        if server.port is not None and not taken:
            yield socket(self._edited(server.port, folder), None, text, files=server.pages)

    def _edited(self, port: int, folder: re.Pattern[str]) -> int:
        """Return the port after what `sed` did to the configuration the server came with."""
        for command in self.script.commands:
            if program(command) == "sed" and folder.search(command):
                for found in _SUBSTITUTION.finditer(command):
                    old, new = re.findall(r"\d+", found["old"]), re.findall(r"\d+", found["new"])
                    if old and new and int(old[-1]) == port:
                        port = int(new[-1])
        return port

    # --- containers ---------------------------------------------------------------------------------------

    def _containers(self) -> Iterator[Socket]:
        for command in self.all_commands:
            container = run_container(command)
            if container:
                yield from container.sockets()
        if any(
            re.search(r"\bdocker[ -]compose\b.*\bup\b|\bdocker\s+stack\s+deploy\b", one)
            for one in self.all_commands
        ):
            for path, text in self.script.files.items():
                if re.search(r"compose[\w.-]*\.ya?ml$|stack[\w.-]*\.ya?ml$", path):
                    for container in compose_containers(text):
                        yield from container.sockets()

    # --- commands and the programs they run ---------------------------------------------------------------

    def _commands(self) -> Iterator[Socket]:
        for command in self.all_commands:
            if run_container(command) is None and not _INSTALLS.search(command):
                for one in command_sockets(command, self.port):
                    yield replace(one, text="\n".join(self.script.files)) if one.files else one

    def _programs(self) -> Iterator[Socket]:
        for path, text in self.script.files.items():
            if (path == STDIN or _SOURCE.search(path)) and self._is_run(path):
                yield from source_sockets(text, self.port)

    def _unread(self, *, found: bool) -> Iterator[Socket]:
        """Yield what programs open whose source is not here: compiled, downloaded or cloned ones."""
        units = _unit_commands(self.script)
        for command in self.all_commands:
            compiled = (command in units or _OWN_PROGRAM.match(command)) and not is_client(command)
            told = bool(compiled and self.port and run_container(command) is None)
            if told or (not found and opaque_runner(command)):
                yield runner_socket(self.port)

    def _is_run(self, path: str) -> bool:
        name = path.rsplit("/", 1)[-1]
        by_folder = re.compile(rf"(?:^|[\s/])(?:{re.escape(name)})(?:$|[\s\"'])")
        return any(
            (program(command) not in _NOT_RUN and (by_folder.search(command) or path == STDIN))
            or (
                _BY_FOLDER.search(command)
                and run_container(command) is None
                and not _INSTALLS.search(command)
            )
            for command in self.all_commands
        )

    def _redirects(self) -> Iterator[tuple[int, int]]:
        for command in self.script.commands:
            if program(command) == "iptables":
                for found in _REDIRECT.finditer(command):
                    yield int(found["outer"]), int(found["inner"])


def _unit_commands(script: Script) -> tuple[str, ...]:
    """Return what the systemd units and supervised programs run that the script wrote and started."""
    commands: list[str] = []
    supervised = any(_SUPERVISOR.search(one) for one in script.commands)
    for path, text in script.files.items():
        if supervised and "supervisor" in path:
            commands += [found["command"].strip() for found in _SUPERVISED.finditer(text)]
        name = _UNIT.sub("", path.rsplit("/", 1)[-1])
        named = re.compile(rf"(?:^|\s){re.escape(name)}(?:\.service)?(?:\s|$)")
        if _UNIT.search(path) and any(
            re.search(_STARTS, one) and named.search(one) for one in script.commands
        ):
            variables = dict(re.findall(r"(?m)^\s*Environment=[\"']?(\w+)=([^\s\"']*)", text))
            commands += [expand(found["command"].strip(), variables) for found in _EXEC.finditer(text)]
    return tuple(commands)


def _port_variable(script: Script, commands: tuple[str, ...]) -> int | None:
    """Return the PORT that programs see in their environment."""
    for name in _PORT_VARIABLES:
        if script.variables.get(name, "").isdigit():
            return int(script.variables[name])
    outside = [command for command in commands if run_container(command) is None]
    units = [
        text
        for path, text in script.files.items()
        if re.search(r"\.(?:service|env|conf)$|/default/|\.env$", path)
    ]
    found = _ENVIRONMENT.search("\n".join((*outside, *units)))
    return int(found[1]) if found else None
