"""When the whole file is read: which stages are images, what those are set to, and the facts themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.dockerfile.expand import known
from linter.inspect.dockerfile.lines import UNSEEN
from linter.inspect.dockerfile.secrets import HIDDEN
from linter.inspect.dockerfile.state import BASE_PATH, STANDARD_PATH, Draft
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from linter.inspect.dockerfile.state import Build, Settings, Stage

MAX_STRING = 32_768
_USE = compiled(r"\$\{?([A-Za-z_]\w{0,200})")
MAX_LIST = 2_000


def facts(build: Build) -> tuple[Fact, ...]:
    """All facts of the file, in the order of their places."""
    leaves = [stage for stage in build.stages if stage.index not in build.used or stage is build.stages[-1]]
    images: dict[int, list[int]] = {stage.index: [] for stage in build.stages}
    for leaf in leaves:
        for stage in leaf.lineage():
            images[stage.index].append(leaf.index)
    _effective(build, leaves)
    for leaf in leaves:
        _image(build, leaf)
    last = len(build.stages) - 1
    used = set(_USE.findall(build.source.text))
    for draft in build.drafts:
        if draft.kind == "dockerfile.variable":
            draft.fields["used_in_build"] = draft.fields["key"] in used
    drafts = sorted(build.drafts, key=lambda draft: (draft.start, draft.end))
    return tuple(_fact(build, draft, images, last) for draft in drafts)


def _effective(build: Build, leaves: list[Stage]) -> None:
    for leaf in leaves:
        for name in ("ENTRYPOINT", "CMD"):
            if name in leaf.settings.last:
                leaf.settings.last[name].fields["effective"] = True
    if build.stages:
        last = build.stages[-1]
        if "user" in last.settings.last:
            last.settings.last["user"].fields["effective"] = True
        root = last.lineage()[-1]
        if root.origin and root.base_kind in ("image", UNKNOWN):
            root.origin.fields["is_base_of_image"] = True


def _image(build: Build, stage: Stage) -> None:
    settings = stage.settings
    build.note(Draft("dockerfile.image", stage.start, stage.end, {
        "last": stage is build.stages[-1],
        "base": known(stage.lineage()[-1].base),
        "env": {name: HIDDEN if name in settings.hidden else known(value) for name, value in settings.env.items()},
        "path_entries": path_entries(settings),
        "workdir": known(settings.workdir),
        "user": known(settings.user),
        "entrypoint": _words(settings.entrypoint),
        "entrypoint_form": known(settings.entrypoint_form),
        "cmd": _words(settings.cmd),
        "cmd_form": known(settings.cmd_form),
        "labels": {name: known(value) for name, value in settings.labels.items()},
        "stopsignal": known(settings.stopsignal),
        "exposed": list(settings.exposed),
        "layers": settings.layers,
        "onbuild": settings.onbuild,
    }, {}, stage))  # fmt: skip


def _words(words: tuple[str, ...] | None) -> list[str] | str | None:
    if words is None:
        return None
    if words == (UNSEEN,):
        return UNKNOWN
    return [known(word) or "" for word in words]


def path_entries(settings: Settings) -> list[str]:
    """The folders of PATH in order; the standard ones and `unknown` for the part that an unseen base brings."""
    value = settings.env.get("PATH", BASE_PATH)
    out: list[str] = []
    for entry in value.split(":"):
        if entry == BASE_PATH:
            out += [*STANDARD_PATH, UNKNOWN]
        else:
            out.append(UNKNOWN if UNSEEN in entry or not entry.startswith("/") else entry.rstrip("/") or "/")
    return list(dict.fromkeys(out))[:MAX_LIST]


def _fact(build: Build, draft: Draft, images: dict[int, list[int]], last: int) -> Fact:
    stage = draft.stage
    index = stage.index if stage else None
    held = images[index] if index is not None else []
    fields = {name: _clean(name, build.secrets.hide(value)) for name, value in draft.fields.items()}
    common = {
        "stage": index,
        "stage_name": stage.name if stage else None,
        "in_image": last in held,
        "images": held,
    }
    spans = {name: build.source.span(*place) for name, place in draft.spans.items()}
    return Fact(draft.kind, build.source.location(draft.start, draft.end), {**common, **fields}, spans)


def _clean(name: str, value: Any) -> Any:
    if isinstance(value, str):
        if UNSEEN in value:
            value = value.replace(UNSEEN, "{{…}}") if name in ("text", "raw") else UNKNOWN
        return value[:MAX_STRING]
    if isinstance(value, list):
        return [_clean("", item) for item in value[:MAX_LIST]]
    if isinstance(value, dict):
        return {key[:MAX_STRING].replace(UNSEEN, ""): _clean("", item) for key, item in value.items()}
    return value
