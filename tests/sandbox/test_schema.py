"""What is shipped of the google provider, and how it is read from the bindings."""

import pytest

from sandbox.schema.archive import shipped
from sandbox.schema.describe import ShippedSchemas
from sandbox.schema.extract import beyond
from sandbox.schema.typescript import parse_binding

BINDING = """
export interface ThingConfig extends cdktn.TerraformMetaArguments {
  /**
  * How the thing is reached. Default value: "EXTERNAL" Possible values: ["EXTERNAL", "INTERNAL"]
  *
  * Docs at Terraform Registry: {@link https://registry.terraform.io/docs/resources/thing#scheme Thing#scheme}
  */
  readonly scheme?: string;
}
export interface ThingRule {
}
export function thingRuleToHclTerraform(struct?: ThingRule | cdktn.IResolvable): any {
  const attrs = {
    tags: {
      value: cdktn.listMapperHcl(cdktn.stringToHclTerraform, false)(struct!.tags),
      isBlock: false,
      type: "set",
      storageClassType: "stringList",
    },
  };
}
export class ThingRuleOutputReference extends cdktn.ComplexObject {

  // tags - computed: false, optional: true, required: false
  private _tags?: string[];
  public get tags() {
    return cdktn.Fn.tolist(this.getListAttribute('tags'));
  }
}
export class ThingRuleList extends cdktn.ComplexList {
  public get(index: number): ThingRuleOutputReference {
    return new ThingRuleOutputReference(this.terraformResource, this.terraformAttribute, index, this.wrapsSet);
  }
}
export class Thing extends cdktn.TerraformResource {
  public static readonly tfResourceType = "google_thing";

  // scheme - computed: false, optional: true, required: false
  private _scheme?: string;
  public get scheme() {
    return this.getStringAttribute('scheme');
  }

  // rule - computed: false, optional: false, required: true
  private _rule = new ThingRuleList(this, "rule", true);
  public get rule() {
    return this._rule;
  }

  protected synthesizeHclAttributes(): { [name: string]: any } {
    const attrs = {
      rule: {
        value: cdktn.listMapperHcl(thingRuleToHclTerraform, true)(this._rule.internalValue),
        isBlock: true,
        type: "set",
        storageClassType: "ThingRuleList",
      },
    };
  }
}
"""


def test_a_binding_tells_types_flags_blocks_and_what_its_words_say() -> None:
    found = parse_binding(BINDING)
    assert found is not None
    assert (found.kind, found.name) == ("resource", "google_thing")
    kind, flags, description, told = found.block["a"]["scheme"]
    assert (kind, flags) == ("string", "o")
    assert description.startswith("How the thing is reached.")
    assert told == {"default": "EXTERNAL", "enum": ["EXTERNAL", "INTERNAL"]}
    assert found.block["b"] == {"rule": {"n": "set", "min": 1, "a": {"tags": [["set", "string"], "o"]}}}


def test_only_what_beta_adds_is_kept_of_it() -> None:
    known = {"t": {"a": {"x": ["string", "o"]}, "b": {"r": {"n": "list", "a": {"y": ["bool", "o"]}}}}}
    more = {
        "t": {
            "a": {"x": ["string", "o"]},
            "b": {"r": {"n": "list", "a": {"y": ["bool", "o"], "z": ["bool", "o"]}}},
        },
        "u": {"a": {}},
    }
    found = beyond(more, known)
    assert found["u"] == {"a": {}}
    assert found["t"]["a"] == {}
    assert found["t"]["b"]["r"]["a"] == {"z": ["bool", "o"]}


def test_every_type_is_shipped_and_can_be_read() -> None:
    archive = shipped()
    assert len(archive.resource_types()) >= 1374
    assert len(archive.data_source_types()) >= 471
    assert archive.resource("google_compute_instances") is None
    for name in archive.resource_types()[::40]:
        schema = archive.resource(name)
        assert schema is not None
        assert "id" in schema.block.attributes


@pytest.mark.parametrize(
    ("path", "fact", "value"),
    [
        ("zone", "force_new", True),
        ("boot_disk.mode", "enum", ("READ_WRITE", "READ_ONLY")),
        ("boot_disk.mode", "default", "READ_WRITE"),
        ("scratch_disk.size", "range_or_regex", "int:375.."),
        ("boot_disk", "max_items", 1),
        ("scheduling", "computed", True),
    ],
)
def test_facts_are_found_by_dotted_path(path: str, fact: str, value: object) -> None:
    assert getattr(shipped().facts("google_compute_instance")[path], fact) == value


def test_a_default_told_by_the_newer_schema_wins_over_the_table() -> None:
    scheme = shipped().facts("google_compute_backend_service")["load_balancing_scheme"]
    assert scheme.default == "EXTERNAL_MANAGED"


def test_ids_imports_and_conditions_are_known() -> None:
    archive = shipped()
    topic = archive.id_format("google_pubsub_topic")
    assert topic.id_format == "projects/{{project}}/topics/{{name}}"
    assert "{{project}}/{{name}}" in topic.import_formats
    rules = {(one.kind, one.path, one.rule) for one in archive.conditional("google_compute_disk")}
    assert ("ForceNewIfChange", "size", "IsDiskShrinkage") in rules


def test_google_beta_has_more_types_and_arguments() -> None:
    beta, archive = shipped(beta=True), shipped()
    assert "google_project_service_identity" in beta.resource_types()
    assert archive.resource("google_project_service_identity") is None
    more, usual = (one.resource("google_project_service") for one in (beta, archive))
    assert more is not None
    assert usual is not None
    assert set(more.block.attributes) > set(usual.block.attributes)


def test_a_type_is_described_by_its_arguments_alone() -> None:
    described = ShippedSchemas().describe("google_compute_instance")["arguments"]
    assert described["machine_type"]["required"] is True
    assert described["boot_disk.initialize_params.image"]["force_new"] is True
    assert described["tags"]["type"] == "set(string)"
    assert described["network_interface"]["type"] == "list(block)"
    assert "self_link" not in described
    assert ShippedSchemas().describe("google_nothing") == {}
