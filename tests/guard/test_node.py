"""The guard as a node: it reads the bundle of the run, and writes what it found."""

from agents.guard import Guard
from infraai.models import Bundle, Request, Sha256
from infraai.state import Generated
from tools.hcl import HclTreeSitter


class OneBundle:
    """Artifacts that hold one bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    async def put(self, kind: str, body: bytes) -> Sha256:
        raise NotImplementedError

    async def get(self, sha: Sha256) -> bytes:
        raise NotImplementedError

    async def put_bundle(self, bundle: Bundle) -> Sha256:
        raise NotImplementedError

    async def get_bundle(self, sha: Sha256) -> Bundle:
        assert sha == "sha"
        return self.bundle


async def test_the_guard_writes_its_findings_refusals_first() -> None:
    text = 'import {\n  to = a.b\n  id = "x"\n}\nmodule "m" {\n  source = "evil/m/google"\n}\n'
    guard = Guard(HclTreeSitter(), OneBundle(Bundle(files={"main.tf": text})))
    state = Generated(run_id="r", deployment_id="d", request=Request(kind="apply"), bundle="sha")
    findings = (await guard(state)).get("findings", [])
    assert [(one.rule, one.verdict, one.line) for one in findings] == [
        ("remote_module", "refuse", 6),
        ("adopts_existing", "flag", 1),
    ]
