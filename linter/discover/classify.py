"""What a file is, by its name and, where names do not settle it, its first bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

from linter.lazy import compiled
from linter.references.shells import SHELLS

HEAD_BYTES = 4096
MANIFEST_BYTES = 4 * 1024 * 1024
"""How far a JSON or YAML file is searched for the member names of a request."""

Peek = Callable[[int], bytes]

_NOT_A_DOCKERFILE = compiled(r"\.(md|rst|py|pyc|sh|json|ya?ml|html?|ipynb|png|pdf|log|tf|toml|js|ts|go|java)$", re.I)
_DOCKERFILE = compiled(r"^(?:(?:docker|container)file(?:[._-].*)?|.+[._-](?:docker|container)file(?:\.[\w-]+)?)$", re.I)
_TEMPLATE_SUFFIX = compiled(r"\.(j2|jinja2?|tmpl|tpl|template|in|dist|example|sample)$", re.I)
_NGINX_NAME = compiled(r"^(?:nginx[\w.-]*|.+\.nginx|.*nginx[\w-]*\.conf)$", re.I)
_BACKUP = compiled(r"(\.(o|orig|bak|old|save|swp|rej)|~)$", re.I)
_NGINX_TEXT = compiled(rb"^\s*(?:server|http|events|upstream\s+\S+|location\s[^\n{]+)\s*\{", re.M)
_SUPERVISOR_TEXT = compiled(rb"^\s*\[(?:program:|supervisord)", re.M)
_HAPROXY_TEXT = compiled(rb"^(?:backend|listen)[ \t]+\S+[\s\S]{0,4000}?^[ \t]+server[ \t]+\S+[ \t]+\S", re.M)
_ENVOY_TEXT = compiled(rb"\bsocket_address\b")
_GUNICORN_NAME = compiled(r"^(?:.*gunicorn.*\.py|gunicorn\.conf)$", re.I)
_SHEBANG = compiled(rb"^(?:\xef\xbb\xbf)?#![ \t]*(\S+)(?:[ \t]+(?:-[A-Za-z]+[ \t]+)?(\S+))?")
_SHELLS = frozenset(name.encode() for name in SHELLS)
_CADDY_NAME = compiled(r"^(?:caddyfile(?:[._-].*)?|.+\.caddyfile)$")
_OTHER_PROXY_TEXT = compiled(
    rb"^[ \t]*(?:ProxyPass(?:Match)?|BalancerMember)[ \t]+\S|^[ \t]*(?:proxy|fastcgi|scgi|uwsgi)\.server[ \t]*\+?=",
    re.M | re.I,
)
_TRAEFIK_TEXT = compiled(rb"\bloadBalancer\b[\s\S]{0,400}?\bservers\b")
_PYTHON = compiled(rb"(?:i?python|pypy)[\d.]*$")
_PYTHON_TEXT = compiled(rb"^(?:import[ \t]+\w|from[ \t]+[\w.]+[ \t]+import\b|def[ \t]+\w+\(|class[ \t]+\w+[(:])", re.M)
_PYTHON_SUFFIXES = (".py", ".pyw")
_SCRIPT_SUFFIXES = (".r", ".pl", ".js", ".rb", ".mjs")
_START_NAMES = frozenset({"serve", "train"})
_CRON_NAME = compiled(
    r"(?:^|/)(?:cron\.d|crontabs)/[\w-]+$|(?:^|[/_-])cron(?:tab|jobs?|file)?(?:[._-](?:txt|tab|jobs?))?$|\.cron(?:tab)?$"
)
_CRON_TEXT = compiled(
    rb"^[ \t]*(?:@(?:reboot|hourly|daily|weekly|monthly)|[\d*/,-]+(?:[ \t]+[\w*/,-]+){4})[ \t]+\S", re.M
)
_COMPOSE_NAME = compiled(r"^(?:(?:docker|podman|container)-)?compose(?:[._-][\w.-]+)?\.ya?ml$")
_COMPOSE_TEXT = compiled(rb"^services[ \t]*:[\s\S]*?^[ \t]+build[ \t]*:", re.M)
_PIPELINE_NAME = compiled(
    r"(?:^|/)(?:\.github/workflows/[^/]+|buildspec[\w.-]*|\.gitlab-ci|azure-pipelines[\w.-]*|bitbucket-pipelines"
    r"|cloudbuild[\w.-]*|\.circleci/config)\.ya?ml$"
)
_PIPELINE_TEXT = compiled(rb"docker/build-push-action|\bbuildx\b")
_PROJECT = {
    "pyproject.toml": compiled(
        rb"^[ \t]*\[(?:project|tool\.poetry)\.scripts\]|^dependencies[ \t]*=|^\[tool\.poetry\.dependencies\]", re.M
    ),
    "setup.cfg": compiled(rb"^[ \t]*console_scripts[ \t]*=", re.M),
}
_MANIFEST_SUFFIXES = (".json", ".yaml", ".yml", ".jsonc")
# Names by which serving stacks find their settings beside a model; the table `model_files` says what counts in each.
# Other programs use some of the names too: those files are known by what they say.
_MODEL_FILE = compiled(
    r"^(?:serving\.(?:properties|template)|adapter_config\.json|tokenizer_config\.json|(?:pre)?processor_config\.json"
    r"|generation_config\.json|model_index\.json|config_sentence_transformers\.json)$"
)
_MAYBE_MODEL_FILE = {
    "config.json": compiled(rb'"(?:model_type|architectures|auto_map|mm_vision_tower|transformers_version)"'),
    "modules.json": compiled(rb'"idx"|sentence_transformers'),
    "config.properties": compiled(
        rb"^[ \t]*(?:inference_address|model_store|load_models|install_py_dep_per_model|default_workers_per_model"
        rb"|model_snapshot)[ \t]*[=:]",
        re.M,
    ),
}
_POLICY_TEXT = compiled(rb'^\s*\{(?:\s*"(?:Version|Id)"\s*:\s*"[^"]{0,100}"\s*,)*\s*"(?:Statement|Policy)"\s*:')
_ROLE_TEXT = compiled(rb"AWS::IAM::Role\b|\baws_iam_role\b")
_GRANT_TEXT = compiled(rb"AWS::S3::BucketPolicy\b|\baws_s3_bucket_policy\b")
_SELLING_SERVICE = compiled(rb"\b(?:sagemaker|marketplace)\.amazonaws\.com\b|(?i:marketplace)")
_WEIGHTS = compiled(rb"(?:torchvision|open-?mmlab|mmcls|mmpretrain|detectron2|catalog|modelzoo)://")
_LOCKED = compiled(r"^(?:poetry\.lock|uv\.lock|pdm\.lock|pipfile(?:\.lock)?|(?:environment|conda)[\w.-]*\.ya?ml)$")
_REQUIREMENTS = compiled(r"^requirements[\w.-]*\.txt$")
_PACKED = (".gz", ".zip", ".xlsx")
_PICTURES = (".jpg", ".jpeg", ".tif", ".tiff")
_UNREAD = compiled(
    r"\.(?:parquet|orc|avro|feather|arrow|xlsx?|pdf|docx|zip|gz|tar|tgz|np[yz]|pkl|pickle|h5|tfrecord|recordio|wav|mp[34]|dcm)$",
    re.I,
)
_DATA_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".jsonlines")
_ARCHIVE = compiled(
    r"(?:^|[/_.-])(?:models?|modelos?|weights|artifacts?|checkpoints?)(?=[/_.-]).*\.(?:tar\.gz|tgz)$", re.I
)
# Texts of a listing have telling names; READMEs are looked into for headings that are a listing's.
_LISTING_TEXT = compiled(
    r"(?:usage|listing|marketplace|description)[\w -]*\.(?:md|txt|markdown)$|^readme\.(?:md|markdown)$"
)
_LISTING_HEADING = compiled(
    rb"^#{1,6}[^\w\n]{1,10}(?:usage (?:information|instructions?)|(?:product )?highlights"
    rb"|(?:(?:short|long|full|product|listing|marketplace) ){1,3}description)[^\w\n]{0,10}$",
    re.M | re.I,
)
# Settings are read for what has the form of a credential or is the address of a store, those of a Spring application
# for where it listens.
_SECRET_TEXT = compiled(
    rb"\b(?:AKIA|ASIA)[A-Z0-9]{12}|\b(?:ghp|hf)_[A-Za-z0-9]{20}|\bsk-[A-Za-z0-9_-]{32}"
    rb"|-----BEGIN[A-Z ]{0,20} PRIVATE KEY-----|aws_secret_access_key"
)
_SECRET_HINTS = (b"AKIA", b"ASIA", b"ghp_", b"hf_", b"sk-", b"PRIVATE KEY", b"aws_secret_access_key")
"""One of these stands in each of them: finding a text is much faster than trying the expression everywhere."""
_STORE_TEXT = compiled(
    rb"\b(?:rediss?|postgres(?:ql)?|mysql|mariadb|mongodb|amqps?|cassandra|memcached|clickhouse|mssql|oracle)(?:\+\w{1,30})?://"
)
_SETTINGS_NAME = compiled(
    r"^(?:\.env(?:[._-].*)?|.+\.env|\.npmrc|\.pypirc|[._]netrc|\.git-credentials|credentials|id_(?:rsa|dsa|ecdsa|ed25519)"
    r"|.+\.(?:pem|key|ppk|toml|ini|cfg|conf|properties))$"
)
_SPRING_NAME = compiled(r"^application\.(?:properties|ya?ml)$")
_SPRING_TEXT = compiled(rb"^[ \t]*(?:server|spring)[.:]", re.M)
# Makefiles whose commands handle images or call AWS, and Terraform that creates what is sold.
_MAKEFILE = compiled(r"^(?:gnu)?makefile$|\.mk$")
_HANDLED = compiled(rb"\b(?:aws|docker|podman|buildah|nerdctl)\b")
_TERRAFORM = compiled(rb"\bawscc_sagemaker_model_package\b|:sagemaker:create(?:ModelPackage|Algorithm)\b")
_SOURCE = compiled(r"\.(?:r|[cm]?[jt]s|java|scala|kts?|groovy|go|lua|jl|p[lm]|rb)$")


def kind_of(path: str, size: int, peek: Peek) -> str | None:
    """The kind of artifact a file is, or None for a file that no inspector reads.

    `peek(n)` gives the first n bytes and may raise OSError.
    """
    name = path.rsplit("/", 1)[-1]
    lower = name.lower()
    if _BACKUP.search(lower):
        return None
    if lower.endswith(".dockerignore"):
        return "dockerignore"
    if _DOCKERFILE.match(lower) and not _NOT_A_DOCKERFILE.search(lower):
        return "dockerfile"
    stem = _TEMPLATE_SUFFIX.sub("", lower)
    if size and _SPRING_NAME.match(lower) and _SPRING_TEXT.search(peek(HEAD_BYTES * 4)):
        return "settings"
    if stem.endswith(_DATA_SUFFIXES):
        return _data(path, size)
    if (
        _MODEL_FILE.match(stem)
        or _MODEL_FILE.match(lower)  # a template may be known by its ending alone
        or (stem in _MAYBE_MODEL_FILE and _MAYBE_MODEL_FILE[stem].search(peek(HEAD_BYTES * 4)))
    ):
        return "model_configuration" if size else None
    if _REQUIREMENTS.match(lower):
        return "requirements"
    if size and lower.endswith(".lic"):
        return "licence"
    if size and _LOCKED.match(lower) and (not lower.endswith("ml") or b"dependencies:" in peek(HEAD_BYTES)):
        return "locked"
    if size and lower in _PROJECT:
        return "python_project" if _PROJECT[lower].search(peek(HEAD_BYTES * 16)) else None
    if size and _COMPOSE_NAME.match(lower) and _COMPOSE_TEXT.search(peek(HEAD_BYTES * 16)):
        return "compose"
    if stem.endswith(_MANIFEST_SUFFIXES) or (lower.endswith(".template") and "." not in stem):
        data = _json(path, size, peek) if lower.endswith(".json") else None
        is_pipeline = size > 0 and _is_pipeline(path, peek)
        # A compose file says what runs beside the container on somebody's machine, a pipeline what builds it.
        settings = data is None and not _COMPOSE_NAME.match(lower) and not is_pipeline
        found = _manifest(size, peek, settings)
        if data and found == "settings":  # samples are samples with credentials too
            return data
        return found or data or ("pipeline" if is_pipeline else None)
    if _GUNICORN_NAME.match(stem):
        return "gunicorn"
    if stem.endswith((".sh", ".bash", ".ksh")):
        return "shell"
    if lower == "spark-defaults.conf":
        return "source"
    if stem.endswith((".conf", ".ini", ".cfg", ".nginx")) or _NGINX_NAME.match(lower):
        return _configuration(stem, peek)
    if lower.endswith(".ipynb"):
        return "notebook"
    if _CADDY_NAME.match(lower) or (lower.endswith(".toml") and _TRAEFIK_TEXT.search(peek(HEAD_BYTES * 4))):
        return "proxy" if size else None
    if "cron" in path and _CRON_NAME.search(path.lower()) and size and _CRON_TEXT.search(peek(HEAD_BYTES)):
        return "cron"
    if "." not in name or lower.endswith(_SCRIPT_SUFFIXES + _PYTHON_SUFFIXES):
        program = _program(name, size, peek)
        if program:
            return program
    if size and _LISTING_TEXT.search(lower) and _is_listing_text(lower, peek):
        return "listing_text"
    if lower.endswith(".txt"):
        return _data(path, size)
    if lower.endswith((".tar.gz", ".tgz")):
        return _archive(path, size)
    if lower.endswith(_PICTURES):
        return _picture(path, size)
    if lower.endswith(_PACKED):
        return _packed(path, size)
    if size and _MAKEFILE.search(lower):
        return "makefile" if _HANDLED.search(peek(HEAD_BYTES * 16)) else None
    if size and lower.endswith(".tf"):
        return "terraform" if _TERRAFORM.search(peek(HEAD_BYTES * 64)) else None
    if size and _SETTINGS_NAME.match(lower):
        return _told_settings(peek(HEAD_BYTES * 16))
    return "source" if size and _SOURCE.search(lower) else None


def _told_settings(data: bytes, head: bytes | None = None) -> str | None:
    """The kind of a file of settings: one that holds a credential, or the address of a store in its `head`."""
    if _holds_secret(data):
        return "settings"
    head = data if head is None else head
    return "store_settings" if b"://" in head and _STORE_TEXT.search(head) else None


def _holds_secret(data: bytes) -> bool:
    """Whether a text has something of the form of a credential in it."""
    return any(hint in data for hint in _SECRET_HINTS) and _SECRET_TEXT.search(data) is not None


def _picture(path: str, size: int) -> str | None:
    """Pictures where samples lie: what they show is nobody's to judge, what the camera wrote into them is."""
    from linter.inspect.samples.place import is_of_others, place_of

    return "picture" if size and place_of(path) and not is_of_others(path) else None


def _packed(path: str, size: int) -> str | None:
    from linter.inspect.samples.place import packed_format

    return "packed_data" if size and packed_format(path) else None


def is_unread_sample(path: str) -> bool:
    """Whether a file is sample data of a format that nothing here reads."""
    if not _UNREAD.search(path):
        return False
    from linter.inspect.samples.place import is_of_others, place_of

    return place_of(path) is not None and not is_of_others(path)


def _is_listing_text(name: str, peek: Peek) -> bool:
    return not name.startswith("readme.") or _LISTING_HEADING.search(peek(HEAD_BYTES * 16)) is not None


def _json(path: str, size: int, peek: Peek) -> str | None:
    head = peek(HEAD_BYTES) if size else b""
    if _POLICY_TEXT.search(head) and b"Principal" in head and b"s3:" in head:
        return "access_policy"
    return _data(path, size)


def _data(path: str, size: int) -> str | None:
    """Data by its name and place alone: there may be thousands of such files."""
    from linter.inspect.samples.place import format_of

    return "data" if size and format_of(path) else None


def _archive(path: str, size: int) -> str | None:
    """Archives of models, by their names and folders; those of tests and packages are nobody's product."""
    from linter.inspect.samples.place import is_of_others

    return "model_archive" if size and _ARCHIVE.search(path) and not is_of_others(path) else None


def _is_pipeline(path: str, peek: Peek) -> bool:
    """Whether a file is a build pipeline that may build images with BuildKit."""
    return _PIPELINE_NAME.search(path.lower()) is not None and _PIPELINE_TEXT.search(peek(HEAD_BYTES * 16)) is not None


def _manifest(size: int, peek: Peek, may_set: bool) -> str | None:
    from linter.inspect.manifest import looks_like_manifest

    data = peek(MANIFEST_BYTES) if size else b""
    if looks_like_manifest(data):
        return "manifest"
    if (_ROLE_TEXT.search(data) and _SELLING_SERVICE.search(data)) or _GRANT_TEXT.search(data):
        return "access_policy"
    if b"static_resources" in data and _ENVOY_TEXT.search(data):
        return "proxy"
    if b"loadBalancer" in data and _TRAEFIK_TEXT.search(data[: HEAD_BYTES * 4]):
        return "proxy"
    if _WEIGHTS.search(data):
        return "model_configuration"
    return _told_settings(data, data[: HEAD_BYTES * 16] if may_set else b"")


def _configuration(name: str, peek: Peek) -> str | None:
    head = peek(HEAD_BYTES * 4)
    if _SUPERVISOR_TEXT.search(head):
        return "supervisor"
    if name.endswith(".cfg") and _HAPROXY_TEXT.search(head):
        return "proxy"
    if name.endswith((".ini", ".cfg")):
        return _told_settings(peek(HEAD_BYTES * 16))
    if _OTHER_PROXY_TEXT.search(head):
        return "proxy"
    if _NGINX_TEXT.search(head) or (_NGINX_NAME.match(name) and b";" in head and b"\x00" not in head):
        return "nginx"
    return None


def _program(name: str, size: int, peek: Peek) -> str | None:
    """Scripts by their first line; `serve` and `train` also without one, since SageMaker starts them by name."""
    head = peek(HEAD_BYTES) if size else b""
    found = _SHEBANG.match(head)
    if found:
        # `#!/usr/bin/env python`, and `#!/usr/bin python`, which runs as an argument of the interpreter all the same
        for interpreter in (each.rsplit(b"/", 1)[-1] for each in found.groups() if each):
            if interpreter in _SHELLS:
                return "shell"
            if _PYTHON.match(interpreter):
                return "python"
    if name.lower().endswith(_PYTHON_SUFFIXES):  # also with a first line that names no interpreter: others import it
        return "python"
    if found:
        return "script"
    if name in _START_NAMES:
        return "python" if _PYTHON_TEXT.search(head) else "script"
    return None
