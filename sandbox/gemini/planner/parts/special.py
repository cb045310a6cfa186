"""Managed platforms that goals name outright: Composer, Dataproc, Workbench, App Engine."""

from sandbox.gemini.planner.blueprint import Blueprint


def plan_composer(blueprint: Blueprint) -> None:
    """Plan a Cloud Composer environment with an identity of its own."""
    network, subnetwork = blueprint.network()
    account = blueprint.add(
        "google_service_account",
        "composer",
        "the environment's identity",
        account_id=f"{blueprint.app}-composer",
        display_name="Runs Composer",
    )
    blueprint.add(
        "google_project_iam_member",
        "composer",
        "what the environment's workers need",
        project="var.project",
        role="roles/composer.worker",
        member=f"serviceAccount:${{{account}.email}}",
    )
    blueprint.plan(
        "google_composer_environment",
        "main",
        "runs Airflow",
        {
            "name": f"{blueprint.app}-composer",
            "region": blueprint.region,
            "software_config.image_version": "composer-3-airflow-2",
            "node_config.network": network,
            "node_config.subnetwork": subnetwork,
            "node_config.service_account": account,
            "labels": blueprint.labels,
        },
    )
    blueprint.note("Cloud Composer costs several hundred USD a month even when it is idle.")


def plan_dataproc(blueprint: Blueprint) -> None:
    """Plan a small Dataproc cluster."""
    _, subnetwork = blueprint.network()
    workers = blueprint.reading.amounts.nodes or 2
    blueprint.plan(
        "google_dataproc_cluster",
        "main",
        "runs Spark and Hadoop",
        {
            "name": f"{blueprint.app}-dataproc",
            "region": blueprint.region,
            "labels": blueprint.labels,
            "cluster_config.master_config.num_instances": 1,
            "cluster_config.master_config.machine_type": "n2-standard-2",
            "cluster_config.worker_config.num_instances": max(2, workers),
            "cluster_config.worker_config.machine_type": "n2-standard-2",
            "cluster_config.gce_cluster_config.subnetwork": subnetwork,
            "cluster_config.gce_cluster_config.internal_ip_only": True,
        },
    )


def plan_workbench(blueprint: Blueprint) -> None:
    """Plan a Vertex AI Workbench instance inside the network."""
    network, subnetwork = blueprint.network()
    blueprint.plan(
        "google_workbench_instance",
        "main",
        "a notebook",
        {
            "name": f"{blueprint.app}-notebook",
            "location": blueprint.zone,
            "gce_setup.machine_type": "e2-standard-4",
            "gce_setup.network_interfaces.network": network,
            "gce_setup.network_interfaces.subnet": subnetwork,
            "labels": blueprint.labels,
        },
    )


def plan_app_engine(blueprint: Blueprint) -> None:
    """Plan the project's App Engine application."""
    location = {"us-central1": "us-central", "europe-west1": "europe-west"}.get(
        blueprint.region, blueprint.region
    )
    blueprint.add("google_app_engine_application", "main", "the project's App Engine", location_id=location)
    blueprint.note(
        "A project has one App Engine application, for ever in one place; versions are deployed with gcloud."
    )
