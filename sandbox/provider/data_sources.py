"""What data sources say: answers of their own, resources that are there, lists of them, else made up."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.cloud import Cloud
from sandbox.provider.codec import UNKNOWN, Fault, Refused, Values, canonical, conform, distinct
from sandbox.provider.data_answers import ANSWERS
from sandbox.provider.data_question import Question
from sandbox.provider.forms import Forms
from sandbox.provider.identity import Places, always_there, import_values, resolve, scope_seed
from sandbox.provider.made_up import Maker
from sandbox.provider.planning import relative_link
from sandbox.schema.archive import SchemaArchive, TypeSchema

_OUTSIDE = frozenset(  # what may be there without Terraform having made it here
    {
        "google_project",
        "google_folder",
        "google_billing_account",
        "google_tags_tag_key",
        "google_tags_tag_value",
        "google_project_service",
        "google_compute_instance_group",  # a manager's group is no resource of its own
    }
)
_NAMES = ("name", "self_link", "id", "secret", "service", "bucket", "member", "account_id")


@dataclass(frozen=True, slots=True)
class DataSources:
    """Reads data sources from the simulated cloud."""

    cloud: Cloud
    archive: SchemaArchive
    places: Places

    def read(self, schema: TypeSchema, config: Values) -> Values:
        """Return a data source's attributes; refuse, as Google would, to speak of what is not there."""
        question = Question(self.cloud, self._places(config), schema.name, config)
        if answer := ANSWERS.get(schema.name):
            return self._whole(schema, config, answer(question))
        if resource := self.archive.resource(schema.name):
            found = self._find(resource, config)
            if found is None and schema.name not in _OUTSIDE and not always_there(schema.name):
                raise Refused(Fault(f"{self._id(resource, config)} not found"))
            return self._whole(schema, config, found or {"id": self._id(resource, config)})
        return self._whole(schema, config, self._listed(schema))

    def _places(self, config: Values) -> Places:
        return Places(
            **{
                key: str(config.get(key) or self.places.get(key)).rsplit("/", 1)[-1]
                for key in ("project", "region", "zone")
            }
        )

    def _id(self, resource: TypeSchema, config: Values) -> str:
        formats = self.archive.id_format(resource.name)
        return resolve(formats.id_format or "{{name}}", config, self._places(config), lambda _: "-")

    def _find(self, resource: TypeSchema, config: Values) -> Values | None:
        formats = self.archive.id_format(resource.name)
        for candidate in self._candidates(resource, config):
            for resource_id, _ in import_values(formats, candidate, self._places(config)):
                if found := self.cloud.get(resource.name, resource_id):
                    return found
        given = {key: value for key, value in config.items() if isinstance(value, str | int) and value != ""}
        rows = self.cloud.list(resource.name, built_in=True) if given else []
        return next((row.values for row in rows if _matches(row.values, given)), None)

    def _candidates(self, resource: TypeSchema, config: Values) -> Iterator[str]:
        yield self._id(resource, config)
        for key in _NAMES:
            if isinstance(value := config.get(key), str) and value:
                yield relative_link(value)

    def _listed(self, schema: TypeSchema) -> Values:
        """Return the lists of what there is of a type, for a data source named by its plural."""
        singular = schema.name.removesuffix("s")
        if self.archive.resource(singular) is None:
            return {}
        rows = [row.values for row in self.cloud.list(singular, self.places.project, built_in=True)]
        lists = [
            name
            for name, one in schema.block.attributes.items()
            if one.computed and isinstance(one.type, list) and one.type[0] in {"list", "set"}
        ]
        return {name: rows for name in lists if isinstance(schema.block.attributes[name].type[1], list)}

    def _whole(self, schema: TypeSchema, config: Values, answer: Values) -> Values:
        """Return the configuration, the answer, and something made up for what neither says."""
        values = conform(schema.block, {**answer, **{k: v for k, v in config.items() if v not in (None, [])}})
        for name, attribute in schema.block.attributes.items():
            if attribute.computed and values[name] is None and name not in answer:
                values[name] = UNKNOWN
        places = self._places(values)
        number = self.cloud.project_number(places.project)
        single = always_there(schema.name) and self.archive.resource(schema.name) is not None
        seed = scope_seed(schema.name, values, places) if single else canonical(config)
        maker = Maker(Forms(seed, places, number, datetime.now(UTC), values))
        if values.get("id") is UNKNOWN and schema.block.attributes["id"].type == "string":
            values["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, schema.name + canonical(config)))
        maker.fill(schema.block, values)
        maker.complete(schema.block, values)
        for name, attribute in schema.block.attributes.items():
            if isinstance(attribute.type, list) and attribute.type[0] == "set" and values[name]:
                values[name] = distinct(values[name])
        return values


def _matches(values: Values, given: Values) -> bool:
    return all(key in values and _same(values[key], value) for key, value in given.items())


def _same(one: Any, other: Any) -> bool:
    first, second = relative_link(str(one)), relative_link(str(other))
    return first == second or first.rsplit("/", 1)[-1] == second.rsplit("/", 1)[-1]
