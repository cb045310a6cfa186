"""Compute Engine, by Google's own client; in the sandbox only its endpoint differs."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from infraai.errors import CloudError
from infraai.operations.ports import Place

if TYPE_CHECKING:
    from google.cloud.compute_v1 import (
        DisksClient,
        InstanceGroupManagersClient,
        InstancesClient,
        RegionInstanceGroupManagersClient,
    )

Result = TypeVar("Result")
Verb = Literal["reset", "stop", "start"]
_TOOL = "Compute Engine"
_RECREATE_ZONAL = "instance_group_managers_recreate_instances"
_RECREATE_REGIONAL = "region_instance_group_managers_recreate"
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://infraai.dev/requests")
_NEXT_STEPS = {
    401: "Sign in with `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS.",
    403: "Grant the account the role it lacks on the project, and see that the API is enabled.",
    404: "It may have been deleted outside INFRAai: run `infraai apply` again to make it anew.",
    409: "Wait for the other change to end, then try again.",
    429: "Wait a minute, then try again.",
}


@dataclass(frozen=True)
class ComputeClient:
    """`infraai.operations.ports.Compute`: machines, groups and disks, looked at and acted on.

    `endpoint` is the sandbox's, said at once or when it is needed, and without credentials; None is Google's own,
    with application-default ones.
    Every change takes an idempotency key: the same key again changes nothing a second time.
    """

    endpoint: str | Callable[[], str] | None = None
    timeout_s: float = 180

    async def instance_status(self, project: str, zone: str, name: str) -> str:
        """Return RUNNING, TERMINATED, STOPPING …; raise `CloudError`, also where there is no such machine."""
        thing = Place(project=project, zone=zone).path("instances", name)
        found = await self._call(
            thing,
            lambda: self._instances.get(project=project, zone=zone, instance=name, timeout=self.timeout_s),
        )
        return str(found.status)

    async def instance(self, project: str, zone: str, name: str) -> dict[str, Any]:
        """Return the machine as Google's JSON has it; raise `CloudError`."""
        thing = Place(project=project, zone=zone).path("instances", name)
        found = await self._call(
            thing,
            lambda: self._instances.get(project=project, zone=zone, instance=name, timeout=self.timeout_s),
        )
        return dict(type(found).to_dict(found, always_print_fields_with_no_presence=False))

    async def reset(self, project: str, zone: str, name: str, *, key: str) -> None:
        """Restart a running machine the hard way, and wait for it; raise `CloudError`."""
        await self._act("reset", project, zone, name, key)

    async def stop(self, project: str, zone: str, name: str, *, key: str) -> None:
        """Stop a machine and wait for it; raise `CloudError`."""
        await self._act("stop", project, zone, name, key)

    async def start(self, project: str, zone: str, name: str, *, key: str) -> None:
        """Start a stopped machine and wait for it; raise `CloudError`."""
        await self._act("start", project, zone, name, key)

    async def instance_group_size(self, place: Place, name: str) -> int:
        """Return the target size of a managed group; raise `CloudError`."""
        thing = place.path("instanceGroupManagers", name)
        found = await self._call(thing, lambda: self._manager(place).get(request=_group(place, name)))
        return int(found.target_size)

    async def group_instances(self, place: Place, name: str) -> tuple[str, ...]:
        """Return the links of a managed group's machines; raise `CloudError`."""
        thing = place.path("instanceGroupManagers", name)
        found = await self._call(
            thing, lambda: list(self._manager(place).list_managed_instances(request=_group(place, name)))
        )
        return tuple(str(one.instance) for one in found)

    async def recreate_instances(
        self, place: Place, name: str, instances: tuple[str, ...], *, key: str
    ) -> None:
        """Make machines of a group anew, under the same names, and wait; raise `CloudError`."""
        thing = place.path("instanceGroupManagers", name)
        body = f"{_RECREATE_ZONAL if place.zone else _RECREATE_REGIONAL}_request_resource"
        request = _group(place, name) | {body: {"instances": list(instances)}, "request_id": request_id(key)}
        await self._call(
            thing, lambda: self._manager(place).recreate_instances(request=request).result(self.timeout_s)
        )

    async def resize_group(self, place: Place, name: str, size: int, *, key: str) -> None:
        """Set the target size of a managed group, and wait; raise `CloudError`."""
        thing = place.path("instanceGroupManagers", name)
        request = _group(place, name) | {"size": size, "request_id": request_id(key)}
        await self._call(thing, lambda: self._manager(place).resize(request=request).result(self.timeout_s))

    async def resize_disk(self, project: str, zone: str, name: str, size_gb: int, *, key: str) -> None:
        """Grow a disk, also one that a machine boots from, and wait; raise `CloudError`."""
        request = {
            "project": project,
            "zone": zone,
            "disk": name,
            "disks_resize_request_resource": {"size_gb": size_gb},
            "request_id": request_id(key),
        }
        thing = Place(project=project, zone=zone).path("disks", name)
        disks: Any = self._disks  # the library does not type what it returns
        await self._call(thing, lambda: disks.resize(request=request).result(self.timeout_s))

    async def _act(self, verb: Verb, project: str, zone: str, name: str, key: str) -> None:
        request = {"project": project, "zone": zone, "instance": name, "request_id": request_id(key)}
        thing = Place(project=project, zone=zone).path("instances", name)
        await self._call(
            thing, lambda: getattr(self._instances, verb)(request=request).result(self.timeout_s)
        )

    async def _call(self, thing: str, call: Callable[[], Result]) -> Result:
        return await asyncio.to_thread(_mapped, thing, call)

    def _manager(self, place: Place) -> Any:
        return self._zonal if place.zone else self._regional

    @cached_property
    def _instances(self) -> "InstancesClient":
        from google.cloud.compute_v1 import InstancesClient

        return InstancesClient(**self._connection())

    @cached_property
    def _disks(self) -> "DisksClient":
        from google.cloud.compute_v1 import DisksClient

        return DisksClient(**self._connection())

    @cached_property
    def _zonal(self) -> "InstanceGroupManagersClient":
        from google.cloud.compute_v1 import InstanceGroupManagersClient

        return InstanceGroupManagersClient(**self._connection())

    @cached_property
    def _regional(self) -> "RegionInstanceGroupManagersClient":
        from google.cloud.compute_v1 import RegionInstanceGroupManagersClient

        return RegionInstanceGroupManagersClient(**self._connection())

    def _connection(self) -> dict[str, Any]:
        if self.endpoint is None:
            return {}
        from google.api_core.client_options import ClientOptions
        from google.auth.credentials import AnonymousCredentials

        nobody: Any = AnonymousCredentials  # the library does not type its constructor
        return {
            "credentials": nobody(),
            "client_options": ClientOptions(api_endpoint=address_of(self.endpoint)),
        }


def address_of(address: str | Callable[[], str]) -> str:
    """Return an address that is known, or is asked for now: whoever gives it may start a server for it."""
    return address if isinstance(address, str) else address()


def request_id(key: str) -> str:
    """Return the request id that stands for an idempotency key: the same for ever, as Google asks a UUID."""
    return str(uuid.uuid5(_SPACE, key))


def _group(place: Place, name: str) -> dict[str, Any]:
    where = {"zone": place.zone} if place.zone else {"region": place.region}
    return {"project": place.project, **where, "instance_group_manager": name}


def _mapped(thing: str, call: Callable[[], Result]) -> Result:
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    try:
        return call()
    except GoogleAPICallError as fault:
        code = int(fault.code or 0)
        raise cloud_error(_TOOL, thing, str(fault.message or fault), code) from fault
    except GoogleAuthError as fault:
        raise cloud_error(_TOOL, thing, str(fault), 401) from fault
    except (RetryError, RequestException, TimeoutError) as fault:
        raise CloudError(
            _TOOL,
            f"{thing}: no answer ({type(fault).__name__})",
            next_step="Check the network, then try again.",
        ) from fault


def cloud_error(tool: str, thing: str, reason: str, code: int) -> CloudError:
    """Return the error for an answer of Google's: the thing, the reason, the next step."""
    step = _NEXT_STEPS.get(code, "Look at the reason above; nothing was changed by this call.")
    return CloudError(tool, f"{thing}: {reason}", next_step=step)
