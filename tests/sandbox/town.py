"""A small cloud with one of everything that is measured, and a clock moved by hand."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.clock import ManualClock
from sandbox.faults.inject import Injected
from sandbox.network.internet import Internet
from sandbox.network.proxy import Visit
from sandbox.sandbox import Sandbox

P = "projects/acme"
LINK = f"https://www.googleapis.com/compute/v1/{P}"
ZONE, REGION = "us-central1-a", "us-central1"
NGINX = "#!/bin/bash\napt-get install -y nginx\n"
AGENT = "curl -sSO https://dl.google.com/cloudagents/add-google-cloud-ops-agent-repo.sh\n"
VM, GROUP = "google_compute_instance", "google_compute_instance_group_manager"
SQL, RUN, CLUSTER = "google_sql_database_instance", "google_cloud_run_v2_service", "google_container_cluster"
RULE = "google_compute_firewall"
CPU = "compute.googleapis.com/instance/cpu/utilization"
LB = "loadbalancing.googleapis.com/https"
UPTIME = "monitoring.googleapis.com/uptime_check/check_passed"


@dataclass
class Town:
    """One project of a sandbox."""

    home: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(1_800_000_000))
    sandbox: Sandbox = field(init=False)

    def __post_init__(self) -> None:
        self.sandbox = Sandbox(self.home, project="acme", clock=self.clock)
        self.cloud = self.sandbox.cloud
        self.physics = self.sandbox.physics

    # --- what stands --------------------------------------------------------------------------------------

    def put(self, kind: str, key: str, **values: Any) -> str:
        """Write a resource; return its link."""
        key = f"{P}/{key}"
        link = f"https://www.googleapis.com/compute/v1/{key}"
        own = {"id": key, "name": key.rpartition("/")[2], "project": "acme", "self_link": link}
        self.cloud.put(kind, key, {**own, **values}, "create")
        return link

    def change(self, kind: str, key: str, verb: str = "update", **changes: Any) -> None:
        """Change a resource in place, as an apply or an API call does."""
        values = self.cloud.get(kind, f"{P}/{key}")
        assert values is not None
        self.cloud.put(kind, f"{P}/{key}", {**values, **changes}, verb)

    def vm(self, name: str = "vm", **more: Any) -> None:
        nic = {"network": f"{LINK}/global/networks/default", "access_config": [{"nat_ip": "34.1.2.3"}]}
        usual = {
            "machine_type": "e2-medium",
            "zone": ZONE,
            "instance_id": f"1{len(name)}",
            "current_status": "RUNNING",
            "metadata_startup_script": NGINX + AGENT,
            "network_interface": [nic],
            "boot_disk": [{"initialize_params": [{"size": 20}]}],
        }
        self.put(VM, f"zones/{ZONE}/instances/{name}", **usual | more)
        self.allow("web", "0.0.0.0/0")

    def allow(self, name: str, source: str) -> None:
        network = f"{LINK}/global/networks/default"
        allowed = [{"protocol": "tcp", "ports": ["80"]}]
        place = f"global/firewalls/{name}"
        self.put(RULE, place, network=network, allow=allowed, source_ranges=[source], direction="INGRESS")

    def check(self) -> None:
        host = {"project_id": "acme", "host": "34.1.2.3"}
        self.put(
            "google_monitoring_uptime_check_config",
            "uptimeCheckConfigs/up",
            uptime_check_id="up",
            period="60s",
            http_check=[{"port": 80, "path": "/"}],
            monitored_resource=[{"type": "uptime_url", "labels": host}],
        )

    def group(self, *, size: int = 2, most: int = 0) -> None:
        """Make a managed group behind a load balancer, with an autoscaler where there is a maximum."""
        self.allow("checks", "130.211.0.0/22")
        self.allow("checks-too", "35.191.0.0/16")
        nic = [{"network": f"{LINK}/global/networks/default"}]
        template = self.put(
            "google_compute_instance_template",
            "global/instanceTemplates/t",
            machine_type="e2-medium",
            metadata_startup_script=NGINX,
            network_interface=nic,
        )
        manager = self.put(
            GROUP,
            f"zones/{ZONE}/instanceGroupManagers/web",
            zone=ZONE,
            instance_group=f"{LINK}/zones/{ZONE}/instanceGroups/web",
            base_instance_name="web",
            target_size=size,
            version=[{"instance_template": template}],
            named_port=[{"name": "http", "port": 80}],
        )
        if most:
            policy = {"min_replicas": size, "max_replicas": most, "cpu_utilization": [{"target": 0.6}]}
            place = f"zones/{ZONE}/autoscalers/scaler"
            self.put(
                "google_compute_autoscaler", place, target=manager, zone=ZONE, autoscaling_policy=[policy]
            )
        check = self.put(
            "google_compute_health_check", "global/healthChecks/c", http_health_check=[{"port": 80}]
        )
        service = self.put(
            "google_compute_backend_service",
            "global/backendServices/back",
            backend=[{"group": f"{LINK}/zones/{ZONE}/instanceGroups/web"}],
            health_checks=[check],
            port_name="http",
        )
        url_map = self.put("google_compute_url_map", "global/urlMaps/map", default_service=service)
        proxy = self.put(
            "google_compute_target_http_proxy", "global/targetHttpProxies/proxy", url_map=url_map
        )
        self.put(
            "google_compute_global_forwarding_rule",
            "global/forwardingRules/front",
            target=proxy,
            ip_address="34.120.0.1",
            port_range="80-80",
        )

    def database(self, version: str = "POSTGRES_15", **settings: Any) -> None:
        usual = {"tier": "db-custom-2-7680", "disk_size": 10}
        self.put(SQL, "instances/db", region=REGION, database_version=version, settings=[usual | settings])

    def service(self, cpu: str = "1", **container: Any) -> None:
        one = {"image": "app:1", "resources": [{"limits": {"cpu": cpu, "memory": "512Mi"}}], **container}
        template = [{"containers": [one], "scaling": [{"max_instance_count": 4}]}]
        where = f"locations/{REGION}/services/api"
        self.put(RUN, where, location=REGION, template=template, invoker_iam_disabled=True)

    def cluster(self, **more: Any) -> None:
        nodes = [{"machine_type": "e2-standard-2"}]
        usual = {"location": ZONE, "initial_node_count": 3, "node_config": nodes}
        self.put(CLUSTER, f"locations/{ZONE}/clusters/k", **usual | more)

    # --- what happens -------------------------------------------------------------------------------------

    def pass_time(self, seconds: float, step: float = 10) -> None:
        """Let time pass, looked at in steps."""
        for _ in range(int(seconds // step)):
            self.clock.advance(step)
            self.physics.advance()

    def inject(self, kind: str, name: str, for_s: float | None = None) -> Injected:
        """Inject a fault, and give it two minutes."""
        fault = self.sandbox.inject(kind, name, for_s)
        self.pass_time(120)
        return fault

    def ended_by(self, fault: Injected) -> str:
        """Return what ended a fault; "" where it goes on."""
        return next(one.ended_by for one in self.sandbox.faults() if one.fault_id == fault.fault_id)

    def values(self, metric: str, since: float = 60, **labels: str) -> list[float]:
        """Return what was measured lately, oldest first."""
        points = self.cloud.points(metric, self.clock.seconds() - since, self.clock.seconds())
        wanted = {key.replace("__", "."): value for key, value in labels.items()}
        return [one.value for one in points if wanted.items() <= one.labels.items()]

    def last(self, metric: str, **labels: str) -> float:
        """Return the mean of the last minute."""
        found = self.values(metric, **labels)
        return sum(found) / len(found)

    def answers(self, host: str = "34.1.2.3") -> int | None:
        """Return the status that a visitor gets."""
        answer = Internet(self.cloud)(Visit(scheme="http", host=host, port=80))
        return answer.status if answer else None
