"""Who answers at an address: the simulated cloud's machines, load balancers, services and buckets."""

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.network import balancers, buckets, machines, serverless
from sandbox.network.firewall import INTERNET
from sandbox.network.proxy import Answer, Visit
from sandbox.network.replies import page
from sandbox.network.view import Listing, View

_RECORDS = "google_dns_record_set"
_MAX_ALIASES = 8
_PORTS = {"http": 80, "https": 443}


def _now() -> datetime:
    return datetime.now(UTC)


class Internet:
    """Answers visits by what stands in the cloud at that moment.

    `boot_s` is how long a machine's start-up script takes before its ports open.
    """

    def __init__(self, cloud: Listing, *, boot_s: float = 0, now: Callable[[], datetime] = _now) -> None:
        self._cloud = cloud
        self.boot_s = boot_s
        self._now = now

    def __call__(self, visit: Visit) -> Answer | None:
        """Return the answer, or None where nothing answers."""
        view = View(self._cloud, now=self._now(), boot_s=self.boot_s)
        if _is_address(visit.host):
            return self._at_address(view, visit, visit.host)
        return _at_name(view, visit) or self._resolved(view, visit)

    def _at_address(self, view: View, visit: Visit, address: str) -> Answer | None:
        machine = machines.by_address(view, address)
        if machine is None:
            return balancers.answer_at(view, visit, address)
        if not machine.running or not machine.lets_in(INTERNET, visit.port):
            return None
        return machine.answer(visit)

    def _resolved(self, view: View, visit: Visit) -> Answer | None:
        for address in resolve(view, visit.host):
            found = self._at_address(view, visit, address)
            if found is not None:
                return found
        return None


def resolve(view: View, host: str) -> list[str]:
    """Return the addresses that the cloud's public DNS zones give for a host name."""
    names = [host]
    addresses: list[str] = []
    for _ in range(_MAX_ALIASES):
        found = [
            one
            for one in view.all(_RECORDS)
            if str(one.get("name") or "").rstrip(".").lower() == names[-1].rstrip(".").lower()
        ]
        addresses += [
            str(data) for one in found if one.get("type") == "A" for data in one.get("rrdatas") or ()
        ]
        alias = next(
            (str(data) for one in found if one.get("type") == "CNAME" for data in one.get("rrdatas") or ()),
            "",
        )
        if addresses or not alias:
            return addresses
        names.append(alias)
    return addresses


def _at_name(view: View, visit: Visit) -> Answer | None:
    if visit.port != _PORTS[visit.scheme]:
        return None
    status = serverless.status_at(view, visit.host, visit.path)
    if status is None:
        status = buckets.status_at(view, visit.host, visit.path)
    return None if status is None else page(status, visit.host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
