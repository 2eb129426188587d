"""Images in a registry: what is asked, to whom credentials go, and what is said when it does not work."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from linter.image import registry as registry_module
from linter.image import web
from linter.image.model import ImageError, Platform
from linter.image.registry import RegistrySource, parse_name
from tests.image import packing
from tests.image.fake_registry import FakeRegistry, serving
from tests.image.packing import Image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from linter.image.model import Described

AMD, ARM = Image(), Image("linux/arm64")
LOGIN = "Basic " + base64.b64encode(b"anna:geheim").decode()


@pytest.fixture
def fake() -> Iterator[FakeRegistry]:
    with serving() as registry:
        registry.put(AMD)
        yield registry


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of docker's settings, and no waiting."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.delenv("REGISTRY_AUTH_FILE", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr(registry_module, "_PAUSE", 0)
    monkeypatch.setattr(web, "_PAUSE", 0)
    return tmp_path


def write(settings: Path, value: Any) -> None:
    (settings / "config.json").write_text(json.dumps(value))


def auth(host: str, user: str = "anna:geheim") -> dict[str, Any]:
    return {"auths": {host: {"auth": base64.b64encode(user.encode()).decode()}}}


def source(fake: FakeRegistry, rest: str = "shop/demo:v1") -> RegistrySource:
    return RegistrySource(f"{fake.address}/{rest}", plain=True)


def described(fake: FakeRegistry, rest: str = "shop/demo:v1", platform: Platform | None = None) -> Described:
    with source(fake, rest) as registry:
        return registry.describe(platform or Platform())


def layer(fake: FakeRegistry, number: int = 0, piece: int = 10_000) -> bytes:
    with source(fake) as registry:
        image = registry.describe(Platform())
        with registry.layer(image, number) as stream:
            return b"".join(iter(lambda: stream.read(piece), b""))


def test_manifest_and_configuration_describe_an_image_without_a_layer(fake: FakeRegistry) -> None:
    image = described(fake)
    assert (image.source, image.media_type, image.digest) == (
        "registry",
        packing.OCI_MANIFEST,
        packing.digest(AMD.manifest),
    )
    assert [(layer.digest, layer.size) for layer in image.layers] == [(packing.digest(b), len(b)) for b in AMD.blobs]
    assert image.config["config"] == {"Env": ["A=1"]}
    assert image.tags == (f"{fake.address}/shop/demo:v1",)
    assert [path for path, _ in fake.asked] == [
        "/v2/shop/demo/manifests/v1",
        f"/v2/shop/demo/blobs/{packing.digest(AMD.config)}",
    ]


def test_layers_are_the_stored_bytes(fake: FakeRegistry) -> None:
    assert [layer(fake, number) for number in (0, 1)] == AMD.blobs


def test_the_platform_is_chosen_from_an_index(fake: FakeRegistry) -> None:
    fake.put(ARM)
    index = packing.index([ARM.entry(), AMD.entry()])
    fake.manifests["v1"] = index
    assert described(fake).digest == packing.digest(AMD.manifest)
    assert described(fake, platform=Platform("linux", "arm64")).digest == packing.digest(ARM.manifest)
    assert described(fake).index_media_type == packing.OCI_INDEX
    with pytest.raises(ImageError, match="its platforms are: linux/arm64, linux/amd64"):
        described(fake, platform=Platform("windows", "amd64"))


def test_a_registry_on_this_machine_may_lack_encryption(fake: FakeRegistry) -> None:
    with RegistrySource(f"{fake.address}/shop/demo:v1") as registry:
        assert registry.describe(Platform()).digest == packing.digest(AMD.manifest)


@pytest.mark.parametrize("address", ["127.evil.example", "localhost.example", "10.0.0.1:5000"])
def test_no_other_registry_is_spoken_to_without_encryption(address: str) -> None:
    assert RegistrySource(f"{address}/demo:v1")._may_fall_back is False


def bearer(fake: FakeRegistry) -> None:
    fake.challenge = (
        f'Bearer realm="http://{fake.address}/token",service="the service",scope="repository:shop/demo:pull"'
    )
    fake.authorized = {"Bearer the-token"}


def test_a_token_is_fetched_once_when_it_is_asked_for(fake: FakeRegistry) -> None:
    bearer(fake)
    assert layer(fake) == AMD.blobs[0]
    assert [path for path, _ in fake.asked if "token" in path] == [
        "/token?service=the+service&scope=repository%3Ashop%2Fdemo%3Apull"
    ]
    assert fake.sent("/token") == [None]
    assert fake.sent("/v2/") == [None, *["Bearer the-token"] * 3]


def test_a_login_goes_to_the_server_of_tokens_alone(fake: FakeRegistry, settings: Path) -> None:
    bearer(fake)
    write(settings, auth(fake.address))
    described(fake)
    assert fake.sent("/token") == [LOGIN]
    assert LOGIN not in fake.sent("/v2/")


def test_an_identity_token_is_exchanged(fake: FakeRegistry, settings: Path) -> None:
    bearer(fake)
    fake.token = {"access_token": "the-token"}
    write(settings, {"auths": {f"https://{fake.address}/v1/": {"identitytoken": "refresh-me"}}})
    described(fake)
    assert any("refresh_token=refresh-me" in path for path, _ in fake.asked)


def test_a_token_that_has_run_out_is_fetched_anew(fake: FakeRegistry) -> None:
    bearer(fake)
    with source(fake) as registry:
        image = registry.describe(Platform())
        fake.token, fake.authorized = {"token": "second"}, {"Bearer second"}
        with registry.layer(image, 0) as stream:
            assert stream.read(1 << 20) == AMD.blobs[0]


def test_a_basic_login(fake: FakeRegistry, settings: Path) -> None:
    fake.challenge, fake.authorized = 'Basic realm="x"', {LOGIN}
    with pytest.raises(ImageError, match=r"does not let you read this image.*docker login"):
        described(fake)
    write(settings, auth(fake.address))
    assert described(fake).layers


def test_a_wrong_login_is_said_and_not_tried_for_ever(fake: FakeRegistry, settings: Path) -> None:
    fake.challenge = 'Basic realm="x"'
    write(settings, auth(fake.address, "anna:wrong"))
    with pytest.raises(ImageError, match="docker login"):
        described(fake)
    assert len(fake.asked) <= 3


@pytest.mark.skipif(sys.platform == "win32", reason="the helper of the test is a shell script")
def test_credential_helpers(fake: FakeRegistry, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.challenge, fake.authorized = 'Basic realm="x"', {LOGIN}
    program = settings / "docker-credential-shop"
    told = json.dumps({"Username": "anna", "Secret": "geheim"})
    program.write_text(f'#!/bin/sh\nread server\n[ "$server" = "{fake.address}" ] || exit 1\necho \'{told}\'\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{settings}:/usr/bin:/bin")
    write(settings, {"credHelpers": {fake.address: "shop"}})
    assert described(fake).layers
    write(settings, {"credsStore": "shop"})
    assert described(fake).layers
    write(settings, {"credsStore": "absent"})
    with pytest.raises(ImageError, match=r"`docker-credential-absent` .* not on PATH"):
        described(fake)
    write(settings, {"credsStore": "../../tmp/evil"})
    with pytest.raises(ImageError, match="no name of a program"):
        described(fake)
    program.write_text("#!/bin/sh\necho credentials not found in native keychain\nexit 1\n")
    write(settings, {"credsStore": "shop", **auth(fake.address)})
    assert described(fake).layers, "a store that knows nothing leaves the rest of the settings"
    program.write_text("#!/bin/sh\necho nonsense\n")
    with pytest.raises(ImageError, match="not in the form"):
        described(fake)


def test_credentials_do_not_follow_a_redirect_to_another_host(fake: FakeRegistry, settings: Path) -> None:
    fake.challenge, fake.authorized = 'Basic realm="x"', {LOGIN}
    write(settings, auth(fake.address))
    with serving() as other:
        other.blobs = fake.blobs
        for blob in (*AMD.blobs, AMD.config):
            name = packing.digest(blob)
            fake.redirect[f"/v2/shop/demo/blobs/{name}"] = f"http://{other.address}/elsewhere/{name}"
        assert layer(fake) == AMD.blobs[0]
        assert other.asked
        assert other.sent("/elsewhere/") == [None] * len(other.asked)


def test_redirects_end_and_do_not_leave_http(fake: FakeRegistry) -> None:
    path = "/v2/shop/demo/manifests/v1"
    fake.redirect[path] = path
    with pytest.raises(ImageError, match="from address to address"):
        described(fake)
    fake.redirect[path] = "file:///etc/passwd"
    with pytest.raises(ImageError, match="none of HTTP"):
        described(fake)


@pytest.mark.parametrize("ranges", [True, False])
def test_a_stream_that_breaks_is_taken_up_where_it_broke(fake: FakeRegistry, ranges: bool) -> None:
    fake.ranges = ranges
    with source(fake) as registry:
        image = registry.describe(Platform())
        fake.breaks_after = [100, 50] if ranges else [100, 150]
        with registry.layer(image, 0) as stream:
            assert b"".join(iter(lambda: stream.read(64), b"")) == AMD.blobs[0]
    assert not fake.breaks_after


def test_a_stream_that_breaks_always_is_given_up(fake: FakeRegistry) -> None:
    with source(fake) as registry:
        image = registry.describe(Platform())
        fake.breaks_after = [10] * 50
        with (
            registry.layer(image, 0) as stream,
            pytest.raises(ImageError, match=r"broke off layer 1 at 50 of \d+ bytes"),
        ):
            list(iter(lambda: stream.read(64), b""))


def test_no_more_is_read_of_a_blob_than_the_manifest_says(fake: FakeRegistry) -> None:
    with source(fake) as registry:
        image = registry.describe(Platform())
        fake.blobs[image.layers[0].digest] += b"and more"
        with registry.layer(image, 0) as stream:
            assert stream.read(1 << 20) == AMD.blobs[0]
            assert stream.read(1) == b""


def test_a_manifest_that_is_not_the_one_asked_for(fake: FakeRegistry) -> None:
    wanted = packing.digest(AMD.manifest)
    assert described(fake, f"shop/demo@{wanted}").tags == ()
    fake.manifests[wanted] = ARM.manifest
    with pytest.raises(ImageError, match="another manifest than the digest"):
        described(fake, f"shop/demo@{wanted}")


def test_a_wrong_docker_content_digest_is_a_problem(fake: FakeRegistry) -> None:
    fake.headers = {"Docker-Content-Digest": "sha256:" + "0" * 64}
    assert [problem.code for problem in described(fake).problems] == ["digest-mismatch"]
    fake.headers = {"Docker-Content-Digest": packing.digest(AMD.manifest)}
    assert not described(fake).problems


def test_a_wrong_configuration_is_a_problem(fake: FakeRegistry) -> None:
    fake.blobs[packing.digest(AMD.config)] = AMD.config.replace(b"A=1", b"A=2")
    assert [problem.code for problem in described(fake).problems] == ["digest-mismatch"]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "does not let you read"),
        (404, r"has no shop/demo v1; check the name and the tag\. It says: because of that\."),
        (429, "too many requests"),
        (418, "status 418"),
        (500, "status 500"),
    ],
)
def test_refusals_are_told_with_the_remedy(fake: FakeRegistry, status: int, message: str) -> None:
    fake.statuses = [status] * 3
    with pytest.raises(ImageError, match=message):
        described(fake)


def test_a_server_that_stumbles_is_asked_again(fake: FakeRegistry) -> None:
    fake.statuses = [503, 429, 200, 502]
    assert described(fake).layers


def test_nobody_waits_long_for_a_busy_server(fake: FakeRegistry) -> None:
    fake.statuses, fake.retry_after = [429], "3600"
    with pytest.raises(ImageError, match="too many requests"):
        described(fake)
    assert len(fake.asked) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"[" * 10_000, b'{"a": 1}', b"[]", b"\xff\xfe"])
def test_what_is_no_manifest_gives_one_sentence(fake: FakeRegistry, content: bytes) -> None:
    fake.manifests["v1"] = content
    with pytest.raises(ImageError, match=r"manifest|neither an image"):
        described(fake)


def test_a_manifest_without_end_is_cut(fake: FakeRegistry) -> None:
    fake.manifests["v1"] = b'{"a": "' + b"x" * (9 << 20) + b'"}'
    with pytest.raises(ImageError, match="larger than 8 MiB"):
        described(fake)


@pytest.mark.parametrize("token", [[], {}, {"token": 3}, {"token": "a\r\nHost: b"}, {"token": ""}])
def test_a_token_that_is_none_is_not_used(fake: FakeRegistry, token: object) -> None:
    bearer(fake)
    fake.token = token
    with pytest.raises(ImageError, match="tokens that cannot be read"):
        described(fake)


def test_encryption_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry on the loopback address that has a certificate of nobody's is not spoken to without encryption."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed, which makes the certificate of this test")
    key, certificate = str(tmp_path / "key"), str(tmp_path / "certificate")
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", names]
    subprocess.run([program, *made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with serving((certificate, key)) as fake:
        fake.put(AMD)
        name = f"{fake.address}/shop/demo:v1"
        with (
            RegistrySource(name) as registry,
            pytest.raises(ImageError, match=r"certificate is not trusted"),
        ):
            registry.describe(Platform())
        assert not fake.asked
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        with RegistrySource(name) as registry:
            assert registry.describe(Platform()).digest == packing.digest(AMD.manifest)


def test_nobody_answers() -> None:
    with (
        RegistrySource("127.0.0.1:9/demo:v1", plain=True) as registry,
        pytest.raises(ImageError, match="nothing answers there"),
    ):
        registry.describe(Platform())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("demo", ("docker.io", "library/demo", "latest")),
        ("shop/demo:v1", ("docker.io", "shop/demo", "v1")),
        ("localhost/demo", ("localhost", "demo", "latest")),
        ("host:5000/a/b.c__d-e:V1", ("host:5000", "a/b.c__d-e", "V1")),
        (
            "1.dkr.ecr.us-east-1.amazonaws.com/x@sha256:" + "a" * 64,
            ("1.dkr.ecr.us-east-1.amazonaws.com", "x", "sha256:" + "a" * 64),
        ),
        ("[::1]:5000/x", ("[::1]:5000", "x", "latest")),
    ],
)
def test_names(text: str, expected: tuple[str, str, str]) -> None:
    name = parse_name(text)
    assert (name.host, name.repository, name.reference) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Demo",
        "a b",
        "host.x/",
        "host.x/../b",
        "host.x/a:",
        "a@sha256:12",
        "host.x/a?b",
        "ho st.x/a",
        "host.x/" + "a" * 300,
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ImageError, match="write `host/name:tag`"):
        parse_name(text)
