"""The replies that simulated servers give."""

from http import HTTPStatus

from sandbox.network.proxy import Answer


def page(status: int, server: str) -> Answer:
    """Return a small page that names who answered."""
    words = f"{status} {HTTPStatus(status).phrase}"
    body = f"<!doctype html><title>{words}</title><p>{words}</p><p>{server}</p>\n".encode()
    return Answer(status=status, body=body, headers={"Content-Type": "text/html; charset=utf-8"})


def redirect(status: int, location: str) -> Answer:
    """Return a redirect."""
    return Answer(status=status, headers={"Location": location})
