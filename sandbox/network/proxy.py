"""A forward proxy through which a probe meets the simulated cloud instead of the internet."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sandbox.network.loopback import LoopbackServer, QuietHandler

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One GET from outside: scheme, host as the client wrote it, port, path with its query."""

    scheme: str
    host: str
    port: int
    path: str = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the visitor gets."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])


Answers = Callable[[Visit], Answer | None]
Certify = Callable[[str], ssl.SSLContext]


class Proxy:
    """Answers by `answers`; where that gives None, the client's connection is closed without a reply.

    A closed connection is what an address that nobody serves looks like through a proxy: any status would
    be a reply. `certify` gives a server context whose certificate names a host.
    """

    def __init__(self, answers: Answers, certify: Certify) -> None:
        bound = {"answers": staticmethod(answers), "certify": staticmethod(certify)}
        self._server = LoopbackServer(type("ProxyHandler", (_ProxyHandler,), bound))

    def start(self) -> str:
        """Begin to serve; return the proxy's URL."""
        return self._server.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.stop()


class _ProxyHandler(QuietHandler):
    answers: Answers
    certify: Certify
    tunnel: tuple[str, int] | None = None

    def do_GET(self) -> None:  # noqa: N802 - the name http.server asks for
        visit = self._visit()
        answer = self.answers(visit) if visit else Answer(status=400, body=b"an absolute URL is needed\n")
        if answer is None:
            self.close_connection = True
        else:
            self.reply(answer.status, answer.body, answer.headers)

    do_HEAD = do_POST = do_GET  # noqa: N815

    def do_CONNECT(self) -> None:  # noqa: N802 - the name http.server asks for
        host, _, port = self.path.rpartition(":")
        host = host.strip("[]")
        self.close_connection = True
        if not port.isdigit() or self.answers(Visit(scheme="https", host=host, port=int(port))) is None:
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        try:
            self.connection = self.certify(host).wrap_socket(self.connection, server_side=True)
        except ssl.SSLError:
            return  # the client does not trust us, which it learns from its own end
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.tunnel = host, int(port)
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.close()

    def _visit(self) -> Visit | None:
        if self.tunnel:
            host, port = self.tunnel
            return Visit(scheme="https", host=host, port=port, path=self.path)
        url = urlsplit(self.path)
        if not url.hostname or url.scheme not in _DEFAULT_PORTS:
            return None
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        port = url.port or _DEFAULT_PORTS[url.scheme]
        return Visit(scheme=url.scheme, host=url.hostname, port=port, path=path)
