"""Bad, huge and malicious files: notices, never exceptions."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.inspect.manifest import members


def test_what_cannot_be_read_is_told_with_its_place(read):
    reading = read('{\n  "InferenceSpecification": {"Containers": [}\n}')
    assert reading.facts == ()
    (notice,) = reading.notices
    assert (notice.code, notice.level) == ("manifest-unreadable", "warning")
    assert notice.span.line == 2
    assert "line 2" in notice.message


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe" + "InferenceSpecification".encode("utf-16-le") + b"InferenceSpecification",
        b"\x00InferenceSpecification",
        b'{"InferenceSpecification": {"Containers": [{"Image": "\xff\xfe"}]}}',
        b"InferenceSpecification: &a [*a]",
        b"InferenceSpecification:\n\t- x",
        b'{"InferenceSpecification"',
        b"InferenceSpecification",
        b'{"InferenceSpecification": ' + b"[" * 100_000,
        b'{"InferenceSpecification": ' + b'{"a":' * 50 + b"1" + b"}" * 51,
        b"a: &a [InferenceSpecification]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c]",
    ],
)
@pytest.mark.parametrize("path", ["a.json", "a.yaml", "a.template", "a.json.j2"])
def test_broken_bytes(read, data, path):
    read(data, path)


def test_many_requests_and_long_lists_take_linear_time(read):
    types = ["ml.m5.xlarge", "ml.zz9.large"] * 2_000
    spec = {"Containers": [{"Image": "a/b:1"}] * 200, "SupportedTransformInstanceTypes": types}
    reading = read([{"ModelPackageName": "m", "InferenceSpecification": spec}])
    assert len(reading.of("instance_type")) == 4_000


def test_what_is_beyond_all_measure_is_told(read):
    types = [f"ml.x{number}.large" for number in range(60_000)]
    spec = {"SupportedTransformInstanceTypes": types, "Containers": [], **{f"Contaners{n}": 1 for n in range(20_000)}}
    reading = read({"ModelPackageName": "m", "InferenceSpecification": spec})
    assert len(reading.facts) <= 20_010
    (notice,) = reading.notices
    assert notice.code == "manifest-too-long"


def test_hostile_expressions_and_texts(read):
    texts = [
        "(" * 400,
        "((((a+)+)+)+)+b",
        "{" * 5_000,
        "$" * 5_000,
        "<" * 5_000,
        "[" * 400,
        "your-" * 2_000,
        "%(" * 3_000,
    ]
    metrics = [{"Name": text, "Regex": text} for text in texts]
    read(
        {"AlgorithmName": texts[3], "TrainingSpecification": {"TrainingImage": texts[2], "MetricDefinitions": metrics}}
    )
    read({"ModelPackageName": texts[6], "InferenceSpecification": {"Containers": [{"Image": t} for t in texts]}})


NAMES = sorted({name for shape in ("CreateAlgorithm", "CreateModelPackage") for name in members.places(shape)})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["ml.m5.xlarge", "${X}", "<x>", "s3://b/k", "arn:aws:iam::1:role/x", "unknown", "None", "text/csv", "*/*"]
    ),
)
VALUES = st.recursive(
    st.one_of(
        SCALARS, st.fixed_dictionaries({"Ref": st.text(max_size=3)}), st.just({"Fn::Join": ["", [{"Ref": "A"}, 1]]})
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=4)), inner, max_size=6),
    ),
    max_leaves=30,
)


def structure(name: str, depth: int = 0):
    """Values of a shape, with some members left out and others replaced by anything."""
    shape = members.shape(name)
    if depth > 8:
        return SCALARS
    if shape["type"] == "structure":
        exact = st.fixed_dictionaries(
            {},
            optional={
                key: st.deferred(lambda inner=inner: structure(inner, depth + 1))
                for key, inner in shape["members"].items()
            },
        )
    elif shape["type"] == "list":
        exact = st.lists(structure(shape["member"], depth + 1), max_size=2)
    elif shape["type"] == "map":
        exact = st.dictionaries(st.text(max_size=5), SCALARS, max_size=2)
    elif "enum" in shape:
        exact = st.one_of(st.sampled_from(shape["enum"]), SCALARS)
    else:
        exact = SCALARS
    return st.one_of(exact, exact, exact, VALUES)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["CreateAlgorithm", "CreateModelPackage"]).flatmap(structure), st.booleans())
def test_any_request_gives_valid_facts(read, value, resource):
    if resource:
        value = {"Resources": {"P": {"Type": "AWS::SageMaker::ModelPackage", "Properties": value}}}
    elif isinstance(value, dict):
        value = {**value, "CertifyForMarketplace": True}
    read(value)
    read(json.dumps(value, ensure_ascii=False), "a.yaml")


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)), st.sampled_from(["a.json", "a.yaml"]))
def test_any_bytes_are_survived(read, data, path):
    read(b'{"InferenceSpecification": ' + data, path)
    read(b"ChangeSet: " + data, path)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(VALUES)
def test_any_change_set_is_survived(read, value):
    change = {"ChangeType": "AddRegions", "DetailsDocument": value, "Details": json.dumps(value), "Entity": value}
    read({"ChangeSet": [change, value]})
    read(change)
