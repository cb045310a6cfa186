"""What an action may change unasked: what its own edit wrote, on what it is about, and nothing else."""

from typing import Any

import pytest

from infraai.models import Preview
from infraai.operations.actions import checked
from infraai.operations.edits import edit
from infraai.operations.extent import Extent, extent_of
from infraai.operations.policy import beyond_of
from infraai.operations.shapes import ActionRequest, ActionType
from infraai.ports import SavedPlan, StateStamp
from infraai.preview import build_preview
from infraai.pricing import leaves_open, price_shown
from tests.operations.edited import Files
from tools.hcl import HclTreeSitter

GROUP = "google_compute_instance_group_manager"
WEB = f"{GROUP}.web"
FILES = Files(
    {
        "main.tf": f"""
variable "size" {{
  default = 2
}}

resource "{GROUP}" "web" {{
  name               = "web"
  zone               = "us-central1-a"
  base_instance_name = "web"
  target_size        = var.size
}}

resource "{GROUP}" "batch" {{
  name               = "batch"
  zone               = "us-central1-a"
  base_instance_name = "batch"
  target_size        = 20
}}

resource "google_compute_autoscaler" "batch" {{
  name   = "batch"
  zone   = "us-central1-a"
  target = {GROUP}.batch.id
  autoscaling_policy {{
    min_replicas = 1
    max_replicas = 4
  }}
}}
"""
    },
    WEB,
)
BATCH = Files(FILES.files, f"{GROUP}.batch", name="batch")
DATABASE = Files(
    {
        "main.tf": """
resource "google_sql_database_instance" "db" {
  name             = "db"
  database_version = "POSTGRES_16"
  region           = "us-central1"
  settings {
    tier      = "db-custom-2-7680"
    disk_size = 20
  }
}
"""
    },
    "google_sql_database_instance.db",
    name="db",
)


def reach(files: Files, action: ActionType, **parameters: Any) -> tuple[ActionRequest, Extent]:
    raw = ActionRequest(action_type=action, resource_id=files.address, run_id="run-1", parameters=parameters)
    request = checked(raw, files.configuration, files.target)
    edited = edit(files.bundle, files.configuration, request, files.target)
    return request, extent_of(request, files.configuration, HclTreeSitter().parse(edited.bundle))


def planned(address: str, before: Any, after: Any, *actions: str) -> dict[str, Any]:
    kind, name = address.partition("[")[0].split(".")[-2:]
    change = {"actions": list(actions or ("update",)), "before": before, "after": after, "after_unknown": {}}
    return {"address": address, "mode": "managed", "type": kind, "name": name, "change": change}


def preview(*changes: dict[str, Any]) -> Preview:
    shown = {"resource_changes": list(changes)}
    plan = SavedPlan(file=b"x", shown=shown, stamp=StateStamp(lineage="", serial=0))
    return build_preview(plan, bundle_sha="", destroy=False)


def rules(files: Files, action: ActionType, *changes: dict[str, Any], **parameters: Any) -> set[str]:
    request, extent = reach(files, action, **parameters)
    return {rule for rule, _ in beyond_of(preview(*changes), request, extent)}


OWN = planned(WEB, {"target_size": 2, "fingerprint": "a"}, {"target_size": 3})


def test_what_the_request_says_and_google_works_out_is_not_beyond_it() -> None:
    assert rules(FILES, "scale_up", OWN, target_size=3) == set()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (planned(f"{GROUP}.batch", {"target_size": 20}, {"target_size": 900}), "touches_others"),
        (planned(f"{GROUP}.batch", {"target_size": 20}, {"target_size": 0}), "touches_others"),
        (planned(f"{GROUP}.batch", {"target_size": 2}, {"target_size": 3}), "touches_others"),
        (planned("google_compute_disk.db", {"size": 20}, {"size": 65536}), "touches_others"),
        (
            planned("google_monitoring_alert_policy.p", {"enabled": True}, {"enabled": False}),
            "touches_others",
        ),
        (planned(WEB, {"target_size": 2}, {"target_size": 900}), "touches_others"),
        (planned(WEB, {"target_size": 2}, {"target_size": None}), "touches_others"),
        (planned(WEB, {"labels": {"a": "b"}}, {"labels": {}}), "touches_others"),
        (
            planned(
                WEB,
                {"target_size": 2, "version": [{"instance_template": "a"}]},
                {"target_size": 3, "version": [{"instance_template": "b"}]},
            ),
            "touches_others",
        ),
        (planned(WEB, None, {"target_size": 3}, "create"), "not_an_update"),
        (planned(f"{GROUP}.more", None, {"target_size": 3}, "create"), "not_an_update"),
        (planned(WEB, {"target_size": 2}, None, "delete"), "not_an_update"),
    ],
)
def test_anything_else_is_beyond_it(change: dict[str, Any], rule: str) -> None:
    assert rules(FILES, "scale_up", change, target_size=3) == {rule}
    assert rules(FILES, "scale_up", OWN, change, target_size=3) == {rule}


def test_an_alert_policy_that_follows_what_it_watches_is_not_beyond_it() -> None:
    change = planned("google_monitoring_alert_policy.p", {"conditions": [1]}, {})
    change["change"]["after_unknown"] = {"conditions": True}
    assert rules(FILES, "scale_up", OWN, change, target_size=3) == set()


def test_the_autoscaler_of_the_very_group_is_what_its_edit_changes() -> None:
    scaler = "google_compute_autoscaler"

    def scaled(name: str, most: int) -> dict[str, Any]:
        policy = {"min_replicas": 1, "cooldown_period": 60}
        before = {"autoscaling_policy": [{**policy, "max_replicas": 4}]}
        return planned(f"{scaler}.{name}", before, {"autoscaling_policy": [{**policy, "max_replicas": most}]})

    assert rules(BATCH, "scale_up", scaled("batch", 5), max_replicas=5) == set()
    assert rules(BATCH, "scale_up", scaled("batch", 50), max_replicas=5) == {"touches_others"}
    assert rules(BATCH, "scale_up", scaled("web", 5), max_replicas=5) == {"touches_others"}


def test_a_value_inside_a_block_is_compared_with_what_was_written() -> None:
    def settings(**values: Any) -> dict[str, Any]:
        old = {"tier": "db-custom-2-7680", "disk_size": 20, "ip_configuration": [{"ipv4_enabled": False}]}
        return planned(DATABASE.address, {"settings": [old]}, {"settings": [{**old, **values}]})

    tier = DATABASE.parameters("scale_up")[0]["tier"]
    assert rules(DATABASE, "scale_up", settings(tier=tier), tier=tier) == set()
    for other in (
        {"disk_size": 65536},
        {"ip_configuration": [{"ipv4_enabled": True}]},
        {"tier": "db-f1-micro"},
    ):
        assert rules(DATABASE, "scale_up", settings(**{"tier": tier, **other}), tier=tier) == {
            "touches_others"
        }


def test_files_that_are_not_the_requests_own_edit_are_asked_about() -> None:
    request, extent = reach(FILES, "scale_up", target_size=3)
    assert [rule for rule, _ in beyond_of(preview(OWN), request, None)] == ["mended_after"]
    assert [rule for rule, _ in beyond_of(preview(OWN), request, extent, mended=True)] == ["mended_after"]
    undo = request.model_copy(update={"action_type": "rollback"})
    assert beyond_of(preview(OWN), undo, None) == ()
    assert [rule for rule, _ in beyond_of(preview(OWN), undo, None, mended=True)] == ["mended_after"]


def test_a_changed_resource_without_a_price_is_asked_about_where_it_may_grow() -> None:
    request, extent = reach(FILES, "scale_up", target_size=3)
    said = f"{WEB}: m1-ultramem-160 is not in the price table"
    priced = preview(OWN).model_copy(update={"unpriced": (f"{WEB}: backups are paid by what they hold",)})
    unpriced = preview(OWN).model_copy(update={"unpriced": (said,)})
    elsewhere = preview(OWN).model_copy(update={"unpriced": (said.replace(".web", ".batch"),)})
    assert beyond_of(priced, request, extent) == ()
    assert beyond_of(unpriced, request, extent) == (("unpriced_change", WEB),)
    assert beyond_of(elsewhere, request, extent) == ()


@pytest.mark.parametrize("name", ["m1-ultramem-160", "a3-highgpu-8g", "n1-highmem-96", "e2-standard-\uff12"])
def test_a_machine_without_a_price_is_unpriced_and_not_nearly_free(name: str) -> None:
    values = {"machine_type": name, "zone": "us-central1-a"}
    resource = {"address": "google_compute_instance.v", "mode": "managed", "values": values}
    resource |= {"type": "google_compute_instance", "name": "v"}
    priced = price_shown({"planned_values": {"root_module": {"resources": [resource]}}}, "after")
    assert priced.usd_month == 0
    assert any(leaves_open(one) for one in priced.unpriced)


def test_a_rule_that_is_put_back_as_the_files_have_it_is_the_only_one_that_may_change() -> None:
    block = """resource "google_compute_firewall" "{0}" {{
  name          = "{0}"
  network       = "default"
  source_ranges = ["0.0.0.0/0"]
  allow {{
    protocol = "tcp"
    ports    = ["80"]
  }}
}}
"""
    rule = "google_compute_firewall.web"
    files = Files({"main.tf": block.format("web") + block.format("other")}, rule)
    back = planned(rule, {"disabled": True}, {"disabled": None})
    other = planned("google_compute_firewall.other", {"disabled": True}, {"disabled": None})
    assert rules(files, "modify_firewall", back) == set()
    assert rules(files, "modify_firewall", other) == {"touches_others"}
