"""The shells whose scripts are read, and their options, by their manual pages. What no grammar here reads is none."""

SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"})
SHELL_PROGRAMS = SHELLS | {"busybox"}
"""With the program that becomes a shell by its first argument."""
VALUED_OPTIONS = frozenset({"-o", "+o", "-O", "+O", "--rcfile", "--init-file"})
"""Options that take the next word."""
VALUED_LETTERS = "oO"
"""Letters of an option that take the next word, such as that of `-euo`."""
