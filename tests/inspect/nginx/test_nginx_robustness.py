"""Broken, odd and hostile texts: never an exception, positions inside, notices that say what was wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

BROKEN = [
    ("http { server { listen 8080; location / { proxy_pass http://127.0.0.1:1; }", "never closed"),
    ("server { listen 8080; } }", "closes nothing"),
    ("server { listen 8080 }", "has no `;`"),
    ("server { listen 8080; ; }", "ends nothing"),
    ("server { listen 8080; { } }", "without a name"),
    ('server { listen 8080; add_header X "a; }\n location / { return 404; } }', "quote"),
    ("server { listen 8080; } user nobody", "has no `;`"),
    ("server { listen 8080; access_by_lua_block { if x then", "Lua"),
    ("x { " * 100 + "} " * 100 + "server { listen 8080; }", "deep"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_broken_files_are_read_as_far_as_possible(read, text, message):
    found = read(text)
    assert found.one("listener")["port"] == 8080
    (notice,) = (n for n in found.notices if n.code == "nginx-syntax")
    assert message in notice.message
    assert notice.level == "warning"
    assert notice.path == "web/nginx.conf"


@pytest.mark.parametrize("data", [b"\xff\xfel\x00", b"daemon off;\x00"])
def test_what_is_no_text(read, data):
    found = read(data)
    assert not found.facts
    assert [notice.code for notice in found.notices] == ["not-text"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"# only a comment",
        b"\xef\xbb\xbfserver { listen 8080; }",
        b"server {\r\n  listen 8080;\r\n}\r\n",
        "server { listen 8080; # ☃ 🎉\n }".encode(),
        b"server { listen 8080; add_header X \xe9; }",
    ],
)
def test_odd_texts_are_fine(read, data):
    found = read(data)
    assert not found.notices
    assert [fact["port"] for fact in found.of("listener")] == ([8080] if b"listen" in data else [])


def test_columns_count_characters(read):
    text = 'server { add_header X "🎉é"; listen 8080; }'
    found = read(text)
    assert found.excerpt(found.one("listener")) == "listen 8080;"


def test_words_as_nginx_reads_them(read):
    found = read(r"""http { a "x\"y" 'p q' b\ c d#e ${f}g "\t\n" 'it\'s' \\z "a;{}" h}i; }""")
    assert found.one("setting", name="a")["value"] == "unknown"  # holds `${f}`, which envsubst would replace
    found = read(r"""http { a "x\"y" 'p q' b\ c d#e 'it\'s' "a;{}" h}i; }""")
    assert found.one("setting", name="a")["value"] == "x\"y p q b\\ c d#e it's a;{} h}i"


def test_many_directives_and_deep_blocks_cost_little(read):
    many = read("http { " + "server { location / { proxy_pass http://a; } } " * 9000 + "}")
    assert [notice.code for notice in many.notices] == ["nginx-syntax"]
    read("a { " * 50_000)
    read("{{" * 50_000)
    read('"' * 50_000)
    read("\\" * 50_001)
    read("server { " + "location / { " * 60 + "proxy_pass http://a;" + "}" * 61)


VOCABULARY = """
http server location upstream events listen proxy_pass uwsgi_pass return if rewrite try_files include types map
client_max_body_size proxy_read_timeout keepalive_timeout root alias deny allow limit_except error_page set
resolver content_by_lua_block internal stream daemon 8080 127.0.0.1:8080 unix:/x [::]:80 = ~ ~* ^~ / /ping
/invocations ^/(ping|invocations) http://a https://b.example.com 5m 60s 0 @app $uri $x ${PORT} {{x}} {y} %Z%
all =404 404 200 last break POST ($request_method
"""
WORDS = st.sampled_from(VOCABULARY.split())
PIECES = st.one_of(
    WORDS, st.sampled_from(["{", "}", ";", "\n", '"', "'", "\\", "#", "{%", "%}", "--", "[[", "é", "\r\n"])
)
TEXTS = st.one_of(
    st.text(max_size=300), st.lists(PIECES, max_size=80).map(" ".join), st.lists(PIECES, max_size=40).map("".join)
)


def inside(text, span):
    lines = text.split("\n")
    for line, column in ((span.line, span.column), (span.end_line, span.end_column)):
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1
    assert (span.line, span.column) <= (span.end_line, span.end_column)


@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
def test_any_text_gives_valid_facts_inside_it(read, text):
    text = text.replace("\x00", "").lstrip("\ufeff")
    found = read(text.encode("utf-8", "surrogatepass"))
    if any("\ud800" <= char <= "\udfff" for char in text):
        return
    for fact in found.facts:
        for span in (fact.location.span, *fact.spans.values()):
            inside(text, span)
    for notice in found.notices:
        if notice.span:
            inside(text, notice.span)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_survived(read, data):
    read(data)
