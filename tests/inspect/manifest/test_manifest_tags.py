"""Templates whose tags keep them from being JSON or YAML."""

import pytest

from linter.inspect.manifest.tags import without_tags

BODY = """{
  "ModelPackageName": "a",
  %s
  "CertifyForMarketplace": true,
  %s
  "InferenceSpecification": {"Containers": [{"Image": "x/y:1"}], "SuportedContentTypes": ["text/csv"]}
}"""
TAGS = [
    ("{% if certify %}", "{% endif %}"),
    ("{%- for x in y -%}{# a remark #}", "{%- endfor %}"),
    ("{{- if .Values.certify }}", "{{- end }}"),
    ("<% if certify %>", "<% end %>"),
    ("%{ if certify }", "%{ endif }"),
    ("{% if a %}", '{% else %}"CertifyForMarketplace": false, {% if b %}x{% else %}y{% endif %}{% endif %}'),
]


@pytest.mark.parametrize(("opens", "closes"), TAGS)
def test_the_rest_is_judged_where_it_stands(read, opens, closes):
    text = BODY % (opens, closes)
    reading = read(text, "request.json.j2")
    assert reading.one("model_package")["certify"] is True
    member = reading.one("member")
    assert reading.excerpt(member, "member") == '"SuportedContentTypes"'
    assert "template" in reading.notices[-1].message


def test_yaml(read):
    text = "ModelPackageName: a\n{% if x %}\nCertifyForMarketplace: true\n{% endif %}\nInferenceSpecification: {}\n"
    assert read(text, "request.yaml").one("model_package")["certify"] is True


def test_what_tags_do_not_explain_stays_unreadable(read):
    assert read('{"ModelPackageName": {% if x %} [', "request.json").notices[0].code == "manifest-unreadable"


def test_blanks_keep_places_and_end_in_time():
    text = "{% if a %}\n1{% else %}2\n{% endif %}"
    assert without_tags(text) == " " * 10 + "\n1" + " " * 10 + " \n" + " " * 11
    for part in ("{%", "{% if %}", "{{ if ", "<%", "{#", "{{/*", "%{ if ", "{% else %}"):
        for count in (1_999, 500_000):
            assert len(without_tags(part * count)) == len(part) * count


PACKAGE = '"ModelPackageName": "a", "CertifyForMarketplace": true'


def test_comments_and_commas_belong_to_json_with_comments(read):
    text = f"{{{PACKAGE}, // done\n}}"
    assert not read(text, "request.jsonc").notices
    assert len(read(text, "request.json").notices) == 2


def test_a_template_is_not_blamed_for_what_its_tags_leave(read):
    text = f'{{{PACKAGE}, "Tags": [{{% for t in tags %}}"{{{{ t }}}}",{{% endfor %}}]}}'
    (notice,) = read(text, "request.json.j2").notices
    assert "is a template" in notice.message


def test_what_something_fills_in_needs_no_quotes(read):
    for gap in ("${PAYLOAD}", "{{ payload | default(6) }}"):
        assert not read(f'{{{PACKAGE}, "SkipModelValidation": {gap}}}', "request.json").notices
    assert read(f'{{{PACKAGE}, "SkipModelValidation": All}}', "request.json").notices


def test_a_placeholder_of_a_template_in_yaml_is_nothing_doubtful(read):
    text = "ModelPackageName: {{ name }}\nInferenceSpecification:\n  SupportedContentTypes:\n    - {{ type }}\n    - text/csv\n"
    reading = read(text, "package.yaml")
    assert not reading.notices
    assert reading.one("model_package")["name"] == "unknown"
    assert reading.one("inference")["content_types"] == ["unknown", "text/csv"]
    assert [notice.code for notice in read("{[a]: b}: c\nModelPackageName: x\nSourceUri: y\n", "p.yaml").notices]
