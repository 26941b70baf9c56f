// Templates that hold as much as the limits allow: each in a process of its own, whose memory the kernel has measured.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const maxPeakMb = 400;

const wide = "{{ $d := dict }}{{ range $i := until 10000 }}{{ $_ := set $d (toString $i) $i }}{{ end }}";
const hold = (made: string): string =>
  `{{ $held := dict }}{{ range $n := 100000 }}{{ $_ := set $held (toString $n) (${made}) }}{{ end }}`;

const hostile: [string, string, string?][] = [
  ["wide maps copied in part", `${wide}${hold('omit $d "x"')}`],
  ["wide maps merged", `${wide}${hold("merge (dict) $d")}`],
  ["wide maps copied", `${wide}${hold("deepCopy $d")}`],
  ["parts of lists", `{{ $l := until 10000 }}${hold("slice $l 1")}`],
  ["lists joined", "{{ $l := until 100000 }}{{ range 100 }}{{ $l = concat $l $l }}{{ end }}"],
  ["maps inside maps", '{{ $d := dict }}{{ range 100000000 }}{{ $d = dict "a" $d }}{{ end }}'],
  ["texts in two bytes", `{{ $s := repeat 1300000 "€" }}${hold("upper (print $s $n)")}`],
  ["texts encoded", `{{ $s := repeat 2000000 "x" }}${hold("b64enc $s")}`],
  ["YAML read", `{{ $s := repeat 100000 "- {a: b}\\n" }}${hold("fromYamlArray $s")}`],
  ["TOML read", `{{ $s := print (repeat 1000 "a.") "a=1" }}${hold("fromToml $s")}`],
  ["output in small pieces", "{{ range 40000000 }}x{{ end }}"],
  ["a wide map printed", `${wide}{{ range 1000000 }}{{ $d }}{{ end }}`],
  ["matches of nothing", '{{ regexFindAll "" (repeat 3900000 "x") -1 | len }}'],
  ["sources in tpl", '{{ range $n := 1000000 }}{{ $x := tpl (print (repeat 1000 "{{ 1 }}") $n) "" }}{{ end }}'],
  ["a long source", "{{ .a | quote | upper }}".repeat(60_000), "done"],
];

for (const [name, template, ending = "LimitExceeded"] of hostile) {
  test(`${name}: ${ending} in less than ${maxPeakMb} MB`, () => {
    const program = join(import.meta.dirname, "render-hostile.ts");
    const { stdout, stderr } = spawnSync(process.execPath, [program], { input: template, timeout: 120_000 });
    const [reason, peak] = stdout.toString().trim().split(" ");
    assert.equal(reason, ending, stderr.toString().slice(0, 300));
    assert.ok(Number(peak) < maxPeakMb, `${peak} MB`);
  });
}
