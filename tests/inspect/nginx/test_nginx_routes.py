"""Which location handles a route, and what it does with it. The expectations were compared with nginx 1.22."""

import pytest

PASS = "proxy_pass http://127.0.0.1:8000;"

SERVERS = [
    # Order of search: exact, longest prefix, regexes in their order.
    (f"location = /ping {{ {PASS} }} location ~ ping {{ return 404; }}", "passed", "blocked"),
    (f"location /ping {{ {PASS} }} location ~ ping {{ return 404; }}", "blocked", "blocked"),
    (f"location ^~ /ping {{ {PASS} }} location ~ ping {{ return 404; }}", "passed", "blocked"),
    (
        f"location ^~ / {{ {PASS} }} location /ping {{ return 404; }} location ~ . {{ return 500; }}",
        "blocked",
        "passed",
    ),
    (f"location ~ ^/(ping|predict)$ {{ {PASS} }} location / {{ return 404; }}", "passed", "blocked"),
    (f"location ~* ^/PING|^/Invocations {{ {PASS} }}", "passed", "passed"),
    (f"location ~ ^/PING {{ {PASS} }}", "blocked", "blocked"),
    (f"location ~^/ping {{ {PASS} }} location =/invocations {{ {PASS} }}", "passed", "passed"),
    (f'location ~ "^/.{{4}}$" {{ {PASS} }}', "passed", "blocked"),
    # Nested locations.
    (f"location / {{ return 404; location /ping {{ {PASS} }} }}", "passed", "blocked"),
    (f"location /in {{ location ~ tions$ {{ {PASS} }} }} location ~ . {{ return 404; }}", "blocked", "passed"),
    # Slash at the end: nginx redirects.
    (f"location /ping/ {{ {PASS} }} location /invocations {{ {PASS} }}", "blocked", "passed"),
    (f"location /ping/ {{ {PASS} }} location / {{ {PASS} }}", "blocked", "passed"),
    # What answers by itself or refuses.
    (f"location /ping {{ return 200 'ok'; }} location / {{ {PASS} }}", "static", "passed"),
    (f"location /ping {{ return 301 https://example.com; }} location / {{ deny all; {PASS} }}", "blocked", "blocked"),
    (f"location / {{ internal; {PASS} }}", "blocked", "blocked"),
    (f"location / {{ limit_except GET {{ deny all; }} {PASS} }}", "passed", "blocked"),
    (f"location / {{ allow 10.0.0.0/8; deny all; {PASS} }}", "unknown", "unknown"),
    (f"deny all; location / {{ {PASS} }} location /ping {{ allow all; {PASS} }}", "passed", "blocked"),
    ("root /srv/www;", "static", "blocked"),
    ("", "blocked", "blocked"),
    ("location / { }", "blocked", "blocked"),
    (f"return 503; location / {{ {PASS} }}", "blocked", "blocked"),
    # try_files and named locations.
    (f"location / {{ try_files $uri @app; }} location @app {{ {PASS} }}", "passed", "passed"),
    (f"root /srv; location / {{ try_files $uri =404; }} location @app {{ {PASS} }}", "static", "blocked"),
    (f"location / {{ try_files $uri /index.html; }} location = /index.html {{ {PASS} }}", "passed", "passed"),
    ("location / { try_files $uri @gone; }", "unknown", "unknown"),
    ("location / { try_files $uri /again; }", "blocked", "blocked"),
    (f"location / {{ return 404; error_page 404 = @app; }} location @app {{ {PASS} }}", "unknown", "unknown"),
    ("location / { return 404; } error_page 404 /404.html;", "blocked", "blocked"),
    # Other backends.
    ("location / { uwsgi_pass unix:/tmp/u.sock; }", "passed", "passed"),
    ("location / { grpc_pass grpc://127.0.0.1:9000; }", "passed", "passed"),
    ("location / { fastcgi_pass 127.0.0.1:9000; }", "passed", "passed"),
    ("location / { js_content app.handle; }", "unknown", "unknown"),
    # Rewriting and conditions.
    (f"rewrite ^/invocations$ /predict; location /predict {{ {PASS} }}", "blocked", "passed"),
    (f"location /invocations {{ rewrite ^ /predict last; }} location = /predict {{ {PASS} }}", "blocked", "passed"),
    (f"location / {{ rewrite ^/(.*)$ /v1/$1 break; {PASS} }}", "passed", "passed"),
    (f"location / {{ rewrite ^/(.*)$ /v1/$1 last; {PASS} }}", "blocked", "blocked"),
    (f"location / {{ rewrite ^ https://example.com permanent; {PASS} }}", "blocked", "blocked"),
    (f"location / {{ if ($request_method = POST) {{ return 405; }} {PASS} }}", "passed", "blocked"),
    (f"location / {{ if ($request_method !~ ^(GET|HEAD)$) {{ return 403; }} {PASS} }}", "passed", "blocked"),
    (f"location / {{ if ($http_x_token = '') {{ return 401; }} {PASS} }}", "unknown", "unknown"),
    (f"location / {{ if ($http_debug) {{ set $trace 1; }} {PASS} }}", "passed", "passed"),
    (f"location / {{ auth_request /auth; {PASS} }}", "unknown", "unknown"),
    # What is not read.
    (f"include /etc/nginx/default.d/*.conf; location / {{ {PASS} }}", "unknown", "unknown"),
    (f"include more.conf; location = /ping {{ {PASS} }}", "passed", "unknown"),
    (f"include mime.types; location / {{ include proxy_params; {PASS} }}", "passed", "passed"),
    ("location / { include app.conf; }", "unknown", "unknown"),
    (f"location ~ ^/(?<=x)ping {{ {PASS} }}", "unknown", "unknown"),
    (f"location ~ ^/(\\w)\\1 {{ {PASS} }}", "unknown", "unknown"),
    (f"location one two three {{ {PASS} }}", "unknown", "unknown"),
]


@pytest.mark.parametrize(("body", "ping", "invocations"), SERVERS)
def test_routes(read, body, ping, invocations):
    found = read(f"events {{}}\nhttp {{ server {{ listen 8080; {body} }} }}")
    assert found.routes()[:2] == (ping, invocations)


def test_one_fact_a_server(read):
    found = read(
        f"server {{ listen 8080; listen 8443 ssl; location / {{ {PASS} }} }}\nserver {{ listen unix:/tmp/x; }}"
    )
    first, second = found.of("routes")
    assert (first["ports"], first["execution_parameters"]) == ([8080, 8443], "passed")
    assert (second["ports"], second["execution_parameters"]) == ([], "blocked")


def test_an_unread_include_is_told(read):
    (notice,) = read("server { include snippets/api.conf; }").notices
    assert notice.code == "nginx-include"
    assert notice.span is not None
    assert "snippets/api.conf" in notice.message


@pytest.mark.parametrize(
    "pattern",
    [
        "(((.*)*)*)*" * 40 + "x",
        "(.|.|.)*" * 60 + "x",
        "(.?){64}" * 60 + "x",
        "((((a?)*)+)*)+$",
        "(" * 400,
        "(?:" * 12 + "." + "){9,64}" * 12,
    ],
)
def test_hostile_patterns_end_soon(read, pattern):
    read(
        "server { "
        + f'location ~ {pattern.replace("{", chr(92) + "{")} {{ }} location ~ "{pattern}" {{ }}' * 300
        + " }"
    )


SENT = [
    ("location / { proxy_pass http://app; }", "/ping", "/invocations"),
    ("location / { proxy_pass http://app/; }", "/ping", "/invocations"),
    ("location / { proxy_pass http://app/api/; }", "/api/ping", "/api/invocations"),
    ("location /invocations { proxy_pass http://127.0.0.1:5000/predict; }", None, "/predict"),
    ("location = /invocations { proxy_pass http://unix:/tmp/a.sock:/predict?x=1; }", None, "/predict"),
    ("location /invocations { proxy_pass http://unix:/tmp/a.sock; }", None, "/invocations"),
    ("location /invocations { rewrite ^ /score break; proxy_pass http://app; }", None, "/score"),
    ("location /invocations { rewrite ^ /score break; proxy_pass http://app/x; }", None, "/score"),
    ("location /invocations { rewrite ^/invocations(.*)$ /score$1 break; proxy_pass http://app; }", None, "/score"),
    ("location / { rewrite ^/(.*)$ /v1/$1 break; proxy_pass http://app; }", "/v1/ping", "/v1/invocations"),
    ("location / { rewrite ^/invocations$ /score; break; proxy_pass http://app; }", "/ping", "/score"),
    ("location / { rewrite ^/(\\w)(.*)$ /$2 break; proxy_pass http://app; }", "unknown", "unknown"),
    ("location / { proxy_pass http://$app; }", "/ping", "/invocations"),
    ("location / { proxy_pass http://app/$path; }", "unknown", "unknown"),
    ("location ~ ^/(ping|invocations)$ { proxy_pass http://app/x; }", "unknown", "unknown"),
    ("location /invocations { uwsgi_pass unix:/tmp/a.sock; }", None, "/invocations"),
    ("rewrite ^/invocations$ /score last; location /score { proxy_pass http://app; }", None, "/score"),
    ("location /invocations { rewrite ^ /score last; } location /score { proxy_pass http://app/s; }", None, "/s"),
    ("location / { try_files $uri @a; } location @a { proxy_pass http://app; }", "/ping", "/invocations"),
    (
        "location /invocations { rewrite ^ /score last; } location /score { try_files $uri @a; } "
        "location @a { proxy_pass http://app; }",
        None,
        "/score",
    ),
    (
        "location / { try_files $uri @a; } location @a { rewrite ^/(.*)$ /v1/$1 break; proxy_pass http://app; }",
        "/v1/ping",
        "/v1/invocations",
    ),
]


@pytest.mark.parametrize(("body", "ping", "invocations"), SENT)
def test_the_path_that_a_backend_gets(read, body, ping, invocations):
    found = read(
        f"events {{}}\nhttp {{ upstream app {{ server unix:/tmp/b.sock; }} server {{ listen 8080; {body} }} }}"
    )
    (fact,) = [each for each in found.facts if each.kind == "server.routes"]
    assert (fact["ping_as"], fact["invocations_as"]) == (ping, invocations)
