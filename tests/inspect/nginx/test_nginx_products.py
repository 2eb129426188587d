"""Configurations as sellers write them."""

from pathlib import Path

import yaml

SAMPLE = """\
worker_processes 1;
daemon off;  # the supervisor waits for us

pid /tmp/nginx.pid;
error_log /var/log/nginx/error.log;

events { }

http {
  include /etc/nginx/mime.types;
  access_log /var/log/nginx/access.log combined;

  upstream workers {
    server unix:/tmp/workers.sock;
  }

  server {
    listen 8080 deferred;
    client_max_body_size 5m;
    keepalive_timeout 5;

    location ~ ^/(ping|invocations) {
      proxy_set_header Host $http_host;
      proxy_pass http://workers;
    }

    location / {
      return 404 "{}";
    }
  }
}
"""


def test_the_common_sample(read):
    found = read(SAMPLE)
    assert not found.notices
    assert found.routes() == ("passed", "passed", "blocked")
    assert found.one("routes")["ports"] == [8080]
    listener = found.one("listener")
    assert (listener["port"], listener["interface"], listener["tls"]) == (8080, "all", "no")
    assert found.excerpt(listener) == "listen 8080 deferred;"
    assert found.excerpt(listener, "port") == "8080"
    limit = found.one("body_limit")
    assert (limit["bytes"], limit["applies_to_invocations"], limit["declared"]) == (5 << 20, "yes", True)
    assert found.excerpt(limit, "bytes") == "5m"
    proxy = found.one("proxy")
    assert (proxy["target"], proxy["destination"]) == ("http://workers", "upstream_local")
    assert proxy["route"] == "~ ^/(ping|invocations)"
    assert found.excerpt(proxy, "target") == "http://workers"
    assert found.excerpt(found.one("routes"), "invocations") == "location ~ ^/(ping|invocations)"
    assert found.excerpt(found.one("routes"), "execution_parameters") == "server {"
    assert found.one("program")["via"] == "file"


def test_settings_carry_their_context(read):
    found = read(SAMPLE)
    assert found.one("setting", name="daemon")["value"] == "off"
    assert found.one("setting", name="worker_processes")["value"] == 1
    assert found.one("setting", name="pid")["context"] is None
    log = found.one("setting", name="access_log")
    assert (log["value"], log["context"]) == ("/var/log/nginx/access.log combined", "http")
    header = found.one("setting", name="proxy_set_header")
    assert (header["value"], header["context"]) == ("Host $http_host", "http.server.location")
    assert found.one("setting", name="include")["value"] == "/etc/nginx/mime.types"


def test_timeouts_are_those_of_the_location_that_handles_invocations(read):
    found = read("""
events {}
http {
  proxy_read_timeout 300;
  send_timeout 1m;
  proxy_connect_timeout 7s;
  server {
    listen 8080;
    proxy_read_timeout 2m;
    location /ping { proxy_pass http://127.0.0.1:8000; proxy_read_timeout 3s; }
    location /invocations { proxy_pass http://127.0.0.1:8000; proxy_send_timeout 1h30m; }
  }
}
""")
    timeouts = {fact["name"]: (fact["seconds"], fact["kind"]) for fact in found.of("timeout")}
    assert timeouts == {
        "proxy_read_timeout": (120, "proxy"),
        "proxy_send_timeout": (5400, "proxy"),
        "send_timeout": (60, "keepalive"),
        "proxy_connect_timeout": (7, "connect"),
    }


def test_defaults_come_from_knowledge_and_stand_at_the_server(read):
    text = "events {}\nhttp {\nserver { listen 8080;\n location / { proxy_pass http://localhost:5000; } } }"
    found = read(text)
    timeout = found.one("timeout")
    assert (timeout["name"], timeout["seconds"], timeout["declared"]) == ("proxy_read_timeout", 60, False)
    assert found.excerpt(timeout) == "server {"
    limit = found.one("body_limit")
    assert (limit["bytes"], limit["declared"], limit["applies_to_invocations"]) == (1 << 20, False, "yes")
    assert found.one("setting", name="daemon")["declared"] is False
    assert found.one("setting", name="daemon")["value"] == "on"


def test_the_names_of_defaults_are_those_of_the_tables(read):
    tables = Path(__file__).parents[3] / "rules" / "knowledge" / "servers.yaml"
    defaults = yaml.safe_load(tables.read_text())["nginx"]["defaults"]
    found = read("events {}\nhttp { server { location / { uwsgi_pass 127.0.0.1:1; } } }", defaults)
    assert found.one("listener")["port"] == 80
    assert found.one("body_limit")["bytes"] == 1 << 20
    assert found.one("timeout", name="uwsgi_read_timeout")["seconds"] == 60
    assert found.one("setting", name="daemon")["value"] == "on"


def test_without_a_default_its_value_is_unknown(read):
    found = read("events {}\nhttp { server { location / { proxy_pass http://localhost:5000; } } }", defaults={})
    assert found.one("body_limit")["bytes"] == "unknown"
    assert found.one("listener")["port"] == "unknown"
    assert found.one("listener")["declared"] is False
    assert found.one("setting", name="daemon")["value"] == "unknown"
    assert not found.of("timeout")


def test_a_shim_in_front_of_a_model_server(read):
    found = read("""
daemon off;
events { worker_connections 512; }
http {
  client_max_body_size 0;
  server {
    listen [::]:8080 ipv6only=off;
    location = /ping { proxy_pass http://127.0.0.1:8081/health; }
    location = /invocations {
      rewrite ^ /v1/chat/completions break;
      proxy_pass http://127.0.0.1:8081;
      proxy_buffering off;
    }
  }
}
""")
    assert found.routes() == ("passed", "passed", "blocked")
    assert found.one("listener")["host"] == "::"
    assert found.one("listener")["interface"] == "all"
    assert found.one("body_limit")["bytes"] is None
    assert {fact["destination"] for fact in found.of("proxy")} == {"loopback"}
    assert found.one("setting", name="proxy_buffering")["context"] == "http.server.location"


def test_a_fragment_leaves_open_what_the_main_file_says(read):
    found = read("""
upstream app { server 127.0.0.1:8000; server unix:/run/app.sock backup; }
server {
  listen 80 default_server;
  location / { proxy_pass http://app; include proxy_params; }
}
""")
    assert found.routes() == ("passed", "passed", "passed")
    assert found.one("proxy")["destination"] == "upstream_local"
    limit = found.one("body_limit")
    assert (limit["bytes"], limit["declared"]) == ("unknown", False)
    assert not found.of("timeout")
    assert not found.of("program")
    assert not found.of("setting", name="daemon")
    assert not found.notices


def test_locations_without_a_server(read):
    found = read(
        "location /invocations { client_max_body_size 6M; proxy_pass http://backend; }\nclient_max_body_size 1k;"
    )
    assert not found.of("routes")
    assert not found.of("listener")
    assert [(f["bytes"], f["applies_to_invocations"]) for f in found.of("body_limit")] == [
        (6 << 20, "yes"),
        (1024, "no"),
    ]
    assert found.one("proxy")["destination"] == "unknown"  # another file may define the upstream


def test_a_python_template(read):
    found = read("""
events {}
http {
  upstream gunicorn { server unix:/tmp/g.sock; }
  server {
    listen $port deferred;
    location ~ ^/(ping|invocations) { proxy_set_header Host $$http_host; proxy_pass http://gunicorn; }
  }
}
""")
    listener = found.one("listener")
    assert (listener["port"], listener["address"], listener["interface"]) == ("unknown", "unknown", "unknown")
    assert found.one("routes")["ports"] == ["unknown"]
    assert found.one("routes")["invocations"] == "passed"


def test_a_jinja_template(read):
    found = read("""
events {}
http {
  {% if logging %}
  access_log /dev/stdout;
  {% else %}
  access_log off;
  {% endif %}
  server {
    listen {{ bind_port | default(8080) }};
    client_max_body_size {{ limit }};
    location {{ path }} { proxy_pass http://{{ host }}:{{ port }}; }
    location = /ping { proxy_pass http://localhost:{{ port }}; }
    location / { return 404; }
  }
}
""")
    assert not found.notices
    assert found.one("listener")["port"] == "unknown"
    assert found.one("body_limit")["bytes"] == "unknown"
    assert found.routes() == ("passed", "unknown", "unknown")
    assert [fact["destination"] for fact in found.of("proxy")] == ["unknown", "loopback"]
    assert found.of("proxy")[0]["target"] == "unknown"
    assert len(found.of("setting", name="access_log")) == 2


def test_placeholders_may_stand_for_anything(read):
    found = read("""
daemon off;
events {}
http {
  upstream models { %MODELS%; }
  server {
    listen %PORT% deferred;
    client_max_body_size 0;
    location /ping { %PING%; }
    location /invocations { {{ handler }} }
    location /models { proxy_pass http://models; }
    location / { return 404; }
  }
  server { $server; }
}
""")
    first, second = found.of("routes")
    assert (first["ping"], first["invocations"], first["execution_parameters"]) == ("unknown", "unknown", "blocked")
    assert (second["ports"], second["ping"]) == (["unknown"], "unknown")
    assert found.one("proxy")["destination"] == "unknown"
    assert found.of("body_limit")[0]["applies_to_invocations"] == "unknown"
    assert not found.notices


def test_an_expression_on_its_own_line_stands_for_directives(read):
    found = read("""
events {}
{{ extra }}
http {
  server {
    listen 8080;
    {{ limits }}
    location /ping { {{ handler }} }
    location = /invocations {
      proxy_pass http://127.0.0.1:1;
      {{ more }}
    }
  }
}
""")
    assert not found.notices
    assert found.routes() == ("unknown", "passed", "unknown")
    assert found.one("body_limit")["bytes"] == "unknown"


def test_lua_is_skipped_and_its_braces_with_it(read):
    found = read("""
events {}
http {
  server {
    listen 8080;
    location /invocations {
      content_by_lua_block {
        local t = { "}", '}', [[ } ]] } -- }
        ngx.say(t[1])
      }
    }
    location /ping { return 200 "ok"; }
  }
}
""")
    assert not found.notices
    assert found.routes() == ("static", "unknown", "blocked")


def test_maps_and_types_are_no_directives(read):
    found = read("""
http {
  types { text/html html; application/json json; }
  map $uri $target { default 127.0.0.1:8000; ~^/x 'http://remote.example.com'; }
  server { listen 8080; location / { proxy_pass http://$target; } }
}
""")
    assert {fact["name"] for fact in found.of("setting", declared=True)} == set()
    assert found.one("proxy")["destination"] == "unknown"


def test_a_stream_server_passes_all(read):
    found = read(
        "stream { upstream b { server 127.0.0.1:9000; }\nserver { listen 8080; proxy_pass b; proxy_timeout 5s; } }"
    )
    assert found.routes() == ("passed", "passed", "passed")
    assert found.one("proxy")["destination"] == "upstream_local"
    assert found.one("timeout")["seconds"] == 5
    assert not found.of("body_limit")
