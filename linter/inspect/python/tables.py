"""What the tables say of values, `network_apis` above all, made ready for look-ups once for all modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import ALL_HYPERPARAMETERS
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.inspect.python.forms import Value
    from linter.knowledge import Knowledge


class Tables:
    """The names of calls, methods and objects that give, hold or fill in values."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.contract = frozenset(knowledge.get("network_apis.contract_functions"))
        self.kept_parameters = frozenset(knowledge.get("network_apis.kept_parameters"))
        self.option_declarations = frozenset(knowledge.get("network_apis.option_declarations"))
        self.declared_options = tuple(knowledge.get("network_apis.declared_options"))
        self.option_namespaces = frozenset(knowledge.get("network_apis.option_namespaces"))
        self.filling_file_methods = frozenset(knowledge.get("network_apis.filling_file_methods"))
        self.filling_methods = self.filling_file_methods | frozenset(knowledge.get("network_apis.filling_methods"))
        self.filling_class_methods = frozenset(knowledge.get("network_apis.filling_class_methods"))
        self.settings_decorators: Mapping[str, Mapping[str, str]] = knowledge.get("network_apis.settings_decorators")
        self.settings_methods = frozenset(knowledge.get("network_apis.settings_methods"))
        self.loaders = frozenset(knowledge.get("network_apis.loaded_mappings"))
        self.path_loaders = frozenset(knowledge.get("network_apis.loaded_paths"))
        self.settings_readers: Mapping[str, Sequence[str]] = knowledge.get("network_apis.settings_readers")
        self.loaded_mappings = tuple(f"{each}{CALLED}" for each in (*self.loaders, *self.path_loaders))
        self.environment_readers = frozenset(knowledge.get("network_apis.environment_readers"))
        self.namespace_makers = frozenset(knowledge.get("network_apis.namespace_makers"))
        self.own_host_calls = frozenset(knowledge.get("network_apis.own_host_calls"))
        self.own_addresses: Mapping[str, str] = knowledge.get("network_apis.own_addresses")
        self.given_addresses: Mapping[str, str] = knowledge.get("network_apis.given_addresses")
        self.wrapping: Mapping[str, Mapping[str, Any]] = knowledge.get("network_apis.wrapping_values")
        self.pipeline_parameters: Mapping[str, Any] = knowledge.get("publishing.pipeline_parameters")
        toolkit = dict.fromkeys(knowledge.get("network_apis.hyperparameter_objects"), ALL_HYPERPARAMETERS)
        self.constants: Mapping[str, Value] = {"os.environ": {}, "sys.executable": "python", "os.sep": "/", **toolkit}
        self.model_folder = knowledge.get("container.places.model")
