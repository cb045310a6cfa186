"""Webhook channels: one POST to a receiver on this machine, and never to any other.

https://cloud.google.com/monitoring/support/notification-options#webhooks: `webhook_tokenauth` has its token in
the URL; `webhook_basicauth` sends its credentials only after a 401.
"""

import base64
import http.client
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sandbox.network.view import block

WEBHOOKS = frozenset({"webhook_tokenauth", "webhook_basicauth"})
TIMEOUT_S = 10
_SUCCESS = range(200, 300)
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A notification channel, as Terraform made it; its URL and credentials are never shown."""

    name: str
    kind: str
    enabled: bool
    url: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a POST: the status, 0 where there was no answer; `refused` means: never to be sent."""

    status: int
    error: str = ""
    refused: bool = False

    @property
    def accepted(self) -> bool:
        """Return whether the receiver took it."""
        return self.status in _SUCCESS


def parse_channel(key: str, values: Mapping[str, Any]) -> Channel:
    """Return the channel for the attributes of a `google_monitoring_notification_channel`."""
    labels: Mapping[str, Any] = values.get("labels") or {}
    sensitive = block(values, "sensitive_labels")
    return Channel(
        name=str(values.get("name") or key),
        kind=str(values.get("type") or ""),
        enabled=values.get("enabled") is not False,
        url=str(labels.get("url") or ""),
        username=str(labels.get("username") or ""),
        password=str(sensitive.get("password") or labels.get("password") or ""),
    )


def post(channel: Channel, body: bytes) -> Reply:
    """Send a notification; a redirect is not followed."""
    try:
        url = urlsplit(channel.url)
        refusal = _refusal(url)
        if refusal:
            return Reply(0, refusal, refused=True)
        reply = _posted(url, body, {})
        if reply.status == _UNAUTHORIZED and channel.kind == "webhook_basicauth":
            word = base64.b64encode(f"{channel.username}:{channel.password}".encode()).decode()
            reply = _posted(url, body, {"Authorization": f"Basic {word}"})
    except (OSError, http.client.HTTPException) as fault:
        return Reply(0, f"no answer ({type(fault).__name__})")
    except ValueError:
        return Reply(0, "its URL cannot be read", refused=True)
    return reply


def _refusal(url: SplitResult) -> str:
    """Return why nothing is sent there; "" where it is this machine."""
    if url.scheme not in {"http", "https"} or not url.hostname:
        return "its URL is not http"
    if not _is_loopback(url.hostname):
        return f"{url.hostname} is not this machine: the sandbox posts to loopback only"
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        pass
    if host != "localhost":
        return False
    found = {str(one[4][0]) for one in socket.getaddrinfo(host, None)}
    return all(ipaddress.ip_address(one).is_loopback for one in found)


def _posted(url: SplitResult, body: bytes, headers: Mapping[str, str]) -> Reply:
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(str(url.hostname), url.port, timeout=TIMEOUT_S)
    try:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        sent = {"Content-Type": "application/json", "User-Agent": "Google-Alerts", **headers}
        connection.request("POST", target, body, sent)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    accepted = answer.status in _SUCCESS
    return Reply(answer.status, "" if accepted else f"the receiver answered {answer.status}")
