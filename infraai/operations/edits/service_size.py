"""A Cloud Run service: more instances, larger ones.

Which CPU goes with which memory: https://cloud.google.com/run/docs/configuring/services/memory-limits.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from infraai.blocks.hcl import Written
from infraai.errors import ActionError
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.kind import BY_HAND, Kind, Parameters, managed, number_of, only, value_at
from infraai.operations.edits.service import (
    RUN,
    V1,
    V2,
    annotate,
    annotation,
    new_name,
    serving_container,
    template_block,
)
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import ActionType, Option

MOST_INSTANCES = 1000
_DEFAULT_MOST = 100
_MAX_SCALE = "autoscaling.knative.dev/maxScale"
_CPUS = (1, 2, 4, 6, 8)
_MEMORY_MB = (512, 1024, 2048, 4096, 8192, 16384, 24576, 32768)
# vCPUs → least and most memory in MB
_PAIRS = {1: (128, 4096), 2: (128, 8192), 4: (2048, 16384), 6: (4096, 24576), 8: (4096, 32768)}
_UNITS = {"Ki": 1 / 1024, "Mi": 1, "Gi": 1024, "k": 1e3 / 1024**2, "M": 1e6 / 1024**2, "G": 1e9 / 1024**2}


class InstancesParameters(Parameters):
    """How many instances the service may have."""

    max_instance_count: int = Field(ge=1, le=MOST_INSTANCES, description="the most instances")


class LimitsParameters(Parameters):
    """What one instance has."""

    cpu: str = Field(default="", max_length=8, description="vCPUs of an instance, such as 2")
    memory: str = Field(default="", max_length=12, description="memory of an instance, such as 1Gi")


@dataclass(frozen=True, slots=True)
class _Limits:
    cpu: float
    memory_mb: float

    def __str__(self) -> str:
        return f"{self.cpu:g} vCPU and {memory_text(self.memory_mb)}"


def memory_text(megabytes: float) -> str:
    """Return a size as Cloud Run writes it: 512Mi, 2Gi."""
    return f"{megabytes / 1024:g}Gi" if megabytes >= 1024 and megabytes % 1024 == 0 else f"{megabytes:g}Mi"  # noqa: PLR2004


def _most(subject: Subject) -> int:
    if subject.type == V1:
        managed(subject, "template.metadata.annotations")
        item = annotation(subject, _MAX_SCALE)
        said = str(value_at(subject, subject.block, item, _MAX_SCALE)) if item else str(_DEFAULT_MOST)
        if not said.isdecimal():
            raise ActionError(f"{_MAX_SCALE} of {subject.address} is no number: {said}.", next_step=BY_HAND)
        return int(said)
    managed(subject, "template.scaling.max_instance_count")
    scaling = only(template_block(subject), "scaling")
    return (number_of(subject, scaling, "max_instance_count") if scaling else None) or _DEFAULT_MOST


def _counted(subject: Subject, action: ActionType) -> Iterator[Option]:
    now = _most(subject)
    wanted = min(now * 2, MOST_INSTANCES) if action == "scale_up" else now // 2
    if wanted < 1 or wanted == now:
        raise ActionError(f"{subject.address} may have {now} instances.", next_step=BY_HAND)
    yield Option(
        action=action,
        parameters={"max_instance_count": wanted},
        summary=f"most instances {now} → {wanted}, in a new revision; paid by use",
        stops=wanted < now,
    )


def _check_count(subject: Subject, given: InstancesParameters, action: ActionType) -> None:
    now, wanted = _most(subject), given.max_instance_count
    if not (wanted > now if action == "scale_up" else wanted < now):
        word = "more" if action == "scale_up" else "fewer"
        raise ActionError(f"{subject.address} may have {now} instances: {wanted} is not {word}.")


def _edit_count(subject: Subject, given: InstancesParameters, draft: Draft) -> None:
    template = template_block(subject)
    if subject.type == V1:
        annotate(subject, _MAX_SCALE, str(given.max_instance_count), draft)
        return
    scaling = only(template, "scaling")
    if scaling is not None:
        draft.give(subject, scaling, "max_instance_count", given.max_instance_count)
    else:
        made = Written("scaling", attributes={"max_instance_count": given.max_instance_count})
        draft.insert(subject, template, made)
    new_name(subject, draft)


def _limits(subject: Subject) -> _Limits:
    managed(subject, "template.containers.resources" if subject.type == V2 else "template.spec.containers")
    resources = only(serving_container(subject), "resources")
    found = resources.attribute("limits") if resources else None
    cpu, memory = 1.0, 512.0
    if found is not None:
        if found.expression.kind != "object":
            raise ActionError(f"The limits of {subject.address} are not written out.", next_step=BY_HAND)
        for name, item in found.expression.items:
            text = str(value_at(subject, subject.block, item, f"limits.{name}"))
            if name == "cpu":
                cpu = cpu_of(text)
            elif name == "memory":
                memory = memory_of(text)
    return _Limits(cpu, memory)


def cpu_of(text: str) -> float:
    """Return vCPUs: "1", "1000m"; raise `ActionError` for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(m?)", text)
    if not found:
        raise ActionError(f"{text!r} is no number of vCPUs.", next_step="Write 1, 2, 4, 6 or 8.")
    return float(found[1]) / (1000 if found[2] else 1)


def memory_of(text: str) -> float:
    """Return MiB: "512Mi", "2Gi"; raise `ActionError` for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|k|M|G)", text)
    if not found:
        raise ActionError(f"{text!r} is no size of memory.", next_step="Write it as 512Mi or 2Gi.")
    return round(float(found[1]) * _UNITS[found[2]], 2)


def _enlarged(subject: Subject) -> Iterator[Option]:
    now = _limits(subject)
    memory = next((one for one in _MEMORY_MB if one > now.memory_mb), None)
    cpu = next((one for one in _CPUS if one > now.cpu), None)
    candidates = [_fitting(now.cpu, memory)] if memory else []
    candidates += [_fitting(cpu, now.memory_mb)] if cpu else []
    for wanted in dict.fromkeys(candidates):
        yield Option(
            action="scale_up",
            parameters={"cpu": f"{wanted.cpu:g}", "memory": memory_text(wanted.memory_mb)},
            summary=f"each instance {now} → {wanted}, in a new revision; paid by use",
        )


def _fitting(cpu: float, memory_mb: float) -> _Limits:
    """Return the least limits of this much CPU and memory that go together."""
    for count in _CPUS:
        least, most = _PAIRS[count]
        if count >= cpu and memory_mb <= most:
            return _Limits(count, max(memory_mb, least))
    return _Limits(_CPUS[-1], _PAIRS[_CPUS[-1]][1])


def _shrunk(subject: Subject) -> Iterator[Option]:
    now = _limits(subject)
    memory = next((one for one in reversed(_MEMORY_MB) if one < now.memory_mb), None)
    least = _PAIRS[int(now.cpu)][0] if now.cpu in _PAIRS else 0
    if memory is None or memory < least:
        raise ActionError(f"{subject.address} has {now}: nothing smaller goes with it.")
    yield Option(
        action="scale_down",
        parameters={"cpu": f"{now.cpu:g}", "memory": memory_text(memory)},
        summary=f"each instance {now} → {_Limits(now.cpu, memory)}, in a new revision",
        stops=True,
    )


def _wanted(subject: Subject, given: LimitsParameters) -> _Limits:
    now = _limits(subject)
    cpu = cpu_of(given.cpu) if given.cpu else now.cpu
    return _Limits(cpu, memory_of(given.memory) if given.memory else now.memory_mb)


def _check_limits(subject: Subject, given: LimitsParameters, action: ActionType) -> None:
    now, wanted = _limits(subject), _wanted(subject, given)
    least, most = _PAIRS.get(int(wanted.cpu), (128, 512)) if wanted.cpu >= 1 else (128, 512)
    if (
        (wanted.cpu >= 1 and wanted.cpu not in _PAIRS)
        or not least <= wanted.memory_mb <= most
        or wanted.cpu <= 0
    ):
        raise ActionError(
            f"Cloud Run has no instances of {wanted}.",
            next_step=f"With {wanted.cpu:g} vCPU go {memory_text(least)} to {memory_text(most)}.",
        )
    rising = wanted.cpu >= now.cpu and wanted.memory_mb >= now.memory_mb
    falling = wanted.cpu <= now.cpu and wanted.memory_mb <= now.memory_mb
    if wanted == now or not (rising if action == "scale_up" else falling):
        word = "larger" if action == "scale_up" else "smaller"
        raise ActionError(f"{wanted} is not {word} than {now}.", next_step=f"Name a {word} size.")


def _edit_limits(subject: Subject, given: LimitsParameters, draft: Draft) -> None:
    wanted, container = _wanted(subject, given), serving_container(subject)
    texts = {"cpu": f"{wanted.cpu:g}", "memory": memory_text(wanted.memory_mb)}
    resources = only(container, "resources")
    found = resources.attribute("limits") if resources else None
    if resources is None:
        draft.insert(subject, container, Written("resources", attributes={"limits": texts}))
    elif found is None:
        draft.write(
            subject, resources, "limits", f'{{ cpu = "{texts["cpu"]}", memory = "{texts["memory"]}" }}'
        )
    else:
        now = _limits(subject)
        changed = {"cpu": wanted.cpu != now.cpu, "memory": wanted.memory_mb != now.memory_mb}
        for name in (one for one in texts if changed[one]):
            draft.set_item(subject, resources, "limits", name, texts[name])
    new_name(subject, draft)


def _kinds(action: ActionType) -> Iterator[Kind]:
    yield Kind(
        action=action,
        types=RUN,
        parameters=InstancesParameters,
        options=lambda subject: _counted(subject, action),
        check=lambda subject, given: _check_count(subject, given, action),
        edit=_edit_count,
    )
    yield Kind(
        action=action,
        types=RUN,
        parameters=LimitsParameters,
        options=_enlarged if action == "scale_up" else _shrunk,
        check=lambda subject, given: _check_limits(subject, given, action),
        edit=_edit_limits,
    )


KINDS = (*_kinds("scale_up"), *_kinds("scale_down"))
