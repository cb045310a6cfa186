"""Labels as the google provider merges them: the resource's, the provider's, its own attribution."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.provider.codec import UNKNOWN, Values, wholly_known
from sandbox.schema.archive import Block

_ATTRIBUTION = "goog-terraform-provisioned"


@dataclass(frozen=True, slots=True)
class LabelRules:
    """What the provider's configuration says of labels."""

    defaults: Mapping[str, str] = field(default_factory=dict[str, str])
    attribution: bool = True
    proactive: bool = False

    def plan(self, block: Block, planned: Values, prior: Values | None) -> None:
        """Set `terraform_labels` and `effective_labels` (and annotations' likewise) in place."""
        if "terraform_labels" in block.attributes:
            merged = self._merged(planned.get("labels"), prior)
            planned["terraform_labels"] = merged
            if "effective_labels" in block.attributes:
                planned["effective_labels"] = _with_unmanaged(merged, prior, "labels", "terraform_labels")
        if "effective_annotations" in block.attributes:
            own = _given(planned.get("annotations"))
            planned["effective_annotations"] = _with_unmanaged(own, prior, "annotations", "annotations")

    def _merged(self, labels: Any, prior: Values | None) -> Any:
        given = _given(labels)
        if given is UNKNOWN:
            return UNKNOWN
        had = prior is not None and _ATTRIBUTION in (prior.get("terraform_labels") or {})
        own = {_ATTRIBUTION: "true"} if self.attribution and (prior is None or had or self.proactive) else {}
        return {**own, **self.defaults, **given}


def _given(labels: Any) -> Any:
    if labels is UNKNOWN or not wholly_known(labels):
        return UNKNOWN
    return {key: value for key, value in (labels or {}).items() if value is not None}


def _with_unmanaged(merged: Any, prior: Values | None, name: str, managed: str) -> Any:
    """Return labels with those that something else has put on the resource."""
    if merged is UNKNOWN or prior is None:
        return merged
    before: Mapping[str, str] = prior.get(f"effective_{name}") or {}
    ours: Mapping[str, str] = prior.get(managed) or {}
    return {**{key: value for key, value in before.items() if key not in ours}, **merged}
