"""Startup scripts for Debian: install a language's runtime, run a small program, put nginx before it."""

from collections.abc import Mapping

from sandbox.gemini.writer.hcl import escape
from sandbox.gemini.writer.programs import PROGRAMS, Program

APP_PORT = 8081
HTTPS = 443
_AGENT = """\
curl -fsSLo /tmp/ops-agent.sh https://dl.google.com/cloudagents/add-google-cloud-ops-agent-repo.sh
bash /tmp/ops-agent.sh --also-install
"""
_SNAKE_OIL = """\
    ssl_certificate /etc/ssl/certs/ssl-cert-snakeoil.pem;
    ssl_certificate_key /etc/ssl/private/ssl-cert-snakeoil.key;
"""
_PROXY = f"""\
    location / {{
        proxy_pass http://127.0.0.1:{APP_PORT};
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
"""
_PHP = """\
    index index.php index.html;
    location / {
        try_files $uri $uri/ /index.php?$args;
    }
    location ~ \\.php$ {
        include snippets/fastcgi-php.conf;
        fastcgi_pass unix:/run/php/php-fpm.sock;
    }
"""


def startup_script(
    stack: str,
    port: int,
    *,
    title: str,
    agent: bool = False,
    environment: Mapping[str, str] | None = None,
    tls: bool = False,
) -> str:
    """Return the script; `environment` is the program's, its values may hold Terraform's `${…}`.

    With `tls` it answers on port 443 too, by a certificate of its own.
    """
    tls = tls or port == HTTPS
    program = PROGRAMS.get(stack) or PROGRAMS["static"]
    lines = [
        "#!/bin/bash",
        "set -euo pipefail",
        "export DEBIAN_FRONTEND=noninteractive",
        *program.before.splitlines(),
        "apt-get update",
        f"apt-get install -y nginx {program.packages}{' ssl-cert' if tls else ''}".rstrip(),
    ]
    text = escape("\n".join(lines) + "\n" + program.files.replace("@TITLE@", title))
    if program.command:
        text += _service(program, environment or {})
    elif environment and program.php:
        text += _php_environment(environment)
    text += escape(_nginx(program, port, tls=tls) + (_AGENT if agent else ""))
    return text


def _service(program: Program, environment: Mapping[str, str]) -> str:
    """Return what makes the program a service that comes back after a crash."""
    variables = "".join(
        f"Environment={key}={value}\n" for key, value in {"PORT": str(APP_PORT), **environment}.items()
    )
    return (
        "cat > /etc/systemd/system/app.service <<'UNIT'\n[Unit]\nAfter=network-online.target\n[Service]\n"
        f"WorkingDirectory=/opt/app\n{variables}ExecStart={program.command}\nRestart=always\nDynamicUser=yes\n"
        "[Install]\nWantedBy=multi-user.target\nUNIT\nsystemctl daemon-reload\nsystemctl enable --now app\n"
    )


def _php_environment(environment: Mapping[str, str]) -> str:
    settings = "".join(f"env[{key}] = {value}\n" for key, value in environment.items())
    return f"cat >> /etc/php/*/fpm/pool.d/www.conf <<'POOL'\n{settings}POOL\nsystemctl restart 'php*-fpm'\n"


def _nginx(program: Program, port: int, *, tls: bool) -> str:
    """Return what puts nginx on the port, before the program or over its files."""
    inner = _PROXY if program.command else _PHP if program.php else ""
    also = f"    listen {HTTPS} ssl default_server;\n" if tls and port != HTTPS else ""
    listen = f"{port}{' ssl' if port == HTTPS else ''} default_server"
    return (
        "cat > /etc/nginx/sites-available/default <<'NGINX'\nserver {\n"
        f"    listen {listen};\n{also}    root {program.root};\n{_SNAKE_OIL if tls else ''}{inner}"
        "}\nNGINX\nsystemctl enable nginx\nsystemctl restart nginx\n"
    )
