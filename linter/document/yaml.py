"""YAML with positions, composed from events.

PyYAML's own composer recurses in C, so that deep nesting crashes the whole process, and it expands aliases without
bound; hence a composer of our own, without recursion. No object is ever constructed from a tag.

Words without quotes follow YAML 1.2, as the AWS CLI reads them: only `true` and `false` (and `True`, `TRUE`, …) are
booleans, so `on`, `yes` and `NO` stay text. Beyond that, whatever would lose what was written stays text: dates,
numbers with leading zeros (`0755`, `012345678901`), `.inf`, `.nan`, and numbers too large for JSON. Keys are always
text. Short tags of CloudFormation become their long form: `!Sub x` is `{"Fn::Sub": "x"}`, `!Ref x` is `{"Ref": "x"}`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.document.base import HUGE, MAX_DEPTH, MAX_DIGITS, Document, DocumentError, Lines, Node, Problems, short

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_EXPANDED = 100_000
"""Values that all aliases of a text may add together."""

_CORE = "tag:yaml.org,2002:"
_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_SHORT_TAG = re.compile(r"![A-Za-z][A-Za-z0-9]*")


def load_yaml(text: str) -> Iterator[Document]:
    """The documents of a YAML text. Raises DocumentError."""
    import yaml

    composer = _Composer(text)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events = loader(text)
        while events.check_event():
            event = events.get_event()
            if isinstance(event, yaml.DocumentEndEvent):
                yield composer.document()
            else:
                composer.take(event)
    except yaml.MarkedYAMLError as error:
        raise _marked(error, composer.lines) from None
    except yaml.reader.ReaderError as error:
        # libyaml counts bytes here; PyYAML's own reader counts characters.
        offset = error.position
        if hasattr(yaml, "CSafeLoader"):
            offset = len(text.encode()[:offset].decode(errors="ignore"))
        raise composer.lines.error("this character is not allowed in YAML; remove it", offset) from None
    except (yaml.YAMLError, ValueError) as error:
        raise composer.lines.error(f"this is not valid YAML: {short(str(error))}", 0) from None


def _marked(error: Any, lines: Lines) -> DocumentError:
    mark = error.problem_mark or error.context_mark
    offset = mark.index if mark else 0
    if lines.text[offset : offset + 1] == "\t":
        return lines.error("YAML cannot be indented with tabs; use spaces", offset)
    if "mapping values are not allowed" in (error.problem or ""):
        return lines.error("a `:` cannot stand here; quote the text, or mend the indentation", offset)
    parts = [part for part in (error.context, error.problem) if part]
    return lines.error(f"this is not valid YAML: {', '.join(parts)}", offset)


class _Key(NamedTuple):
    """A key that waits for its value. A key without a name drops the value that follows."""

    name: str | None
    start: int
    end: int
    merges: bool = False


class _Frame:
    """A mapping or sequence whose end has not been met yet."""

    __slots__ = ("anchor", "container", "is_key", "key", "merges", "node", "tag")

    def __init__(self, container: Any, node: Node, event: Any, is_key: bool) -> None:
        self.container, self.node, self.is_key = container, node, is_key
        self.anchor: str | None = event.anchor
        self.tag: str | None = event.tag
        self.key: _Key | None = None
        self.merges: list[tuple[Any, Node]] = []

    @property
    def wants_key(self) -> bool:
        return self.key is None and isinstance(self.container, dict)


class _Composer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Lines(text)
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, Node]] = {}
        self.expanded = 0
        self.problems = Problems()
        self.result: tuple[Any, Node] = (None, Node(0, 0))
        self.handlers = {
            "ScalarEvent": self.scalar,
            "AliasEvent": self.alias,
            "SequenceStartEvent": self.open,
            "MappingStartEvent": self.open,
            "SequenceEndEvent": self.close,
            "MappingEndEvent": self.close,
        }

    def take(self, event: Any) -> None:
        handler = self.handlers.get(type(event).__name__)
        if handler:
            handler(event, event.start_mark.index, event.end_mark.index)

    def document(self) -> Document:
        """The document whose end has been met; anchors do not outlive it."""
        document = Document(self.result[0], self.lines, self.result[1], self.problems)
        self.problems, self.anchors, self.result = Problems(), {}, (None, Node(0, 0))
        return document

    def scalar(self, event: Any, start: int, end: int) -> None:
        if not event.implicit[0] and event.style in ("|", ">"):
            end = start + len(self.text[start:end].rstrip())
        value, node = event.value, Node(start, end)
        if self.stack and self.stack[-1].wants_key:
            self.stack[-1].key = _Key(value, start, end, merges=value == "<<" and event.implicit[0])
            if event.anchor:
                self.anchors[event.anchor] = (value, node)
            return
        core = event.tag and event.tag.startswith(_CORE) and event.tag != f"{_CORE}str"
        if event.implicit[0] or core:
            value = self.plain(value, start, end)
        self.finish(value, node, event.anchor, event.tag)

    def plain(self, word: str, start: int, end: int) -> Any:
        """What a word without quotes means."""
        if word in _WORDS:
            return _WORDS[word]
        if word[0] not in "-+.0123456789":
            return word
        if _INTEGER.fullmatch(word):
            if len(word) <= MAX_DIGITS:
                return int(word)
            self.problems.tell(HUGE, start, end)
        elif _BASED.fullmatch(word) and len(word) <= MAX_DIGITS:
            return int(word, 0)
        elif _FLOAT.fullmatch(word):
            number = float(word)
            if abs(number) != float("inf") and len(word) <= MAX_DIGITS:
                return number
            self.problems.tell(HUGE, start, end)
        elif _SPECIAL.fullmatch(word):
            self.problems.tell(f"`{word}` has no counterpart in JSON; it is read as text", start, end)
        return word

    def alias(self, event: Any, start: int, end: int) -> None:
        if event.anchor not in self.anchors:
            inside = any(frame.anchor == event.anchor for frame in self.stack)
            what = "refers to a value that it is part of" if inside else "refers to no anchor above it"
            raise self.lines.error(f"`*{short(event.anchor)}` {what}", start)
        value, target = self.anchors[event.anchor]
        self.expanded += target.size
        if self.expanded > MAX_EXPANDED:
            raise self.lines.error(f"aliases expand to more than {MAX_EXPANDED:,} values; use fewer of them", start)
        if len(self.stack) + target.height > MAX_DEPTH:
            raise self.too_deep(start)
        frame = self.stack[-1] if self.stack else None
        if frame and frame.wants_key:
            if isinstance(value, str):
                frame.key = _Key(value, start, end)
            else:
                self.drop_key(frame, start, end)
            return
        node = Node(start, end)  # the alias stands here; what is in it stands where it was written
        node.items, node.keys, node.size, node.height = target.items, target.keys, target.size, target.height
        self.finish(value, node, None, None)

    def open(self, event: Any, start: int, end: int) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self.too_deep(start)
        container: Any = {} if type(event).__name__ == "MappingStartEvent" else []
        is_key = bool(self.stack) and self.stack[-1].wants_key
        self.anchors.pop(event.anchor, None)
        self.stack.append(_Frame(container, Node(start, end, container), event, is_key))

    def too_deep(self, offset: int) -> DocumentError:
        return self.lines.error(f"values are nested more than {MAX_DEPTH} levels deep", offset)

    def close(self, event: Any, start: int, end: int) -> None:
        frame = self.stack.pop()
        if end > start:  # a bracket; a block ends where its last value ends, not where libyaml noticed it
            frame.node.end = end
        for value, node in frame.merges:
            self.merge(frame, value, node)
        if frame.is_key:
            self.drop_key(self.stack[-1], frame.node.start, frame.node.end)
        else:
            self.finish(frame.container, frame.node, frame.anchor, frame.tag)

    def drop_key(self, frame: _Frame, start: int, end: int) -> None:
        if (self.text[start - 1 : start], self.text[end : end + 1]) != ("{", "}"):  # `{{ name }}` is filled in later
            self.problems.tell("only text can be a key here; this key and its value are left out", start, end)
        frame.key = _Key(None, start, end)

    def finish(self, value: Any, node: Node, anchor: str | None, tag: str | None) -> None:
        """A value is complete: give it its tag and its anchor, and hand it to what it stands in."""
        if tag is not None and tag != "!":
            value, node = self.tagged(value, node, tag)
        if anchor:
            self.anchors[anchor] = (value, node)
        if not self.stack:
            self.result = (value, node)
            return
        frame = self.stack[-1]
        frame.node.end = max(frame.node.end, node.end)
        if isinstance(frame.container, list):
            frame.node.add(len(frame.container), node)
            frame.container.append(value)
            return
        key, frame.key = frame.key, None
        if key is None or key.name is None:
            return
        frame.node.end = max(frame.node.end, key.end)
        if key.merges:
            frame.merges.append((value, node))
            return
        if key.name in frame.container:
            self.problems.tell(
                f"`{short(key.name)}` is written twice in this mapping; the last one counts", key.start, key.end
            )
        frame.container[key.name] = value
        frame.node.add(key.name, node, (key.start, key.end))

    def merge(self, frame: _Frame, value: Any, node: Node) -> None:
        """Fill in what `<<` brings; the mapping's own keys win, then those of earlier merges."""
        sources = [(value, node)]
        if isinstance(value, list) and node.items is not None:
            sources = [(part, node.items[index]) for index, part in enumerate(value)]
        for part, place in sources:
            if not isinstance(part, dict) or place.items is None or place.keys is None:
                self.problems.tell("`<<` can only merge mappings; this is left out", place.start, place.end)
                continue
            for key in part:
                if key not in frame.container:
                    frame.container[key] = part[key]
                    frame.node.add(key, place.items[key], place.keys[key])

    def tagged(self, value: Any, node: Node, tag: str) -> tuple[Any, Node]:
        """The long form of a CloudFormation short tag; other tags are left out."""
        if tag.startswith(_CORE) and tag[len(_CORE) :] in ("str", "int", "float", "bool", "null", "seq", "map"):
            return value, node
        if not _SHORT_TAG.fullmatch(tag):
            name = tag.replace(_CORE, "!!")
            self.problems.tell(f"the tag `{short(name)}` is not read; its value is kept", node.start, node.end)
            return value, node
        if tag == "!GetAtt" and isinstance(value, str):
            value, scalar = value.split(".", 1), node
            node = Node(scalar.start, scalar.end, value)
            for index in range(len(value)):
                node.add(index, scalar)
        name = tag[1:] if tag in ("!Ref", "!Condition") else f"Fn::{tag[1:]}"
        wrapped = {name: value}
        outer = Node(node.start, node.end, wrapped)
        outer.add(name, node, (node.start, node.end))
        return wrapped, outer
