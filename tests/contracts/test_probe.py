"""The probe port: the real tool on a plain server, the real tool through the sandbox's proxy, and the fake."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from infraai.ports import Probe
from sandbox.network.loopback import LoopbackServer, QuietHandler
from sandbox.sandbox import Sandbox
from tests.fakes.outside import FakeProbe
from tools.probe import ProbeHttp

NOBODY = "http://127.0.0.1:1/"  # a port that nobody listens on


class Site(QuietHandler):
    """`/STATUS` answers with that status; `/to/…` redirects; `/slow` takes its time."""

    def do_GET(self) -> None:  # noqa: N802 - the name http.server asks for
        word = self.path.strip("/")
        if word.startswith("to/"):
            target = word.removeprefix("to/")
            self.reply(302, b"", {"Location": f"http://{target}" if "." in target else f"/{target}"})
        elif word == "slow":
            time.sleep(0.5)
        else:
            self.reply(int(word or 200), b"hello", {})


@pytest.fixture
def site() -> Iterator[str]:
    server = LoopbackServer(Site)
    yield server.start()
    server.stop()


@pytest.fixture(params=["real", "sandbox", "fake"])
def probe_and_urls(request: Any, tmp_path: Path) -> Iterator[tuple[Probe, str, str]]:
    """A probe, an address that answers 200 and one that does not answer."""
    with ExitStack() as stack:
        yield {"real": _real, "sandbox": _sandboxed, "fake": _fake}[request.param](tmp_path, stack)


def _real(_: Path, stack: ExitStack) -> tuple[Probe, str, str]:
    server = LoopbackServer(Site)
    stack.callback(server.stop)
    return ProbeHttp(), server.start() + "/", NOBODY


def _sandboxed(path: Path, stack: ExitStack) -> tuple[Probe, str, str]:
    sandbox = _shop(path)
    stack.callback(sandbox.close)
    ends = sandbox.endpoints()
    return ProbeHttp(ends.proxy_url, ends.proxy_ca), "http://34.1.2.3/", "http://34.1.2.4/"


def _fake(*_: object) -> tuple[Probe, str, str]:
    return FakeProbe(answers=[200, None]), "http://one.example/", "http://two.example/"


def _shop(path: Path, script: str = "apt-get install -y nginx") -> Sandbox:
    sandbox = Sandbox(path, project="acme")
    sandbox.cloud.put(
        "google_compute_instance",
        "projects/acme/zones/us-central1-a/instances/shop",
        {
            "name": "shop",
            "project": "acme",
            "current_status": "RUNNING",
            "metadata_startup_script": script,
            "network_interface": [{"network": "default", "access_config": [{"nat_ip": "34.1.2.3"}]}],
        },
        "create",
    )
    rule = {
        "name": "web",
        "project": "acme",
        "network": "default",
        "allow": [{"protocol": "tcp", "ports": ["80", "443"]}],
        "source_ranges": ["0.0.0.0/0"],
    }
    sandbox.cloud.put("google_compute_firewall", "projects/acme/global/firewalls/web", rule, "create")
    return sandbox


async def test_what_answers_gives_its_status_and_what_does_not_a_reason(
    probe_and_urls: tuple[Probe, str, str],
) -> None:
    probe, answers, silent = probe_and_urls
    found = await probe.get(answers, timeout_s=5)
    assert (found.status_code, found.error) == (200, "")
    nothing = await probe.get(silent, timeout_s=5)
    assert nothing.status_code is None
    assert nothing.error


async def test_redirects_are_followed_on_the_same_host_only(site: str) -> None:
    probe = ProbeHttp()
    assert (await probe.get(f"{site}/to/404", timeout_s=5)).status_code == 404
    assert (await probe.get(f"{site}/to/elsewhere.example", timeout_s=5)).status_code == 302
    endless = await probe.get(f"{site}/to/to/to/to/to/200", timeout_s=5)
    assert endless.status_code == 302
    assert "redirecting" in endless.error


async def test_a_slow_answer_is_none(site: str) -> None:
    found = await ProbeHttp().get(f"{site}/slow", timeout_s=0.1)
    assert found.status_code is None
    assert "within 0.1 s" in found.error


@pytest.mark.parametrize("url", ["", "no url", "ftp://example.com/", "http://", "http://[::1"])
async def test_a_bad_address_is_a_result(url: str) -> None:
    found = await ProbeHttp().get(url, timeout_s=1)
    assert found.status_code is None
    assert found.error


async def test_the_environments_proxy_is_not_asked(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    monkeypatch.setenv("ALL_PROXY", NOBODY)
    assert (await ProbeHttp().get(f"{site}/", timeout_s=5)).status_code == 200


async def test_https_is_trusted_only_with_the_sandboxs_authority(tmp_path: Path) -> None:
    script = """
cat > /etc/nginx/sites-available/default <<'EOF'
server { listen 443 ssl; }
EOF
apt-get install -y nginx
"""
    sandbox = _shop(tmp_path, script)
    ends = sandbox.endpoints()
    trusting = await ProbeHttp(ends.proxy_url, ends.proxy_ca).get("https://34.1.2.3/", timeout_s=5)
    assert (trusting.status_code, trusting.error) == (200, "")
    strange = await ProbeHttp(ends.proxy_url).get("https://34.1.2.3/", timeout_s=5)
    assert strange.status_code is None
    assert "CERTIFICATE_VERIFY_FAILED" in strange.error
    assert ends.proxy_ca.stat().st_mode & 0o077 == 0
    sandbox.close()
