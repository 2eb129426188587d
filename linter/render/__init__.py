"""Step six: one report, in the form a reader wants."""
