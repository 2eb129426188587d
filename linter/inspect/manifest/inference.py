"""Facts about an inference specification and its containers."""

from __future__ import annotations

from linter.inspect.manifest.instances import machines
from linter.inspect.manifest.request import NO, YES, Node, without_signature
from linter.model import UNKNOWN
from linter.references import MASK, mask

ADDITIONAL = "AdditionalInferenceSpecifications"


def inference_fact(node: Node) -> None:
    """The `manifest.inference` of an inference specification."""
    lists = ("SupportedTransformInstanceTypes", "SupportedRealtimeInferenceInstanceTypes")
    fields = {
        "place": "additional" if ADDITIONAL in node.pointer else "main",
        "container_count": node.count("Containers"),
        "transform_types_count": node.count(lists[0]),
        "realtime_types_count": node.count(lists[1]),
        "transform_types": node.texts(lists[0]),
        "realtime_types": node.texts(lists[1]),
        "content_types": node.texts("SupportedContentTypes"),
        "response_types": node.texts("SupportedResponseMIMETypes"),
        **machines(node, *lists),
    }
    spans = {
        "container_count": "Containers",
        "transform_types_count": lists[0],
        "realtime_types_count": lists[1],
        "transform_types": lists[0],
        "realtime_types": lists[1],
        "content_types": "SupportedContentTypes",
        "response_types": "SupportedResponseMIMETypes",
    }
    node.request.emit("manifest.inference", node, fields, node.spans(**spans))


def digest_matches(image: str | None, digest: str | None) -> str:
    """Whether the digest in an image's name and the one beside it agree; unknown when either is not given."""
    if not image or not digest or UNKNOWN in (image, digest) or "@" not in image:
        return UNKNOWN
    return YES if image.rsplit("@", 1)[1].lower() == digest.lower() else NO


def container_fact(node: Node) -> None:
    """The `manifest.container` of one container."""
    image, digest = node.text("Image"), node.text("ImageDigest")
    url, url_ok = _archive(node, "ModelDataUrl")
    data = node.path("ModelDataSource", "S3DataSource") if node.holds("ModelDataSource") else None
    source_uri, source_ok = _archive(data, "S3Uri")
    has_url, has_source = node.has("ModelDataUrl"), node.has("ModelDataSource")
    fields = {
        "index": node.index,
        "place": "additional" if ADDITIONAL in node.pointer else "main",
        "image": image,
        "image_digest": digest,
        "digest_matches": digest_matches(image, digest),
        "hostname": node.text("ContainerHostname"),
        "has_model_data": _either(has_url, has_source),
        "model_data_form": _form(has_url, has_source),
        "model_data_url": url,
        "model_data_suffix_ok": url_ok,
        "source_uri": source_uri,
        "source_suffix_ok": source_ok,
        "s3_data_type": data.text("S3DataType") if data else None,
        "compression": data.text("CompressionType") if data else None,
        "uri_ends_with_slash": ends_with(source_uri, "/"),
        "additional_sources": node.count("AdditionalModelDataSources"),
        "product_id": node.text("ProductId"),
        "environment_count": node.count("Environment"),
        "hub_access": bool(data and data.holds("HubAccessConfig")),
        "base_model": node.holds("BaseModel"),
    }
    spans = {
        "image": "Image",
        "image_digest": "ImageDigest",
        "digest_matches": "ImageDigest",
        "hostname": "ContainerHostname",
        "model_data_form": "ModelDataSource",
        "model_data_url": "ModelDataUrl",
        "model_data_suffix_ok": "ModelDataUrl",
        "additional_sources": "AdditionalModelDataSources",
        "product_id": "ProductId",
        "environment_count": "Environment",
        "base_model": "BaseModel",
    }
    places = node.spans(**spans)
    if data:
        places |= data.spans(
            source_uri="S3Uri",
            source_suffix_ok="S3Uri",
            uri_ends_with_slash="S3Uri",
            s3_data_type="S3DataType",
            compression="CompressionType",
            hub_access="HubAccessConfig",
        )
    node.request.emit("manifest.container", node, fields, places)


def ends_with(text: str | None, suffix: str | tuple[str, ...]) -> str | None:
    """Whether a text ends so: yes, no, unknown; None without a text."""
    if text is None or text == UNKNOWN:
        return text
    return YES if text.endswith(suffix) else NO


def _archive(node: Node | None, member: str) -> tuple[str | None, str | None]:
    """An address, and whether it ends like that of an archive: yes, no, unknown, None without one.

    The end of an address says so even where something before it is still to be filled in.
    """
    url = node.uri(member) if node else None
    if node is None or url is None:
        return None, None
    suffix: str = node.request.knowledge.figure("quotas.manifest.model_archive_suffix")
    if url != UNKNOWN:
        return url, ends_with(url.partition("?")[0], suffix)  # a signature is judged elsewhere
    child = node.child(member)
    text = child.reference if child and (isinstance(child.value, str) or child.unknown) else UNKNOWN
    tail = mask(text).rpartition(MASK)[2]
    if MASK not in mask(text) or suffix.endswith(tail) or "?" in tail:
        return UNKNOWN, UNKNOWN
    return without_signature(text), YES if tail.endswith(suffix) else NO


def _either(url: str, source: str) -> str:
    if YES in (url, source):
        return YES
    return UNKNOWN if UNKNOWN in (url, source) else NO


def _form(url: str, source: str) -> str:
    if YES in (url, source) and UNKNOWN not in (url, source):
        return "both" if url == source else ("url" if url == YES else "source")
    return "none" if url == source == NO else UNKNOWN
