// Generates templates with what charts do beyond the first generator: definitions that call each other, tpl, include in
// pipelines, loops that are left, assignments from inner scopes, printf with flags over all kinds, odd texts in YAML.

import fc from "fast-check";

export interface Dialect {
  /** Names of functions that may be called with any operands. */
  functions: readonly string[];
  /** Helm's `include` and `tpl` are there. */
  hasInclude: boolean;
}

const fields =
  ". $ .s .n .l .m .m.a .m.c.d .nosuch .nil .t .e .ln .lm .f .u .m.c .nosuch.deeper .nil.x .l.x .s.x .n.x .lm.x".split(
    " ",
  );

const oddTexts = [
  ..."yes null ~ 1e3 0x1F 0o7 1_000 - # 'q' | << *a &a !x % @ { [ 1:30 .5 +1 .inf 0b1 012 2001-01-01 = true y N".split(
    " ",
  ),
  "- a",
  "a: b",
  "a #b",
  "> x",
  " lead",
  "trail ",
  "tab\\t",
  "a\\nb",
  "a\\nb\\n",
  "\\n",
  "\\u0085",
  "é",
  "\\x07",
  "a\\\\b",
  "1.2.3",
  "^1.2",
  ">=1.0 <2 || 3.x",
  "v2.0.0-rc.1+b",
  "[a-z]+",
  "(a)(b)?",
  "$1-${2}",
  "a,b,,c",
  "k: {a: [1, x]}",
  "%s|%v",
  "%5d",
  "2006-01-02T15:04:05Z07:00",
  "1h30m",
  "https://u:p@h:8/p?q=1#f",
  '{\\"a\\": [1, null]}',
  "x".repeat(90),
];
const constants = [
  ..."1 -2 0 2.5 1e3 0x10 'a' true false nil 1.0 -0.0 3".split(" "),
  ...oddTexts.map((text) => `"${text}"`),
  "`raw\\n`",
];
const variables = ["$a", "$b", "$c"];
const names = ['"t"', '"u"', '"v"', '"none"'];

const operand: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...fields) },
  { weight: 4, arbitrary: fc.constantFrom(...constants) },
  { weight: 2, arbitrary: fc.constantFrom(...variables) },
);

const made: fc.Arbitrary<string> = fc.oneof(
  fc.array(operand, { maxLength: 3 }).map((items) => `(list ${items.join(" ")})`),
  fc
    .array(fc.tuple(fc.constantFrom('"a"', '"b"', '"c"'), operand), { maxLength: 3 })
    .map((pairs) => `(dict ${pairs.flat().join(" ")})`),
  fc.tuple(operand, operand).map(([a, b]) => `(dict "a" (dict "b" ${a}) "l" (list ${b} 1))`),
  fc.nat({ max: 4 }).map((n) => `(until ${n})`),
);

const printing: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("", "+", "-", "#", " ", "0", "+#", "-0", "[1]"),
    fc.constantFrom("", "5", "*", ".2", "8.3", ".0", ".*"),
    fc.constantFrom(..."vdsqxXfgeEtTcUobp%w".split("")),
    fc.array(fc.oneof(operand, made), { maxLength: 3 }),
  )
  .filter(([, , verb]) => verb !== "p")
  .map(([flags, size, verb, args]) => `printf "%${flags}${size}${verb}" ${args.join(" ")}`);

const comparing: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge"), fc.array(fc.oneof(operand, made), { maxLength: 3 }))
  .map(([name, args]) => `${name} ${args.join(" ")}`);

interface Grammar {
  command: string;
  argument: string;
  pipeline: string;
  statement: string;
  body: string;
}

const open = fc.constantFrom("{{", "{{", "{{", "{{- ", "{{-\n");
const close = fc.constantFrom("}}", "}}", "}}", " -}}", "\t-}}");

function grammarOf({ functions, hasInclude }: Dialect): fc.Arbitrary<string> {
  return fc.letrec<Grammar>((tie: Tie) => ({
    argument: fc.oneof(
      { maxDepth: 2, depthSize: "small" },
      operand,
      made,
      tie("command").map((inner) => `(${inner})`),
    ),
    command: fc.oneof(
      { weight: 5, arbitrary: call(functions, tie("argument")) },
      { weight: 1, arbitrary: printing },
      { weight: 1, arbitrary: comparing },
      { weight: hasInclude ? 2 : 0, arbitrary: including(tie("argument")) },
    ),
    pipeline: fc
      .tuple(fc.oneof(operand, made, tie("command")), fc.array(tie("command"), { maxLength: 2 }))
      .map(([first, rest]) => [first, ...rest].join(" | ")),
    statement: fc.oneof({ maxDepth: 3, depthSize: "small" }, ...statements(tie)),
    body: fc.array(tie("statement"), { maxLength: 4 }).map((parts) => parts.join("")),
  })).body;
}

const call = (functions: readonly string[], argument: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...functions), fc.array(argument, { maxLength: 3 }))
    .map(([name, args]) => [name, ...args].join(" "));

const sources = fc.constantFrom(
  '"{{ . }}"',
  '"{{ .s }}-{{ $ }}"',
  '"{{ include \\"t\\" . }}"',
  '"{{ define \\"t\\" }}mine{{ end }}{{ include \\"t\\" . }}"',
  '"{{ template \\"u\\" . }}"',
  '"{{ tpl \\"{{ . }}\\" . }}"',
  '"{{ range . }}{{ . }},{{ end }}"',
  '"{{ bad"',
  '"{{ .x.y }}"',
  '"plain"',
);

const including = (argument: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    fc.tuple(fc.constantFrom(...names), argument).map(([name, data]) => `include ${name} ${data}`),
    fc.tuple(sources, argument).map(([source, data]) => `tpl ${source} ${data}`),
  );

type Tie = fc.LetrecTypedTie<Grammar>;

function statements(tie: Tie): fc.Arbitrary<string>[] {
  const pipeline = tie("pipeline");
  const body = tie("body");
  const tag = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.tuple(open, inner, close).map(([o, text, c]) => `${o}${text}${c}`);
  const assigned = fc.tuple(fc.constantFrom(...variables), fc.constantFrom(":=", "="), pipeline);
  const block = (head: fc.Arbitrary<string>, ...rest: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(tag(head), ...rest).map((parts) => parts.join(""));
  const end = tag(fc.constant("end"));
  const otherwise = fc.oneof(
    fc.constant(""),
    fc.tuple(tag(fc.constant("else")), body).map((parts) => parts.join("")),
  );
  const leaving = fc
    .tuple(pipeline, fc.constantFrom("break", "continue"))
    .map(([p, how]) => `{{ if ${p} }}{{ ${how} }}{{ end }}`);
  const loop = fc.constantFrom("range ", "range $a := ", "range $a, $b := ", "range $a, $c = ");
  return [
    fc.constantFrom(
      "text ",
      "\n",
      "  x: ",
      "é",
      " \n\t",
      "{{/* c */}}",
      "{{- /* c\n */ -}}",
      ' {{- "" }}',
      '{{ "" -}} ',
    ),
    tag(pipeline),
    tag(assigned.map((parts) => parts.join(" "))),
    block(
      pipeline.map((p) => `if ${p}`),
      body,
      block(
        pipeline.map((p) => `else if ${p}`),
        body,
      ),
      otherwise,
      end,
    ),
    block(
      pipeline.map((p) => `with ${p}`),
      body,
      block(
        pipeline.map((p) => `else with ${p}`),
        body,
      ),
      otherwise,
      end,
    ),
    block(
      pipeline.map((p) => `with $c := ${p}`),
      body,
      otherwise,
      end,
    ),
    block(
      fc.tuple(loop, pipeline).map((parts) => parts.join("")),
      body,
      fc.oneof(leaving, body),
      otherwise,
      end,
    ),
    block(
      fc.nat({ max: 3 }).map((n) => `range ${n}`),
      body,
      leaving,
      end,
    ),
    fc.tuple(fc.constantFrom(...names), pipeline).map(([name, p]) => `{{ template ${name} ${p} }}`),
    fc
      .tuple(fc.constantFrom(...names), pipeline, body)
      .map(([name, p, text]) => `{{ block ${name} ${p} }}${text}{{ end }}`),
  ];
}

/** Functions whose results change, that wait for the network or the processor, or that make as much as they are told. */
const unfit =
  /rand|uuid|shuffle|^gen|bcrypt|htpasswd|AES|derive|Cert|now|keys|values|date|ago|slice|Host|until|seq|repeat|indent|^fail$/i;

/** Those of the names that can be called with any operands. */
export const fit = (names: readonly string[]): string[] => names.filter((name) => !unfit.test(name));

/** A template that defines "t", "u" (which calls "t") and "v", and declares $a, $b and $c. */
export function wideTemplate(dialect: Dialect): fc.Arbitrary<string> {
  const defined =
    '{{ define "t" }}<{{ . }}>{{ end }}{{ define "u" }}[{{ template "t" . }}]{{ end }}{{ define "v" }}\n {{ end }}';
  const declared = '{{ $a := 1 }}{{ $b := "b" }}{{ $c := list 1 "x" nil }}';
  const [before, after] = dialect.hasInclude ? ["{{ with .Values }}", "{{ end }}"] : ["", ""];
  // Printed whole, the root shows where Go keeps its capabilities.
  const rooted = (text: string): string => (dialect.hasInclude ? text.replaceAll(/\$(?![\w{.])/g, "$$.Values") : text);
  return grammarOf(dialect).map((text) => `${defined}${before}${declared}${rooted(text)}${after}`);
}
