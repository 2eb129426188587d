"""supervisord's configuration: programs, settings, continuation lines, expansions."""

from collections.abc import Callable
from typing import Any

import pytest

Read = Callable[..., Any]

TEXT = """\
; main
[supervisord]
nodaemon = true ; in the foreground
user=root
environment=PORT="81"

[program:web]
command=gunicorn -b 0.0.0.0:%(ENV_P)s
  --timeout 20 app:app ; comment
stopwaitsecs: 60
stopsignal=QUIT
# comment
environment=GUNICORN_CMD_ARGS="--threads 4",TOKEN="s3cr3t-value"
[program:proxy]
command = /usr/sbin/nginx -g "daemon off;"
[inet_http_server]
port=*:9001
password=hunter22
"""


def test_settings(read: Read) -> None:
    reading = read(TEXT, "supervisor", "supervisord.conf")
    found = {
        (fact["context"], fact["name"]): fact["value"] for fact in reading.of("server.setting", server="supervisord")
    }
    assert found == {
        ("supervisord", "nodaemon"): True,
        ("supervisord", "user"): "root",
        ("program:web", "stopsignal"): "QUIT",
        ("inet_http_server", "port"): "*:9001",
    }
    stop = reading.one("server.timeout", kind="stop")
    assert (stop["seconds"], stop["name"], stop["server"]) == (60, "stopwaitsecs", "supervisord")
    assert reading.excerpt(stop) == "stopwaitsecs: 60"
    assert reading.excerpt(stop, "seconds") == "60"
    assert "hunter22" not in str(reading.facts)
    assert "s3cr3t" not in str(reading.facts)


def test_programs(read: Read) -> None:
    reading = read(TEXT, "supervisor", "supervisord.conf")
    web, proxy = reading.of("shell.command")
    assert (web["program"], proxy["program"], proxy["arguments"]) == ("gunicorn", "nginx", ["-g", "daemon off;"])
    assert web["text"].startswith("gunicorn -b 0.0.0.0:%(ENV_P)s ")
    assert reading.excerpt(web) == "gunicorn -b 0.0.0.0:%(ENV_P)s\n  --timeout 20 app:app"
    listener = reading.one("server.listener")
    assert (listener["port"], listener["host"]) == ("unknown", "0.0.0.0")
    timeout = reading.one("server.timeout", kind="worker")
    assert (timeout["seconds"], timeout["worker_class"]) == (20, "gthread")
    assert reading.excerpt(timeout, "seconds") == "20"


def test_inherited_environment_and_shells(read: Read) -> None:
    text = "[supervisord]\nenvironment=UVICORN_PORT='81'\n[program:a]\n"
    text += "command=bash -c 'pip install x && exec uvicorn a:b'\n"
    reading = read(text, "supervisor")
    assert reading.one("server.listener")["port"] == 81
    assert [fact["category"] for fact in reading.of("shell.command")] == ["package_install", "server"]


@pytest.mark.parametrize("value", ["True", "yes", "1", "on"])
def test_switches(read: Read, value: str) -> None:
    assert read(f"[supervisord]\r\nnodaemon={value}\r\n", "supervisor").one("server.setting")["value"] is True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x=1\n",
        "[supervisord\nnodaemon=true",
        "[program:x]\ncommand=\n",
        "[program:x]\ncommand='a",
        "[]\n= 1\n",
        "[a]\n  x\n",
    ],
)
def test_odd_files(read: Read, text: str) -> None:
    assert read(text, "supervisor").of("shell.command") == [] or "'a" in text
