"""The command mllint."""
