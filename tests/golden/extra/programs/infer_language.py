"""The languages that AG2 finds for code in fences without one."""

import warnings

from autogen.coding import MarkdownCodeExtractor
from recording import record

CODES = [
    "", "# only a comment", "x", "hello", "hello world", "Hello: world", "Dear all, thanks", "1 + 1", "print('hi')", "print 'hi'", "print(1", "x = [1,\n  2]", "x = (1", "f(x) = 3", "a + b = c", "a, b = b, a", "*a, b = 1, 2", "*a = 1", "x += 1", "(x) += 1", "(a, b) += 1",
    "for i in [1, 2, 3]:\n    assert i", "if 1 < 2:\n    pass", "if x:\npass", "if x: pass\nelse: pass", "while True:\n  break", "break", "return 1", "def f(a, b=2, *c, d, **e):\n    return a", "def f(a=1, b):\n    pass", "def f():\n    yield 1", "yield 1", "await x",
    "async def f():\n    async with a as b:\n        await b", "async def f():\n    return [x async for x in y]", "class A(B, metaclass=C):\n    x: int = 1\n    def f(self): pass", "try:\n    x\nexcept (A, B) as e:\n    pass\nfinally:\n    pass", "try:\n    x", "with open('f') as f, g:\n    pass",
    "with (open('f') as f, g):\n    pass", "with (a):\n    pass", "lambda x, *y: x", "lambda: (yield)", "[x for x in y if x]", "{x: y for x, y in z}", "{1, 2}", "{'a': 1, **b}", "{1: 2, 3}", '{"a": [1, null]}', '{"a": [1, 2.5]}', "f(a, b=1, *c, **d)", "f(b=1, a)", "f(x for x in y)", "f(x for x in y, 1)",
    "x[1:2, ::3]", "x[]", "x if y else z", "x if y", "not x in y", "x is not y", "a <> b", "a != b", "a && b", "!a", "x := 1", "(x := 1)", "if (n := 1) > 0: pass", "match x:\n    case {'a': [1, *_], **rest} if y:\n        pass\n    case A(b=1) | None:\n        pass\n    case _:\n        pass",
    "match = 1\nprint(match)", "@a.b(1)\ndef f(): ...", "@a\nx = 1", "import a.b as c, d", "import a.b.", "from . import a", "from .a import (b as c, d,)", "from a import *", "def f():\n    from a import *", "global x", "nonlocal x", "del x, y[0]", "del f()", "assert x, 'y'", "raise A from b", "pass; pass",
    "pass pass", "x;; y", "'a' \"b\" '''c\nd'''", "'a", "'a\\\nb'", "r'\\'", "b'a' 'b'", "f'{x!r:>10}'", "u'a'", "012", "00", "0x1F", "1_000", "1__0", "1e5j", "1.real", "1 .real", "1..real", "1.", "5abc", "1if x else 2", "x\\\n + 1", "x \\ y", "\tx = 1", "if x:\n\ty\n        z", "if x:\n    y\n  z", "x = $y", "x?",
    "`x`", "x = y = z", "x == y == z", "None = 1", "True", "import", "def", "class A: pass", "ls", "ls -la", "cd /tmp", "npm install", "npm install x", "echo hi", "echo $HOME", "curl https://example.org", "git commit -m 'x'", "python main.py", "python3 main.py", "pip install x", "pipx run", "SELECT 1", "SELECT * FROM t",
    "<html></html>", "function f() { return 1; }", "const x = 1;", "x = 1;", "let x = 1", "console.log(1)", "console.log(`a`)", "int main() { return 0; }", "- a\n- b", "* a\n* b", "1. a\n2. b", "a:\n  b: 1", "key = value", "total: 5", "TODO", "résumé = 1", "日本 = 2", "a\r\nb\r\n", "    x", "if x:\n    # only a comment\n",
    "def f():\n    '''Docs.'''", 'print("a",\n\n      end=\'\')', "x = [\n# c\n1,\n]", "a.b.c().d[0](1)", "-x ** -y", "~x", "a @ b", "a @= b", "(yield)", "x: int", "x.y: int = 1", "(x): int = 1", "[x]: int", "f(): int", "for x, in y: pass", "for x in *a, b: pass", "for f() in y: pass", "print(*a, **b)", "x = *a, b",
    "return", "if x:\n    return", "def f(): return *a, b", "def f(*, a): pass", "def f(*): pass", "def f(a, /, b): pass", "def f(/): pass", "def f(**a, b): pass", "def f(a: int = 1) -> str: ...",
]


def main():
    warnings.simplefilter("ignore")
    extractor = MarkdownCodeExtractor()
    return {code: [block.language for block in extractor.extract_code_blocks("```\n%s\n```" % code)] for code in CODES}


record(main)
