"""Requests to registries: authentication, redirects, time-outs, and tries when a server stumbles.

Credentials go to the host that the user named and to the one that issues its tokens, and nowhere else.
"""

from __future__ import annotations

import ipaddress
import json
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

from linter import __version__
from linter.image.credentials import credentials_for
from linter.image.model import ImageError
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    import urllib3
    from urllib3 import BaseHTTPResponse

    from linter.image.credentials import Credentials

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
_TRIES = 3
_PAUSE = 0.5
_LONGEST_PAUSE = 5.0
_REDIRECTS = 5
_ANSWER_LIMIT = 1 << 20
_PARAMETER = compiled(r'([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_REASON = compiled(r"verify failed: ([^(]*[^( ])")
_STUMBLES = (500, 502, 503, 504)


class Web:
    """Connections to one registry. `base` is its address, such as `https://host:5000`; `host` as the user wrote it."""

    def __init__(self, base: str, host: str, repository: str) -> None:
        self.base = base
        self._host = host
        self._scope = f"repository:{repository}:pull"
        self._pools: dict[str | None, urllib3.PoolManager] = {}
        self._authorization: str | None = None
        self._credentials: Credentials | None = None
        self._asked = False
        self._lock = threading.Lock()

    def close(self) -> None:
        """Ends all connections."""
        for pool in self._pools.values():
            pool.clear()

    def get(self, path: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """The answer to a request, with status 200 or 206, its body not read yet. Raises ImageError otherwise.

        Without credentials at first; with those that the user has for the registry when it asks for them.
        """
        used = self._authorization
        answer = self._send(self.base + path, headers, used)
        for _ in range(2):
            if answer.status != 401:
                break
            challenge = ", ".join(answer.headers.getlist("WWW-Authenticate"))
            _discard(answer)
            used = self._authorize(challenge, used)
            answer = self._send(self.base + path, headers, used)
        if answer.status in (200, 206):
            return answer
        told = _told(answer)
        raise refusal(answer.status, self._host, path, told)

    def _send(self, url: str, headers: Mapping[str, str], authorization: str | None) -> BaseHTTPResponse:
        """Follows redirects; takes credentials along only to the very server that asked for them."""
        for _ in range(_REDIRECTS):
            own = url.startswith(self.base + "/")
            sent = {**headers, "Authorization": authorization} if own and authorization else dict(headers)
            answer = self._patiently("GET", url, sent)
            target = answer.headers.get("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not target:
                return answer
            _discard(answer)
            target = urljoin(url, target)
            if urlsplit(target).scheme != "https" and urlsplit(url).scheme == "https":
                raise ImageError(
                    f"The registry {self._host} leads from HTTPS to `{urlsplit(target).scheme}`; not followed."
                )
            if urlsplit(target).scheme not in ("http", "https"):
                raise ImageError(f"The registry {self._host} leads to an address that is none of HTTP.")
            url = target
        raise ImageError(f"The registry {self._host} leads from address to address, more than {_REDIRECTS} times.")

    def _patiently(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> BaseHTTPResponse:
        """Tries again when the server stumbles or asks to wait a little."""
        for left in reversed(range(_TRIES)):
            answer = self._once(method, url, headers, body)
            if answer.status not in (429, *_STUMBLES) or not left:
                return answer
            pause = _seconds(answer.headers.get("Retry-After"))
            if pause > _LONGEST_PAUSE:
                return answer
            _discard(answer)
            time.sleep(pause)
        raise AssertionError("the last try returns")

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> BaseHTTPResponse:
        import urllib3

        try:
            return self._pool(url).request(
                method,
                url,
                body=body,
                headers={"User-Agent": f"mllint/{__version__}", "Accept-Encoding": "identity", **headers},
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            )
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(urlsplit(url).netloc.rpartition("@")[2], error) from None

    def _pool(self, url: str) -> urllib3.PoolManager:
        from urllib.request import getproxies, proxy_bypass

        import urllib3

        parts = urlsplit(url)
        proxy = (
            None
            if proxy_bypass(parts.hostname or "") or is_loopback(parts.hostname)
            else getproxies().get(parts.scheme)
        )
        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()
            return self._pools[proxy]

    def _authorize(self, challenge: str, used: str | None) -> str:
        """The value of an Authorization header that answers a challenge. One thread asks, the others wait for it."""
        with self._lock:
            if self._authorization != used and self._authorization:
                return self._authorization
            if not self._asked:
                self._credentials, self._asked = credentials_for(self._host), True
        scheme, parameters = _challenge(challenge)
        if scheme == "bearer" and "realm" in parameters:
            value = self._token(parameters)
        elif scheme == "basic" and self._credentials and self._credentials.user:
            value = self._credentials.basic
        else:
            raise refusal(401, self._host, "", "")
        with self._lock:
            self._authorization = value
        return value

    def _token(self, parameters: Mapping[str, str]) -> str:
        realm = urljoin(self.base, parameters["realm"])
        if urlsplit(realm).scheme != "https" and self.base.startswith("https:"):
            raise ImageError(f"The registry {self._host} wants its tokens fetched without encryption; not done.")
        asked = {"service": parameters.get("service", ""), "scope": parameters.get("scope") or self._scope}
        known = self._credentials
        if known and known.identity_token:
            form = {
                **asked,
                "grant_type": "refresh_token",
                "refresh_token": known.identity_token,
                "client_id": "mllint",
            }
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self._patiently("POST", realm, kind, urlencode(form).encode())
        else:
            url = realm + ("&" if "?" in realm else "?") + urlencode({k: v for k, v in asked.items() if v})
            answer = self._patiently("GET", url, {"Authorization": known.basic} if known else {})
        content = read_all(answer, _ANSWER_LIMIT)
        if answer.status != 200:
            raise refusal(answer.status, self._host, "", "")
        try:
            value = json.loads(content)
            token = value.get("token") or value.get("access_token")
        except (ValueError, AttributeError, RecursionError):
            token = None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise ImageError(f"The registry {self._host} issues tokens that cannot be read.")
        return "Bearer " + token


class Unreachable(ImageError):
    """No answer from a server. `cause` is what the connection said."""

    def __init__(self, host: str, cause: Exception) -> None:
        self.cause = cause
        self.untrusted = "CERTIFICATE_VERIFY_FAILED" in str(cause)
        super().__init__(f"The registry {host} cannot be reached: {_plainly(cause)}.")


def read_all(answer: BaseHTTPResponse, limit: int) -> bytes:
    """The body of an answer, cut one byte behind `limit`. Raises ImageError when it breaks off."""
    import urllib3

    try:
        content = b""
        while len(content) <= limit and (piece := answer.read(limit + 1 - len(content), decode_content=False)):
            content += piece
        return content
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise ImageError(f"An answer of the registry broke off: {_plainly(error)}.") from None
    finally:
        answer.close()


def _discard(answer: BaseHTTPResponse) -> None:
    """Leaves a body unread. The connection can be used again only when the body is out of the way."""
    length = answer.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) <= _ANSWER_LIMIT:
        answer.drain_conn()
        answer.release_conn()
    else:
        answer.close()


def refusal(status: int, host: str, path: str, told: str) -> ImageError:
    """What a status means, and what to do about it."""
    said = f" It says: {told}." if told else ""
    what = path.partition("/v2/")[2].replace("/manifests/", " ").replace("/blobs/", " ")
    if status in (401, 403):
        return ImageError(
            f"The registry {host} does not let you read this image, or has none of that name; "
            f"log in with `docker login {host}`, or check the name.{said}"
        )
    if status == 404:
        return ImageError(f"The registry {host} has no {what}; check the name and the tag.{said}")
    if status == 429:
        return ImageError(f"The registry {host} has had too many requests from you; log in to it, or try later.{said}")
    return ImageError(f"The registry {host} answers with status {status}; try later.{said}")


def _told(answer: BaseHTTPResponse) -> str:
    """The first error that a registry gives in its answer, as one short line."""
    try:
        first = json.loads(read_all(answer, _ANSWER_LIMIT))["errors"][0]
        text = str(first.get("message") or first.get("code") or "")
    except (ImageError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return ""
    return "".join(sign if sign.isprintable() else " " for sign in text[:200]).rstrip(". ")


def _challenge(header: str) -> tuple[str, dict[str, str]]:
    """The scheme and parameters of a challenge; a bearer's, when there are several."""
    at = max(header.lower().find("bearer "), 0)
    scheme = header[at:].split(" ", 1)[0].lower()
    parameters = {m[1].lower(): m[2] if m[2] is not None else m[3] for m in _PARAMETER.finditer(header, at)}
    return scheme, parameters


def _seconds(header: str | None) -> float:
    return float(header) if header and header.isdecimal() else _PAUSE


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine: what is sent there does not leave it."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _plainly(error: Exception) -> str:
    """What went wrong without the names of classes and objects that a connection error is full of."""
    import urllib3

    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return "its name is not known"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return "nothing answers there"
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return "it gave no answer in time"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        why = _REASON.search(str(error))
        return f"its certificate is not trusted{f' ({why[1]})' if why else ''}; name who signed it in SSL_CERT_FILE"
    if isinstance(error, urllib3.exceptions.SSLError):
        return "it does not speak TLS; `registry+http://` goes without"
    inner = next((cause for cause in error.args if isinstance(cause, OSError)), error)
    return (getattr(inner, "strerror", None) or str(inner)).rstrip(". ").lower()
