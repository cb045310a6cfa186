"""A pod of Kubernetes: which deployment it is of, and the command that restarts it."""

import re

from sandbox.gemini.decider.case import Case, mapping

_POD = re.compile(r"^(?P<deployment>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)-[a-z0-9]{5,10}-[a-z0-9]{5}$")
_NAME = re.compile(r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")
_CLUSTERS = ("google_container_cluster", "google_container_node_pool")


def kubectl_restart(case: Case) -> str:
    """Return the command for the alert's pod, "" where it is none; names that are none of Kubernetes' are left out."""
    labels = {str(name): str(value) for name, value in mapping(case.alert.get("labels")).items()}
    of_kubernetes = (
        str(case.alert.get("resource_type") or "").startswith("k8s_") or case.target.get("type") in _CLUSTERS
    )
    if not of_kubernetes:
        return ""
    pod = _label(labels, "pod_name", "pod")
    found = _POD.match(pod)
    controller = _label(labels, "top_level_controller_name", "deployment", "deployment_name")
    name = (
        controller or (found["deployment"] if found else "") or _label(labels, "container_name", "container")
    )
    namespace = _label(labels, "namespace_name", "namespace") or "default"
    return f"kubectl rollout restart deployment/{name or 'NAME'} -n {namespace}"


def _label(labels: dict[str, str], *names: str) -> str:
    for name in names:
        for key, value in labels.items():
            if key.rpartition(".")[2] == name and _NAME.match(value):
                return value
    return ""
