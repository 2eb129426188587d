"""Technical limits of the formats that others read. No figure of a policy stands here."""

# GitHub, "SARIF support for code scanning" and "SARIF results exceed one or more limits":
# above 25,000 results or 10 MB (gzip) the whole upload is refused; 5,000 results are kept.
SARIF_RESULTS_KEPT = 5_000
SARIF_GZIP_BYTES = 10_000_000
SARIF_LOCATIONS_KEPT = 100
"""Locations of one result that are kept; above 1,000 the upload is refused."""
SARIF_STEPS_KEPT = 1_000
"""Places of one result's code flow that are kept; above 10,000 the upload is refused."""
SARIF_TAGS_KEPT = 10
"""Tags of one rule that are kept; above 20 the upload is refused."""
SARIF_RULE_NAME = 255
SARIF_DESCRIPTION = 1_024

# Our own measure, so that 5,000 results stay well below the 10 MB.
SARIF_SNIPPET = 400
SARIF_CONTEXT = 800
SARIF_CONTEXT_LINES = 5
SARIF_MESSAGE = 1_000
SARIF_STEP = 200
"""Characters of one step's text."""
SARIF_STEPS_IN_ALL = 100_000
"""Places of all code flows together; when there are many, each is cut, but not below the next figure."""
SARIF_STEPS_LEAST = 10

# GitHub, "Workflow commands": 10 annotations of each level a step, the rest is dropped without a word.
ANNOTATIONS_PER_LEVEL = 10
# The runner takes 64 KiB for the text of one annotation (REST API, check runs, `message`); this is far below it.
ANNOTATION_TEXT = 4_000

# GitHub, "Adding a job summary": a step's summary above 1 MiB is not shown at all.
SUMMARY_BYTES = 1_048_576
