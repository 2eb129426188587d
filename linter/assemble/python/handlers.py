"""Which functions a web framework or one of AWS's toolkits calls: by decorator, base class or name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.assemble.python.names import EXTERNAL, PART
from linter.references.apis import api_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from linter.assemble.python.modules import Module
    from linter.assemble.python.names import Names
    from linter.knowledge import Knowledge

# Modules whose classes call nothing of what is derived from them: they only describe.
_DESCRIBING = frozenset({"abc", "typing", "typing_extensions", "enum", "dataclasses", "collections", "pydantic"})

_HOOK = "__init_subclass__"


class Handlers:
    """The knowledge of what frameworks call."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: Mapping[str, Any] = knowledge.get("network_apis")
        self._decorators = frozenset(table["handler_decorators"])
        self._methods = frozenset(table["handler_methods"])
        self._preparing = frozenset(table["preparing_methods"])
        self._bases = frozenset(table["handler_bases"])
        self._packed_bases = frozenset(table["packed_classes"]["bases"])
        self._packed_methods = frozenset(table["packed_classes"]["methods"])
        self._sending = frozenset(table["sending_decorators"])
        self._canonical = api_table(knowledge).canonical
        self._commands = frozenset(table["command_decorators"])
        self._main_runners = frozenset(table["main_runners"])
        self._registering = frozenset(table["registering_decorators"])
        self._start_words = frozenset(knowledge.get("container.start_program_names"))
        self._classes = frozenset(table["handler_classes"])
        self._short = {(base.partition(".")[0], base.rpartition(".")[2]) for base in self._bases}
        self.contract = frozenset(table["contract_functions"])

    def decorates(self, part: Mapping[str, Any]) -> bool:
        """Whether a decorator of a function makes it a handler: `app.route`, never a plain `get`."""
        return any("." in name and name.rpartition(".")[2] in self._decorators for name in part["decorators"])

    def runs_main(self, library_name: str) -> bool:
        """Whether a call of a library runs the function `main` of the file: `tf.app.run()`."""
        return self._canonical(library_name) in self._main_runners

    def prepares(self, name: str) -> bool:
        """Whether a method is one that its framework calls once, before the first request."""
        return name.rpartition(".")[2] in self._preparing

    def contract_of(self, module: Module) -> list[str]:
        """The functions of a module that AWS's toolkits call by their names."""
        return [part["name"] for part in module.fact["parts"] if part["name"] in self.contract]

    def of_class(self, module: Module, owner: str, names: Names) -> list[str]:
        """The methods of a class that its framework calls for requests."""
        methods = _methods(module, owner)
        if self._is_handler(module, owner, names):
            wanted = self._methods | self.contract
            return [name for name in methods if name.rpartition(".")[2] in wanted]
        return []

    def by_name(self, module: Module, owner: str) -> list[str]:
        """Methods that are handlers by their name alone. A name of one word says nothing without a framework's base."""
        return [
            name
            for name in _methods(module, owner)
            if name.rpartition(".")[2] in self._methods and "_" in name.rpartition(".")[2]
        ]

    def _is_handler(self, module: Module, owner: str, names: Names) -> bool:
        """Whether a framework calls a class: by its name, or by a base, over any number of the product's own."""
        if owner in self._classes:
            return True
        seen = {(module, owner)}
        waiting = [(module, owner)]
        while waiting:
            for base in names.bases(*waiting.pop()):
                if base.kind == EXTERNAL:
                    short = (base.name.partition(".")[0], base.name.rpartition(".")[2])
                    if base.name in self._bases or short in self._short:
                        return True
                elif base.kind == PART and base.module is not None and (base.module, base.name) not in seen:
                    seen.add((base.module, base.name))
                    waiting.append((base.module, base.name))
        return False

    def commands(self, module: Module, words: Sequence[str]) -> list[str]:
        """The functions that a command line of a module runs: those that it, or SageMaker, names, or the only one."""
        found = [
            part["name"]
            for part in module.fact["parts"]
            if part["kind"] == "function" and any(_last(each) in self._commands for each in part["decorators"])
        ]
        wanted = {word.replace("-", "_") for word in (*words, *self._start_words)}
        return found if len(found) == 1 else [name for name in found if name in wanted]

    def registers(self, module: Module, part: str, child: str, names: Names) -> bool:
        """Whether a function or class of a part is put into a table, out of which it may be picked by a name."""
        each = module.parts[child]
        for decorator in each["decorators"]:
            if _last(decorator) in self._registering:
                return True
            target = names.resolve(module, part, decorator)
            if target is not None and target.kind == PART and target.module is not None and not target.rest:
                own = (target.name, *target.module.children(target.name))
                if any(target.module.parts[name]["keeps"] for name in own):
                    return True
        bases = names.bases(module, child) if each["kind"] == "class" else ()
        hooks = (base.module.parts.get(f"{base.name}.{_HOOK}") for base in bases if base.module is not None)
        return any(hook is not None and hook["keeps"] for hook in hooks)

    def packed(self, module: Module, names: Names) -> list[str]:
        """The methods of a module's classes that publishing code packs for AWS's images, which call them."""
        owners = [
            part["name"]
            for part in module.fact["parts"]
            if part["bases"] and any(base.name in self._packed_bases for base in names.bases(module, part["name"]))
        ]
        methods = (name for owner in owners for name in _methods(module, owner))
        return [name for name in methods if name.rpartition(".")[2] in self._packed_methods]

    def sent(self, module: Module, names: Names) -> list[str]:
        """The functions of a module that their decorator sends into a job of AWS."""
        return [
            part["name"]
            for part in module.fact["parts"]
            for decorator in part["decorators"]
            if part["kind"] == "function"
            and (target := names.resolve(module, part["name"].rpartition(".")[0], decorator)) is not None
            and target.kind == EXTERNAL
            and self._canonical(target.name) in self._sending
        ]

    def has_any(self, module: Module, names: Names) -> bool:
        """Whether a module holds handlers."""
        for part in module.fact["parts"]:
            if part["kind"] == "function" and part["decorators"] and self.decorates(part):
                return True
            described = part["bases"] or part["name"] in self._classes
            if part["kind"] == "class" and described and self.of_class(module, part["name"], names):
                return True
        return False


def called_back(module: Module, owner: str, names: Names) -> Iterator[str]:
    """The public methods of a class that a library's base class may call."""
    for base in names.bases(module, owner):
        if base.kind == EXTERNAL and base.name.partition(".")[0] not in _DESCRIBING:
            yield from (name for name in _methods(module, owner) if not name.rpartition(".")[2].startswith("_"))
            return


def _last(decorator: str) -> str:
    """The last name of a decorator that is an attribute of something."""
    return decorator.rpartition(".")[2] if "." in decorator else ""


def _methods(module: Module, owner: str) -> Sequence[str]:
    return [name for name in module.children(owner) if module.kind(name) == "function"]
