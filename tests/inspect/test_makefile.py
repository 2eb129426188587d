"""Makefiles: their recipes are scripts, with the variables that make fills in."""

import pytest

SPEC = (
    '{"Containers": [{"Image": "$(REPO):1", "ModelDataUrl": "s3://models/$(TAG).zip"}],'
    ' "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.xlarg"]}'
)
MAKEFILE = """# builds and publishes
ACCOUNT ?= 444455556666
REGION  := us-east-2
REPO     = $(ACCOUNT).dkr.ecr.$(REGION).amazonaws.com/$(NAME)
NAME     = acme  # one image
STAMP   := $(shell git rev-parse --short HEAD)
ifdef CI
TAG = ci
else
TAG = local
endif
define HELP
docker push nobody/reads:this
endef

.PHONY: image publish
image: Dockerfile
>@docker build --platform linux/arm64 \\
>  -t $(REPO):$(TAG) .
>-docker push ${REPO}:$(STAMP)

publish:
>aws sagemaker create-model-package --model-package-name acme_ocr --region $(REGION) \\
>  --inference-specification 'SPEC'
>for i in a b; do echo $$i $@; done
""".replace(">", "\t").replace("SPEC", SPEC)


def test_recipes_are_commands_with_their_variables(read):
    reading = read(MAKEFILE, "makefile", "Makefile")
    commands = {fact["text"].split()[1]: fact for fact in reading.of("shell.command") if fact["program"] == "docker"}
    build, push = commands["build"], commands["push"]
    assert (build["platform"], build["tags"], build["scope"]) == ("linux/arm64", ["unknown"], "seller")
    assert reading.excerpt(build).startswith("docker build --platform")
    assert push["tags"] == ["unknown"]
    (aws,) = [fact for fact in reading.of("shell.command") if fact["program"] == "aws"]
    assert (aws["region"], reading.excerpt(aws, "region")) == ("us-east-2", "$(REGION)")
    assert not [fact for fact in reading.of("shell.command") if "nobody" in fact["text"]]


def test_requests_of_recipes_are_judged_where_they_stand(read):
    reading = read(MAKEFILE, "makefile", "Makefile")
    assert reading.one("image.reference")["text"] == "444455556666.dkr.ecr.us-east-2.amazonaws.com/acme:1"
    assert reading.excerpt(reading.one("value", problem="pattern")).endswith("acme_ocr")
    wrong = reading.one("instance_type")
    assert (wrong["suggestion"], reading.excerpt(wrong, "value")) == ("ml.m5.xlarge", '"ml.m5.xlarg"')
    assert reading.one("container")["model_data_suffix_ok"] == "no"


@pytest.mark.parametrize(
    ("variables", "tag"),
    [
        ("TAG = 1.2", "1.2"),
        ("TAG ?= 1.2", "1.2"),
        ("export TAG := 1.2 # a remark", "1.2"),
        ("TAG = $(MAJOR).2\nMAJOR = 1", "1.2"),
        ("TAG = 1\nTAG = 2", None),
        ("TAG = 1\nTAG += 2", None),
        ("TAG != git describe", None),
        ("TAG = $(TAG)", None),
        ("TAG = $(or $(X),$(Y))", None),
        ("all: TAG = 1.2", None),
        ("", None),
    ],
)
def test_what_variables_stand_for(read, variables, tag):
    reading = read(f"{variables}\nall:\n\tdocker push acme/ocr:$(TAG)\n", "makefile", "release.mk")
    assert reading.one("shell.command")["tags"] == [f"acme/ocr:{tag}" if tag else "unknown"]


def test_strange_makefiles_end(read):
    for text in (
        "\t\tdocker push a",
        "a:\n\tdocker push $(((((",
        "a:\\",
        "A=$(A)$(A)\nB=$(A)\nb:\n\taws $(B)" + "$(B)" * 999,
    ):
        read(text, "makefile", "Makefile")
    doubling = "".join(f"V{n}=$(V{n + 1})$(V{n + 1})$(V{n + 1})$(V{n + 1})\n" for n in range(30))
    read(f"{doubling}V30=docker docker docker docker\na:\n\techo $(V0) $(V10) $(V22)\n", "makefile", "Makefile")
    assert read(b"\xff\xfe\x00aws", "makefile", "Makefile").notices or True


def test_terraform_is_said_to_be_unread(read):
    text = 'resource "awscc_sagemaker_model_package" "p" {\n  model_package_name = "a"\n}\n'
    reading = read(text, "terraform", "main.tf")
    (notice,) = reading.notices
    assert (notice.code, notice.level, notice.span.line) == ("terraform-unread", "warning", 1)
    assert "terraform show -json" in notice.message
    assert not read('data "awscc_sagemaker_model_package" "p" {}\n', "terraform", "main.tf").notices
