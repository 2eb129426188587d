"""Addresses that belong to another one: a path that a client puts behind the address that it is made for."""

from __future__ import annotations

from typing import Any


def is_relative(told: Any) -> bool:
    """Whether a text is seen to begin with something else than an address."""
    first = told["join"][0] if isinstance(told, dict) and told.get("join") else told
    whole = isinstance(told, str)
    return isinstance(first, str) and "://" not in first and (whole or first.startswith("/"))


def behind(base: Any, told: Any) -> Any:
    """A relative address behind the one that it belongs to; the base may be any value."""
    first, *rest = told["join"] if isinstance(told, dict) else [told]
    path = f"/{first.lstrip('/')}"
    parts = [base.rstrip("/") + path, *rest] if isinstance(base, str) else [base, path, *rest]
    return parts[0] if len(parts) == 1 else {"join": parts}
