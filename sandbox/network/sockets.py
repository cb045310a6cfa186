"""A port that a program listens on, and what it answers there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = re.compile(r"^(?:127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)$")
_ROUTE = re.compile(
    r"""(?:\.(?:get|route|all|use|api_route|head|HandleFunc|Handle|GET)|(?<!\w)(?:get|HandleFunc))\(?\s*"""
    r"""['"`](?P<path>/[^'"`\s]*)['"`]"""
)
# Go's "/" and these patterns take every path that nothing else takes
_CATCH_ALL = re.compile(
    r"""(?:HandleFunc|Handle|createContext)\(\s*"/"|['"`](?:\*|/\*|/\{\*?\w+(?::path)?\}|/\*\w+)['"`]|FileServer"""
)
_LOOKS_AT_PATH = re.compile(
    r"(?:req|request|ctx|r|self|event)\.(?:url|path|URL|originalUrl|uri)\b|pathname|PATH_INFO|REQUEST_URI|rawPath"
)
_FALLBACK = re.compile(r"try_files[^;\n]*\s/index\.\w+")  # every path that is no file is the front page
_PROXIED = re.compile(
    r"(?:proxy_pass|reverse_proxy|ProxyPass\s+\S+)\s+(?:https?://)?(?:127\.0\.0\.1|localhost|0\.0\.0\.0):(\d+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """One listening port.

    `text` is the source known to answer there, or the names of the files that are served: a path that is not
    in it is a 404. Where nothing is known (a container image, a cloned repository) or the program never looks
    at the path, all paths are answered with 200.
    """

    port: int
    public: bool = True  # bound to all addresses, not to loopback alone
    text: str | None = None
    files: bool = False  # a file server: `text` names its files
    upstream: int | None = None  # the local port a reverse proxy hands requests on to

    def status(self, path: str) -> int:
        """Return the status of a GET of this path, without regard to an upstream."""
        plain = urlsplit(path).path or "/"
        if self.text is None:
            return 200
        if self.files:
            whole = plain == "/" or _FALLBACK.search(self.text)
            return 200 if whole or plain.rstrip("/") in self.text else 404
        routes = {found["path"] for found in _ROUTE.finditer(self.text)}
        if _CATCH_ALL.search(self.text) or not (routes or _LOOKS_AT_PATH.search(self.text)):
            return 200
        if plain == "/":
            return 200 if not routes or "/" in routes else 404
        return 200 if plain in routes or f"{plain.rstrip('/')}" in self.text else 404


def socket(
    port: str | int, host: str | None = None, text: str | None = None, *, files: bool = False
) -> Socket:
    """Return the socket bound to `host`, None and the empty string meaning all addresses."""
    return Socket(port=int(port), public=not (host and LOOPBACK.match(host)), text=text, files=files)


def proxied_port(configuration: str) -> int | None:
    """Return the local port to which a web server's configuration hands requests on, if it does."""
    found = _PROXIED.search(configuration)
    if found:
        return int(found[1])
    upstream = re.search(r"upstream\s+\w+\s*\{[^}]*?server\s+(?:127\.0\.0\.1|localhost):(\d+)", configuration)
    return int(upstream[1]) if upstream else None


def answer_status(sockets: Iterable[Socket], port: int, path: str, *, public: bool = True) -> int | None:
    """Return the status of a GET on a machine with these sockets; None where the port is not open."""
    every = list(sockets)
    found = next((one for one in every if one.port == port and (one.public or not public)), None)
    if found is None:
        return None
    if found.upstream is None or found.upstream == port:
        return found.status(path)
    behind = answer_status(every, found.upstream, path, public=False)
    return 502 if behind is None else behind
