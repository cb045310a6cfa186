"""Data sources that have an answer of their own."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.catalog.images import bare_image, public_image
from sandbox.catalog.places import regions, zones
from sandbox.provider.codec import Fault, Refused, Values
from sandbox.provider.data_accounts import ACCOUNTS
from sandbox.provider.data_question import Question

COMPUTE = "https://www.googleapis.com/compute/v1/"
_KUBERNETES = ("1.34.1-gke.1829001", "1.33.5-gke.1201000", "1.32.9-gke.1108000", "1.31.13-gke.1008000")


def _client_config(q: Question) -> Values:
    return {
        "id": f'projects/"{q.places.project}"/regions/"{q.places.region}"/zones/"{q.places.zone}"',
        "project": q.places.project,
        "region": q.places.region,
        "zone": q.places.zone,
        "access_token": "ya29.sandbox-" + hashlib.sha256(q.places.project.encode()).hexdigest()[:40],
        "default_labels": {},
    }


def _project(q: Question) -> Values:
    wanted = q.config.get("project_id") or q.places.project
    found = q.cloud.get("google_project", f"projects/{wanted}") or {}
    own: Values = {
        "id": f"projects/{wanted}",
        "project_id": wanted,
        "name": wanted,
        "number": q.cloud.project_number(wanted),
        "org_id": "123456789012",
        "folder_id": "",
        "billing_account": "012345-567890-ABCDEF",
        "labels": {},
        "effective_labels": {},
        "terraform_labels": {},
    }
    return own | {key: value for key, value in found.items() if value is not None}


def _zones(q: Question) -> Values:
    region = q.places.region
    names = list(zones(region))
    if not names:
        raise Refused(
            Fault(f"Error retrieving zones for region {region}: googleapi: Error 404: not found, notFound")
        )
    return {
        "id": f"projects/{q.places.project}/regions/{region}",
        "names": sorted(names),
        "region": region,
        "project": q.places.project,
    }


def _regions(q: Question) -> Values:
    return {"id": f"projects/{q.places.project}", "names": sorted(regions()), "project": q.places.project}


def _locations(q: Question) -> Values:
    return {"id": f"projects/{q.places.project}", "locations": sorted(regions()), "project": q.places.project}


def _image(q: Question) -> Values:
    """Return one's own image of the name or family, else the public one, else one of a foreign project."""
    name = str(q.config.get("name") or q.config.get("family") or "")
    project = q.config.get("project") or q.places.project
    own = [row.values for row in q.cloud.list("google_compute_image", project)]
    for values in reversed(own):
        if name in {values.get("name"), values.get("family")} or not name:
            return values | {
                "image_id": str(
                    values.get("image_id") or int(hashlib.sha256(name.encode()).hexdigest()[:12], 16)
                )
            }
    public = public_image(project, name) if q.config.get("project") else bare_image(name)
    if public is None and project == q.places.project:
        what = f"projects/{project}/global/images/{'family/' if q.config.get('family') else ''}{name}"
        raise Refused(
            Fault(
                "error retrieving image information: googleapi: Error 404:"
                f" The resource '{what}' was not found, notFound"
            )
        )
    where = f"projects/{project}/global/images/{name}"
    return {
        "id": where,
        "self_link": COMPUTE + where,
        "name": name,
        "family": q.config.get("family") or "",
        "project": project,
        "status": "READY",
        "disk_size_gb": 10,
        "archive_size_bytes": 1_500_000_000,
        "image_id": str(int(hashlib.sha256(where.encode()).hexdigest()[:15], 16)),
        "creation_timestamp": "2026-01-15T08:00:00.000-08:00",
        "description": "",
        "labels": {},
        "licenses": [],
        "source_disk": "",
        "source_disk_id": "",
        "source_image_id": "",
        "image_encryption_key_sha256": "",
        "source_disk_encryption_key_sha256": "",
    }


def _iam_policy(q: Question) -> Values:
    """Return the policy as the API's JSON; bindings of one role and condition are one."""
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for binding in q.config.get("binding") or []:
        condition = next(iter(binding.get("condition") or []), None)
        key = (binding["role"], json.dumps(condition, sort_keys=True))
        one = merged.setdefault(key, {"members": [], "role": binding["role"]})
        one["members"] = sorted({*one["members"], *binding["members"]})
        if condition:
            one["condition"] = {k: v for k, v in condition.items() if v}
    policy: dict[str, Any] = {"bindings": [merged[key] for key in sorted(merged)]} if merged else {}
    if audits := q.config.get("audit_config"):
        policy["auditConfigs"] = [_audit(one) for one in audits]
    text = json.dumps(policy, sort_keys=True, separators=(",", ":"))
    return {"id": str(int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)), "policy_data": text}


def _audit(config: Mapping[str, Any]) -> dict[str, Any]:
    logs = [
        {
            "logType": one["log_type"],
            **({"exemptedMembers": sorted(one["exempted_members"])} if one.get("exempted_members") else {}),
        }
        for one in config.get("audit_log_configs") or []
    ]
    return {"auditLogConfigs": logs, "service": config["service"]}


def _versions(q: Question) -> Values:
    where = q.config.get("location") or q.places.zone
    prefix = q.config.get("version_prefix") or ""
    valid = [one for one in _KUBERNETES if one.startswith(prefix)]
    return {
        "id": where,
        "location": where,
        "valid_master_versions": valid,
        "valid_node_versions": valid,
        "latest_master_version": valid[0] if valid else "",
        "latest_node_version": valid[0] if valid else "",
        "default_cluster_version": _KUBERNETES[1],
        "release_channel_default_version": {
            "RAPID": _KUBERNETES[0],
            "REGULAR": _KUBERNETES[1],
            "STABLE": _KUBERNETES[2],
        },
        "release_channel_latest_version": {
            "RAPID": _KUBERNETES[0],
            "REGULAR": _KUBERNETES[0],
            "STABLE": _KUBERNETES[1],
        },
    }


def _secret(q: Question) -> Values:
    """Return a secret's version: the one asked for, else the newest."""
    secret, wanted = str(q.config.get("secret")).rsplit("/", 1)[-1], q.config.get("version")
    kind = "google_secret_manager_secret_version"
    rows = [row for row in q.cloud.list(kind, None) if f"/secrets/{secret}/" in row.id]
    if wanted and wanted != "latest":
        rows = [row for row in rows if row.id.endswith(f"/{wanted}")]
    if not rows:
        where = f"projects/{q.number}/secrets/{secret}/versions/{wanted or 'latest'}"
        raise Refused(
            Fault(
                "error retrieving available secret manager secret versions: googleapi: Error 404:"
                f" Secret [{where}] not found or has no versions.",
            )
        )
    newest = rows[-1]
    return {
        **newest.values,
        "id": newest.id,
        "name": newest.id,
        "secret_data": newest.values.get("secret_data") or "",
        "version": newest.id.rsplit("/", 1)[-1],
        "enabled": True,
    }


def _decoded(q: Question) -> Values:
    """Return a stand-in for what a key would decrypt: there is no real ciphertext here."""
    text = str(q.config.get("ciphertext") or "")
    return {"plaintext": base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(), "id": text[:32]}


def _key_version(q: Question) -> Values:
    """Return a version of a key; version 1 comes with the key itself."""
    key, version = str(q.config.get("crypto_key")), int(q.config.get("version") or 1)
    name = f"{key.partition('/v1/')[2] or key}/cryptoKeyVersions/{version}"
    found = q.cloud.get("google_kms_crypto_key", key) or {}
    template = next(iter(found.get("version_template") or []), None) or {}
    return {
        "id": f"//cloudkms.googleapis.com/v1/{name}",
        "name": name,
        "version": version,
        "state": "ENABLED",
        "algorithm": template.get("algorithm") or "GOOGLE_SYMMETRIC_ENCRYPTION",
        "protection_level": template.get("protection_level") or "SOFTWARE",
    }


def _object_content(q: Question) -> Values:
    bucket, name = q.config.get("bucket"), q.config.get("name")
    found = q.cloud.get("google_storage_bucket_object", f"{bucket}-{name}")
    if found is None:
        raise Refused(
            Fault(
                "Error downloading storage bucket object: googleapi: Error 404:"
                f" No such object: {bucket}/{name}, notFound"
            )
        )
    content = found.get("content") or ""
    return {
        **found,
        "content": content,
        "content_base64": base64.b64encode(content.encode()).decode(),
        "content_hexsha512": hashlib.sha512(content.encode()).hexdigest(),
    }


def _organization(q: Question) -> Values:
    key = str(q.config.get("organization") or "123456789012").rsplit("/", 1)[-1]
    return {
        "id": f"organizations/{key}",
        "name": f"organizations/{key}",
        "org_id": key,
        "domain": q.config.get("domain") or "example.com",
        "directory_customer_id": "C01abc2de",
        "lifecycle_state": "ACTIVE",
    }


def _ip_ranges(q: Question) -> Values:
    del q
    ranges = ["130.211.0.0/22", "35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22"]
    blocks = ["34.64.0.0/10", "35.184.0.0/13"]
    return {
        "id": "netblock-ip-ranges",
        "network": ranges[:2],
        "http_ssl_tcp_internal": ranges[:2],
        "cidr_blocks": blocks,
        "cidr_blocks_ipv4": blocks,
        "cidr_blocks_ipv6": [],
    }


ANSWERS: dict[str, Callable[[Question], Values]] = {
    **ACCOUNTS,
    "google_client_config": _client_config,
    "google_project": _project,
    "google_compute_zones": _zones,
    "google_compute_regions": _regions,
    "google_cloud_run_locations": _locations,
    "google_artifact_registry_locations": _locations,
    "google_compute_image": _image,
    "google_iam_policy": _iam_policy,
    "google_container_engine_versions": _versions,
    "google_secret_manager_secret_version": _secret,
    "google_secret_manager_secret_version_access": _secret,
    "google_kms_crypto_key_version": _key_version,
    "google_kms_crypto_key_latest_version": _key_version,
    "google_kms_secret": _decoded,
    "google_kms_secret_asymmetric": _decoded,
    "google_storage_bucket_object_content": _object_content,
    "google_organization": _organization,
    "google_compute_lb_ip_ranges": _ip_ranges,
    "google_netblock_ip_ranges": _ip_ranges,
}
