"""Data sources that tell the accounts Google makes for a project."""

from collections.abc import Callable

from sandbox.provider.codec import Values
from sandbox.provider.data_question import Question


def _default_compute_account(q: Question) -> Values:
    return _account(
        q, f"{q.number}-compute@developer.gserviceaccount.com", "Compute Engine default service account"
    )


def _default_app_engine_account(q: Question) -> Values:
    return _account(
        q, f"{q.places.project}@appspot.gserviceaccount.com", "App Engine default service account"
    )


def _account(q: Question, email: str, display_name: str) -> Values:
    name = f"projects/{q.places.project}/serviceAccounts/{email}"
    return {
        "id": name,
        "name": name,
        "project": q.places.project,
        "email": email,
        "member": f"serviceAccount:{email}",
        "display_name": display_name,
        "unique_id": f"10{q.number}{q.number[:7]}",
    }


def _storage_account(q: Question) -> Values:
    return _agent(q, f"service-{q.number}@gs-project-accounts.iam.gserviceaccount.com")


def _transfer_account(q: Question) -> Values:
    return _agent(q, f"project-{q.number}@storage-transfer-service.iam.gserviceaccount.com") | {
        "subject_id": f"10{q.number}{q.number[:7]}"
    }


def _bigquery_account(q: Question) -> Values:
    return _agent(q, f"bq-{q.number}@bigquery-encryption.iam.gserviceaccount.com")


def _agent(q: Question, email: str) -> Values:
    return {
        "id": email,
        "project": q.places.project,
        "email": email,
        "email_address": email,
        "member": f"serviceAccount:{email}",
    }


ACCOUNTS: dict[str, Callable[[Question], Values]] = {
    "google_compute_default_service_account": _default_compute_account,
    "google_app_engine_default_service_account": _default_app_engine_account,
    "google_storage_project_service_account": _storage_account,
    "google_storage_transfer_project_service_account": _transfer_account,
    "google_bigquery_default_service_account": _bigquery_account,
}
