"""Where code gets what a request says: parameters of handlers, and members of request objects."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.scopes import CLASS, dotted
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.python.names import Names
    from linter.inspect.python.scopes import Scope
    from linter.knowledge import Knowledge


class RequestTable:
    """The tables of requests and of what must not happen to them, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: Mapping[str, Any] = knowledge.get("program_behaviour")
        requests = table["requests"]
        self.modules = frozenset(requests["modules"])
        self.objects = frozenset(requests["objects"])
        self.parameters = frozenset(requests["parameters"])
        self.members = frozenset(requests["members"])
        self.other_members = frozenset(requests["other_members"])
        self.own_members = frozenset(requests["own_members"])
        self.contract: Mapping[str, int] = requests["contract"]
        self.methods_by_base: Mapping[str, Mapping[str, int]] = requests["methods_by_base"]
        self.methods_by_class: Mapping[str, Mapping[str, int]] = requests["methods_by_class"]
        self.methods_beside: Mapping[str, Mapping[str, int]] = requests["methods_beside"]
        self.decorators = frozenset(requests["decorators"])
        self.filled_decorators = frozenset(requests["filled_decorators"])
        self.passing_calls = frozenset(requests["passing_calls"])
        self.passing_methods = frozenset(requests["passing_methods"])
        self.place_words = tuple(requests["place_words"])
        self.other_annotations = frozenset(requests["other_annotations"])
        self.sinks = {name: (use, entry) for use, calls in table["sinks"].items() for name, entry in calls.items()}
        self.log_methods: Mapping[str, str | None] = table["log_methods"]
        self.log_objects = frozenset(table["log_objects"])
        self.wanted = frozenset(name.rpartition(".")[2] for name in self.sinks) | self.log_methods.keys()


def request_table(knowledge: Knowledge) -> RequestTable:
    """The table of this run's knowledge, made once."""
    found: RequestTable = knowledge.index("inspect.python.request_sources", RequestTable)
    return found


class RequestSources:
    """Tells in one module what is a request's body, or holds anything that the request says."""

    def __init__(self, names: Names, knowledge: Knowledge) -> None:
        self.names = names
        self.table = request_table(knowledge)
        self.concerned = self._concerned()
        """Whether the module answers requests at all, as far as its imports and its functions' names say."""

    def _concerned(self) -> bool:
        outline = self.names.outline
        roots = {each.module.partition(".")[0] for each in outline.imports if each.level == 0}
        if not roots.isdisjoint(self.table.modules):
            return True
        return any(name.rpartition(".")[2] in self.table.contract for name in outline.scopes)

    def is_body(self, name: str, owner: Scope) -> bool:
        """Whether a parameter of a handler is the body: of those that toolkits call, or by a framework's decorator."""
        parameters = [each for each in owner.parameters if each not in ("self", "cls")]
        bare = owner.name.rpartition(".")[2]
        at = self.table.contract.get(bare)
        at = self._of_method(bare, owner) if at is None else at
        if at is not None:
            return at < len(parameters) and parameters[at] == name
        if name in self.table.parameters or not self._is_decorated(owner, self.table.decorators):
            return False
        annotation = owner.bindings[name][0].annotation
        if annotation is None or name not in parameters:
            return False
        written = (dotted(annotation) or "").rpartition(".")[2]
        return bool(written) and written not in self.table.other_annotations and written[:1].isupper()

    def _of_method(self, bare: str, owner: Scope) -> int | None:
        """The number of the parameter with the body, of a method that a model server calls; None for others."""
        holder = owner.parent
        if holder is None or holder.kind != CLASS:
            return None
        tables = [self.table.methods_by_class.get(holder.name.rpartition(".")[2])]
        tables += [each for name, each in self.table.methods_beside.items() if name in holder.bindings]
        if any(bare in each for each in self.table.methods_by_base.values()):
            roots = (base.path.partition(".")[0] for base in self.names.bases(holder))
            tables += [self.table.methods_by_base.get(root) for root in roots]
        return next((each[bare] for each in tables if each is not None and bare in each), None)

    def is_told(self, name: str, owner: Scope) -> bool:
        """Whether a request says what a parameter is: the body, or a part of the address."""
        if not self.concerned:
            return False
        if self.is_body(name, owner):
            return True
        if name in self.table.parameters or name in ("self", "cls") or name not in owner.parameters:
            return False
        binding = owner.bindings[name][0]
        default = binding.node.func if isinstance(binding.node, ast.Call) else None
        given = {(dotted(each) or "").rpartition(".")[2] for each in (binding.annotation, default) if each is not None}
        return given.isdisjoint(self.table.other_annotations) and self._is_decorated(
            owner, self.table.filled_decorators
        )

    def is_source(self, node: ast.Attribute, scope: Scope, *, whole: bool = False) -> bool:
        """Whether `request.data` and its like is the body of a request; `whole`: or anything else that it says."""
        holder, members = node.value, self.table.members | (self.table.other_members if whole else frozenset())
        if isinstance(holder, ast.Attribute) and isinstance(holder.value, ast.Name) and holder.value.id == "self":
            if holder.attr == "request" and node.attr in members:
                return True
            return holder.attr in self.table.own_members
        if node.attr not in members:
            return False
        if any(each.path.replace(CALLED, "") in self.table.objects for each in self.names.of(holder, scope)):
            return True
        if not isinstance(holder, ast.Name) or holder.id not in self.table.parameters:
            return False
        owner, bindings = self.names.bindings(holder.id, scope)
        return owner is not None and any(each.kind == "parameter" for each in bindings)

    @staticmethod
    def _is_decorated(owner: Scope, names: frozenset[str]) -> bool:
        functions = (each.func if isinstance(each, ast.Call) else each for each in owner.decorators)
        return any(isinstance(each, ast.Attribute) and each.attr in names for each in functions)
