"""What each metric, and each name that people give an alert, is a sign of."""

import pytest

from infraai.metrics import metrics
from infraai.operations.fixes import KNOWN_FIXES, cause_of
from infraai.operations.shapes import Alert

CATALOG = {
    "compute.googleapis.com/instance/cpu/utilization": "cpu",
    "compute.googleapis.com/instance/cpu/usage_time": "cpu",
    "compute.googleapis.com/instance/uptime": "stopped",
    "compute.googleapis.com/instance/uptime_total": "restarts",
    "compute.googleapis.com/instance/disk/read_bytes_count": "disk_io",
    "compute.googleapis.com/instance/disk/write_bytes_count": "disk_io",
    "compute.googleapis.com/instance/disk/read_ops_count": "disk_io",
    "compute.googleapis.com/instance/disk/write_ops_count": "disk_io",
    "compute.googleapis.com/instance/network/received_bytes_count": "traffic",
    "compute.googleapis.com/instance/network/sent_bytes_count": "traffic",
    "compute.googleapis.com/instance/memory/balloon/ram_used": "memory",
    "agent.googleapis.com/memory/percent_used": "memory",
    "agent.googleapis.com/disk/percent_used": "disk_full",
    "cloudsql.googleapis.com/database/cpu/utilization": "cpu",
    "cloudsql.googleapis.com/database/memory/utilization": "memory",
    "cloudsql.googleapis.com/database/disk/utilization": "disk_full",
    "cloudsql.googleapis.com/database/network/connections": "connections",
    "cloudsql.googleapis.com/database/postgresql/num_backends": "connections",
    "cloudsql.googleapis.com/database/up": "unavailable",
    "cloudsql.googleapis.com/database/disk/read_ops_count": "disk_io",
    "compute.googleapis.com/instance_group/size": "unavailable",
    "autoscaler.googleapis.com/capacity": "unknown",
    "autoscaler.googleapis.com/current_utilization": "cpu",
    "loadbalancing.googleapis.com/https/request_count": "traffic",
    "loadbalancing.googleapis.com/https/total_latencies": "latency",
    "loadbalancing.googleapis.com/https/backend_latencies": "latency",
    "run.googleapis.com/request_count": "traffic",
    "run.googleapis.com/request_latencies": "latency",
    "run.googleapis.com/container/cpu/utilizations": "cpu",
    "run.googleapis.com/container/memory/utilizations": "memory",
    "run.googleapis.com/container/instance_count": "traffic",
    "kubernetes.io/container/cpu/limit_utilization": "cpu",
    "kubernetes.io/container/memory/limit_utilization": "memory",
    "kubernetes.io/container/restart_count": "restarts",
    "kubernetes.io/node/cpu/allocatable_utilization": "cpu",
    "kubernetes.io/node/memory/allocatable_utilization": "memory",
    "kubernetes.io/pod/volume/utilization": "disk_full",
    "monitoring.googleapis.com/uptime_check/check_passed": "unavailable",
}
OTHER_PATHS = {
    "agent.googleapis.com/cpu/utilization": "cpu",
    "agent.googleapis.com/cpu/load_1m": "cpu",
    "agent.googleapis.com/swap/percent_used": "memory",
    "agent.googleapis.com/disk/bytes_used": "disk_full",
    "agent.googleapis.com/disk/operation_count": "disk_io",
    "agent.googleapis.com/interface/traffic": "traffic",
    "compute.googleapis.com/guest/memory/bytes_used": "memory",
    "compute.googleapis.com/firewall/dropped_packets_count": "firewall",
    "cloudsql.googleapis.com/database/disk/bytes_used": "disk_full",
    "cloudsql.googleapis.com/database/replication/replica_lag": "unknown",
    "cloudsql.googleapis.com/database/instance_state": "unavailable",
    "kubernetes.io/node/status_condition": "unavailable",
    "kubernetes.io/node/ephemeral_storage/used_bytes": "disk_full",
    "redis.googleapis.com/stats/memory/usage_ratio": "memory",
    "redis.googleapis.com/clients/connected": "connections",
    "router.googleapis.com/nat/port_usage": "connections",
    "loadbalancing.googleapis.com/l3/external/rtt_latencies": "latency",
    "monitoring.googleapis.com/uptime_check/request_latency": "latency",
    "monitoring.googleapis.com/uptime_check/time_until_ssl_cert_expires": "unknown",
    "logging.googleapis.com/user/oom_kills": "memory",
    "logging.googleapis.com/user/app_crashes": "restarts",
    "logging.googleapis.com/user/5xx_count": "errors",
    "logging.googleapis.com/log_entry_count": "unknown",
    "prometheus.googleapis.com/node_filesystem_avail_bytes/gauge": "disk_full",
    "prometheus.googleapis.com/up/gauge": "unavailable",
    "prometheus.googleapis.com/kube_pod_container_status_restarts_total/counter": "restarts",
    "custom.googleapis.com/shop/queue_depth": "unknown",
}
NAMES = {
    "HighCPU": "cpu",
    "CPUThrottlingHigh": "cpu",
    "HostHighCpuLoad": "cpu",
    "NodeLoad15High": "cpu",
    "InstanceDown": "unavailable",
    "TargetDown": "unavailable",
    "KubeNodeNotReady": "unavailable",
    "BlackboxProbeFailed": "unavailable",
    "MysqlDown": "unavailable",
    "KubePodCrashLooping": "restarts",
    "ContainerRestarting": "restarts",
    "KubeContainerOOMKilled": "memory",
    "HostOutOfMemory": "memory",
    "RedisOutOfConfiguredMaxmemory": "memory",
    "NodeFilesystemSpaceFillingUp": "disk_full",
    "NodeFilesystemAlmostOutOfFiles": "disk_full",
    "HostOutOfDiskSpace": "disk_full",
    "KubePersistentVolumeFillingUp": "disk_full",
    "HostUnusualDiskReadLatency": "disk_io",
    "HighErrorRate": "errors",
    "ErrorBudgetBurn": "errors",
    "HTTP5xxHigh": "errors",
    "PostgresqlTooManyConnections": "connections",
    "HighRequestLatency": "latency",
    "HighRequestRate": "traffic",
    "Watchdog": "unknown",
    "CertificateExpiringSoon": "unknown",
    "NodeClockSkewDetected": "unknown",
    "cpu_usage": "cpu",
    "cpu": "cpu",
    "load_average": "cpu",
    "memory_usage": "memory",
    "mem_used_percent": "memory",
    "disk_usage": "disk_full",
    "disk_used_percent": "disk_full",
    "disk full": "disk_full",
    "disk_io": "disk_io",
    "disk_write_ops": "disk_io",
    "http_5xx": "errors",
    "error_rate": "errors",
    "response_time": "latency",
    "p95_latency": "latency",
    "db_connections": "connections",
    "connection refused": "unavailable",
    "health_check_failed": "unavailable",
    "service_down": "unavailable",
    "vm_stopped": "stopped",
    "instance_terminated": "stopped",
    "crash_loop": "restarts",
    "firewall_denied": "firewall",
    "network_in": "traffic",
    "load_balancer_backends_healthy_download": "connections",
    "temperature": "unknown",
    "": "unknown",
}


def test_the_table_has_every_metric_of_the_catalog() -> None:
    assert set(CATALOG) == set(metrics())


@pytest.mark.parametrize(("path", "cause"), [*CATALOG.items(), *OTHER_PATHS.items()])
def test_a_metrics_path_tells_the_cause(path: str, cause: str) -> None:
    assert cause_of(Alert(metric_path=path)) == cause


@pytest.mark.parametrize(("name", "cause"), NAMES.items())
def test_a_name_tells_the_cause(name: str, cause: str) -> None:
    assert cause_of(Alert(metric=name)) == cause
    assert cause_of(Alert(policy_name=name)) == cause


def test_the_most_exact_name_counts() -> None:
    assert cause_of(Alert(metric="cpu_usage", condition="disk full", policy_name="health")) == "cpu"
    assert cause_of(Alert(metric="x", condition="CPU usage", policy_name="Webserver health")) == "cpu"


@pytest.mark.parametrize(
    "path", ["run.googleapis.com/request_count", "loadbalancing.googleapis.com/https/request_count"]
)
def test_requests_that_fail_are_errors_and_others_are_traffic(path: str) -> None:
    failed = Alert(metric_path=path, labels={"metric.labels.response_code_class": "5xx"})
    assert cause_of(failed) == "errors"
    assert cause_of(Alert(metric_path=path, labels={"metric.labels.response_code_class": "500"})) == "errors"
    assert cause_of(Alert(metric_path=path, labels={"metric.labels.response_code_class": "200"})) == "traffic"
    assert cause_of(Alert(metric_path=path, condition="run_5xx_high")) == "errors"
    assert cause_of(Alert(metric_path=path, condition="More than 500 requests per second")) == "traffic"


def test_too_little_of_what_is_bad_in_excess_is_not_mended_by_more() -> None:
    cpu = "compute.googleapis.com/instance/cpu/utilization"
    assert cause_of(Alert(metric_path=cpu, comparison="COMPARISON_GT")) == "cpu"
    assert cause_of(Alert(metric_path=cpu, comparison="COMPARISON_LT")) == "unknown"
    disk = Alert(metric_path="agent.googleapis.com/disk/percent_used", labels={"metric.labels.state": "free"})
    assert cause_of(disk.model_copy(update={"comparison": "COMPARISON_LT"})) == "disk_full"
    assert cause_of(disk.model_copy(update={"comparison": "COMPARISON_GT"})) == "unknown"


def test_a_group_that_is_large_is_not_ill() -> None:
    size = "compute.googleapis.com/instance_group/size"
    assert cause_of(Alert(metric_path=size, comparison="COMPARISON_LT")) == "unavailable"
    assert cause_of(Alert(metric_path=size, comparison="COMPARISON_GT")) == "unknown"


def test_no_data_means_stopped_where_what_measures_is_the_machine() -> None:
    cpu = "compute.googleapis.com/instance/cpu/utilization"
    assert cause_of(Alert(metric_path=cpu, absent=True)) == "stopped"
    assert cause_of(Alert(metric_path="run.googleapis.com/request_count", absent=True)) == "unavailable"


def test_an_uptime_check_without_a_metric_is_unavailable() -> None:
    assert cause_of(Alert(resource_type="uptime_url", policy_name="api - noc")) == "unavailable"


def test_the_senders_prose_is_no_cause() -> None:
    assert cause_of(Alert(metric="queue", summary="cpu is high, memory is full")) == "unknown"


def test_every_cause_has_its_line_among_the_known_fixes() -> None:
    assert {*CATALOG.values(), *OTHER_PATHS.values(), *NAMES.values()} <= set(KNOWN_FIXES)
