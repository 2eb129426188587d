"""Modules of Python that nobody writes, to be read without harm."""

from __future__ import annotations

STEPS = 60
CALLS = "import os, requests, util\nfrom functools import partial\nfrom pathlib import Path\n"
USES = "\nrequests.get({0})\nutil.f({0}, a={0})\nos.system({0})\nos.environ['HF_HUB_OFFLINE'] = {0}\nopen({0})\n"


def chain(step: str, start: str = "x0 = 'a'", steps: int = STEPS, uses: str = USES) -> str:
    """Lines that make x1 of x0, x2 of x1, and so on; `{0}` is the number before, `{1}` the one that is made."""
    lines = [start, *(step.format(number, number + 1) for number in range(steps))]
    return CALLS + "\n".join(lines) + uses.format(f"x{steps}")


CHAINS = {
    "sums": "x{1} = x{0} + x{0}",
    "sums of branches": "x{1} = (x{0} + '{0}') if c else ('{0}' + x{0} + e)",
    "lists": "x{1} = [x{0}, x{0}]",
    "sums of lists": "x{1} = [x{0}] + [x{0}]",
    "dictionaries": "x{1} = {{'a': x{0}, 'b': x{0}}}",
    "dictionaries spread": "x{1} = {{**x{0}, 'k{0}': x{0}, 'l{0}': x{0}}}",
    "dictionaries of calls": "x{1} = dict(a=x{0}, b=x{0})",
    "branches": "x{1} = [x{0}] if c else (x{0} or (x{0}, 1))",
    "environment": "x{1} = os.getenv('A', x{0}) + os.getenv('B', x{0})",
    "or environment": "x{1} = (os.environ.get('A{0}') or x{0}) + (os.environ.get('B') or x{0} + '{0}')",
    "paths": "x{1} = os.path.join(x{0} if c else 'b{0}', x{0} or d)",
    "path objects": "x{1} = Path(x{0}) / (x{0} if c else x{0} / 'b')",
    "parents": "x{1} = Path(x{0}).parent",
    "formatted": "x{1} = f'{{x{0}}}/{{x{0} if c else {0}}}'",
    "formats": "x{1} = '{{}}{{0}}{{a}}'.format(x{0}, a=x{0} if c else [x{0}])",
    "percents": "x{1} = '%s-%s-%s' % (x{0}, [x{0}], x{0} if c else '{0}')",
    "replacements": "x{1} = x{0}.replace('a', x{0})",
    "separators": "x{1} = 'aa'.join([x{0}, x{0} if c else 'z{0}'])",
    "defaults": "def f{1}(a=x{0}, b=x{0}): return [a, b]\nx{1} = f{1}()",
    "results": "def f{1}(): return [x{0}, x{0}] if c else x{0}\nx{1} = f{1}()",
    "attributes": "class C{1}:\n  a = [x{0}, x{0}]\n  def __init__(self): self.b = (x{0}, self.a)\nx{1} = [C{1}().b, C{1}.a]",
    "prepared calls": "x{1} = partial(x{0}, x{0}) if c else partial(x{0}, 1, a=x{0})",
    "lambdas": "x{1} = lambda a=x{0}: (a, x{0})",
    "comprehensions": "x{1} = [(a, b, x{0}) for a in x{0} for b in x{0}]",
    "swaps": "x{0}, x{1} = [x{0}, x{0}], (x{0}, x{0})",
    "walrus": "x{1} = [(y{1} := [x{0}, x{0}]), y{1}]",
    "elements": "x{1} = [x{0}, [x{0}]]; y{1} = x{1}[1][0]; z{1} = {{'a': x{1}}}.get('a', y{1})",
    "mentions": "x{1} = x{0}.a.b(x{0}).c",
    "wrapping functions": "def f{1}(): return x{0}\ndef g{1}(): return f{1}() if c else f{1}()\nx{1} = g{1}() or f{1}()",
    "with": "with x{0}(x{0}) as x{1}: pass",
    "imports of one another": "from m{0} import x{0} as x{1}; x{1} = [x{1}, x{0}]",
    "decorators": "@x{0}\n@x{0}(x{0})\ndef x{1}(a=x{0}): return x{0}(a)",
    "classes": "class x{1}(x{0}, x{0}.y): z = x{0}().z",
    "annotations": "x{1}: 'Optional[x{0}]' = x{0} if c else [x{0}]",
    "globals": "def f{1}():\n  global x{1}\n  x{1} = [x{0}, x{0}]",
    "branches of statements": "if c{0}:\n  x{1} = x{0}\nelse:\n  x{1} = [x{0}, x{0}]",
    "defaults of statements": "x{1} = x{0}\nif x{0} is None: x{1} = x{0} + x{0}",
    "additions": "x{1} = [x{0}]; x{1}.append(x{1}); x{1}.extend(x{0}); x{1}.append(x{0})",
    "updates": "x{1} = {{'a': x{0}}}; x{1}.update(x{0}, b=x{1}); x{1}['c'] = x{1}",
    "deep lists": "x{1} = [x{0}]",
    "deep joins": "x{1} = (x{0} + e,)",
}
LONG = (
    "deep lists",
    "parents",
    "prepared calls",
    "mentions",
    "decorators",
    "classes",
    "results",
    "defaults",
    "sums",
    "with",
)


def circle(size: int) -> str:
    names = [f"C{number}" for number in range(size)]
    return "".join(f"class {name}({', '.join(each for each in names if each != name)}): pass\n" for name in names)


def diamonds(size: int) -> str:
    lines = [f"class A{n + 1}(A{n}, B{n}): pass\nclass B{n + 1}(B{n}, A{n}): pass\n" for n in range(size)]
    return "class A0: pass\nclass B0: pass\n" + "".join(lines) + f"A{size}().x()\nA{size}.y('a')\n"


def members_of_heirs(width: int, depth: int) -> str:
    """Each attribute is read from an instance of the last of a chain of classes that inherit it."""
    attributes = "".join(f"  b{n} = C{depth}().b{n + 1}\n" for n in range(width))
    heirs = "".join(f"class C{n + 1}(C{n}): pass\n" for n in range(depth))
    return f"class C0:\n{attributes}{heirs}C{depth}().b0()\n"


HOSTILE = {
    "circle of two": "a = b; b = a\ndef f(): return g()\ndef g(): return f()\nrequests.get(f() + a)\nutil.f(a, f())\n",
    "circle of functions": "def f(x=0): return g(f, f(g)) or f\ndef g(x=f()): return f(g(f)) + [g]\nrequests.get(f())\nf()()().get(g())\n",
    "own attribute": "class A:\n  def __init__(self):\n    self.a = self.b; self.b = [self.a, self.c()]\n  def c(self): return A().a or self.b\nA().b.c(A().a)\n",
    "circle of classes": circle(3) + "C0().x()\nC1.y('a')\n",
    "circle of many classes": circle(40) + "C0().x(C1().z)\n",
    "own base": "class A(A): pass\nclass B(B, A): x = B().x\nA().b()\nB().x()\n",
    "diamonds": diamonds(60),
    "heirs": members_of_heirs(45, 35),
    "many heirs": members_of_heirs(10, 900),
    "many values": "".join(f"x = 'v{n}' + x\n" for n in range(5_000)) + "requests.get(x)\nutil.f(x)\n",
    "many additions": "x = []\n" + "".join(f"x.append(x[{n}])\nx.extend(x)\nrequests.get(x)\n" for n in range(700)),
    "many updates": "x = {}\n" + "".join(f"x.update(x, a{n}=x)\nrequests.get(x['a'])\n" for n in range(1_000)),
    "many branches": "".join(f"if c{n}: x = ['v{n}', x]\n" for n in range(3_000)) + "requests.get(x)\nutil.f(x)\n",
    "many attributes": "class A:\n" + "".join(f"  def f{n}(self): self.x = [self.x, '{n}']\n" for n in range(2_000)) + "requests.get(A().x)\n",
    "many returns": "def f(c):\n" + "".join(f"  if c == {n}: return 'v{n}'\n" for n in range(2_000)) + "requests.get(f(1))\n",
    "many elif": "if x: pass\n" + "elif y: x = z\n" * 5_000,
    "some elif": "if x: pass\n" + "".join(f"elif y == {n}: x = requests.get('https://example.com/{n}')\n" for n in range(140)),
    "many keys": "x = {" + ", ".join(f"'k{n}': ['v{n}', {{'a': {n}}}]" for n in range(20_000)) + "}\nrequests.get(x['k1'])\n",
    "many elements": "x = [" + ", ".join(f"'https://example.com/{n}'" for n in range(20_000)) + "]\nfor u in x: requests.get(u)\n",
    "many calls in a line": ";".join(["requests.get('https://example.com')"] * 3_000) + "\n",
    "many calls in a line with an umlaut": "ä=1;" + ";".join(["requests.get('ä')"] * 1_000) + "\n",
    "many arguments": "requests.get(" + ", ".join(f"'{n}'" for n in range(5_000)) + ")\n",
    "many keywords": "requests.get(" + ", ".join(f"a{n}='{n}'" for n in range(3_000)) + ")\n",
    "many imports": "".join(f"import requests as r{n}\nfrom m{n} import *\n" for n in range(300)) + "".join(f"r{n}.get(x{n})\nget{n}()\n" for n in range(300)),
    "long text": "x = '" + "a" * 1_000_000 + "'\nrequests.get('https://example.com/' + x)\nrequests.get('" + "b" * 1_000_000 + "')\n",
    "long name": "x" * 100_000 + " = requests\n" + "x" * 100_000 + ".get('https://example.com')\n",
    "long attribute": "x = requests" + ".session" * 1_500 + "\nx().get('https://example.com')\n",
    "long call chain": "x = requests" + ".session()" * 60 + "\nx.get('https://example.com')\n",
    "nested brackets": "x = " + "[" * 80 + "]" * 80 + "\n",
    "nested calls": "requests.get(" * 80 + ")" * 80 + "\n",
    "nested sums": "x = " + "a + 'b' + " * 70 + "a\nrequests.get(x)\n",
    "nested blocks": "".join("  " * n + f"if x{n}:\n" for n in range(95)) + "  " * 95 + "requests.get('https://example.com')\n",
    "nested functions": "".join(" " * n + f"def f{n}(a=f{n - 1}):\n" for n in range(90)) + " " * 90 + "return requests.get(f1(f0))\n",
    "nested classes": "".join(" " * n + f"class A{n}(A{n - 1}):\n" for n in range(90)) + " " * 90 + "x = requests.get(A1.A2().A3)\n",
    "nested lambdas": "x = " + "lambda a=requests.get: " * 70 + "a()\nx()()()\n",
    "nested comprehensions": "x = " + "[y for y in " * 70 + "requests.get(y)" + "]" * 70 + "\n",
    "nested branches": "x = " + "'a' if c else (" * 70 + "'b'" + ")" * 70 + "\nrequests.get(x)\n",
    "nested attributes": "x = f" + "(f.a" * 70 + ")" * 70 + "\n",
    "minus": "x = " + "-" * 49 + "1\nrequests.get(" + "-" * 49 + "1)\n",
    "formatted texts": "x = f'{f\"{f'''{requests.get(f\"\"\"{x}\"\"\")}'''}\"}'\nrequests.get(f'{x}{x!r:>{x}}{{}}')\n",
    "formatted text over lines": "x = f'''\n{\nrequests.get(\n'https://example.com')}\n\n  {requests.get(x)} ä {requests.get('ä')}\n'''\n",
    "formatted text with umlauts": "x = f'ä{requests.get(\"ö\")}ü' f\"é{requests.get('ß')}\" 'a' f'''\nä{requests.get(\n1)}'''\n",
    "many parts of a text": "x = f'" + "{a}b" * 20_000 + "'\nrequests.get(x)\nutil.f(x)\n",
    "many places in a format": "requests.get(('{}{0}{a}' * 2 + '{}').format(*x))\nrequests.get('" + "{}{0}" * 5_000 + "'.format('a' * 3, [1]))\n",
    "strange formats": "requests.get('{0²}{٣}{99999999999999999999}{a.b[c]}{}'.format(1))\nrequests.get('%(a)s%%%q%' % x)\n'%s' % ()\n",
    "numbers": "x = 1e999; y = -1e999; z = 10 ** 10000; w = 1_000_000_000_000_000_000_000; v = 1j\nrequests.get(x, y)\nutil.f(x, y, z, w, v, 'a')\nx[10 ** 99][w][-w][1e999]\n",
    "surrogates": "x = '\\ud800\\udfff'\nrequests.get('https://\\ud800')\nutil.f(x, **{'\\ud800': x})\nos.environ['\\udc00'] = x\nos.system('a \\ud800')\n",
    "lone surrogate": "x = '\ud800'\nrequests.get('https://example.com')\n",
    "private characters": "requests.get('https://\ue001\ue001.example.com')\nrequests.get(f'\ue001{x}\ue001')\nopen('\ue001')\n",
    "nul": "import requests\n\x00requests.get('https://example.com')\n",
    "nul in a comment": "from flask import Flask\n#" + "a" * 20_000 + "\x00\napp = Flask(__name__)\n@app.route('/')\ndef index():\n    return 'a'\n",
    "nul in a text": "requests.get('https://example.com\\0\x07')\nos.system('a\\0b')\nos.path.join('a', '\\0')\nrequests.get(os.path.join(x, '\\0'))\n",
    "annotations in quotes": "".join(f"def f{n}(a: '{text}'): a.get('x')\n" for n, text in enumerate(("\\ud800", "\\0", "(" * 200, "-" * 290, "a|" * 140 + "a", "requests.Session", "Optional[" * 60, "'a'", "\\\\d", "x := 1", "")))
    + "def g(a: '\\'requests.Session\\' | \"\\'x\\'\"'): a.get(1)\n",
    "commands": "".join(f"os.system({text!r})\nsubprocess.run({text!r}, shell=True)\nsubprocess.Popen([{text!r}, x, '', None])\n" for text in ("", " ", "'", '"', "$(", "`", "a;b|c&&d", "${x", "\\", "-m", "python -m", "python", "gunicorn", "a" * 5_000, "((" * 300, "$(" * 300, "<<E\n", "\n\n", "=", "a=b"))
    + "import subprocess\nsubprocess.run([])\nsubprocess.run()\nsubprocess.run(['python'])\nos.execvp('a', *x)\nos.execl()\n",
    "no arguments": "import importlib\ngetattr()\ngetattr(x)\n__import__()\nimportlib.import_module()\npartial()\nos.getenv()\nos.path.join()\nPath()\nrequests.get()\n''.join()\n''.format()\nsuper()\nvars()\nopen()\nx.get()\nx.replace()\nos.environ.update()\nos.environ.setdefault()\nos.putenv()\np.add_argument()\nfield()\nField(*a)\nboto3.client()\nurljoin()\ndict()\nstr()\n",
    "spread": "requests.get(*x, **y)\nrequests.get(*['a'], *('b', *x), **{'url': 'c'}, **{**y})\nutil.f(*[1, 'a'], **{'b': 'c'})\n[*[*[*x]]]\n",
    "odd targets": "(a, *b), [c, d] = x\nx[0], y.z, (w.v)[1:2] = requests, 1, 2\nfor (x.y, [z, *w]) in x: pass\nwith a as (b, [c]): b.get(c)\nself.x = 1\ncls.y = 2\n(x := requests).get('a')\n",
    "odd scopes": "def f():\n  nonlocal_ = 1\n  global f, g, requests\n  f = requests; g = f\n  def h():\n    nonlocal nonlocal_\n    nonlocal_ = f\n    return nonlocal_.get('a')\n  class A:\n    nonlocal nonlocal_\n    nonlocal_ = A\nglobal z\nreturn z\nyield z\nawait z\nnonlocal z\n",
    "odd methods": "class A:\n  def f(): self.x = 1\n  def g(*self): self.x = self\n  @staticmethod\n  def h(self): self.y = super().x\n  @classmethod\n  def i(cls): cls.z = cls().z; return cls.i()\n  f = lambda self: self.f\n  super().x()\nsuper().y()\nA().f.g.h.i.z()\nA.z = A\n",
    "odd main": "if __name__ == '__main__':\n  if __name__ == '__main__':\n    requests.get('a')\nelif '__main__' == __name__ and x: pass\nelse:\n  requests.get('b')\nif not not 0: requests.get('c')\n",
    "options": "import argparse\np = argparse.ArgumentParser()\n" + "".join(f"p.add_argument('--a{n}', default=args.a{n - 1})\n" for n in range(60)) + "args = p.parse_args()\nargs, rest = p.parse_known_args()\nrequests.get(args.a59)\nrequests.get(vars(args)['a59'])\np.add_argument('', default=1)\np.add_argument('-')\np.add_argument(dest='\\ud800', default=p)\n",
    "patterns": "match requests:\n  case {'a': r, **rest} | [r, *rest] | str() as r if requests.get(r): r.get(rest)\n  case _: requests.get(_)\n",
    "stars of exceptions": "try: pass\nexcept* OSError as e: requests.get(e)\nexcept* ValueError: pass\n",
    "newer syntax": "type X[T] = requests\nclass A[T: requests.get('a')](X): pass\ndef f[*Ts, **P](x: T) -> X: return requests.get(f'{x!r:{'a' + f'{'b'}'}}')\n",
    "newer texts": "x = t'{requests.get('a')}'\n",
    "python 2": "print 'a'\nexec 'b'\nrequests.get('https://example.com')\nimport requests as r, os\nr.get('https://example.com')\n" * 300,
    "does not parse": "import requests\n" + "requests.get('https://example.com/" * 5_000 + "\n(",
    "carriage returns": "import requests\rrequests.get('https://example.com')\r\n\x0crequests.get('''\r\n''')\r\r\n",
    "marks": "\ufeffimport requests\n\ufeffrequests.get('https://example.com')\n",
    "written programs": "x = x\ny = f'{y}{y}{y}{y}'\nz = z / z / z\ndef f(): return f()\n" + "".join(f"x = 'import requests\\nrequests.get({n})'\nwith open(f'{{y}}/{n}.py', 'w') as g, open(z / '{n}.py', 'w') as h: g.write(x), h.write(f())\n" for n in range(3_000)),
    "written programs of all kinds": "".join(f"open({a}, {b}).write({a})\nw = open({a}, {b})\nw.write({a})\nPath({a}).write_text({a})\n" for a in ("'.py'", "b'.py'", "1", "'a.py' 'b.py'", "'\\N{DASH}.py'", "'\\ud800.py'", "f'{a}.py'", "*a", "") for b in ("'w'", "1", "mode", "*m", "mode='w'")),
    "magics": "%%time\n!pip install x\n%pip install y\nrequests.get('https://example.com')\n?x\nif x:\n  !ls\n",
    "continued lines": "x = 'a' \\\n" * 1 + "  'b'\nrequests \\\n . \\\n get \\\n ( \\\n 'https://example.com' \\\n )\n",
}  # fmt: skip
