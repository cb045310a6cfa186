"""Values whose case the google provider does not look at (its CaseDiffSuppress)."""

from typing import Any

from sandbox.provider.codec import Values

_ANY_CASE: dict[str, tuple[str, ...]] = {
    "google_artifact_registry_repository": ("format",),
    "google_bigquery_connection": ("location",),
    "google_bigquery_dataset": ("location",),
    "google_bigquery_job": ("location",),
    "google_bigquery_routine": ("location",),
    "google_compute_firewall": ("allow.protocol", "deny.protocol"),
    "google_compute_forwarding_rule": ("ip_protocol",),
    "google_compute_global_forwarding_rule": ("ip_protocol",),
    "google_sql_database": ("charset", "collation"),
    "google_storage_bucket": ("location",),
}


def keep_case(resource_type: str, planned: Values, prior: Values | None) -> None:
    """Keep in place the case a value had before, where a change would be one of case only."""
    for path in _ANY_CASE.get(resource_type, ()) if prior else ():
        _keep(planned, prior, path.split("."))


def _keep(planned: Any, prior: Any, path: list[str]) -> None:
    if isinstance(planned, list) and isinstance(prior, list):
        for new, old in zip(planned, prior, strict=False):
            _keep(new, old, path)
    if not (isinstance(planned, dict) and isinstance(prior, dict)):
        return
    new, old = planned.get(path[0]), prior.get(path[0])
    if path[1:]:
        _keep(new, old, path[1:])
    elif isinstance(new, str) and isinstance(old, str) and new.casefold() == old.casefold():
        planned[path[0]] = old
