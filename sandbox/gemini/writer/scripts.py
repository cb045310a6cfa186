"""Startup scripts for Debian that install a language's runtime and serve on a port, behind nginx."""

from sandbox.gemini.writer.hcl import escape

APP_PORT = 8081
_AGENT = """\
curl -fsSO https://dl.google.com/cloudagents/add-google-cloud-ops-agent-repo.sh
bash add-google-cloud-ops-agent-repo.sh --also-install
"""


def startup_script(stack: str, port: int, *, title: str, agent: bool = False) -> str:
    """Return a script that serves a page for `stack` on `port`; with the Ops Agent where asked."""
    del stack
    script = f"""\
#!/bin/bash
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y nginx
echo '<h1>{title}</h1>' > /var/www/html/index.html
sed -i 's/listen 80 default_server/listen {port} default_server/; s/listen \\[::\\]:80/listen [::]:{port}/' /etc/nginx/sites-available/default
systemctl enable nginx
systemctl restart nginx
"""
    return escape(script + (_AGENT if agent else ""))
