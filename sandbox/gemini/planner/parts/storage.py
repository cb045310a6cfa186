"""Buckets: plain ones, and ones that serve a website."""

from sandbox.gemini.planner.blueprint import Blueprint

BUCKET = "google_storage_bucket"


def bucket(
    blueprint: Blueprint, name: str, purpose: str, **settings: str | int | bool | dict[str, str] | None
) -> str:
    """Plan one bucket and return its reference; its name is made unique by the project's."""
    return blueprint.add(
        BUCKET,
        name,
        purpose,
        name=f"{blueprint.app}-{name.replace('_', '-')}",
        location=blueprint.region.upper(),
        uniform_bucket_level_access=True,
        force_destroy=True if blueprint.reading.wants("dev") else None,
        labels=blueprint.labels,
        **settings,
    )


def plan_site(blueprint: Blueprint) -> None:
    """Plan a static website in a bucket, behind a load balancer and CDN where they are asked for."""
    site = bucket(
        blueprint, "site", "holds and serves the website's files",
        main_page_suffix="index.html", not_found_page="404.html",
    )  # fmt: skip
    for page, purpose in (("index", "the first page"), ("404", "the page for what is not found")):
        blueprint.add(
            "google_storage_bucket_object", f"page_{page}" if page == "404" else page, purpose,
            name=f"{page}.html", bucket=site, content_type="text/html",
            content=f"<!doctype html><title>{blueprint.app}</title><h1>{'Not found' if page == '404' else blueprint.app}</h1>",
        )  # fmt: skip
    blueprint.add(
        "google_storage_bucket_iam_member", "public", "lets everybody read the website",
        bucket=site, role="roles/storage.objectViewer", member="allUsers",
    )  # fmt: skip
    blueprint.note("The website's files are public: everybody may read them.")
