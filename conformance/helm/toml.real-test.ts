// fromToml beside Helm's engine: the same values and types, or the same words, for good and broken documents.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { type Oracle, startOracle } from "../template/oracle.ts";
import { renderRow } from "./engine.ts";
import { tomlDocument, tomlRows } from "./rows/toml.ts";

const runs = Number(process.env["PLUMBLINE_FUZZ_RUNS"] ?? 1000);

const template =
  "{{ $v := fromToml .t }}{{ $v }}\n{{ range $k, $x := $v }}{{ $k }}: {{ typeOf $x }}\n" +
  '{{ if kindIs "slice" $x }}{{ range $x }}- {{ typeOf . }}\n{{ end }}{{ end }}{{ end }}{{ toToml $v }}';

describe("fromToml beside Helm's engine", () => {
  let oracle: Oracle;
  before(async () => {
    oracle = await startOracle();
  });
  after(() => oracle.close());

  async function difference(document: string): Promise<string | undefined> {
    // Bytes that are no UTF-8 are written as Go writes them.
    const literal = JSON.stringify(document)
      .replaceAll("\u007f", "\\u007f")
      .replaceAll(/\\udc([89a-f][0-9a-f])/g, "\\x$1");
    const source = template.replace(".t ", () => `${literal} `);
    const theirs = await oracle.run({ mode: "helm", name: "row", template: source, templates: {}, data: {} });
    const ours = renderRow(source, {}, {});
    if (theirs.error === ours.error && Buffer.from(ours.output).equals(theirs.output)) return undefined;
    const shown = (answer: typeof theirs): string => answer.error ?? Buffer.from(answer.output).toString();
    return `${JSON.stringify(document)}\n  go:   ${JSON.stringify(shown(theirs))}\n  ours: ${JSON.stringify(shown(ours))}`;
  }

  it(`answers ${tomlRows.length} documents as Helm does`, async () => {
    const differences: string[] = [];
    for (const document of tomlRows) {
      const found = await difference(document);
      if (found !== undefined) differences.push(found);
    }
    assert.equal(differences.length, 0, `${differences.length} differ\n${differences.slice(0, 50).join("\n")}`);
  });

  it(`answers ${runs} generated documents as Helm does`, async () => {
    const property = fc.asyncProperty(tomlDocument, async (document) => {
      assert.equal(await difference(document), undefined);
    });
    await fc.assert(property, { numRuns: runs });
  });
});
