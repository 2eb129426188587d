"""Measures how deeply a text of Python is nested, without parsing it.

LibCST's parser is native code without bounds of its own. Deep nesting overflows its stack and ends the process, nested
patterns of `match` and nested targets of `del` take it exponential time, anything else time quadratic in the depth.
What is nested beyond the bounds below never reaches it. Measured with a stack of 8 MiB:

- brackets: 500 deep are read, 700 abort for the costliest (`f(x for x in f(…))`), 2,000 crash for plain parentheses;
  the time grows with the square of the depth (0.2 to 1 s for one line of 200)
- operators in a row (`1 if x else …`, `lambda: …`, `~`, `and`, `a.b.c`), strings in a row, `elif` after `elif`: 2,000
  are read, 5,000 crash
- `case`: each level takes 2 to 4.5 times longer; 6 levels at most 0.04 s, 9 levels 1 s, 10 levels 2 s
- `del`: each level takes twice as long; 10 levels 0.01 s, 20 levels 0.6 s
"""

from __future__ import annotations

import re

MAX_BRACKETS = 100
"""Open brackets, replacement fields of formatted strings and format specifications, inside of one another."""
MAX_CHAIN = 400
"""What may lie inside of one another in all: statements, brackets, operators and strings in a row."""
MAX_PATTERN_BRACKETS = 6
MAX_DEL_BRACKETS = 10
MAX_INDENTATION = 99
MAX_COST = 4_000_000
"""Sum, over all tokens, of the depth they stand at: a few seconds' work. Large files of ordinary code (60,000 lines)
stay below."""

_TOKEN = re.compile(
    r"(?P<space>(?:[ \t\f]|\\\n|\#[^\n]*)+)|(?P<line>\n)"
    r"|(?P<string>(?:[rR][bBfFtT]?|[bBfFtT][rR]?|[uU])?(?P<quote>'''|\"\"\"|'|\"))"
    r"|(?P<word>[^\W\d]\w*)|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<operator>\*\*|//|->|:=|<<|>>|[-+*/%&|^<>=!@]=?|.)",
    re.DOTALL,
)
_STRINGS = {
    "'''": re.compile(r"(?:[^\\']|\\.|'(?!''))*+'''", re.DOTALL),
    '"""': re.compile(r'(?:[^\\"]|\\.|"(?!""))*+"""', re.DOTALL),
    "'": re.compile(r"(?:[^\\'\n]|\\.)*+'", re.DOTALL),
    '"': re.compile(r'(?:[^\\"\n]|\\.)*+"', re.DOTALL),
}
_WORDS = frozenset(["and", "async", "await", "else", "for", "from", "if", "in", "is", "lambda", "not", "or", "yield"])


def _formatted(escape: str) -> dict[str, re.Pattern[str]]:
    """Text of a formatted string up to a brace or the end, by the quote that ends it."""
    texts = {}
    for quote in ("'''", '"""', "'", '"'):
        other = rf"{quote[0]}(?!{quote[0] * 2})" if len(quote) == 3 else r"(?!)"
        texts[quote] = re.compile(rf"(?:[^\\{{}}{quote[0]}]|{escape}|\{{\{{|\}}\}}|{other})*+", re.DOTALL)
    return texts


_PLAIN_TEXT = _formatted(r"\\N\{[\w \-]+\}|\\(?!N\{)[^{}]|\\(?=[{}])")
_RAW_TEXT = _formatted(r"\\['\"\\]|\\(?!['\"\\])")
_SPECIFICATION = {
    quote: re.compile(rf"(?:[^\\{{}}{quote[0]}]|\\[^{{}}]|\\(?=[{{}}]))*+", re.DOTALL) for quote in _PLAIN_TEXT
}


_BOUNDS = {
    "case": (MAX_PATTERN_BRACKETS, "brackets after `case`"),
    "del": (MAX_DEL_BRACKETS, "brackets after `del`"),
}


class TooDeep(Exception):
    """The text is nested beyond a bound. The message says what, `line` where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class _Level:
    """What is open: a bracket, a formatted string, a replacement field, or (at the bottom) the logical line.

    `chain` counts what may hold what follows it; a comma starts anew, unless it parts parameters of a `lambda` or
    targets of a `for`, after which the nesting goes on.
    """

    __slots__ = ("chain", "fors", "lambdas", "opener", "quote", "raw")

    def __init__(self, opener: str, quote: str = "", raw: bool = False) -> None:
        self.opener, self.quote, self.raw = opener, quote, raw
        self.chain = self.lambdas = self.fors = 0


def check_nesting(text: str) -> None:
    """Raises TooDeep for a text (with `\\n` as its only line end) that must not reach LibCST's parser."""
    _Measure(text).run()


class _Measure:
    def __init__(self, text: str) -> None:
        self.text = text
        self.levels = [_Level("")]
        self.below = 0  # chains of all levels but the last
        self.brackets = 0
        self.cost = 0
        self.first = ""  # the first word of the logical line
        self.at_start = True
        self.follows = False  # a statement starts after `;` or `:`
        self.indents: list[tuple[int, int]] = [(0, 0)]  # width, and how many `elif` follow each other
        self.statements = 1
        self.indent_width = 0

    def run(self) -> None:
        at, text, match = 0, self.text, _TOKEN.match
        while at < len(text):
            self.at = at
            level = self.levels[-1]
            if level.opener in ("text", "specification"):
                at = self.formatted(level, at)
                continue
            found = match(text, at)
            if found is None:  # cannot be: the last alternative takes any character
                return
            at = found.end()
            kind = found.lastgroup
            if kind == "quote":
                kind = "string"
            if kind == "space":
                if self.at_start and len(self.levels) == 1:
                    self.indent_width = len(found[0].expandtabs())
                continue
            if kind == "line":
                self.line()
                continue
            if self.at_start:
                self.begin(found["word"] or "")
            elif self.follows:
                self.first = found["word"] or ""
            self.follows = False
            if kind == "string":
                at = self.string(found, at)
            else:
                self.token(str(kind), found[0])

    def fail(self, message: str) -> TooDeep:
        return TooDeep(message, self.text.count("\n", 0, self.at) + 1)

    def line(self) -> None:
        if len(self.levels) == 1:
            self.levels[0] = _Level("")
            self.at_start, self.indent_width = True, 0

    def begin(self, word: str) -> None:
        """The first token of a logical line."""
        self.at_start, self.first = False, word
        while len(self.indents) > 1 and self.indents[-1][0] > self.indent_width:
            self.statements -= 1 + self.indents.pop()[1]
        width, follows = self.indents[-1]
        if width < self.indent_width:
            width, follows = self.indent_width, 0
            self.indents.append((width, 0))
            self.statements += 1
        if word == "elif":
            self.indents[-1] = (width, follows + 1)
            self.statements += 1
        elif word != "else":
            self.indents[-1] = (width, 0)
            self.statements -= follows
        if len(self.indents) > MAX_INDENTATION:
            raise self.fail(f"statements are nested more than {MAX_INDENTATION} levels deep")

    def token(self, kind: str, text: str) -> None:
        level = self.levels[-1]
        if kind == "open":
            self.deeper(level)
            self.open(_Level(text))
        elif kind == "close":
            self.close()
        elif kind == "word":
            if text in _WORDS:
                self.deeper(level)
                self.scope(level, text)
        elif kind == "operator":
            self.operator(level, text)
        self.cost += self.statements + self.below + level.chain + self.growth()
        if self.cost > MAX_COST:
            raise self.fail("the file is too large, or nested too deeply in too many places")

    def scope(self, level: _Level, word: str) -> None:
        if word == "lambda":
            level.lambdas += 1
        elif word == "for":
            level.fors += 1
        elif word == "in":
            level.fors = max(level.fors - 1, 0)

    def operator(self, level: _Level, text: str) -> None:
        if text == "," and not level.lambdas and not level.fors:
            level.chain = 0
        elif text == ";" and not level.opener:
            level.chain = level.lambdas = level.fors = 0
            self.follows = True
        elif text == ":" and level.opener == "field":  # even after `lambda`
            self.open(_Level("specification", level.quote, level.raw))
        else:
            if text == ":":
                self.follows = not level.opener and not level.lambdas
                level.lambdas = max(level.lambdas - 1, 0)
            self.deeper(level)

    def growth(self) -> int:
        """What a token costs where each level multiplies the time."""
        if self.first not in _BOUNDS:
            return 0
        factor = 4 if self.first == "case" else 2
        return int(factor ** min(self.brackets, MAX_DEL_BRACKETS))

    def deeper(self, level: _Level) -> None:
        level.chain += 1
        if self.statements + self.below + level.chain > MAX_CHAIN:
            raise self.fail(f"more than {MAX_CHAIN} operators, brackets or statements lie inside of one another")

    def open(self, level: _Level) -> None:
        self.below += self.levels[-1].chain
        self.levels.append(level)
        self.brackets += 1
        bound, what = _BOUNDS.get(self.first, (MAX_BRACKETS, "brackets"))
        if self.brackets > bound:
            raise self.fail(f"{what} are nested more than {bound} levels deep")

    def close(self) -> None:
        """A bracket that closes none is an error that the parser tells."""
        if len(self.levels) > 1:
            self.levels.pop()
            self.brackets -= 1
            self.below -= self.levels[-1].chain

    def string(self, found: re.Match[str], at: int) -> int:
        """A string counts once, as strings in a row are nested. Gives where the text after it starts."""
        level, quote = self.levels[-1], found["quote"]
        self.deeper(level)
        prefix = found["string"][: -len(quote)].lower()
        if "f" in prefix or "t" in prefix:
            self.open(_Level("text", quote, "r" in prefix))
            return at
        end = _STRINGS[quote].match(self.text, at)
        return end.end() if end else len(self.text)  # without an end, the parser refuses it before it parses

    def formatted(self, level: _Level, at: int) -> int:
        """Text of a formatted string, and the brace or quotes that end it."""
        patterns = _SPECIFICATION if level.opener == "specification" else _RAW_TEXT if level.raw else _PLAIN_TEXT
        found = patterns[level.quote].match(self.text, at)
        at = found.end() if found else at
        character = self.text[at : at + 1]
        if character == "{":
            self.open(_Level("field", level.quote, level.raw))
        elif character == "}" and level.opener == "specification":
            self.close()  # the specification, and the field that it belongs to
            self.close()
        elif self.text.startswith(level.quote, at) and level.opener == "text":
            self.close()
            return at + len(level.quote)
        elif character == "\\":
            raise self.fail("a formatted string names a character in a way that is not understood")
        elif character:
            return len(self.text)  # a brace or quote that cannot stand here: refused before it is parsed
        return at + 1
