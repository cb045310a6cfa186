"""HTTP from outside; `infraai.ports.Probe`, by httpx."""

import ssl
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from infraai.ports import ProbeResult

if TYPE_CHECKING:
    import httpx

_MAX_REDIRECTS = 3


@dataclass(frozen=True)
class ProbeHttp:
    """GETs an address directly, or through the sandbox's proxy and trusting its certificate authority.

    The environment's own proxies and certificates are not used: what is measured is the address itself.
    """

    proxy_url: str | None = None
    ca_file: Path | None = None

    async def get(self, url: str, *, timeout_s: float) -> ProbeResult:
        """Return the status after at most three redirects on the same host, or why there was no answer.

        A redirect to another host is not followed: its own status (such as 302) is the answer.
        """
        import httpx

        try:
            async with httpx.AsyncClient(
                proxy=self.proxy_url, verify=self._trust, trust_env=False, timeout=timeout_s
            ) as client:
                return await self._follow(client, httpx.URL(url))
        except (httpx.TransportError, httpx.InvalidURL) as fault:
            return ProbeResult(status_code=None, error=_reason(fault, url, timeout_s))

    async def _follow(self, client: "httpx.AsyncClient", url: "httpx.URL") -> ProbeResult:
        status = 0
        for _ in range(_MAX_REDIRECTS + 1):
            async with client.stream("GET", url, headers={"User-Agent": "infraai-probe"}) as response:
                status, following = response.status_code, response.next_request
            if following is None or following.url.host != url.host:
                return ProbeResult(status_code=status)
            url = following.url
        return ProbeResult(
            status_code=status, error=f"{url} goes on redirecting after {_MAX_REDIRECTS} times"
        )

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)


def _reason(fault: Exception, url: str, timeout_s: float) -> str:
    import httpx

    if isinstance(fault, httpx.TimeoutException):
        return f"no answer from {url} within {timeout_s:g} s"
    if isinstance(fault, httpx.RemoteProtocolError | httpx.ReadError | httpx.ProxyError):
        return f"no answer from {url}: the connection was closed"
    return f"no answer from {url}: {fault or type(fault).__name__}"
