"""What runs now and then: jobs, functions, schedules, task queues, workflows."""

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.exposure import is_public
from sandbox.gemini.planner.parts.serverless import RUN
from sandbox.gemini.planner.parts.stacks import stack_of
from sandbox.gemini.planner.parts.storage import bucket
from sandbox.gemini.planner.schedule import cron_of

JOB_IMAGE = "us-docker.pkg.dev/cloudrun/container/job"
RUNTIMES = {
    "node": "nodejs22",
    "python": "python312",
    "django": "python312",
    "go": "go122",
    "ruby": "ruby33",
    "rails": "ruby33",
    "php": "php83",
}
TOLD = (
    ("google_pubsub_subscription", "SUBSCRIPTION", "${@.id}"),
    ("google_bigquery_table", "TABLE", "${var.project}.${@.dataset_id}.${@.table_id}"),
    ("google_storage_bucket", "BUCKET", "${@.name}"),
    ("google_sql_database_instance", "DB_INSTANCE", "${@.connection_name}"),
    ("google_firestore_database", "FIRESTORE_DATABASE", "${@.name}"),
)
RIGHTS = {
    "google_pubsub_subscription": "roles/pubsub.subscriber",
    "google_bigquery_table": "roles/bigquery.dataEditor",
    "google_storage_bucket": "roles/storage.objectUser",
    "google_sql_database_instance": "roles/cloudsql.client",
    "google_firestore_database": "roles/datastore.user",
}
GO_ENTRY_POINT = "Main"


def plan_job(blueprint: Blueprint) -> str:
    """Plan a Cloud Run job that runs a container to its end; return its reference."""
    memory = blueprint.reading.amounts.memory_gb
    told = _told(blueprint)
    account = _worker(blueprint) if told else None
    job = blueprint.add(
        "google_cloud_run_v2_job",
        "job",
        "runs a container to its end",
        name=blueprint.app if blueprint.app != "app" else "job",
        location=blueprint.region,
        image=JOB_IMAGE,
        cpu=str(blueprint.reading.amounts.cpus or 1),
        memory=f"{max(512, round(memory * 1024))}Mi" if memory else "512Mi",
        env=told or None,
        service_account=account,
        max_retries=3,
        timeout="600s",
        deletion_protection=False,
        labels=blueprint.labels,
    )
    blueprint.note("The job starts with Google's sample container image; deploy your own image over it.")
    return job


def _told(blueprint: Blueprint) -> dict[str, str]:
    """Return what the job is told of the plan's queue, table, bucket and database, as environment variables."""
    found: dict[str, str] = {}
    for kind, name, template in TOLD:
        reference = next(
            (one for one in blueprint.refs(kind) if "dead" not in one and "source" not in one), ""
        )
        if reference:
            found[name] = template.replace("@", reference)
    return found


def _worker(blueprint: Blueprint) -> str:
    """Plan the job's identity with the rights that what it is told of needs; return its reference."""
    account = blueprint.add(
        "google_service_account",
        "job",
        "the job's identity",
        account_id=f"{blueprint.app}-worker",
        display_name="Runs the job",
    )
    for kind, role in RIGHTS.items():
        if blueprint.refs(kind):
            blueprint.add(
                "google_project_iam_member",
                f"job_{role.rpartition('/')[2].replace('.', '_').lower()}",
                "what the job needs",
                project="var.project",
                role=role,
                member=f"serviceAccount:${{{account}.email}}",
            )
    blueprint.note(
        "The job's code is yours: its environment names the queue, table, bucket or database that it works with."
    )
    return account


def plan_function(blueprint: Blueprint) -> str:
    """Plan a second-generation function with the bucket its source lies in; return its reference."""
    reading = blueprint.reading
    stack = stack_of(reading) or "node"
    source = bucket(blueprint, "function_source", "holds the function's source as a zip")
    archive = blueprint.add(
        "google_storage_bucket_object",
        "function_source",
        "the function's first source, to be replaced by your own",
        name="source.zip",
        bucket=source,
        content_type="application/zip",
    )
    settings: dict[str, Setting] = {
        "name": blueprint.app,
        "location": blueprint.region,
        "runtime": RUNTIMES.get(stack, "nodejs22"),
        "entry_point": GO_ENTRY_POINT if stack == "go" else "main",
        "storage_source.bucket": source,
        "storage_source.object": archive,
        "max_instance_count": reading.amounts.high or 10,
        "min_instance_count": reading.amounts.low or 0,
        "available_memory": f"{round((reading.amounts.memory_gb or 0.25) * 1024)}Mi",
        "timeout_seconds": 60,
        "labels": blueprint.labels,
    }
    topics = blueprint.refs("google_pubsub_topic")
    if topics and reading.wants("push", "pubsub"):
        settings |= {
            "event_trigger.event_type": "google.cloud.pubsub.topic.v1.messagePublished",
            "event_trigger.pubsub_topic": next(one for one in topics if "dead" not in one),
            "event_trigger.retry_policy": "RETRY_POLICY_RETRY",
        }
    function = blueprint.plan(
        "google_cloudfunctions2_function", "main", f"runs a function in {stack}", settings
    )
    blueprint.note("The function starts with a source that only answers ok; put your own into its bucket.")
    if stack not in RUNTIMES:
        blueprint.note(f"Functions are planned in Node.js, as {stack} has no first source here.")
    if (
        not topics
        and not (reading.wants("schedule") and not reading.wants("public"))
        and (reading.wants("public", "api", "web", "website") or reading.says("http"))
        and is_public(blueprint)
    ):
        blueprint.add(
            "google_cloudfunctions2_function_iam_member",
            "function_public",
            "lets everybody call the function",
            cloud_function=function,
            location=blueprint.region,
            role="roles/cloudfunctions.invoker",
            member="allUsers",
        )
        blueprint.note(
            "Everybody may call the function; say private to have callers sign in. If Google still answers 403, "
            "run `gcloud functions add-invoker-policy-binding` once for the service beneath it."
        )
    return function


def plan_schedule(blueprint: Blueprint) -> None:
    """Plan a schedule and what it starts: the plan's job, service, function or topic, or a new job."""
    schedule, words = cron_of(blueprint.reading.text)
    blueprint.note(
        f"The schedule is {schedule!r} UTC" + (f", for {words!r}." if words else ": the goal names no time.")
    )
    settings: dict[str, Setting] = {
        "name": f"{blueprint.app}-schedule",
        "region": blueprint.region,
        "schedule": schedule,
        "time_zone": "Etc/UTC",
    }
    topics = blueprint.refs("google_pubsub_topic")
    jobs = blueprint.refs("google_cloud_run_v2_job")
    services = blueprint.refs(RUN, "google_cloudfunctions2_function")
    if not jobs and not services and topics:
        settings |= {"pubsub_target.topic_name": topics[0], "pubsub_target.data": "eyJydW4iOnRydWV9"}
    elif not jobs and services:
        settings |= _calls_service(blueprint, services[0])
    else:
        settings |= _starts_job(blueprint, jobs[0] if jobs else plan_job(blueprint))
    blueprint.plan("google_cloud_scheduler_job", "main", "starts it on time", settings)


def _caller(blueprint: Blueprint) -> str:
    return blueprint.add(
        "google_service_account",
        "scheduler",
        "the identity the schedule calls by",
        account_id=f"{blueprint.app}-scheduler",
        display_name="Starts what is scheduled",
    )


def _starts_job(blueprint: Blueprint, job: str) -> dict[str, Setting]:
    account = _caller(blueprint)
    blueprint.add(
        "google_cloud_run_v2_job_iam_member",
        "scheduler",
        "lets the schedule start the job",
        name=job,
        location=blueprint.region,
        role="roles/run.invoker",
        member=f"serviceAccount:${{{account}.email}}",
    )
    return {
        "http_target.http_method": "POST",
        "http_target.uri": f"https://run.googleapis.com/v2/${{{job}.id}}:run",
        "oauth_token.service_account_email": account,
    }


def _calls_service(blueprint: Blueprint, service: str) -> dict[str, Setting]:
    account = _caller(blueprint)
    run = service.startswith(RUN)
    address = f"${{{service}.uri}}" if run else f"${{{service}.url}}"
    blueprint.add(
        "google_cloud_run_v2_service_iam_member" if run else "google_cloudfunctions2_function_iam_member",
        "scheduler",
        "lets the schedule call it",
        location=blueprint.region,
        role="roles/run.invoker" if run else "roles/cloudfunctions.invoker",
        member=f"serviceAccount:${{{account}.email}}",
        **({"name": service} if run else {"cloud_function": service}),
    )
    return {
        "http_target.http_method": "POST",
        "http_target.uri": address,
        "oidc_token.service_account_email": account,
    }


def plan_tasks(blueprint: Blueprint) -> None:
    """Plan a task queue."""
    blueprint.plan(
        "google_cloud_tasks_queue",
        "main",
        "hands out tasks at a steady rate",
        {
            "name": f"{blueprint.app}-tasks",
            "location": blueprint.region,
            "rate_limits.max_dispatches_per_second": 10,
            "retry_config.max_attempts": 5,
        },
    )


def plan_workflow(blueprint: Blueprint) -> None:
    """Plan a workflow with one step to begin with."""
    account = blueprint.add(
        "google_service_account",
        "workflow",
        "the workflow's identity",
        account_id=f"{blueprint.app}-workflow",
        display_name="Runs the workflow",
    )
    blueprint.add(
        "google_workflows_workflow",
        "main",
        "runs steps in order",
        name=f"{blueprint.app}-workflow",
        region=blueprint.region,
        service_account=account,
        source_contents="main:\n  steps:\n    - done:\n        return: ok\n",
        deletion_protection=False,
    )
