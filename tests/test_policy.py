"""The policy: what is on the hard floor, and what no plan and no flag can lower."""

from hypothesis import given
from hypothesis import strategies as st

from infraai.models import Change, Finding, InfraPlan, PlannedResource, Preview, Request
from infraai.policy import HARD_FLOOR, Question, declared_ports, judge, uncovered
from infraai.ports import SavedPlan, StateStamp
from infraai.preview import build_preview

REQUEST = Request(kind="apply")
ACTIONS = ("create", "update", "replace", "delete", "import")


def change(type_: str = "google_compute_network", action: str = "create", **fields: object) -> Change:
    values = {"address": f"{type_}.x", "type": type_, "name": "x", "action": action, **fields}
    return Change.model_validate(values)


def preview(*changes: Change, cost: float = 0) -> Preview:
    return Preview(changes=changes, plan_digest="d", cost_after_usd=cost)


def question(*changes: Change, autonomy: str = "assisted", **fields: object) -> Question:
    return Question(request=REQUEST, preview=preview(*changes), autonomy=autonomy, **fields)  # type: ignore[arg-type]


def firewall(*ports: str, ranges: tuple[str, ...] = ("0.0.0.0/0",), protocol: str = "tcp") -> Change:
    allow = {"protocol": protocol, "ports": list(ports)}
    return previewed("google_compute_firewall", {"source_ranges": list(ranges), "allow": [allow]})


def previewed(type_: str, after: dict[str, object], before: dict[str, object] | None = None) -> Change:
    """Return the change as Terraform's plan tells it."""
    actions = ["update"] if before else ["create"]
    shown = {"actions": actions, "before": before, "after": after, "after_unknown": {}}
    resource = {"address": f"{type_}.x", "type": type_, "name": "x", "mode": "managed", "change": shown}
    plan = SavedPlan(file=b"", shown={"resource_changes": [resource]}, stamp=StateStamp(lineage="", serial=0))
    return build_preview(plan, bundle_sha="", destroy=False).changes[0]


def plan(*ports: object, budget: float | None = None, flags: tuple[str, ...] = ()) -> InfraPlan:
    settings: dict[str, object] = {"ports": [str(port) for port in ports]}
    resource = PlannedResource.model_validate(
        {"type": "google_compute_firewall", "name": "web", "settings": settings}
    )
    return InfraPlan(
        stack_type="x",
        region="us-central1",
        estimated_cost_usd=0,
        confidence=1,
        resources=(resource,),
        budget_usd=budget,
        risk_flags=flags,
    )


def test_losing_data_is_on_the_hard_floor() -> None:
    lost = change("google_sql_database_instance", "delete", stateful=True)
    replaced = change("google_compute_disk", "replace", stateful=True)
    assert judge(question(lost, replaced)).hard_floor == ("destroy_stateful", "replace_stateful")


def test_ports_the_plan_declares_are_not_beyond_it() -> None:
    assert judge(question(firewall("80", "443"), plan=plan(80, 443))).hard_floor == ()
    assert judge(question(firewall("80", "8080"), plan=plan(80))).hard_floor == ("open_firewall",)


def test_a_directory_declares_nothing() -> None:
    assert judge(question(firewall("80"))).hard_floor == ("open_firewall",)


def test_no_plan_declares_administration_or_databases_public() -> None:
    assert declared_ports(plan(22, 80, 3306, 3389, 5432)) == {80}


def test_ranges_and_whole_protocols_are_beyond_any_declaration() -> None:
    assert judge(question(firewall("80-90"), plan=plan(80))).hard_floor == ("open_firewall",)
    assert judge(question(firewall(protocol="all"), plan=plan(80))).hard_floor == ("open_firewall",)


def test_a_private_range_and_icmp_are_nobodys_worry() -> None:
    assert judge(question(firewall("22", ranges=("10.0.0.0/8",)))).hard_floor == ()
    assert judge(question(firewall(protocol="icmp"))).hard_floor == ()


def test_iam_in_any_form_is_on_the_hard_floor() -> None:
    for name in (
        "google_project_iam_member",
        "google_storage_bucket_iam_binding",
        "google_pubsub_topic_iam_policy",
    ):
        assert judge(question(previewed(name, {"role": "r"}))).hard_floor == ("iam",)


def test_cost_over_budget_is_always_asked() -> None:
    over = Question(request=Request(kind="deploy", budget_usd=10), preview=preview(change(), cost=11))
    assert judge(over).hard_floor == ("cost_over_budget",)
    flagged = question(change(), plan=plan(budget=10, flags=("cost_over_budget",)), autonomy="autonomous")
    assert judge(flagged).decision == "ask"


def test_accept_covers_only_what_it_names() -> None:
    verdict = judge(question(previewed("google_project_iam_member", {"role": "r"}), firewall("22")))
    assert uncovered(verdict, ()) == ("iam", "open_firewall")
    assert uncovered(verdict, ("iam",)) == ("open_firewall",)
    assert uncovered(verdict, ("all",)) == ()


def test_observe_never_acts_and_nothing_to_do_needs_nobody() -> None:
    assert judge(question(change(), autonomy="observe")).decision == "refuse"
    assert judge(question(autonomy="observe")).decision == "auto"


def test_an_update_that_only_touches_the_ports_is_judged_by_the_whole_rule() -> None:
    rule = {"source_ranges": ["0.0.0.0/0"], "allow": [{"protocol": "tcp", "ports": ["80"]}]}
    wider = {**rule, "allow": [{"protocol": "tcp", "ports": ["22"]}]}
    assert judge(question(previewed("google_compute_firewall", wider, rule))).hard_floor == ("open_firewall",)
    renamed = {**rule, "description": "the same door"}
    assert judge(question(previewed("google_compute_firewall", renamed, rule))).hard_floor == ()


changes = st.lists(
    st.builds(
        change,
        st.sampled_from(
            ["google_compute_instance", "google_sql_database_instance", "google_project_iam_member"]
        ),
        st.sampled_from(ACTIONS),
        stateful=st.booleans(),
        stops=st.booleans(),
    ),
    min_size=1,
)
flags = st.lists(
    st.builds(
        Finding,
        rule=st.sampled_from([*HARD_FLOOR, "secret_in_clear", "iam_change"]),
        message=st.just("m"),
        verdict=st.just("flag"),
    )
)


@given(changes, flags, st.sampled_from(["supervised", "assisted", "autonomous"]))
def test_no_path_applies_a_destroy_or_the_hard_floor_unasked(
    found: list[Change], findings: list[Finding], autonomy: str
) -> None:
    verdict = judge(question(*found, findings=findings, autonomy=autonomy))
    dangerous = any(one.action in {"delete", "replace"} for one in found) or verdict.hard_floor
    if dangerous:
        assert verdict.decision == "ask"
    if autonomy != "autonomous":
        assert verdict.decision == "ask"


@given(changes, st.sampled_from(["supervised", "assisted", "autonomous"]))
def test_more_findings_never_lower_the_floor(found: list[Change], autonomy: str) -> None:
    before = judge(question(*found, autonomy=autonomy))
    worse = Finding(rule="public_database", message="m", verdict="flag")
    after = judge(question(*found, findings=[worse], autonomy=autonomy))
    assert set(before.hard_floor) <= set(after.hard_floor)
