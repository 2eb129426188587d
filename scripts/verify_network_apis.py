"""Compare `rules/knowledge/network_apis.yaml` with the libraries it speaks of: `verify_network_apis.py [options]`.

Wheels are downloaded from the package index (those of the table's `versions`, or of `--package`) or taken from folders
(`--offline`). They are read as zip files, their modules parsed; nothing of them is installed, imported or run. For each
entry of the table: is there such a name, and does its deciding argument stand at that position, under that keyword,
with a default that fits `absent`?

Results: `ok`; `loose` the name is there, its signature not to be had (compiled, `**kwargs`, another library's base
class); `unread` no wheel of it; `gone` and `differs`: the table is wrong.

Exit status: 0 nothing is wrong, 1 something is, 2 the wheels cannot be had or read.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections import Counter
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import yaml

TABLE = Path(__file__).resolve().parent.parent / "rules" / "knowledge" / "network_apis.yaml"
DEPTH = 25
"""Steps over re-exports and base classes."""
MEMBERS = 80
"""Names of a family that are looked at."""
COMPILED = (".so", ".pyd")
ANY = "(any)"

Entry = dict[str, Any]
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Refused(Exception):
    """The check cannot be made; the message says why in one sentence."""


class Result(NamedTuple):
    """What was found out about one name."""

    name: str
    state: str
    note: str = ""


class Signature(NamedTuple):
    """What a function takes, without self. `names` by position; `defaults` by name, `…` where it is no literal."""

    names: list[str]
    keywords: set[str]
    defaults: dict[str, Any]
    spread: bool
    more: bool


class Found(NamedTuple):
    """Something that a name stands for. `node`: its definition, None when it is there but not to be read."""

    module: str
    node: ast.AST | None


# Wheels ---------------------------------------------------------------------------------------------------------------


def download(packages: list[str], folder: Path, limit: int) -> list[str]:
    """Put the wheels of packages into `folder`, none above `limit` MB; a sentence for each that is not to be had."""
    problems = []
    for package in packages:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--progress-bar",
            "off",
        ]
        with subprocess.Popen(
            [*command, "--dest", str(folder), package], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            reason = ""
            for line in process.stdout:
                size = re.search(r"Downloading .*\((\d+(?:\.\d+)?) (MB|GB)\)", line)
                if size and float(size[1]) * (1024 if size[2] == "GB" else 1) > limit:
                    reason = f"its wheel has {size[1]} {size[2]}"
                    process.terminate()
                elif line.startswith("ERROR") and not reason:
                    reason = line.removeprefix("ERROR:").strip()
        if reason:
            problems.append(f"{package} is not read: {reason}")
    return problems


class Library:
    """The modules of many wheels and of the interpreter's own library, by dotted name."""

    def __init__(self, folders: list[Path], standard: Path | None = None) -> None:
        self.versions: dict[str, str] = {}
        self._files: dict[str, tuple[Path, str]] = {}
        self._stubs: dict[str, tuple[Path, str]] = {}
        self._children: dict[str, set[str]] = {}
        self._trees: dict[str, ast.Module | None] = {}
        self._archives: dict[Path, zipfile.ZipFile] = {}
        for wheel in _newest(folders):
            self._add_wheel(wheel)
        self._standard = standard
        self._looked_at: set[str] = set()

    def _add_standard(self, root: str) -> None:
        """The interpreter's own package of that name, when one is asked for."""
        self._looked_at.add(root)
        if self._standard is not None and root in sys.stdlib_module_names:
            for file in (self._standard / f"{root}.py", *sorted((self._standard / root).rglob("*.py"))):
                if file.is_file():
                    self._add(file.relative_to(self._standard).as_posix(), self._standard)

    def _add_wheel(self, wheel: Path) -> None:
        try:
            archive = self._archives[wheel] = zipfile.ZipFile(wheel)
        except (OSError, zipfile.BadZipFile) as error:
            raise Refused(f"{wheel} cannot be read ({error})") from error
        distribution, version = wheel.name.split("-")[:2]
        self.versions[distribution] = version
        for name in archive.namelist():
            self._add(re.sub(r"^[^/]*\.data/(?:purelib|platlib)/", "", name), wheel, name)

    def _add(self, path: str, source: Path, member: str | None = None) -> None:
        stem, dot, ending = path.partition(".")
        if f".{ending}".endswith(COMPILED):
            ending = "so"
        if not dot or ending not in ("py", "pyi", "so") or not all(map(str.isidentifier, stem.split("/"))):
            return
        module = stem.replace("/", ".").removesuffix(".__init__")
        if ending == "pyi":
            self._stubs[module] = (source, member or path)
        known = self._files.get(module)
        if known is None or ending == "py" or (ending == "pyi" and known[1].endswith(COMPILED)):
            self._files[module] = (source, member or path)
        parts = module.split(".")
        for end in range(1, len(parts)):
            self._children.setdefault(".".join(parts[:end]), set()).add(parts[end])

    def has(self, module: str) -> bool:
        root = module.partition(".")[0]
        if root not in self._looked_at:
            self._add_standard(root)
        return module in self._files or module in self._children

    def is_compiled(self, module: str) -> bool:
        return module in self._files and self._files[module][1].endswith(COMPILED)

    def is_folder(self, module: str) -> bool:
        return module in self._children and module not in self._files

    def children(self, module: str) -> set[str]:
        return self._children.get(module, set())

    def tree(self, module: str) -> ast.Module | None:
        """The parsed module; None for a compiled one, a bare folder and what does not parse."""
        if module not in self._trees:
            self._trees[module] = self._parsed(module)
        return self._trees[module]

    def stub(self, module: str) -> ast.Module | None:
        """The stub that lies beside a module: it has the names which the module binds at run time."""
        is_beside = module in self._stubs and self._files[module] != self._stubs[module]
        return self._parse(*self._stubs[module]) if is_beside else None

    def _parsed(self, module: str) -> ast.Module | None:
        if module not in self._files or self.is_compiled(module):
            return None
        return self._parse(*self._files[module])

    def _parse(self, source: Path, path: str) -> ast.Module | None:
        data = self._archives[source].read(path) if source in self._archives else (source / path).read_bytes()
        try:
            return ast.parse(data)
        except (SyntaxError, ValueError):
            return None

    def is_package(self, module: str) -> bool:
        return module in self._files and self._files[module][1].rpartition("/")[2].startswith("__init__.")


def _newest(folders: list[Path]) -> list[Path]:
    """The newest wheel of each distribution in the folders."""
    found: dict[str, Path] = {}
    for wheel in sorted(wheel for folder in folders for wheel in folder.glob("*.whl")):
        name = wheel.name.split("-")[0].lower()
        if name not in found or _number(found[name]) < _number(wheel):
            found[name] = wheel
    return list(found.values())


def _number(wheel: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", wheel.name.split("-")[1].partition("+")[0]))


# Names ----------------------------------------------------------------------------------------------------------------


class Reader:
    """Follows dotted names through modules, re-exports, tables of lazy imports and classes."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._bindings: dict[str, dict[str, Any]] = {}
        self._attributes: dict[tuple[str, str], Found | None] = {}
        self._exports: dict[str, set[str]] = {}

    def find(self, name: str, depth: int = 0) -> Found | None:
        """What an absolute dotted name stands for; None when it is not there."""
        parts = name.split(".")
        if depth > DEPTH:
            return Found(name, None)
        for end in range(len(parts), 0, -1):
            module = ".".join(parts[:end])
            if not self.library.has(module):
                continue
            found: Found | None = Found(module, self.library.tree(module))
            for attribute in parts[end:]:
                found = self.attribute(found, attribute, depth) if found else None
            if found is not None:
                return found
        return None

    def attribute(self, owner: Found, name: str, depth: int = 0) -> Found | None:
        if depth > DEPTH:
            return Found(owner.module, None)
        if owner.node is None:
            if self.library.has(f"{owner.module}.{name}"):
                return Found(f"{owner.module}.{name}", self.library.tree(f"{owner.module}.{name}"))
            return None if self.library.is_folder(owner.module) else Found(owner.module, None)
        if isinstance(owner.node, ast.ClassDef):
            return self._of_class(owner.module, owner.node, name, depth)
        if not isinstance(owner.node, ast.Module):
            return Found(owner.module, None)  # an attribute of a value: there is no telling
        return self._of_module(owner.module, name, depth)

    def _of_module(self, module: str, name: str, depth: int) -> Found | None:
        if (module, name) not in self._attributes:
            self._attributes[module, name] = Found(module, None)  # ends a circle of re-exports
            self._attributes[module, name] = self._looked_up(module, name, depth)
        return self._attributes[module, name]

    def _looked_up(self, module: str, name: str, depth: int) -> Found | None:
        bound = self.bindings(module)
        target = bound.get(name)
        if isinstance(target, str):
            return self.find(target, depth + 1) or Found(module, None)
        if target is not None:
            return Found(module, target)
        if self.library.has(f"{module}.{name}"):
            return Found(f"{module}.{name}", self.library.tree(f"{module}.{name}"))
        is_dynamic = "__getattr__" in bound
        for star in reversed(bound.get("*", [])):  # the last one wins
            if not self.library.has(star) or self.library.is_compiled(star):
                is_dynamic = True
            elif name in self._exported(star) and (found := self.find(f"{star}.{name}", depth + 1)):
                return found
        return Found(module, None) if is_dynamic else None

    def _of_class(self, module: str, node: ast.ClassDef, name: str, depth: int) -> Found | None:
        found = None
        for each in _statements(node.body):
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and each.name == name:
                found = Found(module, None if _is_overload(each) else each)
            elif name in _targets(each):
                found = Found(module, None)
        if found is not None:
            return found
        unknown = False
        for base in node.bases:
            text = dotted(base.value if isinstance(base, ast.Subscript) else base)
            parent = self.local(module, text, depth + 1) if text else None
            if parent is None or not isinstance(parent.node, ast.ClassDef):
                unknown = unknown or text not in ("object", "ABC", "abc.ABC", "Generic", "Protocol")
            elif parent.node is not node and (found := self._of_class(parent.module, parent.node, name, depth + 1)):
                return found
        return Found(module, None) if unknown else None

    def local(self, module: str, name: str, depth: int = 0) -> Found | None:
        """What a dotted name stands for inside a module."""
        first, _, rest = name.partition(".")
        found = self.attribute(Found(module, self.library.tree(module)), first, depth)
        for part in rest.split(".") if rest else ():
            found = self.attribute(found, part, depth) if found else None
        return found

    def members(self, module: str) -> list[str]:
        """Public names of a module or class, submodules included."""
        owner = self.find(module)
        if owner is None:
            return []
        if isinstance(owner.node, ast.ClassDef):
            return [each.name for each in owner.node.body if isinstance(each, Function) and each.name[0] != "_"]
        names = set(self.library.children(owner.module)) if owner.module == module or not owner.node else set()
        if isinstance(owner.node, ast.Module):
            names |= self.library.children(owner.module) | self._exported(owner.module)
        inner = self.library.children(owner.module)
        return sorted(
            (name for name in names if name[0] != "_" and name != "*"), key=lambda name: (name not in inner, name)
        )

    def _exported(self, module: str) -> set[str]:
        """Names of a module with those of its star imports; in a circle of those, what is known so far."""
        if module not in self._exports:
            names = self._exports[module] = set(self.bindings(module))
            for star in self.bindings(module).get("*", ()):
                names |= self._exported(star) if self.library.has(star) else set()
        return self._exports[module]

    def bindings(self, module: str) -> dict[str, Any]:
        """Names of a module: a definition, or as text the absolute name it is imported from. `*`: star imports."""
        if module not in self._bindings:
            found: dict[str, Any] = {}
            self._bindings[module] = found
            for tree in (self.library.tree(module), self.library.stub(module)):
                names: dict[str, Any] = {}
                for statement in _statements(tree.body) if tree else ():
                    self._bind(module, statement, names)
                stars = [*found.get("*", ()), *names.get("*", ())]
                found.update({**names, **found} | ({"*": stars} if stars else {}))
        return self._bindings[module]

    def _bind(self, module: str, statement: ast.stmt, found: dict[str, Any]) -> None:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if not _is_overload(statement):
                found[statement.name] = statement
            found.setdefault(statement.name, ast.Pass())  # overloads alone: it is there, which form holds is not known
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                found.setdefault(
                    (alias.asname or alias.name).partition(".")[0],
                    alias.name if alias.asname else alias.name.partition(".")[0],
                )
        elif isinstance(statement, ast.ImportFrom):
            source = self._source(module, statement)
            for alias in statement.names:
                if alias.name == "*":
                    found.setdefault("*", []).append(source)
                elif not isinstance(found.get(alias.asname or alias.name), ast.AST):
                    found[alias.asname or alias.name] = f"{source}.{alias.name}"
        else:
            self._bind_value(module, statement, found)

    def _bind_value(self, module: str, statement: ast.stmt, found: dict[str, Any]) -> None:
        value = getattr(statement, "value", None)
        for lazy, source in _lazy(value, module, self.library):
            found.setdefault(lazy, source)
        for target in _targets(statement):
            text = dotted(value) if value is not None else None
            first = text.partition(".")[0] if text else ""
            if isinstance(found.get(first), str) and text:
                found.setdefault(target, found[first] + text[len(first) :])
            elif isinstance(found.get(first), ast.AST) and text == first:
                found.setdefault(target, found[first])
            elif text and (made := _made(found.get(first))):  # `api = HfApi()`, `model_info = api.model_info`
                found.setdefault(target, f"{module}.{made}{text[len(first) :]}")
            else:
                found.setdefault(target, statement)

    def _source(self, module: str, statement: ast.ImportFrom) -> str:
        if not statement.level:
            return statement.module or ""
        parts = module.split(".")
        keep = len(parts) - statement.level + (1 if self.library.is_package(module) else 0)
        return ".".join([*parts[:keep], *([statement.module] if statement.module else [])])


def _statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements of a body and of the conditions, attempts and contexts in it."""
    found = []
    for statement in body:
        found.append(statement)
        for field in ("body", "orelse", "finalbody"):
            if isinstance(statement, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
                found += _statements(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", ()):
            found += _statements(handler.body)
    return found


def _targets(statement: ast.stmt) -> list[str]:
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _made(statement: Any) -> str | None:
    """The class that a statement assigns an object of."""
    value = getattr(statement, "value", None)
    return dotted(value.func) if isinstance(value, ast.Call) else None


def _is_overload(node: ast.AST) -> bool:
    return any((dotted(each) or "").endswith("overload") for each in getattr(node, "decorator_list", ()))


def dotted(node: ast.AST | None) -> str | None:
    """The text of a plain dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted(node.value) if isinstance(node, ast.Attribute) else None
    return f"{inner}.{node.attr}" if inner and isinstance(node, ast.Attribute) else None


def _lazy(value: ast.AST | None, module: str, library: Library) -> list[tuple[str, str]]:
    """Pairs of name and source from tables of lazy imports: `{"module": ["Name", …]}`, `{"Name": "module"}`."""
    found = []
    for table in ast.walk(value) if value is not None else ():
        for key, item in zip(table.keys, table.values, strict=True) if isinstance(table, ast.Dict) else ():
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                continue
            texts = [text for node in ast.walk(item) if isinstance(text := getattr(node, "value", None), str)]
            if (source := _module_of(key.value, module, library)) is not None:
                found += [(text, f"{source}.{text}") for text in texts]
            elif texts and (source := _module_of(texts[0], module, library)) is not None:
                found.append((key.value, f"{source}.{texts[1] if len(texts) > 1 else key.value}"))
    return found


def _module_of(text: str, module: str, library: Library) -> str | None:
    text = text.lstrip(".").replace(":", ".")
    return next((name for name in (f"{module}.{text}", text) if text and library.has(name)), None)


# Signatures -----------------------------------------------------------------------------------------------------------


def signature(reader: Reader, found: Found, depth: int = 0) -> Signature | None:
    """What calling something takes; None when that cannot be read."""
    if isinstance(found.node, ast.ClassDef):
        for name in ("__init__", "__new__"):
            maker = reader._of_class(found.module, found.node, name, depth)
            if maker is not None:
                return signature(reader, maker._replace(module=f"{maker.module}:method"), depth + 1)
        return _fields(reader, found)
    if not isinstance(found.node, Function):
        return None
    given = found.node.args
    names = [each.arg for each in (*given.posonlyargs, *given.args)]
    literal = [_literal(node) for node in given.defaults]
    defaults = dict(zip(names[len(names) - len(literal) :], literal, strict=True))
    for each, node in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if node is not None:
            defaults[each.arg] = _literal(node)
    decorators = {dotted(each) for each in found.node.decorator_list}
    is_method = names[:1] in (["self"], ["cls"], ["mcs"], ["_cls"], ["metacls"]) or found.module.endswith(":method")
    names = names[1:] if is_method and "staticmethod" not in decorators else names
    keywords = {*names, *(each.arg for each in given.kwonlyargs)} - {each.arg for each in given.posonlyargs}
    return Signature(names, keywords, defaults, given.vararg is not None, given.kwarg is not None)


def _fields(reader: Reader, found: Found) -> Signature | None:
    """The fields of a data class, in their order; none when there is a base that is not read."""
    assert isinstance(found.node, ast.ClassDef)
    names, defaults = [], {}
    for each in found.node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            names.append(each.target.id)
            if each.value is not None:
                defaults[each.target.id] = _literal(each.value)
    is_data = any("dataclass" in (dotted(getattr(each, "func", each)) or "") for each in found.node.decorator_list)
    return Signature(names if is_data else [], set(names), defaults, False, not is_data) if names else None


def _literal(node: ast.AST) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return "…"


def judge(entry: Entry, takes: Signature | None) -> tuple[str, str]:
    """Whether an entry's arguments fit a signature: a state and a note."""
    places = [(place, place.get("absent")) for place in entry.get("also", ())]
    if "arg" in entry:
        places.insert(0, (entry["arg"], entry.get("absent")))
    places += [(place, None) for place in entry.get("endpoint", ())]
    if not places:
        return "ok", ""
    if takes is None:
        return "loose", "no signature to be read"
    state, notes = "ok", []
    for number, (place, absent) in enumerate(places):
        fits, note = _fit(place, takes)
        if fits == "ok" and absent is not None and place.get("keyword") in takes.keywords:
            fits, note = _fit_default(entry["mode"], absent, takes.defaults.get(place["keyword"], ANY), note)
        if not (fits == "loose" and number):  # an old keyword beside the deciding one
            state = max(state, fits, key=("ok", "loose", "differs").index)
        notes += [note] if note else []
    return state, "; ".join(notes)


def _fit(place: Entry, takes: Signature) -> tuple[str, str]:
    at, keyword = place.get("at"), place.get("keyword")
    if keyword is not None and keyword not in takes.keywords and keyword not in takes.names:
        if takes.more or (takes.spread and at is not None):
            return "loose", f"{keyword} through *args or **kwargs"
        return "differs", f"no argument {keyword}, but {', '.join(takes.names[:6]) or 'none by position'}"
    if at is None or at < 0:
        return "ok", f"{keyword}={takes.defaults[keyword]!r}" if keyword in takes.defaults else ""
    if at >= len(takes.names):
        return ("loose", "") if takes.spread else ("differs", f"{keyword} cannot be given by position {at}")
    if keyword is not None and takes.names[at] != keyword:
        return "differs", f"at {at} stands {takes.names[at]}, not {keyword}"
    return "ok", f"{keyword}={takes.defaults[keyword]!r}" if keyword in takes.defaults else ""


def _fit_default(mode: str, absent: str, default: Any, note: str) -> tuple[str, str]:
    """A switch that is on without being given has to be on by default, and the other way round."""
    if mode not in ("flag", "default") or default in (ANY, "…"):
        return "ok", note
    if (absent == "local" and default) or (absent == "remote" and default is False):
        return "differs", f"{note}, but absent is {absent}"
    return "ok", note


# The table ------------------------------------------------------------------------------------------------------------


def check(name: str, entry: Entry, reader: Reader) -> Result:
    """One entry of the table."""
    if "*" in name:
        return _check_family(name, entry, reader)
    if not reader.library.has(name.partition(".")[0]):
        return Result(name, "unread")
    found = reader.find(name)
    if found is None:
        return _gone(name, entry, reader)
    if entry.get("legacy"):
        return Result(name, "loose", "is there, though the table calls it gone")
    state, note = judge(entry, signature(reader, found)) if found.node is not None else ("loose", "not to be read")
    for method, inner in entry.get("methods", {}).items():
        if inner.get("legacy") or "*" in method or found.node is None:
            continue
        one = reader.attribute(found, method)
        fits, text = ("gone", "is not there") if one is None else judge(inner, signature(reader, one))
        if fits != "ok":
            state = max(state, fits, key=("ok", "loose", "gone", "differs").index)
            note = "; ".join(filter(None, [note, f"{method}: {text}"]))
    return Result(name, state, note)


def _gone(name: str, entry: Entry, reader: Reader) -> Result:
    if entry.get("legacy"):
        return Result(name, "ok", "gone, as the table says")
    parts = name.split(".")
    known = next(".".join(parts[:end]) for end in range(len(parts), 0, -1) if reader.library.has(".".join(parts[:end])))
    if not reader.library.tree(known) and not reader.library.is_compiled(known):
        return Result(name, "unread", f"no wheel with {'.'.join(parts[: known.count('.') + 2])}")
    return Result(name, "gone", f"{known} has no {parts[known.count('.') + 1]}")


def expand(name: str, entry: Entry, reader: Reader) -> list[str]:
    """Names of a family that are there, at most MEMBERS."""
    found = [""]
    excluded = set(entry.get("except", ()))
    for segment in name.split("."):
        if "*" not in segment:
            found = [f"{start}.{segment}" if start else segment for start in found]
            continue
        found = [
            f"{start}.{member}"
            for start in found
            for member in reader.members(start)
            if fnmatchcase(member, segment) and member not in excluded
        ][: MEMBERS * 20]
    sample = found[:: max(1, len(found) // MEMBERS)]
    return list(islice((each for each in sample if reader.find(each) is not None), MEMBERS))


def _check_family(name: str, entry: Entry, reader: Reader) -> Result:
    """A family holds when some member fits. Members that do not are named: other entries or `except` may cover them."""
    fixed = name.partition("*")[0].rstrip(".")
    if not reader.library.has(name.partition(".")[0]) or reader.find(fixed) is None:
        return Result(name, "ok" if entry.get("legacy") and reader.library.has(name.partition(".")[0]) else "unread")
    states: dict[str, list[str]] = {}
    for member in expand(name, entry, reader):
        found = reader.find(member)
        if found is None or not isinstance(found.node, Function | ast.ClassDef):
            continue
        state, _ = judge(entry, signature(reader, found))
        states.setdefault(state, []).append(member.split(".", name.split("*")[0].count("."))[-1])
    counts = ", ".join(f"{len(names)} {state}" for state, names in sorted(states.items()))
    odd = states.get("differs", [])
    text = f"{counts}{'; not ' + ', '.join(odd[:12]) if odd else ''}"
    return Result(name, "ok" if "ok" in states else "loose", text or "no member was found")


def entries(table: Entry) -> dict[str, Entry]:
    """All entries by name."""
    return {name: entry for group in table["apis"].values() for name, entry in group.items()}


def report(results: list[Result], show: bool) -> int:
    """Print what was found; the number of things that are wrong."""
    wrong = [each for each in results if each.state in ("gone", "differs")]
    for each in results if show else wrong:
        print(f"{each.state:8} {each.name}{'  ' + each.note if each.note else ''}")
    counts = Counter(each.state for each in results)
    print(", ".join(f"{count} {state}" for state, count in sorted(counts.items())))
    return len(wrong)


def main(arguments: list[str] | None = None) -> int:
    """Run the check; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--package", action="append", default=[], help="read this distribution; repeat for more")
    parser.add_argument(
        "--offline", action="append", default=[], type=Path, help="folder of wheels; nothing is downloaded"
    )
    parser.add_argument("--limit", type=int, default=150, help="largest wheel to download, in MB (default: 150)")
    parser.add_argument("--table", type=Path, default=TABLE, help="table to check")
    parser.add_argument("--all", action="store_true", help="show every name, not only what is wrong")
    chosen = parser.parse_args(arguments)
    table = yaml.safe_load(chosen.table.read_text("utf-8"))
    try:
        with tempfile.TemporaryDirectory() as folder:
            if not chosen.offline:
                wanted = chosen.package or list(table.get("versions", {}))
                for problem in download(wanted, Path(folder), chosen.limit):
                    print(problem, file=sys.stderr)
            library = Library(chosen.offline or [Path(folder)], Path(sysconfig.get_paths()["stdlib"]))
            reader = Reader(library)
            results = [check(name, entry, reader) for name, entry in entries(table).items()]
    except (OSError, Refused) as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if report(results, chosen.all) else 0


if __name__ == "__main__":
    sys.exit(main())
