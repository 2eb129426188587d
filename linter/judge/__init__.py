"""Step four: rules are loaded and judge facts."""
