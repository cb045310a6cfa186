"""Who may use a service without signing in, by the IAM resources that Terraform wrote."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.network.view import View, name_of

PUBLIC = {"allUsers"}


def public_roles(view: View, prefix: str, **target: str) -> set[str]:
    """Return the roles that allUsers has on a resource.

    `prefix` is the resource's Terraform type; `target` names the attributes of its IAM resources that must
    match (by last path segment), such as name and location.
    """
    roles: set[str] = set()
    for kind, read in (("member", _member), ("binding", _binding), ("policy", _policy)):
        for values in view.all(f"{prefix}_iam_{kind}"):
            if all(_same(values.get(key), wanted) for key, wanted in target.items() if wanted):
                roles.update(read(values))
    return roles


def _same(value: Any, wanted: str) -> bool:
    return not value or name_of(str(value)) == name_of(wanted)


def _member(values: Mapping[str, Any]) -> Iterable[str]:
    return [str(values.get("role"))] if values.get("member") in PUBLIC else []


def _binding(values: Mapping[str, Any]) -> Iterable[str]:
    return [str(values.get("role"))] if PUBLIC & set(values.get("members") or ()) else []


def _policy(values: Mapping[str, Any]) -> Iterable[str]:
    document = json.loads(str(values.get("policy_data") or "{}"))
    return [
        str(binding.get("role"))
        for binding in document.get("bindings", [])
        if PUBLIC & set(binding.get("members", []))
    ]
