"""Statements: what they bind and change, in the order of the program."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.evaluate.expressions import assign, bind_names, evaluate, iterate, name_of
from linter.evaluate.functions import define_class, define_function
from linter.evaluate.machine import BREAK, CONTINUE, DEAD, DEEPEST, RETURN, Frame, Machine, Signal, Trial, unknown
from linter.evaluate.operators import binary
from linter.evaluate.values import File, Scalar, Unknown, merged, truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ENDS = frozenset({"sys.exit()", "exit()", "quit()", "os._exit()", "builtins.exit()", "builtins.quit()"})


def run(m: Machine, body: Sequence[ast.stmt], frame: Frame) -> Signal | None:
    """Run statements; what ended them early, if anything did. Raises Exhausted."""
    for number, statement in enumerate(body):
        signal = _statement(m, statement, frame)
        if signal is not None:
            _define_rest(m, body[number + 1 :], frame)
            return signal
    return None


def _define_rest(m: Machine, body: Sequence[ast.stmt], frame: Frame) -> None:
    """Functions that stand behind the end of a module's program: other modules may still call them."""
    if frame.scope.kind == "module":
        for statement in body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                _statement(m, statement, frame)


def _statement(m: Machine, node: ast.stmt, frame: Frame) -> Signal | None:
    m.tick()
    m.level += 1
    try:
        if m.level > DEEPEST:
            _forget(m, [node], frame)
            return None
        action = _ACTIONS.get(type(node))
        return action(m, node, frame) if action is not None else None
    finally:
        m.level -= 1


def _forget(m: Machine, body: Sequence[ast.AST], frame: Frame) -> None:
    """All names that some statements bind are unknown."""
    for name in bound_names(body):
        bind_names(m, frame, name, unknown(name))


def bound_names(body: Sequence[ast.AST]) -> list[str]:
    """Names that statements bind, without those in functions that they define."""
    found: dict[str, None] = {}
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found[node.id] = None
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = None
        elif not isinstance(node, ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))
    return list(found)


# --- simple ones


def _expression(m: Machine, node: Any, frame: Frame) -> Signal | None:
    value = evaluate(m, node.value, frame)
    return Signal(DEAD) if isinstance(value, Unknown) and value.path in _ENDS else None


def _assign(m: Machine, node: Any, frame: Frame) -> None:
    value = evaluate(m, node.value, frame)
    for target in node.targets:
        assign(m, target, value, frame)


def _annotated(m: Machine, node: Any, frame: Frame) -> None:
    if node.value is not None:
        assign(m, node.target, evaluate(m, node.value, frame), frame)


def _augmented(m: Machine, node: Any, frame: Frame) -> None:
    before = evaluate(m, node.target, frame)
    value = evaluate(m, node.value, frame)
    assign(m, node.target, binary(m, node.op, before, value, frame.module.place(node), in_place=True), frame)


def _delete(m: Machine, node: Any, frame: Frame) -> None:
    from linter.evaluate.methods import take

    for target in node.targets:
        if isinstance(target, ast.Subscript):
            take(m, evaluate(m, target.value, frame), evaluate(m, target.slice, frame))
        elif isinstance(target, ast.Name) and target.id in frame.scope.names:
            m.touch(frame.scope)
            del frame.scope.names[target.id]


def _return(m: Machine, node: Any, frame: Frame) -> Signal:
    return Signal(RETURN, evaluate(m, node.value, frame) if node.value else Scalar(None, frame.module.place(node)))


def _raise(m: Machine, node: Any, frame: Frame) -> Signal:
    return Signal(DEAD)


def _global(m: Machine, node: Any, frame: Frame) -> None:
    scope = frame.scope.parent
    while scope is not None and isinstance(node, ast.Global) and scope.kind != "module":
        scope = scope.parent
    if scope is not None:
        frame.scope.declared.update(dict.fromkeys(node.names, scope))


# --- imports


def _import(m: Machine, node: Any, frame: Frame) -> None:
    for alias in node.names:
        module = m.loader.named(alias.name, 0, frame.module)
        if module is not None:
            m.loader.ensure(m, module)
        root = alias.name if alias.asname else alias.name.partition(".")[0]
        known = module if alias.asname or "." not in alias.name else m.loader.package(alias.name, frame.module)
        bind_names(m, frame, alias.asname or root, known if known is not None else Unknown(root, None, root))


def _import_from(m: Machine, node: Any, frame: Frame) -> None:
    module = m.loader.named(node.module or "", node.level, frame.module)
    if module is not None:
        m.loader.ensure(m, module)
    for alias in node.names:
        if alias.name == "*":
            for name, value in dict(module.scope.names if module else {}).items():
                if not name.startswith("_"):
                    bind_names(m, frame, name, value)
            continue
        value = module.scope.names.get(alias.name) if module else None
        if value is None:
            inner = ".".join(part for part in (node.module, alias.name) if part)
            below = m.loader.named(inner, node.level, frame.module)
            if below is not None:
                m.loader.ensure(m, below)
            value = below
        if value is None:
            ours = module is not None or node.level > 0 or m.loader.is_ours(node.module or "", frame.module)
            value = Unknown(alias.name, None, None if ours else f"{node.module}.{alias.name}")
        bind_names(m, frame, alias.asname or alias.name, value)


# --- branches


def _if(m: Machine, node: Any, frame: Frame) -> Signal | None:
    known = truth(evaluate(m, node.test, frame))
    if known is not None:
        return run(m, node.body if known else node.orelse, frame)
    return choose(m, frame, [lambda: run(m, node.body, frame), lambda: run(m, node.orelse, frame)])


def choose(m: Machine, frame: Frame, ways: list[Callable[[], Signal | None]]) -> Signal | None:
    """One of several ways is taken, and only a run would tell which."""
    trials = [m.trial(way) for way in ways]
    alive = [trial for trial in trials if trial.signal is None or trial.signal.kind != DEAD]
    if not alive:
        return Signal(DEAD)
    going = [trial for trial in alive if trial.signal is None]
    for trial in alive if going else ():
        _left(trial, frame)
    if going:
        _blend_all(m, going)
        return None
    _blend_all(m, alive)
    signals = [trial.signal for trial in alive if trial.signal]
    if all(signal.kind == RETURN for signal in signals):
        value = signals[0].value
        for signal in signals[1:]:
            value = merged(value, signal.value)
        return Signal(RETURN, value)
    frame.is_uncertain = True
    frame.returns += [signal.value for signal in signals if signal.kind == RETURN]
    return signals[0] if len({signal.kind for signal in signals}) == 1 else Signal(CONTINUE)


def _left(trial: Trial, frame: Frame) -> None:
    """Note that a block may have been left."""
    if trial.signal is None:
        return
    if trial.signal.kind == RETURN:
        frame.returns.append(trial.signal.value)
    else:
        frame.is_uncertain = True


def _blend_all(m: Machine, trials: list[Trial]) -> None:
    if len(trials) == 1:
        return m.keep(trials[0])
    m.blend(trials[0], trials[1])
    for trial in trials[2:]:
        m.maybe(trial)
    return None


def _match(m: Machine, node: Any, frame: Frame) -> Signal | None:
    evaluate(m, node.subject, frame)

    def way(body: Sequence[ast.stmt], case: ast.AST | None) -> Callable[[], Signal | None]:
        def go() -> Signal | None:
            if case is not None:
                for part in ast.walk(case):
                    name = getattr(part, "name", None) or getattr(part, "rest", None)
                    if isinstance(name, str):
                        bind_names(m, frame, name, unknown(name))
            return run(m, body, frame)

        return go

    return choose(m, frame, [*(way(case.body, case.pattern) for case in node.cases), way([], None)])


def _try(m: Machine, node: Any, frame: Frame) -> Signal | None:
    def handler(each: Any) -> Callable[[], Signal | None]:
        def go() -> Signal | None:
            if each.name:
                bind_names(m, frame, each.name, unknown(each.name))
            return run(m, each.body, frame)

        return go

    ways = [lambda: run(m, [*node.body, *node.orelse], frame), *(handler(each) for each in node.handlers)]
    signal = choose(m, frame, ways) if node.handlers else ways[0]()
    last = run(m, node.finalbody, frame)
    return last or signal


def _with(m: Machine, node: Any, frame: Frame) -> Signal | None:
    for item in node.items:
        value = evaluate(m, item.context_expr, frame)
        if item.optional_vars is not None:
            entered = value if isinstance(value, File) else unknown(name_of(item.optional_vars))
            assign(m, item.optional_vars, entered, frame)
    return run(m, node.body, frame)


# --- loops


def _for(m: Machine, node: Any, frame: Frame) -> Signal | None:
    value = evaluate(m, node.iter, frame)
    items = iterate(m, value)
    if items is None:
        return _uncertain_loop(m, node, frame, lambda: assign(m, node.target, unknown(name_of(node.target)), frame))
    left = False

    def go() -> Signal | None:
        nonlocal left
        for item in items:
            assign(m, node.target, item, frame)
            signal = run(m, node.body, frame)
            if signal is not None and signal.kind == BREAK:
                left = True
                return None
            if signal is not None and signal.kind != CONTINUE:
                return signal
        return None

    outside, frame.is_uncertain = frame.is_uncertain, False
    trial = m.trial(go)
    if frame.is_uncertain and (trial.signal is None or trial.signal.kind != DEAD):
        m.maybe(trial)
        _forget(m, [node.target, *node.body], frame)
    else:
        m.keep(trial)
    frame.is_uncertain = outside
    if trial.signal is not None:
        return trial.signal
    return None if left else run(m, node.orelse, frame)


def _while(m: Machine, node: Any, frame: Frame) -> Signal | None:
    if truth(evaluate(m, node.test, frame)) is False:
        return run(m, node.orelse, frame)
    return _uncertain_loop(m, node, frame, lambda: None)


def _uncertain_loop(m: Machine, node: Any, frame: Frame, enter: Callable[[], None]) -> Signal | None:
    """A loop that runs any number of times: what it changes is unknown behind it, and in it."""
    names = [name for name in bound_names(node.body) if frame.scope.find(name) is not None]

    def go() -> Signal | None:
        for name in names:
            bind_names(m, frame, name, unknown(name))
        enter()
        signal = run(m, node.body, frame)
        if signal is not None and signal.kind == RETURN:
            frame.returns.append(signal.value)
        return None

    outside, frame.is_uncertain = frame.is_uncertain, False
    m.muted += 1
    try:
        first = m.trial(go)
    finally:
        m.muted -= 1
    m.maybe(first)
    m.maybe(m.trial(go))
    frame.is_uncertain = outside
    return run(m, node.orelse, frame)


# --- definitions


def _function(m: Machine, node: Any, frame: Frame) -> None:
    bind_names(m, frame, node.name, define_function(m, node, frame))


def _class(m: Machine, node: Any, frame: Frame) -> None:
    bind_names(m, frame, node.name, define_class(m, node, frame))


def _assert(m: Machine, node: Any, frame: Frame) -> None:
    evaluate(m, node.test, frame)


_ACTIONS: dict[type[ast.AST], Callable[[Machine, Any, Frame], Signal | None]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.If: _if,
    ast.Match: _match,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Break: lambda m, node, frame: Signal(BREAK),
    ast.Continue: lambda m, node, frame: Signal(CONTINUE),
    ast.Assert: _assert,
}
