"""Step two: one artifact at a time is read into facts."""
