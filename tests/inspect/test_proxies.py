"""Where HAProxy and Envoy pass requests on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from linter.discover.classify import kind_of

Read = Callable[..., Any]

HAPROXY = """\
defaults
  mode http
frontend front
  bind *:8080
  default_backend app
backend app
  # server old api.example.com:443
  server one 127.0.0.1:9000 check
  server two unix@/tmp/app.sock
  server three api.example.com:443 ssl verify none  # remote
  server four ${APP_HOST}:80
  server five [::1]:9000
"""

ENVOY = """\
static_resources:
  listeners:
    - name: front
      address: {socket_address: {address: 0.0.0.0, port_value: 8080}}
  clusters:
    - name: app
      load_assignment:
        cluster_name: app
        endpoints:
          - lb_endpoints:
              - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 9000}}}
              - endpoint: {address: {pipe: {path: /tmp/app.sock}}}
    - name: outside
      load_assignment:
        endpoints:
          - lb_endpoints:
              - endpoint:
                  address:
                    socket_address:
                      address: api.example.com
                      port_value: 443
"""


def test_haproxy(read: Read) -> None:
    reading = read(HAPROXY, "proxies", "haproxy.cfg")
    found = [(fact["target"], fact["destination"], fact["route"]) for fact in reading.of("server.proxy")]
    assert found == [
        ("127.0.0.1:9000", "loopback", "app"),
        ("unix@/tmp/app.sock", "unix", "app"),
        ("api.example.com:443", "remote", "app"),
        ("unknown", "unknown", "app"),
        ("[::1]:9000", "loopback", "app"),
    ]
    (remote,) = reading.of("server.proxy", destination="remote")
    assert reading.excerpt(remote, "target") == "api.example.com:443"
    assert reading.excerpt(remote) == "server three api.example.com:443 ssl verify none"


def test_envoy(read: Read) -> None:
    reading = read(ENVOY, "proxies", "envoy.yaml")
    found = [(fact["target"], fact["destination"], fact["route"]) for fact in reading.of("server.proxy")]
    assert found == [("127.0.0.1", "loopback", "app"), ("api.example.com", "remote", "outside")]
    assert reading.excerpt(reading.of("server.proxy")[1], "target") == "api.example.com"


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("haproxy.cfg", HAPROXY, "proxy"),
        ("envoy.yaml", ENVOY, "proxy"),
        ("setup.cfg", "[metadata]\nname = x\n", None),
        ("values.yaml", "static_resources: 1\n", None),
    ],
)
def test_discovery(path: str, text: str, kind: str | None) -> None:
    assert kind_of(path, len(text), lambda size: text.encode()[:size]) == kind


def test_bad_yaml_gives_a_notice(read: Read) -> None:
    text = "static_resources: [\nsocket_address"
    assert [notice.code for notice in read(text, "proxies", "envoy.yaml").notices] == ["proxy-unreadable"]


LINES = [
    ("Caddyfile", "reverse_proxy app.example.com:443", [("app.example.com:443", "remote")]),
    ("Caddyfile", "  reverse_proxy /x* localhost:1 :2 {", [("localhost:1", "loopback"), (":2", "unix")]),
    (
        "Caddyfile",
        "reverse_proxy {\n  to http://169.254.169.254 unix//tmp/a.sock\n}",
        [("http://169.254.169.254", "metadata"), ("unix//tmp/a.sock", "unix")],
    ),
    ("Caddyfile", "reverse_proxy {$BACKEND}\nreverse_proxy {env.HOST}:80", []),
    (
        "site.Caddyfile",
        "reverse_proxy [::1]:80 h2c://127.0.0.1:1",
        [("[::1]:80", "loopback"), ("h2c://127.0.0.1:1", "loopback")],
    ),
    (
        "httpd.conf",
        "ProxyPass / http://e.com/\n  RewriteRule ^/(.*) http://f.com/$1 [P,L]",
        [("http://e.com/", "remote"), ("http://f.com/$1", "remote")],
    ),
    ("httpd.conf", "ProxyPassMatch ^/(a|b)$ http://127.0.0.1:5000/$1", [("http://127.0.0.1:5000/$1", "loopback")]),
    ("httpd.conf", "ProxyPass / http://${HOST}:80/", [("unknown", "unknown")]),
    ("lighttpd.conf", 'proxy.server += ("" => (("host" => "10.0.0.7")))', [("10.0.0.7", "remote")]),
    (
        "t.toml",
        '[http.services.m.loadBalancer]\n[[http.services.m.loadBalancer.servers]]\nurl = "http://e.com"',
        [("http://e.com", "remote")],
    ),
]


@pytest.mark.parametrize(("path", "text", "expected"), LINES)
def test_proxies_that_are_read_line_by_line(read_other: Read, path: str, text: str, expected: list[Any]) -> None:
    assert kind_of(path, len(text), lambda size: text.encode()[:size]) == "proxy"
    found = [(fact["target"], fact["destination"]) for fact in read_other(path, text)]
    assert [each for each in found if each[1] != "unknown"] == [each for each in expected if each[1] != "unknown"]


@pytest.fixture
def read_other(knowledge: Any, valid: Any) -> Read:
    from linter.inspect.proxies import inspect
    from linter.model import Artifact

    def read(path: str, text: str) -> Any:
        found = inspect(Artifact(path, "proxy", len(text)), text.encode(), knowledge)
        valid(found.facts)
        return found.facts

    return read
