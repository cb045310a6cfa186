"""Metric descriptors: those of the catalog, those Terraform made, and those that a write makes by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.catalog.metrics import metric
from sandbox.network.view import block, blocks

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

MADE = "google_monitoring_metric_descriptor"
LOGGED = "google_logging_metric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """One metric: its kind, type, unit, and the monitored resources it is written for."""

    type: str
    kind: str = "GAUGE"
    value_type: str = "DOUBLE"
    unit: str = "1"
    resource_types: tuple[str, ...] = ()
    aligners: tuple[str, ...] = ()
    description: str = ""
    display_name: str = ""
    label_keys: tuple[str, ...] = ()


def catalog() -> dict[str, Descriptor]:
    """Return the descriptors of Google's own metrics, by metric type."""
    from infraai.metrics import metrics

    return {
        path: Descriptor(
            type=path,
            kind=metric.kind,
            value_type=metric.value_type,
            unit=metric.unit,
            resource_types=metric.resource_types,
            aligners=metric.aligners,
        )
        for path, metric in metrics().items()
    }


class Descriptors:
    """Every descriptor a project has."""

    def __init__(self, cloud: "Cloud", known: Mapping[str, Descriptor] | None = None) -> None:
        self._cloud = cloud
        self._known = dict(known) if known is not None else None

    def get(self, project: str, metric: str) -> Descriptor | None:
        """Return the descriptor of a metric type, or None where the project has no such metric."""
        return self.all(project).get(metric) or _listed(metric)

    def all(self, project: str) -> dict[str, Descriptor]:
        """Return all descriptors by metric type."""
        if self._known is None:
            self._known = catalog()
        made = [_made(row.values) for row in self._cloud.list(MADE, project)]
        made += [_logged(row.values) for row in self._cloud.list(LOGGED, project)]
        return {**self._known, **{one.type: one for one in made}}

    def add(self, project: str, descriptor: Descriptor) -> None:
        """Keep the descriptor that a first write makes."""
        key = f"projects/{project}/metricDescriptors/{descriptor.type}"
        labels = [{"key": label, "value_type": "STRING"} for label in descriptor.label_keys]
        values = {
            "id": key,
            "name": key,
            "project": project,
            "type": descriptor.type,
            "metric_kind": descriptor.kind,
            "value_type": descriptor.value_type,
            "unit": descriptor.unit,
            "labels": labels,
        }
        self._cloud.put(MADE, key, values, "create")


def _listed(path: str) -> Descriptor | None:
    """Return the descriptor of a metric of Google's that only the longer list has."""
    found = metric(path)
    if found is None:
        return None
    return Descriptor(
        type=path,
        kind=found.kind,
        value_type=found.value_type,
        resource_types=found.resource_types,
        aligners=tuple(sorted(found.aligners)),
    )


def _logged(values: Mapping[str, Any]) -> Descriptor:
    """Return the descriptor of a log-based metric.

    https://cloud.google.com/logging/docs/logs-based-metrics: DELTA, of whole numbers where it only counts.
    """
    described = block(values, "metric_descriptor")
    return Descriptor(
        type=f"logging.googleapis.com/user/{values.get('name')}",
        kind=str(described.get("metric_kind") or "DELTA"),
        value_type=str(described.get("value_type") or "INT64"),
        unit=str(described.get("unit") or "1"),
        resource_types=("global", "gce_instance", "cloud_run_revision", "k8s_container"),
        display_name=str(described.get("display_name") or ""),
        label_keys=tuple(str(one.get("key")) for one in blocks(described, "labels")),
    )


def _made(values: Mapping[str, Any]) -> Descriptor:
    return Descriptor(
        type=str(values.get("type") or ""),
        kind=str(values.get("metric_kind") or "GAUGE"),
        value_type=str(values.get("value_type") or "DOUBLE"),
        unit=str(values.get("unit") or "1"),
        description=str(values.get("description") or ""),
        display_name=str(values.get("display_name") or ""),
        label_keys=tuple(str(one.get("key")) for one in values.get("labels") or ()),
    )
