"""Addresses, times, sizes and targets."""

import pytest


@pytest.mark.parametrize(
    ("listen", "port", "host", "interface", "tls"),
    [
        ("8080", 8080, "0.0.0.0", "all", "no"),
        ("8080 deferred", 8080, "0.0.0.0", "all", "no"),
        ("*:8080", 8080, "*", "all", "no"),
        ("0.0.0.0:8080", 8080, "0.0.0.0", "all", "no"),
        ("[::]:8080", 8080, "::", "all", "no"),
        ("[::1]:8080", 8080, "::1", "loopback", "no"),
        ("127.0.0.1:8080 ssl", 8080, "127.0.0.1", "loopback", "yes"),
        ("localhost:8080", 8080, "localhost", "loopback", "no"),
        ("10.0.0.5", 80, "10.0.0.5", "specific", "no"),
        ("model.local:8080", 8080, "model.local", "specific", "no"),
        ("8443 quic reuseport", 8443, "0.0.0.0", "all", "yes"),
        ("unix:/tmp/nginx.sock", None, None, "unix", "no"),
        ("8080-8090", "unknown", "0.0.0.0", "all", "no"),
        ("70000", "unknown", "0.0.0.0", "all", "no"),
        ("${PORT}", "unknown", "unknown", "unknown", "no"),
        ("0.0.0.0:${PORT}", "unknown", "0.0.0.0", "all", "no"),
        ("%NGINX_HTTP_PORT% default_server", "unknown", "unknown", "unknown", "no"),
        ("@PORT@", "unknown", "unknown", "unknown", "no"),
        ("__PORT__", "unknown", "unknown", "unknown", "no"),
        ("PORT", "unknown", "unknown", "unknown", "no"),
        ("{{ port }}", "unknown", "unknown", "unknown", "no"),
        ("{port}", "unknown", "unknown", "unknown", "no"),
        ("<%= @port %> <%= 'ssl' if tls %>", "unknown", "unknown", "unknown", "unknown"),
    ],
)
def test_listen(read, listen, port, host, interface, tls):
    found = read(f"server {{ listen {listen}; }}").one("listener")
    assert (found["port"], found["host"], found["interface"], found["tls"]) == (port, host, interface, tls)
    assert (found["declared"], found["via"], found["role"]) == (True, "file", "unknown")


def test_the_old_way_to_switch_tls_on(read):
    assert read("server { listen 8080; ssl on; }").one("listener")["tls"] == "yes"


def test_a_server_that_names_no_port(read):
    found = read("server { location / { return 200; } }").one("listener")
    assert (found["port"], found["interface"], found["declared"], found["address"]) == (80, "all", False, None)
    assert read("server { include listen.conf; }").one("listener")["port"] == "unknown"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60", 60),
        ("60s", 60),
        ("500ms", 0.5),
        ("2m", 120),
        ("1h", 3600),
        ("1d", 86400),
        ("'1h 30m'", 5400),
        ("0", 0),
        ("${TIMEOUT}s", "unknown"),
        ("%T%", "unknown"),
        ("soon", "unknown"),
        ("-1", "unknown"),
    ],
)
def test_times(read, text, seconds):
    assert read(f"http {{ proxy_read_timeout {text}; }}").one("timeout")["seconds"] == seconds


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("5m", 5 << 20),
        ("25M", 25 << 20),
        ("512k", 512 << 10),
        ("1g", 1 << 30),
        ("6291456", 6 << 20),
        ("0", None),
        ("0m", None),
        ("{{ size }}", "unknown"),
        ("1.5m", "unknown"),
        ("5mb", "unknown"),
    ],
)
def test_sizes(read, text, limit):
    found = read(f"http {{ client_max_body_size {text}; }}").one("body_limit")
    assert found["bytes"] == limit
    assert found["applies_to_invocations"] == "unknown"


@pytest.mark.parametrize(
    ("target", "destination"),
    [
        ("http://127.0.0.1:8000", "loopback"),
        ("http://localhost:8000/predict", "loopback"),
        ("http://0.0.0.0:5000", "loopback"),
        ("http://[::1]:9000/", "loopback"),
        ("http://127.0.0.1:8081$request_uri", "loopback"),
        ("http://unix:/tmp/gunicorn.sock:/", "unix"),
        ("http://local", "upstream_local"),
        ("http://LOCAL/v1", "upstream_local"),
        ("http://far", "remote"),
        ("http://half", "remote"),
        ("http://odd", "unknown"),
        ("http://empty", "unknown"),
        ("http://meta", "metadata"),
        ("https://api.example.com/v1", "remote"),
        ("http://flask:5000", "remote"),
        ("http://169.254.169.254/latest", "metadata"),
        ("http://10.0.0.9:80", "remote"),
        ("http://$host$uri", "unknown"),
        ("http://$known:80", "loopback"),
        ("http://$varied:80", "unknown"),
        ("http://${BACKEND}:80", "unknown"),
        ("http://MODEL_HOST:80", "unknown"),
    ],
)
def test_targets(read, target, destination):
    found = read(f"""
events {{}}
http {{
  upstream local {{ server 127.0.0.1:8000 weight=5; server unix:/tmp/a.sock; keepalive 4; }}
  upstream far {{ server api.example.com:443; }}
  upstream half {{ server 127.0.0.1:1; server 10.1.2.3:80 backup; }}
  upstream odd {{ server %HOST%:80; }}
  upstream empty {{ }}
  upstream meta {{ server 169.254.169.254; }}
  server {{
    set $known 127.0.0.1;
    set $varied 127.0.0.1;
    set $varied example.com;
    location /invocations {{ proxy_pass {target}; }}
  }}
}}
""")
    proxies = found.of("proxy", route="/invocations")
    assert [fact["destination"] for fact in proxies] == [destination]
    literal = destination != "unknown" or target in ("http://odd", "http://empty")
    assert proxies[0]["target"] == (target if literal or target == "http://MODEL_HOST:80" else "unknown")


def test_resolvers_and_unused_upstreams_lead_outside_too(read):
    found = read(
        "events {} http { resolver 8.8.8.8 127.0.0.11 valid=30s; upstream u { server model.example.com:80; } }"
    )
    assert [(f["target"], f["destination"], f["route"]) for f in found.of("proxy")] == [
        ("8.8.8.8", "remote", None),
        ("127.0.0.11", "loopback", None),
        ("model.example.com:80", "remote", None),
    ]


def test_limits_elsewhere_do_not_apply(read):
    found = read("""
events {}
http {
  client_max_body_size 100m;
  server {
    location /upload { client_max_body_size 1m; proxy_pass http://127.0.0.1:1; uwsgi_read_timeout 5s; }
    location /invocations { client_max_body_size 30m; uwsgi_pass 127.0.0.1:1;
      uwsgi_read_timeout 90s; proxy_read_timeout 1; }
  }
}
""")
    assert [(f["bytes"] >> 20, f["applies_to_invocations"]) for f in found.of("body_limit")] == [
        (100, "no"),
        (1, "no"),
        (30, "yes"),
    ]
    assert [(f["name"], f["seconds"]) for f in found.of("timeout")] == [("uwsgi_read_timeout", 90)]


def test_settings_that_matter_to_requests(read):
    found = read("""
http { server { location / {
  auth_basic "closed"; auth_basic_user_file /etc/pw;
  if ($http_authorization = "") { return 401; }
  proxy_temp_path /var/cache/px; proxy_request_buffering off; types_hash_max_size 2048;
} } }
""")
    values = {fact["name"]: fact["value"] for fact in found.of("setting", declared=True)}
    assert values == {
        "auth_basic": "closed",
        "auth_basic_user_file": "/etc/pw",
        "if": '($http_authorization = "" )',
        "if_return": '($http_authorization = "" ) 401',
        "return": 401,
        "proxy_temp_path": "/var/cache/px",
        "proxy_request_buffering": "off",
        "types_hash_max_size": 2048,
    }
    assert found.one("setting", name="return")["context"] == "http.server.location.if"
