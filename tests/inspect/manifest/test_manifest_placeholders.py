"""Templates: what is filled in later is unknown, the rest is judged."""

import pytest

SPEC = {"Containers": [{"Image": "a/b:1"}]}


def package(**members):
    return {"ModelPackageName": "m", "InferenceSpecification": SPEC, **members}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<ImageURI>", "marker"),
        ("IMAGE_REPLACE_ME", "marker"),
        ("For Seller to update: name", "marker"),
        ("your-model", "marker"),
        ("TODO", "marker"),
        ("changeme", "marker"),
        ("{{ name }}", "template"),
        ("${NAME}", "template"),
        ("$NAME", "template"),
        ("model-{version}", "template"),
        ("%NAME%", "template"),
        ("@NAME@", "template"),
        ("__NAME__", "template"),
    ],
)
def test_placeholders_in_names(read, text, kind):
    reading = read(package(ModelPackageName=text))
    assert reading.one("model_package")["name"] == "unknown"
    fact = reading.one("placeholder")
    assert (fact["kind"], fact["member"]) == (kind, "ModelPackageName")
    assert not reading.of("value")


@pytest.mark.parametrize("text", ["acme-todo-classifier", "secure-your-model", "acme", "a-b-c", "placeholder-filler"])
def test_plain_names_are_none(read, text):
    reading = read(package(ModelPackageName=text))
    assert reading.one("model_package")["name"] == text
    assert not reading.of("placeholder")


@pytest.mark.parametrize(
    "text", ["Upload your image to the bucket", "less than <b>50</b> ms", "fill in the form", "costs $NAME {x} ${y}"]
)
def test_prose_is_no_placeholder(read, text):
    reading = read(package(ModelPackageDescription=text))
    assert not reading.of("placeholder")
    assert reading.one("model_package")["description_length"] == len(text)


def test_groups_of_a_metric_are_no_placeholder(read):
    metric = {"Name": "acc", "Regex": "acc=(?P<value>[0-9.]+){1}"}
    reading = read({"TrainingImage": "i", "TrainingChannels": [], "MetricDefinitions": [metric]})
    assert not reading.of("placeholder", member="Regex")
    assert reading.one("metric")["compiles"] == "yes"


@pytest.mark.parametrize(
    ("value", "unknown"), [("{foo}", False), ("pa$word", False), ("<value>", True), ("${X}", True)]
)
def test_values_of_maps_may_hold_format_strings(read, value, unknown):
    spec = {"Containers": [{"Image": "a/b:1", "Environment": {"X": value}}]}
    assert (read(package(InferenceSpecification=spec)).one("environment")["value"] == "unknown") is unknown


def test_accounts_of_documents_are_examples_and_still_judged(read):
    spec = {
        "Containers": [
            {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1", "ModelDataUrl": "s3://my-bucket/a"}
        ]
    }
    reading = read(package(InferenceSpecification=spec))
    assert {fact["text"] for fact in reading.of("placeholder", kind="example")} == {"123456789012", "my-bucket"}
    assert reading.one("container")["image"].endswith("/a:1")
    assert reading.one("container")["model_data_suffix_ok"] == "no"


def test_words_without_quotes_in_json(read):
    specification = '{"TrainingImage": IMAGE_REPLACE_ME}'
    reading = read(
        f'{{"AlgorithmName": NAME, "CertifyForMarketplace": True, "TrainingSpecification": {specification}}}'
    )
    assert reading.one("algorithm")["name"] == "unknown"
    assert reading.one("algorithm")["certify"] is True
    assert {fact["text"] for fact in reading.of("placeholder")} == {"NAME", "IMAGE_REPLACE_ME"}
    assert not reading.of("value")
    assert {notice.code for notice in reading.notices} == {"manifest-doubtful"}


def test_jinja_without_quotes_in_yaml(read):
    reading = read("ModelPackageName: {{ name }}\nCertifyForMarketplace: {{ certify }}\n", "request.yaml")
    package = reading.one("model_package")
    assert (package["name"], package["certify"]) == ("unknown", "unknown")
    assert [fact["kind"] for fact in reading.of("placeholder")] == ["template", "template"]
    assert not reading.of("value")


def test_a_placeholder_for_a_structure_leaves_it_unknown(read):
    reading = read(package(InferenceSpecification="${SPEC}", ValidationSpecification="<validation>"))
    fields = reading.one("model_package").fields
    assert (fields["has_inference"], fields["has_validation"]) == ("unknown", "unknown")
    assert fields["validation_profiles"] == "unknown"
    assert not reading.of("value")


def test_a_default_that_is_a_mapping_or_has_braces_is_no_placeholder(read):
    default = "{'distribution': AUTO, 'target': 'label'}"
    parameter = {"Name": "training", "Type": "FreeText", "IsTunable": False, "DefaultValue": default}
    reading = read({"TrainingImage": "i", "TrainingChannels": [], "SupportedHyperParameters": [parameter]})
    assert not reading.of("placeholder", member="DefaultValue")
    reading = read(
        {
            "TrainingImage": "i",
            "TrainingChannels": [],
            "SupportedHyperParameters": [parameter | {"DefaultValue": "${D}"}],
        }
    )
    assert reading.one("placeholder", member="DefaultValue")["kind"] == "template"


@pytest.mark.parametrize(
    ("url", "ok"),
    [
        ("s3://${BUCKET}/ocr/model.tar.gz", "yes"),
        ("s3://${BUCKET}/ocr/model.zip", "no"),
        ("s3://{{ bucket }}/ocr/", "no"),
        ("s3://acme/${PATH}", "unknown"),
        ("s3://acme/${NAME}.gz", "unknown"),
        ("${URL}", "unknown"),
    ],
)
def test_the_end_of_an_address_tells_an_archive_where_its_beginning_is_filled_in(read, url, ok):
    container = read(package(InferenceSpecification={"Containers": [{"Image": "a/b:1", "ModelDataUrl": url}]}))
    fact = container.one("container")
    assert (fact["model_data_suffix_ok"], fact["model_data_url"]) == (ok, url if ok != "unknown" else "unknown")
