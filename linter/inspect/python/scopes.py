"""What a module consists of: its scopes, what binds each name in them, its calls, and the parts that run as one."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.references.apis import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from linter.inspect.python.guards import Guard


MODULE, MAIN, FUNCTION, CLASS = "module", "main", "function", "class"
MAIN_PART = "__main__"
STATE = "state"
"""The attribute under which web frameworks keep what an application shares: `app.state.client`."""
ENVIRONMENT = "os.environ"
"""The mapping with the variables of the environment."""


class Branch(NamedTuple):
    """What runs when a test holds, or when it does not."""

    test: ast.expr
    holds: bool
    always_asked: bool
    """Whether no other condition decides first whether the test is asked at all."""


class Binding(NamedTuple):
    """What gives a name its value.

    `kind`: `import` (target: a dotted name, with leading dots when relative), `value` (node; `path` leads into it when
    a tuple is unpacked), `enter` (what a context manager gives), `item` (an element of what is iterated), `parameter`
    (node: its default or None; annotation), `rest` (`*args`, after `path[0]` other parameters), `keywords`
    (`**kwargs`), `scope` (a function or class of the file) or `opaque`.
    """

    kind: str
    line: int = 0
    node: ast.expr | None = None
    target: str = ""
    scope: Scope | None = None
    owner: Scope | None = None
    path: tuple[int, ...] = ()
    until: int = 0
    """Last line of the conditional block that it stands in; 0 when it always runs."""
    annotation: ast.expr | None = None
    branch: Branch | None = None
    """The branch of a condition that it stands in, of those around it the nearest."""
    adds: bool = False
    """Whether its value is the one before with more at its end: `command += " -q"`."""


class Item(NamedTuple):
    """`name[key] = node`, by the line that it stands on."""

    line: int
    key: str
    node: ast.expr
    until: int = 0
    """Last line of the conditional block that it stands in; 0 when it always runs."""


class Import(NamedTuple):
    """One name that an import statement brings; the fields of `python.module`'s `imports`."""

    part: str
    module: str
    level: int
    name: str | None
    alias: str | None
    line: int
    guard: str
    optional: bool


class Called(NamedTuple):
    """A call with the scope it stands in, the part that runs it, and what guards it."""

    node: ast.Call
    scope: Scope
    part: Part
    guard: Guard


class Decorated(NamedTuple):
    """A decorator without a call, `@retry`; it is called with what it decorates."""

    node: ast.expr
    scope: Scope
    part: Part
    guard: Guard


@dataclass(slots=True, eq=False)
class Scope:
    """A module, a function, a class, or a comprehension or lambda inside of one."""

    kind: str
    name: str
    node: ast.AST
    parent: Scope | None
    part: Part
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    elsewhere: dict[str, Scope] = field(default_factory=dict)
    """Names declared `global` or `nonlocal`, and the scope that holds them."""
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    """Of a class: what its methods assign to `self.x`."""
    items: dict[str, list[Item]] = field(default_factory=dict)
    """What is assigned to members of the mappings that names stand for."""
    returns: list[ast.expr] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    this: str | None = None
    """Of a method: the name of its first parameter."""
    decorators: list[ast.expr] = field(default_factory=list)

    @property
    def is_classmethod(self) -> bool:
        return any(isinstance(each, ast.Name) and each.id == "classmethod" for each in self.decorators)

    @property
    def is_context_manager(self) -> bool:
        return any(each.rpartition(".")[2] in _CONTEXT_MANAGERS for each in self.part.decorators)

    @property
    def of_class(self) -> Scope | None:
        """The class that a method belongs to, also from inside of functions in the method."""
        scope: Scope | None = self
        while scope is not None:
            if scope.kind == FUNCTION and scope.parent is not None and scope.parent.kind == CLASS:
                return scope.parent
            scope = scope.parent
        return None


@dataclass(slots=True, eq=False)
class Part:
    """A piece of code that runs as one: the module's level, its main block, a function or a class body."""

    name: str
    kind: str
    line: int
    references: dict[str, None] = field(default_factory=dict)
    attributes: dict[str, None] = field(default_factory=dict)
    decorators: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Outline:
    """All that one walk finds."""

    module: Scope
    parts: dict[str, Part]
    scopes: dict[str, Scope]
    """Functions and classes by the name of their part."""
    calls: list[Called]
    imports: list[Import]
    decorated: list[Decorated]
    """Decorators that are not called."""
    every: list[Scope]
    named: dict[str, list[int]]
    """Where in `calls` those stand whose function has a name: `get` of `get()` and of `a.b.get()`, else no name."""
    state: dict[str, list[Binding]]
    """What is put into the state of an application, by the attribute."""
    variables: dict[str, list[Binding]]
    """What variables of the environment are set to."""
    comprehensions: dict[int, Scope]
    """Scopes by the identity of the comprehension that makes them."""

    def calls_named(self, names: Set[str]) -> list[Called]:
        """The calls whose function has one of some names, in their order. Most calls have a name that means nothing."""
        found = sorted(number for name in self.named.keys() & names for number in self.named[name])
        return [self.calls[number] for number in found]

    def release(self) -> None:
        """Cuts the circles between scopes and what they bind, so that the tree is freed without a collection."""
        for scope in self.every:
            scope.bindings.clear()
            scope.attributes.clear()
            scope.elsewhere.clear()
        self.state.clear()
        self.variables.clear()
        self.comprehensions.clear()


class _Inner(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of a class of nodes that may hold expressions or statements. No context and no operator does."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        self[kind] = tuple(name for name in kind._fields if name not in _PLAIN_FIELDS)
        return self[kind]


_CONTEXT_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_PLAIN_FIELDS = frozenset({"ctx", "op", "ops", "id", "attr", "kind", "conversion", "type_comment"})
INNER = _Inner({ast.Constant: ()})


def effective(bindings: Sequence[Binding], line: int, same_scope: bool) -> Sequence[Binding]:
    """The bindings that may hold at a line: of those before it, from the last on that has run for sure.

    A binding in a branch has run for sure for what follows it in the same branch. Code of other scopes runs later, so
    that all bindings of the name may hold from the last one on that always runs.
    """
    if len(bindings) == 1:
        return bindings
    before = [each for each in bindings if each.line <= line] if same_scope else []
    chosen = before or bindings
    for number in range(len(chosen) - 1, -1, -1):
        binding = chosen[number]
        if binding.until == 0 or (same_scope and line <= binding.until):
            # The name may stand on the right of the very assignment that binds it anew: `s = wrap(s)`.
            if same_scope and binding.line == line and number > 0:
                continue
            held = [each for each in chosen[number:] if not (same_scope and each.line == line and each.kind == "value")]
            return _fullest(held or chosen[number:])
    return _fullest(chosen)


def _fullest(bindings: Sequence[Binding]) -> Sequence[Binding]:
    """The bindings without those before the last that adds to them: `if quiet: command += " -q"` holds all of it."""
    adding = [number for number, each in enumerate(bindings) if each.adds]
    return bindings[adding[-1] :] if adding else bindings


def is_property(binding: Binding) -> bool:
    """Whether a binding is a method that is read like an attribute."""
    made = binding.scope
    return made is not None and any(each.rpartition(".")[2] in PROPERTIES for each in made.part.decorators)


def nodes_of(tree: ast.AST) -> list[Any]:
    """A node and all in it but contexts and operators, as `ast.walk` gives them, in a fraction of its time."""
    found: list[Any] = [tree]
    for node in found:  # as `inner_nodes`; a call for each node would take as long as the rest
        for name in INNER[type(node)]:
            value = getattr(node, name, None)
            if type(value) is list:
                found += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)
    return found


def inner_nodes(node: ast.AST) -> list[Any]:
    """The nodes right below a node but contexts and operators, as `ast.iter_child_nodes` gives them."""
    found: list[Any] = []
    for name in INNER[type(node)]:
        value = getattr(node, name, None)
        if type(value) is list:
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def argument_of(node: ast.Call, at: int | None, keyword: str | None) -> ast.expr | None:
    """An argument by its name or number; None when it is not given, or perhaps by `*given`."""
    for each in node.keywords if keyword is not None else ():
        if each.arg == keyword:
            return each.value
    if at is None or at >= len(node.args) or any(isinstance(each, ast.Starred) for each in node.args[: at + 1]):
        return None
    return node.args[at]


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` of names and attributes; None of anything else."""
    text = ""
    while type(node) is ast.Attribute:
        text = f".{node.attr}{text}"
        node = node.value
    return node.id + text if type(node) is ast.Name else None
