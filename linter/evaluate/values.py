"""What expressions come to: scalars, containers, objects of the product, and what only a run would tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.evaluate.text import Text, TooLarge

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from linter.evaluate.modules import Module
    from linter.evaluate.text import Maker, Place

MOST_ITEMS = 5_000
"""Elements of one container."""
_DEEPEST = 60
_NAME_LENGTH = 60


class Unknown:
    """What is not known. `path` is the dotted name of what it is or came from, `()` behind what was called.

    `source` is the arguments of the call that it came from, or for an attribute the object. `maker` is set when it is a
    model, or leads to one, that comes out of somebody else's algorithm.
    """

    __slots__ = ("maker", "name", "path", "place", "source")

    def __init__(
        self,
        name: str = "value",
        place: Place | None = None,
        path: str | None = None,
        source: Any = None,
        maker: Maker | None = None,
    ) -> None:
        self.name = name[:_NAME_LENGTH]
        self.place, self.path, self.source, self.maker = place, path, source, maker

    def called(self, name: str, place: Place | None = None) -> Unknown:
        """The same under another name, and perhaps at another place."""
        return Unknown(name, place or self.place, self.path, self.source, self.maker)


class Scalar:
    """A number, a boolean or None."""

    __slots__ = ("place", "value")

    def __init__(self, value: Any, place: Place | None = None) -> None:
        self.value, self.place = value, place


class Dict:
    """A mapping. `open`: there may be more in it than `items`. `keys` are its keys with their places."""

    __slots__ = ("items", "keys", "open", "place")

    def __init__(self, place: Place | None = None, open: bool = False) -> None:
        self.items: dict[Any, Any] = {}
        self.keys: dict[Any, Text] = {}
        self.open, self.place = open, place

    def put(self, key: Any, value: Any, text: Text | None = None) -> None:
        """Give a known key a value. Raises TooLarge."""
        if len(self.items) >= MOST_ITEMS:
            raise TooLarge
        self.items[key] = value
        if text is not None and (key not in self.keys or self.keys[key].place is None):
            self.keys[key] = text

    def blur(self, text: Text | None = None) -> None:
        """A key that is not known got a value: all that may have been its own are unknown from now on."""
        self.open = True
        for key, value in self.items.items():
            if text is None or not isinstance(key, str) or may_equal(text, key):
                self.items[key] = Unknown(str(key), place_of(value))

    def save(self) -> Any:
        return dict(self.items), dict(self.keys), self.open

    def restore(self, state: Any) -> None:
        self.items, self.keys, self.open = dict(state[0]), dict(state[1]), state[2]


class List:
    """A list, tuple or set. `open`: further elements may follow."""

    __slots__ = ("items", "kind", "open", "place")

    def __init__(self, items: list[Any], place: Place | None = None, open: bool = False, kind: str = "list") -> None:
        if len(items) > MOST_ITEMS:
            raise TooLarge
        self.items, self.place, self.open, self.kind = items, place, open, kind

    def save(self) -> Any:
        return list(self.items), self.open

    def restore(self, state: Any) -> None:
        self.items, self.open = list(state[0]), state[1]


class Scope:
    """Names and their values: of a module, a function's call, a class, an object."""

    __slots__ = ("declared", "kind", "names", "parent")

    def __init__(self, parent: Scope | None = None, kind: str = "function") -> None:
        self.names: dict[str, Any] = {}
        self.parent, self.kind = parent, kind
        self.declared: dict[str, Scope] = {}
        """Names that a `global` or `nonlocal` binds elsewhere."""

    def find(self, name: str) -> Any:
        """The value of a name here or around; None when there is none."""
        scope: Scope | None = self.declared.get(name, self)
        first = True
        while scope is not None:
            if name in scope.names and (first or scope.kind != "class"):
                return scope.names[name]
            scope, first = scope.parent, False
        return None

    def save(self) -> Any:
        return dict(self.names)

    def restore(self, state: Any) -> None:
        self.names = dict(state)


class Function:
    """A function of the product, with the scope it was defined in."""

    __slots__ = ("defaults", "kind", "module", "node", "scope")

    def __init__(self, node: Any, scope: Scope, module: Module, defaults: dict[str, Any], kind: str = "plain") -> None:
        self.node, self.scope, self.module, self.defaults = node, scope, module, defaults
        self.kind = kind
        """plain, static, class, property, or wrapped by a decorator that may do anything."""


class Class:
    """A class of the product."""

    __slots__ = ("bases", "fields", "module", "name", "node", "scope")

    def __init__(self, node: ast.ClassDef, scope: Scope, module: Module, bases: list[Any]) -> None:
        self.node, self.scope, self.module, self.bases = node, scope, module, bases
        self.name = node.name
        self.fields: list[str] | None = None
        """Annotated names that the constructor takes, when the class has one made from them."""

    def find(self, name: str, depth: int = 0) -> Any:
        """An attribute of the class or of what it inherits from; None when there is none."""
        if name in self.scope.names:
            return self.scope.names[name]
        for base in self.bases:
            found = base.find(name, depth + 1) if isinstance(base, Class) and depth < 20 else None
            if found is not None:
                return found
        return None

    @property
    def closed(self) -> bool:
        """Whether all that it inherits from is of the product."""
        return all(isinstance(base, Class) and base is not self and base.closed for base in self.bases)


class Obj:
    """An instance of a class of the product, or a namespace (without class)."""

    __slots__ = ("attributes", "cls", "open", "place")

    def __init__(self, cls: Class | None, place: Place | None, open: bool = False) -> None:
        self.cls, self.place, self.open = cls, place, open
        self.attributes = Scope(kind="object")


class Bound:
    """A method with the object that it belongs to; `target` is a Function, or the name of a built-in method."""

    __slots__ = ("owner", "target")

    def __init__(self, owner: Any, target: Any) -> None:
        self.owner, self.target = owner, target


class Native:
    """Something that mllint knows how to do itself."""

    __slots__ = ("run",)

    def __init__(self, run: Callable[..., Any]) -> None:
        self.run = run


class File:
    """A file that code opened. `text` is None when it is not one of the product's."""

    __slots__ = ("place", "text")

    def __init__(self, text: Text | None, place: Place | None) -> None:
        self.text, self.place = text, place


class PathText:
    """A path as an object (`pathlib.Path`)."""

    __slots__ = ("text",)

    def __init__(self, text: Text) -> None:
        self.text = text


def place_of(value: Any) -> Place | None:
    """Where a value was written."""
    place: Place | None = getattr(value, "place", None)
    return place


def is_plain(value: Any) -> bool:
    """Whether a value is wholly known and no container: what can be a key or be compared."""
    return isinstance(value, Scalar) or (isinstance(value, Text) and value.known)


def plain(value: Any) -> Any:
    """Python's own value of a plain one."""
    return value.flat if isinstance(value, Text) else value.value


def may_equal(text: Text, other: str) -> bool:
    """Whether a text with unknown parts can turn out to be some string."""
    first, last = text.pieces[0] if text.pieces else None, text.pieces[-1] if text.pieces else None
    if first is None or last is None or text.known:
        return text.flat == other
    head = "" if first.unknown else first.text
    tail = "" if last.unknown else last.text
    return other.startswith(head) and other.endswith(tail) and len(other) >= len(head) + len(tail)


def truth(value: Any) -> bool | None:
    """What a condition makes of a value; None when that is not known."""
    if isinstance(value, Scalar):
        return bool(value.value)
    if isinstance(value, Text):
        if value.known:
            return bool(value.flat)
        return True if any(not piece.unknown for piece in value.pieces) else None
    if isinstance(value, Dict | List):
        return True if value.items else None if value.open else False
    if isinstance(value, Function | Class | Bound | Native | PathText):
        return True
    return None


class _Budget:
    """How many more parts of two values may be compared: values that share their parts can have exponentially many."""

    __slots__ = ("left",)

    def __init__(self, left: int = 20_000) -> None:
        self.left = left

    def spent(self) -> bool:
        self.left -= 1
        return self.left < 0


def same(one: Any, other: Any, depth: int = 0, budget: _Budget | None = None) -> bool:
    """Whether two values certainly are equal."""
    if one is other:
        return True
    budget = budget or _Budget()
    if type(one) is not type(other) or depth > _DEEPEST or budget.spent():
        return False
    if isinstance(one, Scalar):
        return type(one.value) is type(other.value) and bool(one.value == other.value)
    if isinstance(one, Text):
        return one == other or (len(one.pieces) > 0 and one.pieces == other.pieces)
    if isinstance(one, List):
        if one.open or other.open or len(one.items) != len(other.items):
            return False
        return all(same(a, b, depth + 1, budget) for a, b in zip(one.items, other.items, strict=True))
    if isinstance(one, Dict):
        if one.open or other.open or one.items.keys() != other.items.keys():
            return False
        return all(same(value, other.items[key], depth + 1, budget) for key, value in one.items.items())
    if isinstance(one, Unknown):
        return one.path is not None and one.path == other.path and "()" not in one.path
    return False


def merged(one: Any, other: Any, depth: int = 0, budget: _Budget | None = None) -> Any:
    """What is known of a value that is one of two."""
    budget = budget or _Budget()
    if one is other or (not isinstance(one, Dict | List) and same(one, other, depth, budget)):
        return one
    if depth < _DEEPEST and not budget.spent():
        if isinstance(one, Dict) and isinstance(other, Dict):
            both = Dict(one.place, one.open or other.open)
            both.items, both.keys = merged_items(one.items, other.items, depth, budget), {**other.keys, **one.keys}
            return both
        if isinstance(one, List) and isinstance(other, List) and one.kind == other.kind:
            items, _, more = merged_list(one.items, other.items, depth, budget)
            return List(items, one.place, one.open or other.open or more, one.kind)
    makers = [value.maker for value in (one, other) if isinstance(value, Unknown | Text)]
    maker = makers[0] if len(makers) == 2 and makers[0] and makers[1] and makers[0].kind == makers[1].kind else None
    return Unknown("value", place_of(one) or place_of(other), maker=maker)


def merged_items(one: dict[Any, Any], other: dict[Any, Any], depth: int = 0, budget: Any = None) -> dict[Any, Any]:
    """The entries of a mapping that is one of two. An entry that only one has is there with an unknown value."""
    found = {}
    for key in {**one, **other}:
        if key in one and key in other:
            found[key] = merged(one[key], other[key], depth + 1, budget)
            if isinstance(found[key], Unknown) and found[key].name == "value":
                found[key] = found[key].called(str(key))
        else:
            found[key] = Unknown(str(key), place_of(one.get(key, other.get(key))))
    return found


def merged_list(one: list[Any], other: list[Any], depth: int = 0, budget: Any = None) -> tuple[list[Any], None, bool]:
    """The elements of a list that is one of two, no place, and whether more may follow."""
    items = [merged(a, b, depth + 1, budget) for a, b in zip(one, other, strict=False)]
    return items, None, len(one) != len(other)
