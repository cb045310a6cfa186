"""Which ports a start-up script opens."""

import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.network.containers import declared_containers, run_container
from sandbox.network.listeners import script_sockets
from sandbox.network.script import read_script
from sandbox.network.sockets import answer_status


def open_ports(script: str, metadata: dict[str, str] | None = None) -> list[int]:
    found = script_sockets(read_script(textwrap.dedent(script), metadata))
    return sorted(one.port for one in found if one.public)


ONE_LINERS = {
    "apt-get update && apt-get install -y nginx": [80],
    "dnf -y install httpd && systemctl enable --now httpd": [80],
    "dnf -y install httpd": [],
    "yum install -y nginx; service nginx start": [80],
    "apt-get install -y apache2; sed -i 's/^Listen 80$/Listen 8085/' /etc/apache2/ports.conf; systemctl restart apache2": [
        8085
    ],
    "apt-get install -y nginx && systemctl stop nginx": [],
    "docker run -d -p 8080:3000 ghcr.io/acme/api:1.2": [8080],
    "docker run --name web --restart=always -d -p 80:80 nginx:1.27": [80],
    "docker run -d -p 80:3000 nginx": [],
    "docker run -d -p 80:80 nginxdemos/hello": [80],
    "docker run -d -p 80:80 registry.example.com:5000/acme/nginx": [80],
    "docker run -d -p 80:80 mirror.gcr.io/library/redis:7": [],
    "apt-get install -y apache2; a2ensite default-ssl; a2enmod ssl; systemctl restart apache2": [80, 443],
    "nohup java -jar /opt/app.jar > /var/log/app.log 2>&1 &": [8080],
    "docker run -d -p 127.0.0.1:9000:9000 acme/api": [],
    "sudo docker run -d --net=host -e PORT=4000 acme/api": [4000],
    "docker run -d -p 8000-8002:8000-8002 acme/api": [8000, 8001, 8002],
    "nohup python3 -m http.server 8000 --directory /srv &": [8000],
    "python3 -m http.server": [8000],
    "cd /opt/app && gunicorn --workers 3 -b 0.0.0.0:5001 wsgi:app &": [5001],
    "gunicorn wsgi:app &": [],
    "uvicorn main:app --host 0.0.0.0 --port 9000 &": [9000],
    "uvicorn main:app --port 9000 &": [],
    "flask run --host=0.0.0.0 &": [5000],
    "python3 manage.py runserver 0.0.0.0:8001": [8001],
    "java -jar app.jar --server.port=8081 &": [8081],
    "java -Dserver.port=8083 -jar app.jar": [8083],
    "npx serve -l 5050 dist": [5050],
    "php -S 0.0.0.0:8088 -t public": [8088],
    "busybox httpd -f -p 8089": [8089],
    "git clone https://example.com/app && cd app && npm ci && PORT=7070 npm start": [7070],
    "while true; do printf 'HTTP/1.1 200 OK\\n\\n' | nc -l -p 8090; done": [8090],
    "socat TCP-LISTEN:8091,fork SYSTEM:'echo ok'": [8091],
    "mysql --host 10.0.0.3 --port 3306 -e 'select 1'": [],
    "curl -s http://10.0.0.2:8080/health": [],
    "# apt-get install -y nginx": [],
    "echo hello > /tmp/done": [],
    "": [],
}


@pytest.mark.parametrize(("script", "ports"), ONE_LINERS.items(), ids=list(ONE_LINERS))
def test_a_command_opens_the_ports_it_says(script: str, ports: list[int]) -> None:
    assert open_ports(f"#!/bin/bash\nset -e\n{script}\n") == ports


def test_a_program_in_a_heredoc_opens_its_port_only_when_it_is_run() -> None:
    source = """
        mkdir -p /opt/app
        cat > /opt/app/server.js <<'EOF'
        const http = require('http');
        http.createServer((q, r) => r.end('ok')).listen(process.env.PORT || 3000);
        EOF
    """
    assert open_ports(source) == []
    assert open_ports(source + "\n        node /opt/app/server.js &\n") == [3000]


def test_a_systemd_unit_runs_its_program_with_its_environment() -> None:
    script = """
        cat > /opt/app/server.js <<'EOF'
        require('http').createServer((q, r) => r.end('ok')).listen(process.env.PORT || 3000);
        EOF
        cat > /etc/systemd/system/shop.service <<'EOF'
        [Service]
        Environment=PORT=8080
        ExecStart=/usr/bin/node /opt/app/server.js
        EOF
    """
    assert open_ports(script) == []
    assert open_ports(script + "\n        systemctl enable --now shop\n") == [8080]


def test_a_supervised_program_is_run() -> None:
    script = """
        cat >/etc/supervisor/conf.d/app.conf << EOF
        [program:app]
        directory=/opt/app
        command=/opt/app/env/bin/gunicorn main:app --bind 0.0.0.0:8080
        autostart=true
        EOF
    """
    assert open_ports(script) == []
    assert open_ports(script + "\n        supervisorctl reread\n        supervisorctl update\n") == [8080]


def test_a_flask_program_on_loopback_is_not_reached() -> None:
    program = (
        "cat > app.py <<EOF\nfrom flask import Flask\napp = Flask('a')\napp.run({})\nEOF\npython3 app.py &"
    )
    assert open_ports(program.format("port=5005")) == []
    assert open_ports(program.format("host='0.0.0.0', port=5005")) == [5005]


def test_variables_and_metadata_are_filled_in() -> None:
    assert open_ports("APP=6001\npython3 -m http.server ${APP}") == [6001]
    asked = 'PORT="$(curl -H Metadata-Flavor:Google http://metadata/computeMetadata/v1/instance/attributes/app-port)"'
    assert open_ports(f"{asked}\npython3 -m http.server $PORT", {"app-port": "6002"}) == [6002]


def test_an_nginx_proxy_needs_something_behind_it() -> None:
    proxy = """
        apt-get install -y nginx
        cat > /etc/nginx/sites-available/default <<'EOF'
        server {
          listen 8080 default_server;
          location / { proxy_pass http://127.0.0.1:8000; }
        }
        EOF
        systemctl restart nginx
    """
    assert open_ports(proxy) == [8080]
    alone = script_sockets(read_script(textwrap.dedent(proxy)))
    assert answer_status(alone, 8080, "/") == 502
    both = script_sockets(read_script(textwrap.dedent(proxy) + "\nuvicorn main:app --port 8000 &\n"))
    assert answer_status(both, 8080, "/") == 200
    assert answer_status(both, 8000, "/") is None


def test_a_path_is_found_only_where_the_program_has_it() -> None:
    script = """
        cat > main.py <<'EOF'
        @app.get("/health")
        def health(): return {}
        uvicorn.run(app, host="0.0.0.0", port=8000)
        EOF
        python3 main.py &
    """
    found = script_sockets(read_script(textwrap.dedent(script)))
    assert answer_status(found, 8000, "/health?x=1") == 200
    assert answer_status(found, 8000, "/") == 404
    assert answer_status(found, 8000, "/other") == 404


def test_a_redirect_of_packets_opens_the_outer_port() -> None:
    script = "node app.js &\niptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-port 3000"
    assert open_ports(script) == [80, 3000]


def test_compose_services_are_started_by_compose_up() -> None:
    script = """
        cat > /opt/docker-compose.yml <<'EOF'
        services:
          web:
            image: acme/web
            ports: ["80:3000"]
          db:
            image: postgres:16
            ports: ["5432:5432"]
        EOF
    """
    assert open_ports(script) == []
    assert open_ports(script + "\n        docker compose -f /opt/docker-compose.yml up -d\n") == [80]


def test_cloud_config_is_read() -> None:
    script = """\
        #cloud-config
        packages: [python3]
        write_files:
          - path: /srv/app.py
            content: |
              from http.server import HTTPServer, SimpleHTTPRequestHandler
              HTTPServer(("", 9000), SimpleHTTPRequestHandler).serve_forever()
        runcmd:
          - [systemctl, daemon-reload]
          - python3 /srv/app.py &
    """
    assert open_ports(script) == [9000]


def test_a_declared_container_serves_on_its_machine() -> None:
    declaration = (
        "spec:\n  containers:\n  - image: gcr.io/acme/api\n    env:\n    - {name: PORT, value: '8088'}\n"
    )
    assert [one.port for c in declared_containers(declaration) for one in c.sockets()] == [8088]
    assert [one.port for c in declared_containers("not: [yaml") for one in c.sockets()] == []


def test_a_docker_command_is_parsed_past_its_options() -> None:
    found = run_container(
        'docker run -dit --name "a b" -v /x:/y -p80:80 --env=A=1 -e B=2 nginx:1 nginx -g "x"'
    )
    assert found is not None
    assert (found.image, found.published, found.environment) == ("nginx:1", ("80:80",), {"A": "1", "B": "2"})


SOURCES = {
    ("main.go", "go run main.go"): ('http.ListenAndServe(":"+os.Getenv("PORT"), nil)', [8080]),
    ("main.go ", "go run main.go "): ('http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)', []),
    ("app.js", "node app.js"): ("app.listen(process.env.PORT || 3000, '127.0.0.1')", []),
    ("app.py", "python3 app.py"): ('HTTPServer(("0.0.0.0", int(os.environ.get("PORT", 80))), H)', [8080]),
    ("db.py", "python3 db.py"): ('connect(host="10.0.0.3", port=int(os.environ.get("DB_PORT", 5432)))', []),
    ("app.rb", "ruby app.rb"): ("set :port, 4567", [4567]),
}


@pytest.mark.parametrize(("run", "found"), SOURCES.items(), ids=[one[1] for one in SOURCES])
def test_a_source_text_says_where_its_program_listens(
    run: tuple[str, str], found: tuple[str, list[int]]
) -> None:
    name, command = (one.strip() for one in run)
    source, ports = found
    script = f"export PORT=8080\ncat > {name} <<'EOF'\n{source}\nEOF\n{command} &\n"
    assert open_ports(script) == ports


def test_a_compiled_program_listens_on_its_port_variable() -> None:
    unit = (
        "cat > /etc/systemd/system/api.service <<EOF\nEnvironment=PORT=9090\nExecStart=/opt/api/server\nEOF\n"
    )
    assert open_ports(f"{unit}systemctl start api\n") == [9090]
    assert open_ports("gsutil cp gs://acme/api /opt/api && PORT=9091 /opt/api --verbose &") == [9091]
    assert open_ports("PORT=9092 /usr/bin/apt-get install -y curl") == []


def test_a_program_that_never_looks_at_the_path_answers_all_of_them() -> None:
    script = "cat > a.js <<'EOF'\n{}\nEOF\nnode a.js &\n"
    blind = "http.createServer((req, res) => res.end('ok')).listen(3000)"
    seeing = "http.createServer((req, res) => req.url === '/up' ? res.end('ok') : gone(res)).listen(3000)"
    assert answer_status(script_sockets(read_script(script.format(blind))), 3000, "/any") == 200
    assert answer_status(script_sockets(read_script(script.format(seeing))), 3000, "/any") == 404
    assert answer_status(script_sockets(read_script(script.format(seeing))), 3000, "/up") == 200


@given(st.text(alphabet=st.sampled_from("ab \n\t'\"\\$(){}<>|&;=#-:/8012EOF,`"), max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_at_all_is_read_without_a_fault(text: str) -> None:
    for head in ("", "#cloud-config\n", "cat > x.sh <<EOF\n", "docker run -p "):
        script_sockets(read_script(head + text))


@pytest.mark.parametrize(
    "piece", ["echo '", 'printf "a', "cat <<EOF\n", "$((", "\\\n", "-p ", "s/a/", "docker run -e "]
)
def test_a_long_text_is_read_in_no_time(piece: str) -> None:
    began = time.perf_counter()
    script_sockets(read_script(piece * 4000))
    assert time.perf_counter() - began < 2
