"""Where facts stand, in every way of writing a file."""

import pytest

JSON = """{
  "ModelPackageName": "acme_ocr",
  "InferenceSpecification": {
    "Containers": [
      {
        "Image": "<ImageURI>",
        "Environment": {"HF_MODEL_ID": "google/flan-t5-base"}
      }
    ],
    "SupportedTransformInstanceTypes": ["ml.m5.xlarge", "m5.large"],
    "SuportedContentTypes": ["text/csv"]
  }
}
"""
YAML = """# request
ModelPackageName: acme_ocr
InferenceSpecification:
  Containers:
    - Image: <ImageURI>
      Environment:
        HF_MODEL_ID: 'google/flan-t5-base'
  SupportedTransformInstanceTypes:
    - ml.m5.xlarge
    - m5.large
  SuportedContentTypes: [text/csv]
"""


def test_json_places(read):
    reading = read(JSON)
    package = reading.one("model_package")
    assert reading.excerpt(package) == "{"
    assert reading.excerpt(package, "name") == '"acme_ocr"'
    assert reading.excerpt(package, "group") == "{"
    assert reading.excerpt(reading.one("inference")) == '"InferenceSpecification": {'
    assert reading.excerpt(reading.one("inference"), "transform_types_count") == "["
    assert reading.excerpt(reading.one("container"), "image") == '"<ImageURI>"'
    assert reading.excerpt(reading.one("placeholder"), "text") == "<ImageURI>"
    entry = reading.one("environment")
    assert reading.excerpt(entry) == '"HF_MODEL_ID": "google/flan-t5-base"'
    assert reading.excerpt(entry, "key") == '"HF_MODEL_ID"'
    assert reading.excerpt(entry, "value") == '"google/flan-t5-base"'
    assert reading.excerpt(reading.one("instance_type", value="m5.large")) == '"m5.large"'
    stranger = reading.one("member")
    assert stranger["suggestion"] == "SupportedContentTypes"
    assert reading.excerpt(stranger, "member") == '"SuportedContentTypes"'
    assert reading.excerpt(reading.one("value")) == '"ModelPackageName": "acme_ocr"'
    assert stranger["pointer"] == "/InferenceSpecification/SuportedContentTypes"


def test_yaml_places(read):
    reading = read(YAML, "request.yml")
    assert reading.excerpt(reading.one("model_package")) == "ModelPackageName"
    assert reading.excerpt(reading.one("model_package"), "name") == "acme_ocr"
    assert reading.excerpt(reading.one("inference")) == "InferenceSpecification"
    assert reading.excerpt(reading.one("container")) == "Image"
    assert reading.excerpt(reading.one("placeholder"), "text") == "<ImageURI>"
    assert reading.excerpt(reading.one("environment"), "value") == "'google/flan-t5-base'"
    assert reading.excerpt(reading.one("instance_type", value="m5.large")) == "m5.large"
    assert reading.excerpt(reading.one("member"), "member") == "SuportedContentTypes"


def test_no_fact_about_a_structure_spans_its_body(read):
    for text, path in ((JSON, "a.json"), (YAML, "a.yaml")):
        for fact in read(text, path).facts:
            assert fact.location.span.line == fact.location.span.end_line, fact


@pytest.mark.parametrize("change", [lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t])
def test_line_ends_and_byte_order_mark_move_nothing(read, change):
    for text, path in ((JSON, "a.json"), (YAML, "a.yaml")):
        plain, changed = read(text, path), read(change(text), path)
        assert [(f.kind, f.fields, f.location, f.spans) for f in changed.facts] == [
            (f.kind, f.fields, f.location, f.spans) for f in plain.facts
        ]


def test_references_point_into_their_text(read):
    text = 'InferenceSpecification: {Containers: [{Image: "210987654321.dkr.ecr.us-east-2.amazonaws.com/a:1"}]}\n'
    reading = read(text, "a.yaml")
    assert reading.excerpt(reading.one("image.reference"), "region") == "us-east-2"
    escaped = text.replace("dkr.ecr", "dkr.\\u0065cr")
    reading = read(escaped, "a.yaml")
    assert reading.one("image.reference")["region"] == "us-east-2"
    assert "dkr." in reading.excerpt(reading.one("image.reference"), "region")


def test_wide_characters_count_once(read):
    reading = read('{"ModelPackageDescription": "héllo 🎉", "CertifyForMarketplace": true, "ModelPackageName": "ä"}')
    assert reading.excerpt(reading.one("value"), "value") == '"ä"'


def test_duplicate_keys_are_told_and_the_last_counts(read):
    reading = read('{"ModelPackageName": "a", "ModelPackageName": "b", "CertifyForMarketplace": true}')
    assert reading.one("model_package")["name"] == "b"
    (notice,) = reading.notices
    assert (notice.code, notice.span.line) == ("manifest-doubtful", 1)


def test_requests_are_told_apart_and_pointers_escaped(read):
    reading = read({"a/b": {"~": {"ModelPackageName": "m", "CertifyForMarketplace": True}}})
    assert reading.one("model_package")["pointer"] == "/a~1b/~0"


def test_anchors_merges_and_block_texts(read):
    text = """\
base: &base
  Containers: [{Image: "a/b:1"}]
types: &types [ml.m5.xlarge, m5.large]
request:
  ModelPackageName: m
  ModelPackageDescription: |
    Two lines
    of text
  InferenceSpecification:
    <<: *base
    SupportedTransformInstanceTypes: *types
    SupportedRealtimeInferenceInstanceTypes: *types
"""
    reading = read(text, "a.yaml")
    assert reading.one("inference")["container_count"] == 1
    assert reading.one("model_package")["description_length"] == len("Two lines\nof text\n")
    assert [fact["known"] for fact in reading.of("instance_type")] == ["own", "malformed"] * 2
    assert reading.excerpt(reading.one("inference"), "transform_types") == "SupportedTransformInstanceTypes"
    assert all(fact.location.span.line <= 12 for fact in reading.facts)
