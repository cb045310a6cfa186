"""Texts in the forms that Google's API uses, the same for the same path of one resource."""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sandbox.provider.codec import Values
from sandbox.provider.identity import Places

_PEM = "-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
_PEM_LINE = 64
_PACIFIC = timezone(timedelta(hours=-8))  # Compute tells times so; no time zone database is needed
_DNS_RECORD = {"type": "CNAME", "name": "", "data": "", "rrdata": ""}  # of a record somebody is to make


@dataclass(frozen=True, slots=True)
class Forms:
    """Makes texts for one resource (`root`); another `seed` gives others."""

    seed: str
    places: Places
    project_number: str
    now: datetime
    root: Values

    def text(self, path: str) -> str | None:
        """Return a text for a dotted path by its last name; None where the name tells nothing."""
        name = path.rsplit(".", 1)[-1]
        if found := self.places.get(name):
            return self.own(name) or found
        if "dns_" in path and name in _DNS_RECORD:
            return _DNS_RECORD[name] or f"_acme-challenge.{self.own('domain') or 'example.com'}."
        return next((make(self, path) for pattern, make in _BY_NAME if pattern.fullmatch(name)), None)

    def own(self, name: str) -> str:
        """Return an attribute of the resource itself, the last part of it where it is a path; "" for none."""
        found = self.root.get(name)
        return found.rsplit("/", 1)[-1] if isinstance(found, str) else ""

    def digest(self, path: str) -> int:
        """Return a large number that stands for a path."""
        return int.from_bytes(hashlib.sha256(f"{self.seed}/{path}".encode()).digest()[:16], "big")

    def digits(self, path: str) -> str:
        """Return a number of 19 digits, as Google gives each new thing."""
        return str(self.digest(path) % (8 * 10**18) + 10**18)

    def hash(self, path: str) -> str:
        """Return a short hash in base64, as fingerprints are."""
        return self._base64(path, 8)

    def number(self, path: str) -> str:
        """Return the project's number."""
        del path
        return self.project_number

    def ip(self, path: str) -> str:
        """Return an IPv4 address, a private one where the name says so."""
        h = self.digest(path)
        if re.search(r"private|internal|network_ip|^host$|^reserved", path.rsplit(".", 1)[-1]):
            return f"10.{h % 250}.{h // 251 % 250}.{h // 63001 % 250 + 2}"
        return f"34.{h % 120 + 1}.{h // 121 % 250}.{h // 30251 % 250 + 1}"

    def link_local(self, path: str) -> str:
        """Return one end of an interconnect attachment's link: Google's or the customer's, of one /29."""
        h = self.digest("router_ip_address")
        return f"169.254.{h % 250}.{h // 251 % 31 * 8 + (1 if 'cloud' in path else 2)}/29"

    def range(self, path: str) -> str:
        """Return a private IPv4 range."""
        return f"10.{self.digest(path) % 200}.0.0/20"

    def account(self, path: str) -> str:
        """Return an account's e-mail: its own, the default one of machines, else one that Google manages."""
        if owner := self.own("account_id"):
            return f"{owner}@{self.own('project') or self.places.project}.iam.gserviceaccount.com"
        if path.rsplit(".", 1)[-1] in {"service_account", "service_account_email"}:
            return f"{self.project_number}-compute@developer.gserviceaccount.com"
        name = path.rsplit(".", 1)[-1]
        mark = hashlib.sha256(f"{self.seed}/{name}".encode()).hexdigest()[:6]
        agent = f"service-{self.project_number}-{mark}"
        return f"{agent}@gcp-sa-managed.iam.gserviceaccount.com"

    def member(self, path: str) -> str:
        """Return a service account as IAM names it."""
        return "serviceAccount:" + self.account(path)

    def host(self, path: str, ending: str = ".example.internal") -> str:
        """Return a host's name, after the resource."""
        owner = (self.own("name") or self.own("service_id") or "service")[:40]
        return f"{owner}-{self.digest(path) % 16**10:010x}{ending}"

    def url(self, path: str) -> str:
        """Return an https URL."""
        return "https://" + self.host(path, "-uc.a.run.app")

    def uuid(self, path: str) -> str:
        """Return a UUID."""
        text = f"{self.digest(path):032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))

    def certificate(self, path: str) -> str:
        """Return a text in PEM armour; what is within is no certificate."""
        body = self._base64(path, 432)
        lines = (body[start : start + _PEM_LINE] for start in range(0, len(body), _PEM_LINE))
        return _PEM.format(body="\n".join(lines))

    def encoded(self, path: str) -> str:
        """Return base64 of a text in PEM armour, as GKE and service account keys have it."""
        return base64.b64encode(self.certificate(path).encode()).decode()

    def time(self, path: str) -> str:
        """Return the moment in RFC 3339, in Compute's own zone for a `creation_timestamp`."""
        if path.endswith("creation_timestamp"):
            return self.now.astimezone(_PACIFIC).isoformat(timespec="milliseconds")
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.now.microsecond:06d}Z"

    def attachment(self, path: str) -> str:
        """Return the link of a service attachment in the project of Google's that offers it."""
        mark = f"{self.digest(path) % 16**12:012x}"
        region = self.own("region") or self.own("location") or self.places.region
        return f"projects/{mark[:10]}p-tp/regions/{region}/serviceAttachments/gkedpm-{mark}-psc-sa"

    def connection(self, path: str) -> str:
        """Return a Cloud SQL connection name, `project:region:name`."""
        del path
        return ":".join(self.own(one) or self.places.get(one) for one in ("project", "region", "name"))

    def active(self, path: str) -> str:
        """Return the state most things are in."""
        del path
        return "ACTIVE"

    def image_version(self, path: str) -> str:
        """Return the version of an image of Dataproc or of Cloud Composer."""
        return "2.2.68-debian12" if "cluster" in path else "composer-3-airflow-2.10.5-build.10"

    def nothing(self, path: str) -> str:
        """Return the empty text: what there only is where somebody asked for it."""
        del path
        return ""

    def _base64(self, path: str, size: int) -> str:
        block = hashlib.sha512(f"{self.seed}/{path}".encode()).digest()
        return base64.b64encode((block * (size // len(block) + 1))[:size]).decode()


_BY_NAME: tuple[tuple[re.Pattern[str], Callable[[Forms, str], str]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r".*(_time|_timestamp|_at|_date)|timestamp|created|updated", Forms.time),
        (r".*fingerprint|etag|md5hash|.*_hash", Forms.hash),
        (r"(project_)?number|project_num", Forms.number),
        (r"uid|uuid|.*_uuid|.*_uid", Forms.uuid),
        (r"(.*_)?(state|status)", Forms.active),
        (r"(cluster_)?ca_certificate|client_(certificate|key)", Forms.encoded),
        (r"certificate_raw|raw_certificate|(.*_)?private_key|public_key_data", Forms.encoded),
        (r"(.*_)?(certificates?|cert|pem.*|public_key)|.*_pem", Forms.certificate),
        (r"(cloud|customer)_router_ip_address", Forms.link_local),
        (r"(.*_)?(cidr|ip_range|cidr_range|ip_cidr_range)(_block)?", Forms.range),
        (r"next_hop_.*|ipv6.*|.*_ipv6.*|external_ipv6", Forms.nothing),
        (r"(.*_)?(address|ip|natip|ip_addresses)|endpoint|(primary_)?host", Forms.ip),
        (r"(.*_)?(email|service_account(_id)?|service_agent)", Forms.account),
        (r"member|writer_identity", Forms.member),
        (r"(.*_)?(hostname|domain|dns_name|fqdn)", Forms.host),
        (r"(.*_)?service_attachment(_link)?", Forms.attachment),
        (r"image_version(_id)?", Forms.image_version),
        (r"(.*_)?(ur[il]|link|endpoint|urls|https?_target)", Forms.url),
        (r"connection_name", Forms.connection),
        (r".*_?id|generated_id", Forms.digits),
    )
)
