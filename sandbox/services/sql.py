"""Cloud SQL instances."""

import re
from typing import ClassVar

from sandbox.catalog.places import is_region, zones
from sandbox.services.addresses import public_address
from sandbox.services.certificates import make_certificate
from sandbox.services.compute_address import service_address
from sandbox.services.compute_network import NETWORK
from sandbox.services.product import Product
from sandbox.services.references import Reference, look_up, name_of
from sandbox.services.service import ApiError, Context, Path, Service, Values, at
from sandbox.services.service_networking import connected
from sandbox.services.sql_tiers import check_tier

INSTANCE = "google_sql_database_instance"
_VERSION = re.compile(
    r"MYSQL_(5_6|5_7|8_0(_\d+)?|8_4|9_\d)|POSTGRES_(9_6|1[0-9])|SQLSERVER_20(17|19|22|25)_(STANDARD|ENTERPRISE|EXPRESS|WEB)"
)
_PLUS_BY_DEFAULT = re.compile(r"POSTGRES_(1[6-9])|MYSQL_(8_4|9_\d)")
_NO_CONNECTION = (
    "Error, failed to create instance because the network doesn't have at least 1 private services"
    " connection. Please"
    " see https://cloud.google.com/sql/docs/mysql/private-ip#network_requirements for how to create this"
    " connection."
)


class DatabaseInstance(Product):
    """A Cloud SQL instance."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("settings.ip_configuration.private_network", (NETWORK,)),
        Reference("master_instance_name", (INSTANCE,), checked=False),
    )

    def customise(
        self, context: Context, prior: Values | None, planned: Values, config: Values
    ) -> list[Path]:
        """Refuse point-in-time recovery for MySQL, as the provider does."""
        del context, prior, planned
        version = config.get("database_version")
        wanted = at(config, "settings", 0, "backup_configuration", 0, "point_in_time_recovery_enabled")
        if wanted is True and isinstance(version, str) and version.startswith("MYSQL"):
            raise ApiError(
                400,
                "point_in_time_recovery_enabled is only available for the following [POSTGRES SQLSERVER]."
                " You may want"
                " to consider using binary_log_enabled instead.",
                raw=True,
            )
        return []

    def check_place(self, context: Context, values: Values) -> None:
        """Check the region."""
        del context
        if values.get("region") and not is_region(str(values["region"])):
            raise ApiError(400, f"Invalid request: Invalid region: {values['region']}.", "invalid")

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name's pattern."""
        name = str(values.get("name") or "")
        if context.given(values, "name") and not re.fullmatch(r"[a-z](?:[-a-z0-9]{0,96}[a-z0-9])?", name):
            raise ApiError(
                400,
                f"Invalid request: Invalid instance name ({name}). Instance names must start with a"
                " lowercase letter,"
                " and contain only lowercase letters, numbers, and hyphens.",
                "invalid",
            )

    def admit(self, context: Context, values: Values) -> None:
        """Check version, tier, availability and network."""
        version = str(values.get("database_version") or "")
        if not _VERSION.fullmatch(version):
            raise ApiError(
                400,
                "Invalid value at 'body.database_version' (type.googleapis.com/google.cloud.sql.v1beta4."
                f'SqlDatabaseVersion), "{version}"',
                "badRequest",
            )
        self._check_primary(context, values, version)
        if not values.get("settings"):
            return
        edition = _edition(context, values, version)
        check_tier(str(at(values, "settings", 0, "tier") or ""), version, edition)
        self._check_availability(values, version)
        self._check_network(context, values)
        password = values.get("root_password") or values.get("root_password_wo_version")
        if version.startswith("SQLSERVER") and not password and not values.get("master_instance_name"):
            raise ApiError(400, "Invalid request: Missing parameter: root password.", "invalid")

    @staticmethod
    def _check_primary(context: Context, values: Values, version: str) -> None:
        primary = context.given(values, "master_instance_name")
        if not primary:
            return
        found = look_up(context, str(primary), (INSTANCE,), values)
        if found.missing:
            raise ApiError(404, "The Cloud SQL instance does not exist.", "instanceDoesNotExist")
        logs = at(found.values, "settings", 0, "backup_configuration", 0, "binary_log_enabled")
        if found.values and version.startswith("MYSQL") and not logs:
            raise ApiError(
                400,
                "Invalid request: Cannot create a read replica: binary logging must be enabled on the"
                " primary instance.",
                "invalid",
            )

    @staticmethod
    def _check_availability(values: Values, version: str) -> None:
        backup: Values = at(values, "settings", 0, "backup_configuration", 0) or {}
        if not version.startswith("MYSQL") and backup.get("binary_log_enabled"):
            raise ApiError(
                400, "Invalid request: Binary logging is only available for MySQL instances.", "invalid"
            )
        if backup.get("binary_log_enabled") and not backup.get("enabled"):
            raise ApiError(
                400, "Invalid request: Backups must be enabled for binary logging to be enabled.", "invalid"
            )
        regional = at(values, "settings", 0, "availability_type") == "REGIONAL"
        protected = backup.get("enabled") and backup.get("binary_log_enabled")
        if (
            regional
            and version.startswith("MYSQL")
            and not values.get("master_instance_name")
            and not protected
        ):
            raise ApiError(
                400,
                "Invalid request: Automated backups and binary logging must be enabled for a regional"
                " (high-availability) instance.",
                "invalid",
            )

    @staticmethod
    def _check_network(context: Context, values: Values) -> None:
        address: Values = at(values, "settings", 0, "ip_configuration", 0) or {}
        private = address.get("private_network")
        service_connect = any(one.get("psc_enabled") for one in address.get("psc_config") or [])
        if private:
            network = look_up(context, str(private), (NETWORK,), values)
            if network.ours and not connected(context, network.id):
                raise ApiError(400, _NO_CONNECTION, raw=True)
        elif address.get("ipv4_enabled") is False and not service_connect:
            raise ApiError(
                400,
                "Invalid request: At least one of Public IP, Private IP or PSC connectivity must be enabled.",
                "invalid",
            )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation; a new private network brings a new address."""
        del prior
        version = str(values.get("database_version") or "")
        check_tier(str(at(values, "settings", 0, "tier") or ""), version, _edition(context, values, version))
        self._check_availability(values, version)
        self._check_network(context, values)
        self._settle_addresses(context, values)
        settings: list[Values] = values.get("settings") or []
        for block in settings:
            block["version"] = int(block.get("version") or 1) + 1

    def settle(self, context: Context, values: Values) -> None:
        """Give it addresses, names, a certificate and a service account."""
        project, name, region = (
            values.get("project"),
            values.get("name"),
            values.get("region") or context.region,
        )
        values["region"] = region
        values["connection_name"] = f"{project}:{region}:{name}"
        values["self_link"] = (
            f"https://sqladmin.googleapis.com/sql/v1beta4/projects/{project}/instances/{name}"
        )
        number = context.cloud.project_number(str(project))
        suffix = f"{int(context.cloud.new_number()):x}"[:6]
        values["service_account_email_address"] = (
            f"p{number}-{suffix}@gcp-sa-cloud-sql.iam.gserviceaccount.com"
        )
        values["dns_name"] = f"{suffix}.{int(number) % 10**9:x}.{region}.sql.goog."
        values["dns_names"] = []
        values["psc_service_attachment_link"] = self._attachment(context, values)
        replica = bool(context.given(values, "master_instance_name"))
        context.fill(values, "instance_type", "READ_REPLICA_INSTANCE" if replica else "CLOUD_SQL_INSTANCE")
        context.fill(values, "master_instance_name", "")
        context.fill(values, "replica_names", [])
        values["maintenance_version"] = f"{values.get('database_version')}.R20260915.01_02"
        values["available_maintenance_versions"] = []
        certificate = make_certificate(
            f"C=US,O=Google\\, Inc,CN=Google Cloud SQL Server CA,dnQualifier={suffix}", context.now
        )
        values["server_ca_cert"] = [
            {
                "cert": certificate.pem,
                "common_name": certificate.common_name,
                "create_time": certificate.not_before,
                "expiration_time": certificate.not_after,
                "sha1_fingerprint": certificate.sha1,
            }
        ]
        self._settle_settings(context, values)
        self._settle_addresses(context, values)

    @staticmethod
    def _attachment(context: Context, values: Values) -> str:
        """Return the instance's service attachment for Private Service Connect, in a project of Google's."""
        asked: list[Values] = at(values, "settings", 0, "ip_configuration", 0, "psc_config") or []
        if not any(one.get("psc_enabled") for one in asked):
            return ""
        mark = context.cloud.new_number()[:12]
        home = f"projects/x{mark}-tp/regions/{values.get('region')}"
        return f"{home}/serviceAttachments/a-{mark}-psc-service-attachment-{mark[:8]}"

    @staticmethod
    def _settle_settings(context: Context, values: Values) -> None:
        version = str(values.get("database_version") or "")
        for block in values.get("settings") or []:
            block["version"] = 1
            block["effective_availability_type"] = block.get("availability_type") or "ZONAL"
            for attribute, default in (
                ("disk_size", 10),
                ("disk_type", "PD_SSD"),
                ("edition", _edition(context, values, version)),
                ("connector_enforcement", "NOT_REQUIRED"),
                ("data_api_access", "DISALLOW_DATA_API"),
                ("user_labels", {}),
            ):
                if context.given(values, "settings", 0, attribute) is None:
                    block[attribute] = default
            for preference in block.get("location_preference") or []:
                if not preference.get("zone"):
                    preference["zone"] = next(iter(zones(str(values.get("region")))), "")

    @staticmethod
    def _settle_addresses(context: Context, values: Values) -> None:
        address: Values = at(values, "settings", 0, "ip_configuration", 0) or {}
        key = str(values["id"])
        known = {
            one["type"]: one["ip_address"]
            for one in values.get("ip_address") or []
            if one.get("time_to_retire")
        }
        found: list[dict[str, str]] = []
        if address.get("ipv4_enabled") is not False:
            public = known.get("PRIMARY") or public_address(context, INSTANCE, key)
            found.append({"ip_address": public, "time_to_retire": _NEVER, "type": "PRIMARY"})
        if private := address.get("private_network"):
            network = look_up(context, str(private), (NETWORK,), values).id
            inside = known.get("PRIVATE") or service_address(context, network, INSTANCE, key)
            found.append({"ip_address": inside, "time_to_retire": _NEVER, "type": "PRIVATE"})
        by_type = {one["type"]: one["ip_address"] for one in found}
        values["ip_address"] = found
        values["public_ip_address"] = by_type.get("PRIMARY", "")
        values["private_ip_address"] = by_type.get("PRIVATE", "")
        values["first_ip_address"] = found[0]["ip_address"] if found else ""

    def delete(self, context: Context, values: Values) -> None:
        """Let databases and users go with the instance."""
        super().delete(context, values)
        for kind in ("google_sql_database", "google_sql_user"):
            for row in context.cloud.list(kind, values.get("project")):
                if name_of(str(row.values.get("instance"))) == values.get("name"):
                    context.cloud.remove(kind, row.id)

    def dismiss(self, context: Context, values: Values) -> None:
        """Refuse while there are replicas."""
        for row in context.cloud.list(INSTANCE, values.get("project")):
            if row.values.get("master_instance_name") == values.get("name"):
                raise ApiError(
                    400,
                    f"Invalid request: The instance has read replicas ({row.values.get('name')}) and"
                    " cannot be deleted.",
                    "invalid",
                )


_NEVER = "1970-01-01T00:00:00Z"


def _edition(context: Context, values: Values, version: str) -> str:
    """Return the edition: that asked for, or the version's own."""
    asked = context.given(values, "settings", 0, "edition")
    if asked:
        return str(asked)
    return "ENTERPRISE_PLUS" if _PLUS_BY_DEFAULT.fullmatch(version) else "ENTERPRISE"


SERVICES: dict[str, Service] = {INSTANCE: DatabaseInstance()}
