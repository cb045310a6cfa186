"""What a configuration breaks is said in the SDK's words, and what is not known yet breaks nothing."""

from typing import Any

import pytest

from sandbox.provider.codec import UNKNOWN, conform
from sandbox.provider.constraints import find_faults
from sandbox.provider.value_checks import check_value
from sandbox.schema.archive import Fact, shipped


def faults(name: str, /, **config: Any) -> list[str]:
    schema = shipped().resource(name)
    assert schema is not None
    found = find_faults(schema.block, shipped().facts(name), conform(schema.block, config))
    return [f"{one.summary}: {one.detail}".removesuffix(": ") for one in found]


HEALTH = "grpc_health_check,grpc_tls_health_check,http2_health_check,http_health_check,https_health_check"


def test_one_of_a_group_is_wanted_and_not_two() -> None:
    (none,) = faults("google_compute_health_check", name="a")
    assert none.startswith(f'Invalid combination of arguments: "grpc_health_check": one of `{HEALTH}')
    tcp, http = [{"port": 80}], [{"port": 81}]
    (two,) = faults("google_compute_health_check", name="a", tcp_health_check=tcp, http_health_check=http)
    assert two.endswith("can be specified, but `http_health_check,tcp_health_check` were specified.")
    assert faults("google_compute_health_check", name="a", tcp_health_check=tcp) == []


def test_an_unknown_value_breaks_nothing() -> None:
    assert faults("google_compute_health_check", name=UNKNOWN, tcp_health_check=UNKNOWN) == []
    assert faults("google_storage_bucket_object", name="a", bucket="b", content=UNKNOWN) == []


def test_a_group_within_a_block_is_asked_of_each_of_these_blocks() -> None:
    disk = {"initialize_params": [{"image": "debian-cloud/debian-12"}], "source": "data"}
    found = faults("google_compute_instance", name="a", machine_type="e2-micro", boot_disk=[disk])
    assert (
        'Conflicting configuration arguments: "boot_disk.0.source": conflicts with boot_disk.0.initialize_params'
        in found
    )


def test_an_empty_list_is_given_and_needs_nothing_else() -> None:
    psc = [{"psc_enabled": True, "allowed_consumer_projects": []}]
    settings = [{"tier": "db-f1-micro", "ip_configuration": [{"psc_config": psc}]}]
    assert faults("google_sql_database_instance", database_version="MYSQL_8_0", settings=settings) == []


@pytest.mark.parametrize(
    ("fact", "value", "text"),
    [
        (Fact(enum=("A", "B")), "C", 'expected k to be one of ["A" "B"], got C'),
        (Fact(enum=("a",), range_or_regex="enum:ignore_case"), "A", ""),
        (Fact(range_or_regex="int:1..5"), 6, "expected k to be in the range (1 - 5), got 6"),
        (Fact(range_or_regex="int:1.."), 0, "expected k to be at least (1), got 0"),
        (Fact(range_or_regex="regex:^a$"), "b", '"k" ("b") doesn\'t match regexp "^a$"'),
        (
            Fact(range_or_regex="len:2..3 & regex:^a"),
            "b",
            "expected length of k to be in the range (2 - 3), got b",
        ),
        (Fact(range_or_regex="or_empty & cidr_prefix:28..28"), "", ""),
        (Fact(range_or_regex="ip"), "1.2.3", "expected k to contain a valid IP, got: 1.2.3"),
        (Fact(range_or_regex="go_duration"), "1m30s", ""),
        (Fact(range_or_regex="base64"), "not base64!", 'expected "k" to be a base64 string, got not base64!'),
        (
            Fact(range_or_regex="map_keys regex:^[a-z]+$"),
            {"A": "x"},
            '"k" ("A") doesn\'t match regexp "^[a-z]+$"',
        ),
        (Fact(range_or_regex="elem regex:^a"), ["b"], '"k.0" ("b") doesn\'t match regexp "^a"'),
        (Fact(range_or_regex=r"regex:^\p{Ll}$"), "B", ""),
    ],
)
def test_a_value_is_checked_by_its_facts(fact: Fact, value: Any, text: str) -> None:
    kind = "number" if isinstance(value, int) else "string"
    assert next(check_value("k", value, kind, fact), "") == text
