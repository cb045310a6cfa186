"""The simulated `hashicorp/google`: plans by schema and facts, asks services, changes the cloud."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sandbox.cloud import Cloud
from sandbox.provider.case import keep_case
from sandbox.provider.codec import UNKNOWN, Fault, Path, Refused, Values, conform
from sandbox.provider.constraints import find_faults
from sandbox.provider.data_sources import DataSources
from sandbox.provider.deletion import protection
from sandbox.provider.duplicates import duplicate, shared
from sandbox.provider.error_prefix import failed
from sandbox.provider.forms import Forms
from sandbox.provider.functions import GOOGLE_FUNCTIONS, ProviderFunction
from sandbox.provider.identity import Places, always_there, import_values, scope_seed, set_identity
from sandbox.provider.labels import LabelRules
from sandbox.provider.made_up import Maker
from sandbox.provider.planning import plan_block
from sandbox.provider.provider import Failure, Imported, Plan, Stopped
from sandbox.provider.replacement import conditional_paths, replace_paths
from sandbox.schema.archive import SchemaArchive, TypeSchema, shipped
from sandbox.services import service_of
from sandbox.services.service import ApiError, Context, Service

Latency = float | Callable[[str], float]
_TICK_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleProvider:
    """`sandbox.provider.provider.Provider` over a simulated cloud; `places` stand for the environment's."""

    cloud: Cloud
    places: Places
    latency_s: Latency = 0.0
    archive: SchemaArchive = field(default_factory=shipped)
    services: Callable[[str], Service] = service_of

    @property
    def schema(self) -> TypeSchema:
        """Return the schema of the provider's own configuration."""
        return self.archive.provider()

    def resource(self, name: str) -> TypeSchema | None:
        """Return a resource type's schema, None for an unknown type."""
        return self.archive.resource(name)

    def data_source(self, name: str) -> TypeSchema | None:
        """Return a data source's schema, None for an unknown type."""
        return self.archive.data_source(name)

    def type_names(self) -> Sequence[str]:
        """Return the names of all resource types and data sources."""
        return (*self.archive.resource_types(), *self.archive.data_source_types())

    @property
    def functions(self) -> Mapping[str, ProviderFunction]:
        """Return the provider's functions by name."""
        return GOOGLE_FUNCTIONS

    def configure(self, config: Values) -> "GoogleSession":
        """Return a session with this configuration; what it lacks comes from `places`."""
        region, zone = (config.get(name) or getattr(self.places, name) for name in ("region", "zone"))
        places = Places(
            project=config.get("project") or self.places.project,
            region=region.rsplit("/", 1)[-1] or zone.rsplit("-", 1)[0],
            zone=zone.rsplit("/", 1)[-1],
        )
        labels = LabelRules(
            defaults={k: v for k, v in (config.get("default_labels") or {}).items() if v is not None},
            attribution=config.get("add_terraform_attribution_label") is not False,
            proactive=config.get("terraform_attribution_label_addition_strategy") == "PROACTIVE",
        )
        return GoogleSession(provider=self, places=places, labels=labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleSession:
    """`sandbox.provider.provider.Session` of the google provider."""

    provider: GoogleProvider
    places: Places
    labels: LabelRules

    def validate(self, kind: str, name: str, config: Values) -> Sequence[Fault]:
        """Return what facts and the type's service find wrong."""
        if kind == "data":
            return ()
        schema = self._schema(name)
        config = conform(schema.block, config)
        faults = find_faults(schema.block, self.provider.archive.facts(name), config)
        own = self.provider.services(name).validate(config)
        return [*faults, *(Fault(summary, detail, path) for summary, detail, path in own)]

    def plan(self, name: str, prior: Values | None, proposed: Values | None, config: Values | None) -> Plan:
        """Return what a change will look like, as the real provider's diff would."""
        if proposed is None or config is None:
            return Plan(None)
        archive, schema = self.provider.archive, self._schema(name)
        facts = archive.facts(name)
        config = conform(schema.block, config)  # fractions come as text
        prior = conform(schema.block, prior) if prior is not None else None
        planned = plan_block(schema.block, facts, config, prior)
        keep_case(name, planned, prior)
        self._place(schema, planned, config, prior)
        self.labels.plan(schema.block, planned, prior)
        if name == "google_service_account" and prior is None:
            _announce_account(planned)
        forced = self._customise(name, prior, planned, config)
        if prior is None:
            return Plan(planned)
        formats = archive.id_format(name)
        paths = [
            *replace_paths(schema.block, facts, planned, prior, immutable=formats.immutable),
            *conditional_paths(archive.conditional(name), planned, prior),
            *forced,
        ]
        return Plan(planned, list(dict.fromkeys(paths)))

    def apply(
        self, name: str, prior: Values | None, planned: Values | None, config: Values | None, stopped: Stopped
    ) -> Values | None:
        """Create, update or delete, after the API's latency; a stop in that time cancels it."""
        del config
        block = self._schema(name).block
        prior, planned = (conform(block, one) if one is not None else None for one in (prior, planned))
        verb = "delete" if planned is None else "create" if prior is None else "update"
        if not self._wait(name, stopped):
            raise Failure((failed(name, verb, planned or prior or {}, "context canceled"),), prior)
        try:
            if planned is None:
                assert prior is not None
                self._delete(name, prior)
                return None
            if prior is None:
                return self._create(name, planned)
            return self._update(name, prior, planned)
        except ApiError as error:
            text = str(error)
            fault = Fault(text) if error.raw else failed(name, verb, planned or prior or {}, text)
            raise Failure((fault,), prior) from error

    def read(self, name: str, values: Values) -> Values | None:
        """Return what the cloud has, with the settings that only Terraform keeps; None where it is gone."""
        schema = self._schema(name)
        found = self.provider.cloud.get(name, str(values.get("id")))
        if found is None:
            return None
        kept = {key: values.get(key) for key in ("timeouts",) if key in schema.block.blocks}
        kept |= {key: None for key, one in schema.block.attributes.items() if one.write_only}
        current = conform(schema.block, {**found, **kept})
        self.provider.services(name).read(self._context(name, current), current)
        return current

    def read_data(self, name: str, config: Values) -> Values:
        """Return what a data source says, or refuse in Google's words."""
        schema = self.provider.archive.data_source(name)
        assert schema is not None, name
        return DataSources(self.provider.cloud, self.provider.archive, self.places).read(schema, config)

    def take_over(self, name: str, text: str) -> Sequence[Imported]:
        """Return the resource that an import id names, in any of the formats the type accepts."""
        schema, formats = self._schema(name), self.provider.archive.id_format(name)
        for resource_id, _ in import_values(formats, text, self.places):
            if found := self.provider.cloud.get(name, resource_id):
                return [Imported(name, conform(schema.block, found))]
        raise Refused(
            Fault(
                "Cannot import non-existent remote object",
                "While attempting to import an existing object to the address given, the provider detected"
                f" that no object exists with the given id ({text}). Only pre-existing objects can be"
                " imported; check that the id is correct and that it is associated with the provider's"
                ' configured region or endpoint, or use "terraform apply" to create a new remote object for'
                " this resource.",
            )
        )

    # --- planning -----------------------------------------------------------------------------------------

    def _place(self, schema: TypeSchema, planned: Values, config: Values, prior: Values | None) -> None:
        """Take project, region and zone from the provider where the resource names none."""
        set_new = {one.path for one in self.provider.archive.conditional(schema.name) if one.kind == "SetNew"}
        for place in ("project", "region", "zone"):
            attribute = schema.block.attributes.get(place)
            if attribute is None or not attribute.optional or config.get(place) is not None:
                continue
            default = self.places.get(place)
            if default and attribute.computed and (place in set_new or prior is None):
                planned[place] = default
            elif place == "project" and attribute.computed and place in set_new and planned[place] is UNKNOWN:
                raise Refused(Fault("project: required field is not set", path=("project",)))

    def _customise(self, name: str, prior: Values | None, planned: Values, config: Values) -> Sequence[Path]:
        try:
            return self.provider.services(name).customise(
                self._context(name, planned), prior, planned, config
            )
        except ApiError as error:
            raise Refused(Fault(str(error))) from error

    # --- changing -----------------------------------------------------------------------------------------

    def _create(self, name: str, planned: Values) -> Values:
        values = self._filled(name, planned)
        schema, formats = self._schema(name), self.provider.archive.id_format(name)
        maker = self._maker(name, values)
        given = values.get("id")
        set_identity(schema, formats, values, self._own_places(values), maker.forms.digits)
        first = values["id"]
        cloud, service = self.provider.cloud, self.provider.services(name)
        if cloud.get(name, first) is not None and not shared(name, formats):
            raise duplicate(name, values)
        service.create(self._context(name, values), values)
        if values["id"] == first and given is None:
            set_identity(schema, formats, values, self._own_places(values), maker.forms.digits)
        maker.complete(schema.block, values)
        values = conform(schema.block, values)
        cloud.put(name, values["id"], values, "create")
        return values

    def _update(self, name: str, prior: Values, planned: Values) -> Values:
        values = self._filled(name, planned)
        values["id"] = prior["id"]
        cloud = self.provider.cloud
        if cloud.get(name, prior["id"]) is None:
            raise ApiError(404, f"The resource '{prior['id']}' was not found", "notFound")
        self.provider.services(name).update(self._context(name, values), prior, values)
        block = self._schema(name).block
        self._maker(name, values).complete(block, values)
        values = conform(block, values)
        cloud.put(name, values["id"], values, "update")
        return values

    def _delete(self, name: str, prior: Values) -> None:
        if fault := protection(name, prior):
            raise Failure((fault,), prior)
        abandoned = prior.get("deletion_policy") == "ABANDON"  # it stays, and Terraform forgets it
        if not abandoned and self.provider.cloud.get(name, prior["id"]) is not None:
            self.provider.services(name).delete(self._context(name, prior), prior)
            self.provider.cloud.remove(name, prior["id"])

    def _filled(self, name: str, planned: Values) -> Values:
        schema = self._schema(name)
        values = {**planned, "id": None} if planned.get("id") is UNKNOWN else dict(planned)
        late = {
            key: values.pop(key)
            for key in ("self_link", "name")
            if values.get(key) is UNKNOWN and schema.block.attributes[key].computed
        }
        values |= dict.fromkeys(late)
        self._maker(name, values).fill(schema.block, values)
        return values

    def _maker(self, name: str, values: Values) -> Maker:
        places = self._own_places(values)
        number = self.provider.cloud.project_number(places.project)
        seed = scope_seed(name, values, places) if always_there(name) else uuid.uuid4().hex
        forms = Forms(seed, places, number, datetime.now(UTC), values)
        return Maker(forms, self.provider.archive.facts(name))

    def _own_places(self, values: Mapping[str, Any]) -> Places:
        found = {
            place: value.rsplit("/", 1)[-1]
            for place in ("project", "region", "zone")
            if isinstance(value := values.get(place), str) and value
        }
        return replace(self.places, **found)

    def _context(self, name: str, values: Mapping[str, Any]) -> Context:
        places = self._own_places(values)
        return Context(
            self.provider.cloud, places.project, places.region, places.zone, datetime.now(UTC), name
        )

    def _wait(self, name: str, stopped: Stopped) -> bool:
        latency = self.provider.latency_s
        until = time.monotonic() + (latency(name) if callable(latency) else latency)
        while not stopped():
            left = until - time.monotonic()
            if left <= 0:
                return True
            time.sleep(min(_TICK_S, left))
        return False

    def _schema(self, name: str) -> TypeSchema:
        found = self.provider.archive.resource(name)
        assert found is not None, f"Terraform asked for {name}, which was not served"
        return found


def _announce_account(planned: Values) -> None:
    """Say a service account's e-mail at plan time, as the provider's CustomizeDiff does."""
    account, project = planned["account_id"], planned["project"]
    if isinstance(account, str) and isinstance(project, str):
        planned["email"] = f"{account}@{project}.iam.gserviceaccount.com"
        planned["member"] = f"serviceAccount:{planned['email']}"
