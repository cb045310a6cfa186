"""On which ports a program listens, by its source text or by its command line."""

import re
from collections.abc import Iterator

from sandbox.network.script import program
from sandbox.network.sockets import LOOPBACK, Socket, socket

_NOT_WEB = {22, 25, 53, 110, 143, 465, 587, 1433, 3306, 5432, 5672, 6379, 9092, 11211, 27017}
_HOST = r"(?P<host>[\w.*\[\]:-]*?)"
_INNER_LISTEN = re.compile(
    r"""(?:127\.0\.0\.1|localhost):["'`]?[^\n]{0,40}PORT|[lL]isten\([^)\n]*["'](?:127\.0\.0\.1|localhost)["']"""
    r"""|\(\s*["'](?:127\.0\.0\.1|localhost)["']\s*,"""
)
_PORT_NAME = r"""['"](?:(?:APP|SERVER|HTTP|WEB|LISTEN|API|NODE)_)?PORT['"]"""
_ENV_PORT = re.compile(
    r"""(?:process\.env\.(?:(?:APP|SERVER|HTTP|WEB|LISTEN|API|NODE)_)?PORT\b"""
    rf"""|(?:environ(?:\.get)?|[gG]etenv|ENV|env(?:::var)?|[gG]etEnvironmentVariable)[\[(]\s*{_PORT_NAME})"""
    r"""[\])]*\s*(?:(?:\|\||\?\?|,|or)\s*['"]?(?P<port>\d{2,5}))?"""
)
_LISTENING_CALLS = r"(?:ListenAndServe(?:TLS)?|\.Run|\.Start|[lL]isten|::bind)"
_SOURCE = tuple(
    re.compile(pattern)
    for pattern in (
        r"""\.listen\(\s*(?P<port>\d+)(?:\s*,\s*['"](?P<host>[\w.:]+)['"])?""",
        r"""(?i)(?<![\w.-])port['"]?\s*[:=]\s*['"]?(?P<port>\d{2,5})\b""",
        r"""\(\s*\(?\s*['"](?P<host>[\w.:]*)['"]\s*,\s*(?P<port>\d{2,5})\s*\)""",
        rf"""{_LISTENING_CALLS}\(\s*(?:"tcp"\s*,\s*)?["'](?P<host>[\w.\[\]]*):(?P<port>\d+)["']""",
        r"""server\.port\s*[=:]\s*(?P<port>\d+)""",
        r"""set\s+:port\s*,\s*(?P<port>\d+)""",
    )
)
# servers that stay on loopback unless they are told a host
_SHY_SOURCE = re.compile(r"\bapp\.run\(|uvicorn\.run\(")
_TOLD_HOST = re.compile(r"""host\s*=\s*['"](?P<host>[\w.:]+)""")

_PYTHON_SERVER = r"(?:http\.server|SimpleHTTPServer)"
_ADDRESS_FLAGS = (
    r"bind|listen|addr|address|http|urls?|b|l|S|listen-address|web\.listen-address|http\.addr"
    r"|entry[pP]oints\.\w+\.address"
)
_COMMAND = tuple(
    re.compile(pattern)
    for pattern in (
        rf"-m\s+{_PYTHON_SERVER}(?:\s+-{{1,2}}(?:d|directory|b|bind)[ =]\S+)*(?:\s+(?P<port>\d+))?",
        rf"(?:^|\s)-{{1,2}}(?:{_ADDRESS_FLAGS})[ =](?:\w+://)?{_HOST}:(?P<port>\d+)\b",
        r"(?:^|\s)--?(?:http-|server[.-]|web[.-]|listen[.-])?port[ =](?P<port>\d+)\b",
        r"-Dserver\.port=(?P<port>\d+)",
        r"(?:^|\s)(?:-l|--listen)[ =](?P<port>\d+)\b",
        rf"\brunserver\s+(?:{_HOST}:)?(?P<port>\d+)\b",
        r"TCP[46]?-LISTEN:(?P<port>\d+)",
    )
)
_DASH_P = re.compile(r"(?:^|\s)-p\s*(?P<port>\d{2,5})\b(?!:)")
_DASH_P_PROGRAMS = {
    "http-server", "serve", "flask", "rails", "puma", "npx", "busybox", "darkhttpd", "httpd", "rackup",
    "next", "vite", "live-server", "ttyd", "ruby", "uwsgi", "thin", "nc", "ncat", "netcat", "php",
    "hypercorn", "npm",
}  # fmt: skip
_FILE_SERVERS = {"http-server", "serve", "darkhttpd", "caddy", "live-server", "busybox"}
_CLIENTS = {
    "curl", "wget", "psql", "mysql", "mysqladmin", "ssh", "scp", "gcloud", "gsutil", "ufw", "firewall-cmd",
    "redis-cli", "iptables", "kubectl", "mongo", "mongosh", "nmap", "telnet", "sed", "awk", "grep", "echo",
    "apt", "apt-get", "yum", "dnf", "mkdir", "cp", "install", "git", "pip", "pip3", "export", "semanage",
    "setsebool", "useradd", "adduser", "ln", "nft", "touch", "printf", "cat", "chmod", "chown", "rm",
}  # fmt: skip
_TOLD = re.compile(
    r"(?:^|\s)--?(?:host|bind|b|ip|address|H|hostname|o)[ =](?P<host>[\w.]+|::|\[::\])(?=\s|$)"
)
# what listens where it is not told: pattern, port, whether only a --host makes it public
_DEFAULTS: tuple[tuple[re.Pattern[str], int, bool], ...] = tuple(
    (re.compile(pattern), port, shy)
    for pattern, port, shy in (
        (rf"-m\s+{_PYTHON_SERVER}", 8000, False),
        (r"\buvicorn\b", 8000, True),
        (r"\bgunicorn\b", 8000, True),
        (r"\bfastapi\s+run\b", 8000, False),
        (r"\bfastapi\s+dev\b", 8000, True),
        (r"\bhypercorn\b", 8000, True),
        (r"\bflask\b.*\brun\b", 5000, True),
        (r"\brunserver\b", 8000, True),
        (r"\brails\s+s(?:erver)?\b", 3000, True),
        (r"\bpuma\b", 9292, False),
        (r"\bstreamlit\s+run\b", 8501, False),
        (r"\bjupyter(?:-lab|-notebook)?\b", 8888, True),
        (r"\bhttp-server\b", 8080, False),
        (r"\bserve\s+-s\b", 3000, False),
        (r"\bnext\s+start\b", 3000, False),
        (r"\bmlflow\s+(?:ui|server)\b", 5000, True),
        (r"\bcaddy\s+(?:run|start|file-server|reverse-proxy)\b", 80, False),
        (r"\bcatalina\.sh\b", 8080, False),
        (r"\bjava\b.*\s-jar\b", 8080, False),
    )
)
# programs whose own source decides; 3000 (Node's custom) where neither it nor PORT is known
_RUNNER = re.compile(r"^(?:node|nodejs|npm|yarn|pnpm|pm2|bun|deno)$")
_RUNNER_WORK = re.compile(r"\b(?:start|serve|server|run|\S+\.[cm]?[jt]s|dist|build)\b|\s\.(?:\s|$)")
_RUNNER_IDLE = re.compile(r"\b(?:install|ci|init|audit|add|--version|-v|startup|save|build|global|config)\b")
_RUNNER_PORT = 3000


def source_sockets(text: str, port: int | None) -> Iterator[Socket]:
    """Yield the sockets a program of this source opens; `port` is its PORT variable, where one is set."""
    code = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(("#", "//", "*")))
    told = _TOLD_HOST.search(code)
    shy = _SHY_SOURCE.search(code) is not None and (told is None or bool(LOOPBACK.match(told["host"])))
    inner = shy or _INNER_LISTEN.search(code) is not None
    from_environment = False
    for found in _ENV_PORT.finditer(code):
        chosen = port or (int(found["port"]) if found["port"] else None)
        if chosen and chosen not in _NOT_WEB:
            from_environment = True
            yield socket(chosen, "127.0.0.1" if inner else None, text)
    for pattern in _SOURCE:
        for found in pattern.finditer(code):
            number, host = int(found["port"]), found.groupdict().get("host")
            if number not in _NOT_WEB and not from_environment:
                yield socket(number, "127.0.0.1" if shy else host, text)


def command_sockets(command: str, port: int | None) -> Iterator[Socket]:
    """Yield the sockets that a command line says it opens; `port` is its PORT variable, where one is set."""
    name = program(command)
    if is_client(command):
        return
    told = _TOLD.search(command)
    host = told["host"] if told else None
    files = "http.server" in command or name in _FILE_SERVERS
    text = "" if files else None
    default = next(((number, shy) for pattern, number, shy in _DEFAULTS if pattern.search(command)), None)
    shy = default is not None and default[1] and host is None
    found = [match for pattern in _COMMAND for match in pattern.finditer(command) if match["port"]]
    if name in _DASH_P_PROGRAMS:
        found += list(_DASH_P.finditer(command))
    for match in found:
        bound = match.groupdict().get("host")
        yield socket(
            match["port"], bound if bound is not None else "127.0.0.1" if shy else host, text, files=files
        )
    if found:
        return
    if default:
        # gunicorn alone goes public by PORT: its default bind is 0.0.0.0:$PORT
        by_port = port is not None and name in {"gunicorn", "java", "next", "serve"}
        bound = None if by_port else "127.0.0.1" if shy else host
        yield socket(port if by_port and port else default[0], bound, text, files=files)


def is_client(command: str) -> bool:
    """Return whether the command starts a program that listens on nothing."""
    return program(command) in _CLIENTS or not program(command)


def opaque_runner(command: str) -> bool:
    """Return whether the command starts a Node program whose source may be somewhere else."""
    name = program(command)
    return bool(_RUNNER.match(name) and _RUNNER_WORK.search(command) and not _RUNNER_IDLE.search(command))


def runner_socket(port: int | None) -> Socket:
    """Return the socket of a program nobody here has the source of."""
    return Socket(port=port or _RUNNER_PORT)
