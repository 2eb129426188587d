"""A rule of somebody's house, for tests."""

HOUSE_RULE_AT_LINE = """\
id: USR001
name: label-maintainer
summary: A LABEL names a maintainer.
requirement: sec-leftover-source
severity: note
confidence: high
since: "0.1.0"
on: dockerfile.label
match:
  properties:
    key: {const: maintainer}
message: "The image names its maintainer"
why: Our listings name a team, and never a person.
fix: Remove the label from the Dockerfile.
sources: [{document: House rules, section: Names}]
examples:
  violating:
    - files: {Dockerfile: "FROM scratch\\nLABEL maintainer=me\\n"}
      expect: [{file: Dockerfile, line: LINE}]
  compliant:
    - files: {Dockerfile: "FROM scratch\\nLABEL team=us\\n"}
"""

HOUSE_RULE = HOUSE_RULE_AT_LINE.replace("LINE", "2")
