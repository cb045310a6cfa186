"""Buckets: plain ones, and ones that serve a website."""

import html
import re

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.lifecycle import CLASSES
from sandbox.gemini.planner.parts.exposure import is_public

BUCKET = "google_storage_bucket"
DEFAULT_NAME = "files"


def bucket(blueprint: Blueprint, name: str, purpose: str, **settings: Setting | None) -> str:
    """Plan one bucket and return its reference; its name is made unique by the project's."""
    called = name.replace("_", "-")
    if name == DEFAULT_NAME and blueprint.reading.amounts.name:
        called = blueprint.app
    return blueprint.add(
        BUCKET,
        re.sub(r"\W", "_", name) if name[0].isalpha() else f"bucket_{name}",
        purpose,
        name=called if called in (blueprint.app, blueprint.role) else f"{blueprint.app}-{called}",
        location=_location(blueprint),
        uniform_bucket_level_access=True,
        force_destroy=True if blueprint.reading.wants("dev") else None,
        labels=blueprint.labels,
        **settings,
    )


def _location(blueprint: Blueprint) -> str:
    """Return the bucket's location: the region, or the continent where the goal wants several regions."""
    if not blueprint.reading.wants("multi_region", "dr"):
        return blueprint.region.upper()
    return {"europe": "EU", "asia": "ASIA"}.get(blueprint.region.split("-")[0], "US")


def plan_buckets(blueprint: Blueprint) -> None:
    """Plan the buckets the goal asks for, closed to the public unless it says otherwise."""
    reading = blueprint.reading
    keep = reading.wants("versioned", "backup") or (
        reading.wants("production") and not reading.wants("cheap")
    )
    served = reading.wants("cdn", "lb") and not reading.wants("private")
    public = served or (
        reading.attached("public", ("bucket",)) and not reading.attached("private", ("bucket",))
    )
    lifecycle = reading.amounts.lifecycle
    moves = sorted((days, name) for name, days in lifecycle.moves.items())
    wanted = "STANDARD" if moves else _storage_class(blueprint)
    for name in blueprint.named("bucket", default=DEFAULT_NAME):
        reference = bucket(
            blueprint,
            name,
            f"keeps {name.replace('-', ' ')}",
            storage_class=wanted,
            public_access_prevention=None if public else "enforced",
            delete_after_days=lifecycle.days,
            moves=[f"{name}:{days}" for days, name in moves] or None,
            **({"versioning.enabled": True} if keep else {}),
        )
        if public:
            open_bucket(blueprint, reference)


def _storage_class(blueprint: Blueprint) -> str:
    """Return the class the goal names for what is stored from the start."""
    reading = blueprint.reading
    named = next((name for word, name in CLASSES.items() if reading.says(word)), "")
    if named == "ARCHIVE" and not reading.says("class"):
        named = ""
    return named or ("NEARLINE" if reading.wants("archive") else "STANDARD")


def open_bucket(blueprint: Blueprint, reference: str) -> None:
    """Let everybody read a bucket, once, as a load balancer that serves it needs."""
    name = reference.rpartition(".")[2]
    if f"google_storage_bucket_iam_member.{name}" not in blueprint.refs("google_storage_bucket_iam_member"):
        blueprint.add(
            "google_storage_bucket_iam_member",
            name,
            "lets everybody read the bucket",
            bucket=reference,
            role="roles/storage.objectViewer",
            member="allUsers",
        )
        blueprint.note("The bucket's files are public, as they are served to everybody.")


def plan_site(blueprint: Blueprint) -> str:
    """Plan a static website in a bucket that everybody may read; return the bucket's reference."""
    title = html.escape(blueprint.app)
    site = bucket(
        blueprint,
        "site",
        "holds and serves the website's files",
        main_page_suffix="index.html",
        not_found_page="404.html",
    )
    for name, page, text in (("index", "index.html", title), ("not_found", "404.html", "Not found")):
        blueprint.add(
            "google_storage_bucket_object",
            name,
            f"the page {page}, to be replaced by your own",
            name=page,
            bucket=site,
            content_type="text/html",
            content=f"<!doctype html><title>{title}</title><h1>{text}</h1>",
        )
    if not is_public(blueprint):
        blueprint.note(
            "The website's files are not public, as the goal wants it private: grant readers by IAM."
        )
        return site
    blueprint.add(
        "google_storage_bucket_iam_member",
        "public",
        "lets everybody read the website",
        bucket=site,
        role="roles/storage.objectViewer",
        member="allUsers",
    )
    blueprint.note("The website's files are public: everybody may read them.")
    return site
