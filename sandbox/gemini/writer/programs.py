"""The smallest program of each language that answers HTTP, to be replaced by the real one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Program:
    """What is installed, what is written to disk, how it is run; without a command nginx serves `root`."""

    packages: str = ""
    files: str = ""
    command: str = ""
    root: str = "/var/www/html"
    php: bool = False
    before: str = ""


def _app(file: str, code: str, after: str = "") -> str:
    return f"mkdir -p /opt/app\ncat > /opt/app/{file} <<'APP'\n{code.strip()}\nAPP\n{after}"


_NODE = """
const http = require('http');
http.createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ service: '@TITLE@', status: 'ok' }));
}).listen(process.env.PORT, '127.0.0.1');
"""
_FLASK = """
from flask import Flask, jsonify
app = Flask(__name__)
@app.route("/")
def index():
    return jsonify(service="@TITLE@", status="ok")
"""
_DJANGO = """
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
from django.utils.crypto import get_random_string
settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY=get_random_string(50))
urlpatterns = [path("", lambda request: JsonResponse({"service": "@TITLE@", "status": "ok"}))]
application = get_wsgi_application()
"""
_RAILS = """
require "action_controller/railtie"
class Application < Rails::Application
  config.eager_load = true
  config.hosts.clear
  config.secret_key_base = SecureRandom.hex(64)
  routes.append { root to: "home#index" }
end
class HomeController < ActionController::API
  def index
    render json: { service: "@TITLE@", status: "ok" }
  end
end
Application.initialize!
run Application
"""
_RUBY = """
run ->(env) { [200, { "content-type" => "application/json" }, ['{"service": "@TITLE@", "status": "ok"}']] }
"""
_GO = """
package main
import (
	"net/http"
	"os"
)
func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"service": "@TITLE@", "status": "ok"}`))
	})
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
""".replace("\t", "  ")
_JAVA = """
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
public class App {
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(System.getenv("PORT"));
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    byte[] body = "{\\"service\\": \\"@TITLE@\\", \\"status\\": \\"ok\\"}".getBytes();
    server.createContext("/", exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }
}
"""
_RUST = """
use std::io::{Read, Write};
fn main() {
    let address = std::env::args().nth(2).unwrap();
    for stream in std::net::TcpListener::bind(&address).unwrap().incoming().flatten() {
        let mut stream = stream;
        let _ = stream.read(&mut [0; 4096]);
        let head = "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\n";
        let _ = stream.write_all(format!("{head}ok").as_bytes());
    }
}
"""
_DOTNET = """
var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/", () => new { service = "@TITLE@", status = "ok" });
app.Run($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT")}");
"""
_DOTNET_REPOSITORY = """\
curl -fsSLo /tmp/microsoft.deb https://packages.microsoft.com/config/debian/12/packages-microsoft-prod.deb
dpkg -i /tmp/microsoft.deb
"""
_WORDPRESS = """\
mkdir -p /etc/wordpress
cat > /etc/wordpress/config-default.php <<'CONFIG'
<?php
define('DB_NAME', getenv('DB_NAME') ?: 'app');
define('DB_USER', getenv('DB_USER') ?: 'wordpress');
define('DB_PASSWORD', getenv('DB_PASSWORD') ?: '');
define('DB_HOST', getenv('DB_HOST') ?: 'localhost');
CONFIG
"""
_PAGE = "echo '<h1>@TITLE@</h1>' > /var/www/html/index.html\n"
_PHP_PAGE = (
    'echo \'<?php echo json_encode(["service" => "@TITLE@", "status" => "ok"]);\' > /var/www/html/index.php\n'
)
_DOCKER_RUN = "/usr/bin/docker run --rm --name web -p 127.0.0.1:8081:80 nginx:stable"

PROGRAMS = {
    "static": Program(files=_PAGE),
    "node": Program("nodejs", _app("server.js", _NODE), "/usr/bin/node /opt/app/server.js"),
    "python": Program(
        "python3-flask gunicorn", _app("app.py", _FLASK), "/usr/bin/gunicorn --bind 127.0.0.1:8081 app:app"
    ),
    "django": Program(
        "python3-django gunicorn",
        _app("web.py", _DJANGO),
        "/usr/bin/gunicorn --bind 127.0.0.1:8081 web:application",
    ),
    "rails": Program(
        "rails puma", _app("config.ru", _RAILS), "/usr/bin/puma --bind tcp://127.0.0.1:8081 config.ru"
    ),
    "ruby": Program(
        "ruby puma", _app("config.ru", _RUBY), "/usr/bin/puma --bind tcp://127.0.0.1:8081 config.ru"
    ),
    "go": Program(
        "golang-go",
        _app("main.go", _GO, "HOME=/root go build -o /opt/app/app /opt/app/main.go\n"),
        "/opt/app/app",
    ),
    "java": Program("default-jdk-headless", _app("App.java", _JAVA), "/usr/bin/java /opt/app/App.java"),
    "rust": Program(
        "rustc",
        _app("main.rs", _RUST, "rustc -O -o /opt/app/app /opt/app/main.rs\n"),
        "/opt/app/app --bind 127.0.0.1:8081",
    ),
    "dotnet": Program(
        "dotnet-sdk-8.0",
        "dotnet new web --output /opt/app --name App\n"
        + _app("Program.cs", _DOTNET, "dotnet publish /opt/app -o /opt/app/out\n"),
        "/usr/bin/dotnet /opt/app/out/App.dll",
        before=_DOTNET_REPOSITORY,
    ),
    "php": Program("php-fpm php-mysql php-pgsql", _PHP_PAGE, php=True),
    "wordpress": Program("wordpress php-fpm php-mysql", _WORDPRESS, root="/usr/share/wordpress", php=True),
    "docker": Program("docker.io", "systemctl enable --now docker\nmkdir -p /opt/app\n", _DOCKER_RUN),
}
