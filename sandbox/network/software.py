"""Server software that opens a port by itself: packages, boot images and container images by name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server program, and where its configuration says on which port it listens."""

    name: str
    packages: str  # a pattern for the package, the service and the command
    port: int | None  # with the configuration it comes with; None where it has none
    folder: str = ""  # its configuration files, as a pattern
    replaced: str = ""  # files of those that take the place of the default port
    directive: str = ""  # what opens a port in them; groups host (may be missing) and port
    pages: bool = False  # it serves files: a path that nobody wrote is a 404


_HOST = r"(?:(?P<host>[\w.*]+|\[[^\]]*\]):)?"
SERVERS = (
    Server(
        name="nginx",
        packages=r"nginx(?:-\w+)?|openresty",
        port=80,
        folder=r"nginx|openresty",
        replaced=r"nginx\.conf$|sites-(?:available|enabled)/default$|conf\.d/default\.conf$",
        directive=rf"(?m)^[^#\n]*?\blisten\s+{_HOST}(?P<port>\d+)\b",
        pages=True,
    ),
    Server(
        name="apache",
        packages=r"apache2|httpd|apachectl",
        port=80,
        folder=r"apache2|httpd",
        replaced=r"ports\.conf$|httpd\.conf$",
        directive=rf"(?m)^\s*Listen\s+{_HOST}(?P<port>\d+)\b",
        pages=True,
    ),
    Server(
        name="caddy",
        packages="caddy",
        port=80,
        folder=r"Caddyfile|caddy",
        replaced="Caddyfile$",
        directive=r"(?m)^\s*(?:https?://)?(?P<host>[\w.*-]*):(?P<port>\d+)\s*(?:\{|,|$)",
        pages=True,
    ),
    Server(
        name="lighttpd",
        packages="lighttpd",
        port=80,
        folder="lighttpd",
        replaced=r"lighttpd\.conf$",
        directive=r"server\.(?P<host>)port\s*=\s*(?P<port>\d+)",
        pages=True,
    ),
    Server(
        name="haproxy",
        packages="haproxy",
        port=None,
        folder="haproxy",
        directive=rf"(?m)^\s*bind\s+{_HOST}(?P<port>\d+)\b",
    ),
    Server(
        name="traefik",
        packages="traefik",
        port=None,
        folder="traefik",
        directive=r"address\s*[:=]\s*[\"']?(?P<host>[\w.]*):(?P<port>\d+)",
    ),
    Server(
        name="tomcat",
        packages=r"tomcat\d*",
        port=8080,
        folder="tomcat",
        replaced=r"server\.xml$",
        directive=r"<Connector(?P<host>)\s[^>]*?port=[\"'](?P<port>\d+)",
    ),
    Server(name="varnish", packages="varnish", port=6081),
    Server(name="jenkins", packages="jenkins", port=8080),
    Server(name="grafana", packages=r"grafana(?:-server|-enterprise)?", port=3000),
    Server(name="prometheus", packages="prometheus", port=9090),
    Server(name="node exporter", packages=r"prometheus-node-exporter|node_exporter", port=9100),
    Server(name="cockpit", packages="cockpit", port=9090),
    Server(name="gitlab", packages=r"gitlab-[ce]e", port=80),
    Server(name="IIS", packages=r"Web-Server|IIS-WebServerRole", port=80, pages=True),
)

# Docker's official images, and well-known ones with their namespace: the ports they serve as they come
IMAGES: Mapping[str, tuple[int, ...]] = {
    "nginx": (80,), "httpd": (80,), "caddy": (80, 443), "traefik": (80,), "wordpress": (80,),
    "ghost": (2368,), "drupal": (80,), "joomla": (80,), "nextcloud": (80,), "matomo": (80,),
    "phpmyadmin": (80,), "adminer": (8080,), "sonarqube": (9000,), "registry": (5000,),
    "elasticsearch": (9200,), "kibana": (5601,), "vault": (8200,), "consul": (8500,), "tomcat": (8080,),
    "kong": (8000,), "nginxinc/nginx-unprivileged": (8080,), "bitnami/nginx": (8080,),
    "bitnami/wordpress": (8080, 8443), "grafana/grafana": (3000,), "prom/prometheus": (9090,),
    "jenkins/jenkins": (8080,), "gitea/gitea": (3000,), "gitlab/gitlab-ce": (80, 443), "n8nio/n8n": (5678,),
    "metabase/metabase": (3000,), "keycloak/keycloak": (8080,), "minio/minio": (9000, 9001),
    "traefik/whoami": (80,), "hashicorp/http-echo": (5678,), "google-samples/hello-app": (8080,),
    "cloudrun/hello": (8080,), "container/hello": (8080,), "nginxdemos/hello": (80,),
    "louislam/uptime-kuma": (3001,), "portainer/portainer-ce": (9000, 9443), "redis": (), "postgres": (),
    "mysql": (), "mariadb": (), "mongo": (), "memcached": (), "alpine": (), "ubuntu": (), "debian": (),
    "busybox": (), "python": (), "node": (), "golang": (), "openjdk": (),
}  # fmt: skip
_FILE_SERVERS = frozenset({"nginx", "httpd", "caddy", "nginxinc/nginx-unprivileged", "bitnami/nginx"})


def image_name(image: str) -> str:
    """Return `nginx` for `docker.io/library/nginx:1.27`, `prom/prometheus` for `prom/prometheus@sha256:…`."""
    registry, _, rest = image.split("@", maxsplit=1)[0].partition("/")
    path = (
        rest if rest and re.search(r"[.:]|^localhost$", registry) else image.split("@", maxsplit=1)[0]
    ).split("/")
    path[-1] = path[-1].split(":")[0]
    return "/".join(path[-2:]).removeprefix("library/").lower()


def image_ports(image: str) -> tuple[int, ...] | None:
    """Return the ports an image serves as it comes, or None where nobody here knows the image."""
    return IMAGES.get(image_name(image))


def serves_files(image: str) -> bool:
    """Return whether an image is a web server that answers only for the files in it."""
    return image_name(image) in _FILE_SERVERS


def boot_image_ports(image: str) -> frozenset[int]:
    """Return the ports of a boot image that is named after server software, such as `nginx-golden`."""
    words = re.split(r"[^a-z0-9]+", image.lower())
    known = {server.name.lower(): server.port for server in SERVERS} | {
        "lamp": 80,
        "httpd": 80,
        "apache2": 80,
    }
    found = {known[word] for word in words if word in known}
    found |= {port for word in words for port in IMAGES.get(word, ())}
    return frozenset(port for port in found if port is not None)
