"""The generator over a scripted model and the real reader of Terraform's language."""

import pytest

from agents.generator import Generator, trimmed
from agents.reckoning import reckon
from infraai.configuration import Configuration
from infraai.models import Bundle, MonitoringPolicy, PlannedResource
from infraai.state import Planned
from tests.fakes.chat import FakeModel, block_of
from tests.fakes.outside import FakeSchemas, nothing_taken
from tests.planning.world import MemoryArtifacts, Schemas, planned, resource, written
from tools.hcl import HclTreeSitter

WEBHOOK = "http://127.0.0.1:8080/ops/webhook"
VM = resource("compute_instance", machine_type="e2-medium")
VM_TF = """
resource "google_compute_instance" "web" {
  name         = "web"
  machine_type = "e2-medium"
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
  network_interface {
    network = "default"
    access_config {}
  }
}
"""
MEMORY = MonitoringPolicy(
    resource_ref="google_compute_instance.web",
    metric_name="memory_high",
    metric_path="agent.googleapis.com/memory/percent_used",
    threshold=90,
)


class Generated:
    def __init__(self, bundle: Bundle, notes: list[str]) -> None:
        self.files = bundle.files
        self.notes = notes
        self.configuration: Configuration = HclTreeSitter().parse(bundle)
        self.addresses = {block.address for block in self.configuration.blocks}

    def text(self, address: str) -> str:
        (block,) = [one for one in self.configuration.blocks if one.address == address]
        return self.files[block.file].encode()[block.span.start : block.span.end].decode()


async def generated(
    *mains: str, state: Planned | None = None, webhook_url: str = WEBHOOK, model: FakeModel | None = None
) -> Generated:
    artifacts = MemoryArtifacts()
    asked = (model or FakeModel()).says("write", *(written(main) for main in mains))
    generator = Generator(
        asked, Schemas(), HclTreeSitter(), artifacts, FakeSchemas(), nothing_taken, "my-project", webhook_url
    )
    update = await generator(state or planned(VM))
    return Generated(await artifacts.get_bundle(update["bundle"]), update["notes"])


async def test_code_adds_provider_variables_outputs_and_monitoring() -> None:
    found = await generated(VM_TF)
    assert set(found.files) == {"main.tf", "versions.tf", "variables.tf", "outputs.tf", "monitoring.tf"}
    assert found.configuration.faults == ()
    assert {"variable.project", "variable.region", "variable.zone"} <= found.addresses
    assert {"output.external_ip", "output.service_url", "provider.google"} <= found.addresses
    assert "google_monitoring_alert_policy.web_cpu_high" in found.addresses
    assert "google_monitoring_notification_channel.infraai" in found.addresses
    assert 'infraai_deployment = "dep-1"' in found.files["versions.tf"]
    assert '"~> 8.0"' in found.files["versions.tf"]
    assert '"my-project"' in found.text("variable.project")
    assert '"us-central1-a"' in found.text("variable.zone")


async def test_what_the_model_may_not_write_is_dropped_or_moved() -> None:
    found = await generated(
        "```hcl\n"
        + VM_TF
        + """
terraform { backend "gcs" {} }
provider "google" { credentials = "x" }
variable "project" { default = "evil" }
variable "size" { default = 3 }
output "external_ip" { value = "1.2.3.4" }
output "name" { value = google_compute_instance.web.name }
resource "google_monitoring_alert_policy" "web_cpu_high" { display_name = "x" }
```
"""
    )
    assert found.configuration.faults == ()
    assert "evil" not in "".join(found.files.values())
    assert "credentials" not in "".join(found.files.values())
    assert "1.2.3.4" not in found.files["outputs.tf"]
    assert "output.name" in found.addresses
    assert 'variable "size"' in found.files["variables.tf"]
    assert found.files["main.tf"].strip() == VM_TF.strip()
    assert len(found.notes) == 3


async def test_alert_policies_have_unique_names_and_find_their_resource_again() -> None:
    two = planned(VM, resource("compute_instance", "db", machine_type="e2-medium"))
    found = await generated(VM_TF + VM_TF.replace('"web"', '"db"'), state=two)
    policies = [
        one for one in found.configuration.resources if one.labels[0] == "google_monitoring_alert_policy"
    ]
    assert sorted(one.labels[1] for one in policies) == [
        "db_cpu_high",
        "db_disk_read_high",
        "db_stopped",
        "web_cpu_high",
        "web_disk_read_high",
        "web_stopped",
        "web_uptime_failed",
    ]
    assert "condition_absent" in found.text("google_monitoring_alert_policy.db_stopped")
    check = found.text("google_monitoring_uptime_check_config.web_uptime")
    assert "host       = google_compute_instance.web.network_interface[0].access_config[0].nat_ip" in check
    text = found.text("google_monitoring_alert_policy.db_cpu_high")
    assert 'infraai_deployment = "dep-1"' in text
    assert 'infraai_resource   = "google_compute_instance-db"' in text
    assert r"resource.labels.instance_id = \"${google_compute_instance.db.instance_id}\"" in text
    assert r"resource.type = \"gce_instance\"" in text
    assert 'severity              = "CRITICAL"' in text


@pytest.mark.parametrize("multiplier", ["count        = 2", 'for_each     = toset(["a", "b"])'])
async def test_many_of_one_are_watched_together(multiplier: str) -> None:
    found = await generated(VM_TF.replace('name         = "web"', f'{multiplier}\n  name         = "web"'))
    text = found.text("google_monitoring_alert_policy.web_cpu_high")
    assert "one_of(${join(" in text
    assert "count                 = length(google_compute_instance.web) > 0 ? 1 : 0" in text
    assert "length(google_compute_instance.web) > 0 ?" in found.text("output.external_ip")
    assert found.configuration.faults == ()


async def test_a_group_is_watched_by_its_machines_names() -> None:
    group = resource("compute_instance_group_manager", "web")
    text = (
        await generated('resource "google_compute_instance_group_manager" "web" {\n}\n', state=planned(group))
    ).text("google_monitoring_alert_policy.web_asg_cpu_high")
    assert r"starts_with(\"${google_compute_instance_group_manager.web.base_instance_name}-\")" in text


async def test_errors_of_a_load_balancer_are_counted_by_their_class() -> None:
    rule = resource("compute_global_forwarding_rule", "lb")
    main = 'resource "google_compute_global_forwarding_rule" "lb" {\n  port_range = "80"\n}\n'
    found = await generated(main, state=planned(rule))
    text = found.text("google_monitoring_alert_policy.lb_lb_5xx_high")
    assert r"metric.labels.response_code_class = \"500\"" in text
    assert "REDUCE_SUM" in text
    assert "http://${google_compute_global_forwarding_rule.lb.ip_address}" in found.text("output.service_url")


async def test_without_an_address_alerts_are_written_and_a_note_says_that_they_tell_nobody() -> None:
    found = await generated(VM_TF, webhook_url="")
    assert "google_monitoring_alert_policy.web_cpu_high" in found.addresses
    assert "google_monitoring_notification_channel.infraai" not in found.addresses
    assert "var.alert_webhook" not in "".join(found.files.values())
    assert any("PUBLIC_URL" in note for note in found.notes)


async def test_the_webhooks_token_is_a_sensitive_variable() -> None:
    found = await generated(VM_TF)
    assert "sensitive   = true" in found.text("variable.alert_webhook_token")
    assert "var.alert_webhook_token" in found.text("google_monitoring_notification_channel.infraai")


async def test_what_the_model_left_out_is_asked_for_once_more() -> None:
    model = FakeModel()
    both = planned(VM, resource("compute_network", "main"))
    network = 'resource "google_compute_network" "main" {\n  name = "main"\n}\n'
    found = await generated(VM_TF, VM_TF + network, state=both, model=model)
    assert len(model.prompts) == 2
    assert "google_compute_network.main" in model.prompts[1].text
    assert "google_compute_network.main" in found.addresses


async def test_text_that_cannot_be_read_goes_on_to_the_validator_as_it_is() -> None:
    broken = 'resource "google_compute_instance" "web" {\n  name = \n'
    found = await generated(broken)
    assert found.files["main.tf"].strip() == broken.strip()
    assert "provider.google" in found.addresses


async def test_a_machine_watched_from_within_gets_the_ops_agent_once() -> None:
    state = planned(VM, monitoring=(MEMORY,))
    found = await generated(VM_TF, state=state)
    assert found.files["main.tf"].count("--also-install") == 1
    assert "memory/percent_used" in found.files["monitoring.tf"]
    assert r"metric.labels.state = \"used\"" in found.files["monitoring.tf"]
    again = await generated(found.files["main.tf"], state=state)
    assert again.files["main.tf"].count("--also-install") == 1


@pytest.mark.parametrize(
    "script",
    [
        '"#!/bin/bash\\napt-get install -y nginx\\n"',
        "<<-EOT\n    #!/bin/bash\n    apt-get install -y nginx\n  EOT",
        'templatefile("x", {})',
        '"#!/bin/bash\\necho ${var.zone}\\n"',
        "<<-EOT\n    #!/bin/bash\n    echo nginx in ${var.zone}\n  EOT",
    ],
)
async def test_the_agent_comes_after_the_script_that_is_there(script: str) -> None:
    main = VM_TF.replace("  boot_disk {", f"  metadata_startup_script = {script}\n  boot_disk {{")
    found = await generated(main, state=planned(VM, monitoring=(MEMORY,)))
    assert found.configuration.faults == ()
    text = found.files["main.tf"]
    assert text.count("--also-install") == 1
    assert text.index(
        next(word for word in ("nginx", "templatefile", "echo") if word in script)
    ) < text.index("--also-install")


async def test_an_edited_plan_is_reckoned_anew() -> None:
    state = planned(VM)
    artifacts = MemoryArtifacts()
    model = FakeModel().says("write", written(VM_TF))
    update = await Generator(model, Schemas(), HclTreeSitter(), artifacts, FakeSchemas(), nothing_taken, "p")(
        state
    )
    assert update["plan"] == reckon(state["plan"])
    assert update["plan"].estimated_cost_usd > 20


async def test_the_prompt_grounds_the_model_in_the_schema_of_the_plans_types() -> None:
    model = FakeModel()
    await generated(VM_TF, model=model)
    block = block_of(model.prompts[0])
    assert block["task"] == "write"
    assert block["plan"]["resources"][0]["name"] == "web"
    assert block["schemas"] == {
        "google_compute_instance": {"arguments": {"name": {"type": "string", "required": True}}}
    }
    assert block["variables"] == ["project", "region", "zone"]


def test_a_large_schema_keeps_what_the_plan_sets_and_what_stands_at_the_top() -> None:
    deep = {f"block.inner.argument_{number}": {"type": "string", "required": True} for number in range(400)}
    top = {f"top_{number}": {"type": "string", "optional": True} for number in range(100)}
    node = {
        "z.config": {"type": "block", "optional": True},
        "z.config.machine_type": {"type": "string", "optional": True},
    }
    kept = trimmed({"arguments": {**deep, **top, **node}}, ["machine_type"])["arguments"]
    assert len(kept) == 250
    assert {*top, *node} <= set(kept)


@pytest.mark.parametrize(
    ("main", "kind", "expected"),
    [
        (
            'resource "google_cloud_run_v2_service" "api" {\n  invoker_iam_disabled = true\n}\n',
            "cloud_run_v2_service",
            "google_cloud_run_v2_service.api.uri",
        ),
        (
            'resource "google_compute_global_forwarding_rule" "api" {\n  port_range = "443"\n}\n',
            "compute_global_forwarding_rule",
            "https://${google_compute_global_forwarding_rule.api.ip_address}",
        ),
    ],
)
async def test_the_service_url_is_the_best_way_in(main: str, kind: str, expected: str) -> None:
    state: Planned = planned(PlannedResource(type=f"google_{kind}", name="api"))
    assert expected in (await generated(main, state=state)).text("output.service_url")


async def test_nothing_public_has_no_outputs() -> None:
    inside = VM_TF.replace("    access_config {}\n", "")
    found = await generated(inside)
    assert not found.configuration.of("output")
