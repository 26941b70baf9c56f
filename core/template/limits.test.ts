// Hostile templates end soon, with an error that says which limit they met; none reaches the host.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { noWork } from "./limits.ts";
import { compile, TemplateSet } from "./template.ts";
import { fixedFunctions } from "./testdata/functions.ts";
import { fromJson, goMap } from "./value.ts";

// Lower than what is given to charts, so that the tests are quick.
const limits = { steps: 2_000_000, outputLength: 16 * 1024 * 1024, textLength: 16 * 1024 * 1024 };

const run = (source: string, data: Parameters<typeof fromJson>[0] = {}): string =>
  compile(source, { name: "t", functions: fixedFunctions }).execute(fromJson(data), undefined, { limits });

const hostile: [string, string][] = [
  ["endless recursion", '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}'],
  ["doubling recursion", '{{ define "a" }}{{ template "a" . }}{{ template "a" . }}{{ end }}{{ template "a" . }}'],
  ["a huge repeat", '{{ repeat 9223372036854775807 "x" }}'],
  ["repeats of repeats", '{{ repeat 100000 (repeat 100000 "xxxxxxxxxx") }}'],
  ["a huge until", "{{ until 9007199254740991 }}"],
  ["a huge untilStep", "{{ untilStep 0 9223372036854775807 1 }}"],
  ["a huge seq", "{{ seq 1 9007199254740991 }}"],
  ["a range over a huge number", "{{ range 9223372036854775807 }}{{ end }}"],
  ["ranges in ranges", "{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}"],
  ["a wide printf of many", '{{ printf "%1000000d" (until 1000) }}'],
  ["output without end", "{{ range 100000000 }}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{{ end }}"],
  ["a huge indent", '{{ indent 2000000000 "a\\nb" }}'],
  ["a replacement that grows", '{{ $s := repeat 100000 "a" }}{{ $r := repeat 100000 "b" }}{{ replace "a" $r $s }}'],
  ["a join that grows", '{{ join (repeat 100000 "b") (until 100000) }}'],
  ["random text without end", "{{ randAlphaNum 2000000000 }}"],
  ["deep parentheses", `{{ ${"(".repeat(5000)}1${")".repeat(5000)} }}`],
  ["deep blocks", "{{ if true }}".repeat(5000) + "{{ end }}".repeat(5000)],
  ...["toJson $d", "$d", "deepCopy $d | len", "deepEqual $d (deepCopy $d)"].map((use): [string, string] => [
    `a map that unfolds without end, in ${use}`,
    `{{ $d := dict "a" "x" }}{{ range 60 }}{{ $d = dict "l" $d "r" $d }}{{ end }}{{ ${use} }}`,
  ]),
  ...["toJson $d", "$d", "deepCopy $d"].map((use): [string, string] => [
    `a map that holds itself, in ${use}`,
    `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ ${use} }}`,
  ]),
  [
    "work on long texts again and again",
    '{{ $s := repeat 10000000 "a" }}{{ range 100000000 }}{{ $x := upper $s }}{{ end }}',
  ],
  ["an expression of many instructions", `{{ regexMatch "${"(x{1,100}){1,10}".repeat(80)}" "x" }}`],
  ["an expression that looks to the end for every match", '{{ regexFindAll ".*?y|x" (repeat 30000 "x") -1 | len }}'],
  ["a replacement of many groups", `{{ regexReplaceAll "(x)" (repeat 3000 "x") "${"$1".repeat(1000)}" | len }}`],
  ["passwords hashed for ever", '{{ range 1000 }}{{ $x := htpasswd "a" "b" }}{{ end }}'],
  ["passwords derived for ever", '{{ range 1000 }}{{ $x := derivePassword 1 "long" "a" "b" "c" }}{{ end }}'],
  ["keys made for ever", '{{ range 1000 }}{{ $x := genPrivateKey "ecdsa" }}{{ end }}'],
  ["certificates made for ever", '{{ range 1000 }}{{ $x := genCA "a" 1 }}{{ end }}'],
  ["a text in a million parts", '{{ split "" (repeat 1000000 ",") | len }}'],
  ["a long shuffle", '{{ shuffle (repeat 1000000 "a") }}'],
  ["a lengthy word wrap", '{{ wrapWith 1 (repeat 10000 "x") (repeat 10000 "y") }}'],
  ["a million factors", `{{ mulf ${"1.2345678e-300 ".repeat(3000)} }}`],
  ["lists held by the thousand", "{{ range $i := until 1000 }}{{ $x := chunk 1 (until 10000) }}{{ end }}"],
  ["maps held by the thousand", '{{ $d := dict }}{{ range 1000000 }}{{ $d = dict "d" $d }}{{ end }}'],
  ["a large document", '{{ fromJson (print "[" (repeat 3000000 "1,") "1]") }}'],
  ["texts in hexadecimal", '{{ printf "%x" (repeat 5000000 "a") }}'],
  ["one text many times", `{{ $s := repeat 1000000 "a" }}{{ printf "${"%[1]s".repeat(100)}" $s | len }}`],
  ["one text in many places", '{{ $s := repeat 1000000 "a" }}{{ toJson (list $s $s $s $s $s $s $s $s $s) | len }}'],
  ...["keys $d", "values $d", "pick $d", "omit $d", "merge (dict) $d", "deepCopy $d"].map((use): [string, string] => [
    `a wide map walked again and again, in ${use}`,
    `{{ $d := dict }}{{ range $i := until 500 }}{{ $_ := set $d (toString $i) $i }}{{ end }}{{ range 100000 }}{{ $x := ${use} }}{{ end }}`,
  ]),
  [
    "a wide map walked for its first key alone",
    "{{ $d := dict }}{{ range $i := until 500 }}{{ $_ := set $d (toString $i) $i }}{{ end }}{{ range 100000 }}{{ range $d }}{{ break }}{{ end }}{{ end }}",
  ],
  ...["slice $l 1", "reverse $l", "concat $l $l", "rest $l", "append $l 1", "deepCopy $l", "compact $l"].map(
    (use): [string, string] => [
      `a long list made again and again, in ${use}`,
      `{{ $l := until 1000 }}{{ range 100000 }}{{ $x := ${use} }}{{ end }}`,
    ],
  ),
  ["texts in two bytes", '{{ $s := repeat 300000 "€" }}{{ range 100 }}{{ $x := upper (print $s $s) }}{{ end }}'],
  ["texts encoded again and again", '{{ $s := repeat 1000 "x" }}{{ range 100 }}{{ $s = b64enc $s }}{{ end }}'],
  ["texts that double in tpl", '{{ $s := "x" }}{{ range 100 }}{{ $s = printf "%s%s" $s $s }}{{ end }}'],
  ["quadratic lists", "{{ $l := list }}{{ range 100000 }}{{ $l = append $l . }}{{ end }}"],
];

for (const [name, source] of hostile) {
  test(`${name} is stopped by a limit`, () => {
    const start = performance.now();
    assert.throws(
      () => run(source),
      (thrown) => thrown instanceof Failure && thrown.reason === "LimitExceeded" && thrown.hint !== undefined,
    );
    assert.ok(performance.now() - start < 20_000, "it took too long");
  });
}

test("regular expressions that make backtracking engines hang answer at once", () => {
  const start = performance.now();
  assert.equal(run('{{ regexMatch "^(a+)+$" (printf "%s!" (repeat 5000 "a")) }}'), "false");
  assert.equal(
    run(`{{ semverCompare "${"1  ".repeat(100)}!" "1.0.0" | ternary 1 2 }}`.replace("semverCompare", "regexMatch")),
    "2",
  );
  assert.ok(performance.now() - start < 5000);
});

test("numbers of half a million digits are read at once", () => {
  const start = performance.now();
  assert.equal(run('{{ int (repeat 500000 "9") }} {{ atoi (repeat 500000 "1") }}'), "0 9223372036854775807");
  assert.equal(
    run('{{ atoi (print (repeat 500000 "0") "7") }} {{ int "0x7fffffffffffffff" }}'),
    "7 9223372036854775807",
  );
  assert.ok(performance.now() - start < 5000);
});

test("executions that share their work share the limits", () => {
  const set = new TemplateSet("s", fixedFunctions, { limits: { steps: 150 } });
  set.add(compile("{{ range 100 }}x{{ end }}", { name: "t" }));
  const work = noWork();
  assert.equal(set.execute("t", null, work).length, 100);
  assert.throws(() => set.execute("t", null, work), /more than 150 steps/);
  assert.equal(set.execute("t", null).length, 100);
});

test("semverCompare refuses a hostile constraint at once", () => {
  const constraint = `${"1 , 1 ".repeat(80)}!`;
  const start = performance.now();
  assert.throws(() => run(`{{ semverCompare "${constraint}" "1.0.0" }}`), /improper constraint/);
  assert.ok(performance.now() - start < 1000);
});

const names = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "length",
  "__defineGetter__",
];

test("names of the host are ordinary keys: nothing stands behind them", () => {
  for (const name of names) {
    assert.equal(
      run(`{{ .${name} }}|{{ .m.${name} }}|{{ index . "${name}" }}|{{ get .m "${name}" }}`, { m: {} }),
      "<no value>|<no value>|<no value>|",
    );
    assert.equal(
      run(`{{ hasKey .m "${name}" }} {{ dig "${name}" "d" .m }} {{ pick .m "${name}" }}`, { m: {} }),
      "false d map[]",
    );
  }
});

test("fields of lists, strings and numbers are refused, whatever the host calls them", () => {
  for (const name of names) {
    assert.throws(() => run(`{{ .l.${name} }}`, { l: [1] }), /can't evaluate field/);
    assert.throws(() => run(`{{ .s.${name} }}`, { s: "x" }), /can't evaluate field/);
  }
});

test("a dictionary takes __proto__ as a key and keeps it to itself", () => {
  const source =
    '{{ $d := dict "__proto__" (dict "polluted" "yes") }}{{ $d | toJson }} {{ merge (dict) $d | toJson }} {{ (dict).polluted }}';
  assert.equal(run(source), '{"__proto__":{"polluted":"yes"}} {"__proto__":{"polluted":"yes"}} <no value>');
  assert.equal(({} as { polluted?: string }).polluted, undefined);
});

test("functions of the host are not functions of templates", () => {
  for (const name of ["eval", "Function", "require", "process", "globalThis", "env", "expandenv", "constructor"]) {
    assert.throws(() => run(`{{ ${name} }}`), new RegExp(`function "${name}" not defined`));
  }
});

test("limits can be lowered for one execution", () => {
  const template = compile("{{ range 100 }}x{{ end }}", { name: "t" });
  assert.equal(template.execute(goMap({})).length, 100);
  assert.throws(() => template.execute(goMap({}), undefined, { limits: { steps: 50 } }), /more than 50 steps/);
  assert.throws(
    () => template.execute(goMap({}), undefined, { limits: { outputLength: 50 } }),
    /longer than 50 characters/,
  );
});
