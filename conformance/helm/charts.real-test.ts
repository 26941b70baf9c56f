// Charts of our own, rendered as the real helm renders them, or refused with the same words.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { helmBinary } from "@plumbline/testkit/go";
import { type Fixture, fixtures } from "./charts.ts";
import { differenceOf } from "./real-helm.ts";

describe("charts of our own beside the real helm", () => {
  let helm = "";
  let directory = "";
  before(async () => {
    helm = await helmBinary();
    directory = mkdtempSync(join(tmpdir(), "plumbline-charts-"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  for (const [i, fixture] of fixtures.entries()) {
    it(`renders ${fixture.name} (${fixture.cases.length} ways)`, () => {
      const chart = write(join(directory, String(i)), fixture);
      const differences = fixture.cases.flatMap(({ values = [], ...rest }, n) => {
        const valueFiles = values.map((text, v) => writeFile(join(directory, `${i}-${n}-${v}.yaml`), text));
        const different = differenceOf(helm, { chart, valueFiles, ...rest });
        return different === undefined ? [] : [`${JSON.stringify(rest)} ${values.join("|")}\n${different}`];
      });
      assert.equal(differences.length, 0, differences.join("\n"));
    });
  }
});

function write(chart: string, { files }: Fixture): string {
  for (const [name, text] of Object.entries(files)) writeFile(join(chart, name), text);
  return chart;
}

function writeFile(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
