"""Identities, secrets, keys, and what stands before a service to guard it."""

from sandbox.gemini.planner.blueprint import Blueprint

RUNTIME_ROLES = ("roles/logging.logWriter", "roles/monitoring.metricWriter")


def plan_accounts(blueprint: Blueprint) -> None:
    """Plan an identity with no more rights than writing logs and metrics, for whatever runs."""
    for name in blueprint.named("account", default="app"):
        label = name.replace("-", "_")
        account = blueprint.add(
            "google_service_account",
            label,
            "the identity of what runs",
            account_id=f"{blueprint.app}-{name}"[:30].rstrip("-"),
            display_name=f"Runs {blueprint.app}",
        )
        for role in RUNTIME_ROLES:
            blueprint.add(
                "google_project_iam_member",
                f"{label}_{role.rpartition('.')[2].lower()}",
                "a right the identity needs",
                project="var.project",
                role=role,
                member=f"serviceAccount:${{{account}.email}}",
            )
        _give(blueprint, account)


def _give(blueprint: Blueprint, account: str) -> None:
    """Let the plan's machines and services run as the account."""
    for at, one in enumerate(blueprint.resources):
        argument = {
            "google_compute_instance": "service_account.email",
            "google_compute_instance_template": "service_account.email",
            "google_cloud_run_v2_service": "template.service_account",
            "google_cloudfunctions2_function": "service_config.service_account_email",
            "google_container_node_pool": "node_config.service_account",
        }.get(one.type)
        if argument and argument not in one.settings:
            scopes: dict[str, list[str]] = {}
            if argument == "service_account.email":
                scopes = {"service_account.scopes": ["https://www.googleapis.com/auth/cloud-platform"]}
            settings = {**one.settings, argument: account, **scopes}
            blueprint.resources[at] = one.model_copy(update={"settings": settings})


def plan_secrets(blueprint: Blueprint) -> None:
    """Plan secrets without their values: those are put in by people, not by Terraform."""
    for name in blueprint.named("secret", default="secret"):
        blueprint.plan(
            "google_secret_manager_secret",
            name.replace("-", "_"),
            "keeps a secret's versions",
            {"secret_id": f"{blueprint.app}-{name}", "replication.auto": True, "labels": blueprint.labels},
        )
    blueprint.note("Secrets are planned without values; add them with `gcloud secrets versions add`.")


def plan_keys(blueprint: Blueprint) -> None:
    """Plan a key ring with a key that rotates every 90 days."""
    ring = blueprint.add(
        "google_kms_key_ring",
        "main",
        "holds the keys",
        name=f"{blueprint.app}-keys",
        location=blueprint.region,
    )
    for name in blueprint.named("kms", default="key"):
        blueprint.add(
            "google_kms_crypto_key",
            name.replace("-", "_"),
            "encrypts; rotates every 90 days",
            name=f"{blueprint.app}-{name}",
            key_ring=ring,
            rotation_period="7776000s",
            labels=blueprint.labels,
        )
    blueprint.note(
        "Google never deletes key rings and keys; destroying them only takes them out of Terraform's state."
    )


def plan_armor(blueprint: Blueprint) -> None:
    """Plan a Cloud Armor policy: known attacks are denied, floods are slowed, the rest passes."""
    blueprint.add(
        "google_compute_security_policy",
        "main",
        "denies known attacks and slows floods",
        name=f"{blueprint.app}-armor",
        type="CLOUD_ARMOR",
        denied_rules=["sqli-v33-stable", "xss-v33-stable"],
        rate_limit_per_minute=600,
    )


def plan_registry(blueprint: Blueprint) -> None:
    """Plan an Artifact Registry repository in the format the goal speaks of."""
    reading = blueprint.reading
    format_ = next((one.upper() for one in ("npm", "python", "maven", "apt") if reading.says(one)), "DOCKER")
    if format_ == "PYTHON" and reading.wants("container"):
        format_ = "DOCKER"
    for name in blueprint.named("registry", default="images" if format_ == "DOCKER" else "packages"):
        blueprint.add(
            "google_artifact_registry_repository",
            name.replace("-", "_"),
            f"keeps {format_.lower()} artifacts",
            repository_id=f"{blueprint.app}-{name}" if blueprint.app != "app" else name,
            location=blueprint.region,
            format=format_,
            labels=blueprint.labels,
        )
