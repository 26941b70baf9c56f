// TOML documents for fromToml: whole ones, broken ones, and generated ones of both kinds.

import fc from "fast-check";

const lines = String.raw`
a = 1
a = +0
a = -0
a = 0
a = 00
a = -01
a = 1_000
a = 1__0
a = _1
a = 1_
a = 9223372036854775807
a = 9223372036854775808
a = -9223372036854775808
a = 0x1F
a = 0xg
a = 0x
a = 0X1
a = 0o17
a = 0o8
a = 0b101
a = 0b2
a = 0x1_f
a = +0x1
a = -0b1
a = 1.5
a = 1.
a = .5
a = -.5
a = 1.e5
a = 1e5
a = 1E+5
a = 1e
a = 1e1_0
a = 1_.5
a = 01.5
a = 1e400
a = -1e400
a = 1e-400
a = 1.2.3
a = 1-2.5
a = inf
a = -inf
a = +nan
a = nan
a = in
a = +i
a = infx
a = nax
a = true
a = false
a = tru
a = True
a = foo
a = "x"
a = "x
a = "\t\n\"\\\b\f\r\e"
a = "\x41\u00e9\U0001F600"
a = "\x4"
a = "\u12"
a = "\U0011FFFF"
a = "\ud800"
a = "\q"
a = "\ x"
a = "é\u00E9"
a = 'x\n'
a = 'x
a = """x"""
a = """x""""
a = """x"""""
a = """x""""""
a = """a"b""c"""
a = """\""""""
a = '''x'''''
a = '''x''''''
a = """\ """
a = """x
a = '''x
a = """
a = ""
a = ''
a = []
a = [1, 2]
a = [1, "x", 1.5, true]
a = [1 2]
a = [,]
a = [1,,2]
a = [1,
a = [1
a = [[1], [2, [3]]]
a = [{b = 1}, {c = 2}]
a = [{b = 1}, 2]
a = [[{b = 1}]]
a = [{b = [{c = 1}, {c = 2}]}]
a = {}
a = {b = 1}
a = {b = 1,}
a = {b = 1, }
a = {b = 1 c = 2}
a = {,}
a = {b.c = 1, b.d = 2}
a = {b = 1, b = 2}
a = {b = 1, b.c = 2}
a = {b.c = 1, b = 2}
a = {b = 1
a = {b
a = {"x y" = 1, 'z' = 2}
a = {b = 1, # c
a = 2020-01-02
a = 2020-01-02T03:04:05
a = 2020-01-02 03:04:05.678
a = 2020-01-02T03:04:05Z
a = 2020-01-02t03:04:05z
a = 2020-01-02T03:04:05.123456789+02:00
a = 2020-01-02T03:04:05-00:00
a = 2020-01-02T03:04
a = 2020-01-02T03:04Z
a = 03:04:05
a = 03:04:05.5
a = 03:04
a = 3:04
a = 25:00
a = 2020-13-01
a = 2020-02-30
a = 2020-1-1
a = 2020-01-02T3:04:05
a = 2020-01-02 x
a = 2020-01-02 # c
a = 1979-05-27T00:32:00-07:00
a
a =
a = # c
= 1
. = 1
.a = 1
a. = 1
a..b = 1
a.b = 1
a . b = 1
a b = 1
"a" = 1
'a' = 1
"" = 1
"".a = 1
"a.b".c = 1
"a\nb" = 1
é = 1
"é" = 1
1 = 1
1.2 = 3
-_ = 1
"""a""" = 1
a = 1 b = 2
a = 1 # c
# c
[a]
[a
[]
[.]
[a.]
[a.b]
[a .b ]
[ a ]
["a b".'c']
[a] b
[a] # c
[[a]]
[[a]
[[a] ]
[[]]
[[a.b]]
[a]]
[é]
[a#]
`
  .split("\n")
  .filter((line) => line !== "");

const documents = [
  "a.b = 1\na = 2",
  "a = 1\na.b = 2",
  "a = 1\na = 1",
  "[a]\n[a]",
  "[a.b]\n[a]",
  "[a]\nb = 1\n[a.b]",
  "[a]\n[a.b]\n[a]",
  "[[a]]\nb = 1\n[[a]]\nb = 2",
  "[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 2",
  "[a]\n[[a]]",
  "[[a]]\n[a]",
  "a = []\n[[a]]",
  "a = [1]\na.b = 1",
  "a = {b = 1}\na.c = 2",
  "a = {b = 1}\n[a]",
  "a = {b = 1}\n[a.c]",
  "[a]\nb.c = 1\n[a.b]",
  "[a.b.c]\n[a]\nb = 1",
  "a = [{b = 1}]\n[[a]]",
  "[[a.b]]\n[a]\nc = 1",
  "a.b.c = 1\na.b.d = 2\n[a.b]",
  "a = 1\n[a]",
  "a = 1\n[a.b]",
  "a = 1\n[[a]]",
  "a = 1\n[[a.b]]",
  "[a]\nb = 1\nc = [\n1,\n# x\n2, # y\n]\n",
  "[a]\nb = {\nc = 1,\nd = 2\n}\n",
  'a = """\nx\\\n   y\n"""',
  'a = """x\\  \n\n  y"""',
  'a = """\\\\\n x"""',
  "a = '''\nx\r\ny'''\r\n",
  "a = 1\r\nb = 2\r\n",
  "a = 1\rb = 2",
  'a = "x\ny"',
  "a = 'x\ny'",
  "a =\n1",
  "a\n= 1",
  "a.\nb = 1",
  "a = [1,\n2",
  "[a]\nb =\n",
  "\ufeffa = 1",
  "a = 1\u0000",
  "\u0000a = 1",
  'a = "\u0001"',
  "# \u007f",
  "a = 'x\u0000'",
  'a = 1\n\n\nb = "',
  "a = {\nb = 1\nc = 2}",
  "a = [1\n\n",
  "",
  "\n",
  "\n\n# x",
  "[a]\n\n\n[b",
  "a = 1\n[b]\nc.d.e = x",
  "[x.y]\nz = {a = {b = {c = [1, {d = x}]}}}",
  "[[x]]\ny = 1\ny = 2",
  "a = [{b.c = 1}, {b.c = 2}]",
  '[a]\n"b c".d = 1\n"b c".d = 2',
  'a = [\n[1, 2], # x\n["a"],\n]\nb = {c = []}',
  'a = "\\\n"',
  'a = "\\',
  'a = "\\x',
  "a = '''x\n''",
  "a = [{}]",
  "a = [{},[]]",
  '"" = {a = 1}\n',
  '"" = [{a = 1}]',
  '[""]\na = 1',
  '[[""]]\na = 1',
  'a."".b = 1\na."" = 2',
  '[a.""]\nb = 1\n[a]\nc=1',
];

const bytes = [
  'a = "\udcff"',
  "\udcff",
  "# \udcc3",
  "a\udc80 = 1",
  "\udcff\udcfea = 1",
  "\udcfe\udcff[a",
  "a = '''\udce2\udc82'''",
  "a = 1 \udcff",
  "a = [\udcff]",
];

export const tomlRows: readonly string[] = [
  ...lines,
  ...lines.flatMap((line) => [`${line}\n`, `[t.u]\n${line}\nz = 1\n`]),
  ...documents,
  ...bytes,
];

const key = fc
  .array(fc.constantFrom("a", "b", '"a"', '"x y"', "'b'", '""'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("."));
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom("1", '"x"', "1.5", "true", "2020-01-02", '"""\nx"""', "'y'", "[]", "{}"),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 3 })
      .map((pairs) => `{${pairs.map(([k, v]) => `${k} = ${v}`).join(", ")}}`),
  ),
}));
const line = fc.oneof(
  fc.tuple(key, value).map(([k, v]) => `${k} = ${v}`),
  key.map((k) => `[${k}]`),
  key.map((k) => `[[${k}]]`),
  fc.constantFrom("# c", "", ...lines),
);
const tokens = fc.constantFrom(
  "a",
  "b",
  "=",
  " ",
  ".",
  "[",
  "]",
  "{",
  "}",
  ",",
  '"',
  "'",
  '"""',
  "'''",
  "\n",
  "\\",
  "1",
  "0",
  "-",
  "+",
  ":",
  "_",
  "e",
  "x",
  "#",
  "T",
  "true",
  "é",
  "\r\n",
  "inf",
);

/** Lines that mostly fit together, and heaps of signs. */
export const tomlDocument: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.array(line, { maxLength: 6 }).map((parts) => parts.join("\n")), weight: 3 },
  { arbitrary: fc.array(tokens, { maxLength: 14 }).map((parts) => parts.join("")), weight: 1 },
  { arbitrary: fc.array(tokens, { maxLength: 10 }).map((parts) => `a = ${parts.join("")}`), weight: 1 },
);
