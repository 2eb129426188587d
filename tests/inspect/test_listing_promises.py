"""What texts for buyers offer and promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from linter.inspect.listing.promises import promises_of

if TYPE_CHECKING:
    from linter.knowledge import Knowledge


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Serverless inference is supported.", {"offers": ["serverless"]}),
        ("Serverless inference is not supported.", {"offers": [], "mentions": ["serverless"]}),
        ("Use asynchronous endpoints for files up to 900 MB.", {"offers": ["asynchronous"], "realtime_mb": None}),
        ("Send files up to 200 MB to the endpoint.", {"realtime_mb": 200, "batch_mb": None}),
        ("The endpoint takes images of at most 1.5 GB.", {"realtime_mb": 1500}),
        ("Batch transform takes files up to 2 GB.", {"realtime_mb": None, "batch_mb": 2000}),
        ("Real-time and batch requests have a limit of 200 MB.", {"realtime_mb": None, "batch_mb": None}),
        ("The endpoint loads a model of up to 200 MB for your requests.", {"realtime_mb": None}),
        ("Endpoint requests may not exceed 200 MB.", {"realtime_mb": None}),
        ("Typical latency is 3 minutes per request.", {"realtime_seconds": 180}),
        ("Training takes 3 hours per image.", {"realtime_seconds": None}),
        ("Train on spot instances: the run takes about 6 hours.", {"spot_seconds": 21600, "realtime_seconds": None}),
        ("Training takes 90 minutes with managed spot capacity.", {"spot_seconds": 5400}),
        (
            "Training beyond one hour: use on-demand instances, spot training ends after 60 minutes.",
            {"spot_seconds": None},
        ),
        ("Spot training is not supported for runs of 3 hours.", {"spot_seconds": None}),
        ("The model spots defects in 2 hours of video.", {"spot_seconds": None}),
        ("Spot instances wait at most 1 hour.", {"spot_seconds": None}),
        ("Batch transform takes up to 3 hours per file.", {"realtime_seconds": None, "batch_seconds": 10800}),
        ("The endpoint starts within 10 minutes.", {"realtime_seconds": None}),
    ],
)
def test_promises(text: str, told: dict[str, Any], knowledge: Knowledge) -> None:
    said = promises_of(knowledge).of(text)
    assert {name: said[name] for name in told} == told
