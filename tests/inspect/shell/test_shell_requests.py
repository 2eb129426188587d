"""Requests that scripts send with the AWS command line or write to files."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.inspect.shell import inspect
from linter.model import Artifact

SPEC = """{
  "Containers": [{"Image": "$IMAGE"}],
  "SupportedContentTypes": ["text/csv"],
  "SupportedTransformInstanceTypes": ["ml.m5.xlarg"]
}"""
SENT = "aws sagemaker create-model-package --model-package-name acme_ocr"


def publish(read, text):
    return read(f"#!/bin/bash\n{text}\n", "shell", "publish.sh")


def test_a_file_that_the_script_writes_becomes_part_of_what_it_sends(read):
    reading = publish(read, f"cat > ./spec.json <<EOF\n{SPEC}\nEOF\n{SENT} --inference-specification file://spec.json")
    package = reading.one("model_package")
    assert package["whole"]
    assert package["has_inference"] == "yes"
    assert package["certify"] == "absent"
    assert package.location.span.line == 9
    wrong = reading.one("instance_type", list="transform")
    assert wrong["value"] == "ml.m5.xlarg"
    assert wrong.location.span.line == 6
    assert len(reading.of("inference")) == 1
    assert reading.one("placeholder")["text"] == "${IMAGE}"


@pytest.mark.parametrize("target", ["> spec.json", ">spec.json", '> "./spec.json"', ">| spec.json"])
def test_ways_to_write_a_file(read, target):
    reading = publish(read, f"cat <<EOF {target}\n{SPEC}\nEOF\n{SENT} --inference-specification file://spec.json")
    assert reading.one("inference").location.span.line == 3
    assert reading.one("model_package")["has_inference"] == "yes"


def test_names_of_files_may_hold_variables(read):
    reading = publish(
        read, f'tee "$D/s.json" <<EOF\n{SPEC}\nEOF\n{SENT} --inference-specification "file://${{D}}/s.json"'
    )
    assert reading.one("model_package")["has_inference"] == "yes"


def test_a_whole_request_in_json_and_an_option_that_wins(read):
    body = '{"ModelPackageName": "from-file", "CertifyForMarketplace": true}'
    reading = publish(read, f"echo '{body}' > r.json\n{SENT} --cli-input-json file://r.json")
    package = reading.one("model_package")
    assert package["name"] == "acme_ocr"
    assert package["certify"] is True
    assert reading.excerpt(package, "name") == "acme_ocr"
    assert package.place("certify").span.line == 2


def test_a_whole_request_in_yaml(read):
    text = "cat > a.yml <<'EOF'\nAlgorithmName: acme_algo\nCertifyForMarketplace: true\nEOF\n"
    reading = publish(read, f"{text}aws sagemaker create-algorithm --cli-input-yaml file://a.yml")
    algorithm = reading.one("algorithm")
    assert algorithm["name"] == "acme_algo"
    assert algorithm.place("name").span.line == 3


def test_json_in_an_option_with_variables_between_quotes(read):
    role = """--validation-specification '{"ValidationRole": "'"$ROLE"'",\n "ValidationProfiles": [{"ProfileNam": "p"}]}'"""
    reading = publish(read, f"{SENT} {role}")
    assert reading.one("validation")["profile_count"] == 1
    member = reading.one("member")
    assert (member["member"], member["suggestion"]) == ("ProfileNam", "ProfileName")
    assert reading.excerpt(member, "member") == '"ProfileNam"'


def test_shorthand(read):
    training = (
        "TrainingImage=444455556666.dkr.ecr.us-east-1.amazonaws.com/t:1,"
        "SupportedTrainingInstanceTypes=ml.m5.xlarge,ml.m5.huge,"
        "TrainingChannels=[{Name=train,IsRequired=true,SupportedContentTypes=[text/csv],SupportedInputModes=File}],"
        "SupportsDistributedTraining=false"
    )
    reading = publish(read, f"aws sagemaker create-algorithm --algorithm-name a --training-specification {training}")
    assert not reading.of("manifest.value")
    channel = reading.one("channel")
    assert channel["name"] == "train"
    assert channel["input_modes"] == ["File"]
    assert [fact["value"] for fact in reading.of("instance_type")] == ["ml.m5.xlarge", "ml.m5.huge"]
    assert reading.excerpt(reading.of("instance_type")[1]) == "ml.m5.huge"


def test_a_list_of_words_and_a_boolean(read):
    reading = publish(read, f"{SENT} --tags Key=team,Value=ocr Key=cost,Val=7 --no-certify-for-marketplace")
    package = reading.one("model_package")
    assert package["tags"] == ["team", "cost"]
    assert package["certify"] is False
    assert reading.one("member")["member"] == "Val"
    assert not reading.one("member").spans  # JSON put in its place would not be shorthand


@pytest.mark.parametrize(
    "rest",
    [
        '"$@"',
        "$OPTIONS",
        '--certify-for-marketplace "$@"',
        "--cli-input-json file://elsewhere.json",
        '--tags x "${T[@]}"',
    ],
)
def test_what_may_hold_more_members_leaves_the_request_open(read, rest):
    reading = publish(read, f"{SENT} {rest}")
    assert not reading.of("manifest.missing")
    assert not any(fact["whole"] for fact in reading.facts if "whole" in fact.fields)


def test_a_file_that_is_not_in_the_script_is_unknown(read):
    reading = publish(read, f"{SENT} --inference-specification file://spec.json --certify-for-marketplace")
    package = reading.one("model_package")
    assert package["whole"]
    assert package["has_inference"] == "unknown"


def test_a_written_file_that_nothing_sends_is_read_like_a_file(read):
    reading = publish(read, f"cat > spec.json <<'EOF'\n{SPEC}\nEOF")
    assert reading.one("inference")["whole"] is False
    assert publish(read, 'cat > x.json <<EOF\n{"ModelPackageName": [\nEOF').notices[0].code == "manifest-unreadable"


def test_other_commands_say_nothing(read):
    for text in ("aws sagemaker describe-model-package --model-package-name a", "aws s3 ls", "cat > a.json <<E\n{}\nE"):
        assert not [fact for fact in publish(read, text).facts if fact.kind.startswith("manifest.")]


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="ab=,[]{}'\"\\$ \n:file/<", max_size=60), st.sampled_from(["--tags", "--inference-specification"])
)
def test_no_text_crashes_it(read, option_value, option):
    publish(read, f"cat > x <<EOF\n{option_value}\nEOF\n{SENT} {option} {option_value}")
    publish(read, f"{SENT} --cli-input-json file://x {option}={option_value}")


def test_deep_shorthand_is_given_up(knowledge):
    text = f"{SENT} --inference-specification {'A={' * 5000}\n{SENT} --tags {'[' * 5000}".encode()
    assert inspect(Artifact("p.sh", "shell", len(text), None), text, knowledge).facts


def test_a_script_that_sends_thousands_of_requests_ends(knowledge):
    reading = shell_script("aws sagemaker create-algorithm --algorithm-name a\n" * 1000, knowledge)
    assert sum(fact.kind == "manifest.algorithm" for fact in reading.facts) == 20
    assert "from here on" in reading.notices[-1].message
    body = '{"Tags": [' + ",".join('{"Key": "a"}' for _ in range(7_000)) + "]}"
    sent = "aws sagemaker create-model-package --cli-input-json file://a.json\n" * 1000
    reading = shell_script(f"cat > a.json <<EOF\n{body}\nEOF\n{sent}", knowledge)
    assert sum(fact.kind == "manifest.model_package" for fact in reading.facts) == 3


def shell_script(text, knowledge):
    data = text.encode()
    return inspect(Artifact("publish.sh", "shell", len(data), None), data, knowledge)


CHANGE = (
    '{"ChangeType": "UpdateInformation", "Entity": {"Type": "MachineLearningProduct@1.0", "Identifier": "prod-a"},\n'
    ' "DetailsDocument": {"ProductTitel": "x"}}'
)
START = "aws marketplace-catalog start-change-set"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{START} --catalog AWSMarketplace --change-set '[{CHANGE}]'", 3),
        (f"{START} --change-set='[{CHANGE}]'", 3),
        (f'{START} --cli-input-json \'{{"Catalog": "AWSMarketplace", "ChangeSet": [{CHANGE}]}}\'', 3),
        (f"cat > c.json <<EOF\n[{CHANGE}]\nEOF\n{START} --change-set file://c.json", 4),
        (f"{START} --change-set file://c.json", None),
        (f'{START} --change-set "$CHANGES"', None),
        (START, None),
    ],
)
def test_change_sets(read, text, line):
    found = [fact for fact in publish(read, text).of("listing.member") if fact["member"] == "ProductTitel"]
    assert [fact.location.span.line for fact in found] == ([line] if line else [])


def test_variables_that_the_script_sets_are_filled_into_what_it_writes(read):
    sets = "IMAGE=repo/acme:1\nTYPE=ml.m5.xlarge\nif x; then TYPE=$1; fi"
    body = '{"Containers": [{"Image": "$IMAGE"}, {"Image": "${IMAGE}-${TAG}"}], "SupportedTransformInstanceTypes": ["$TYPE"]}'
    reading = publish(read, f"{sets}\ncat > s.json <<EOF\n{body}\nEOF\n{SENT} --inference-specification file://s.json")
    assert [fact["image"] for fact in reading.of("container")] == ["repo/acme:1", "unknown"]
    assert reading.excerpt(reading.of("container")[0], "image") == '"$IMAGE"'
    assert reading.one("instance_type", list="transform")["known"] == "placeholder"


def test_a_quoted_here_document_is_taken_as_it_stands(read):
    body = '{"Containers": [{"Image": "$IMAGE"}]}'
    reading = publish(
        read, f"IMAGE=acme:1\ncat > s.json <<'EOF'\n{body}\nEOF\n{SENT} --inference-specification file://s.json"
    )
    assert reading.one("container")["image"] != "acme:1"
