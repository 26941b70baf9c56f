// YAML beside Go: the same values, trees, texts and messages from sigs.k8s.io/yaml, yaml.v3 and encoding/json.

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { JsonValue } from "@plumbline/core/model";
import { documents, scalars } from "../../conformance/oracle-yaml/documents.ts";
import { askGo, type Answer } from "../../conformance/oracle-yaml/oracle.ts";
import { decodeYamlText } from "./decode-text.ts";
import { nodeToValue } from "./decode.ts";
import { toYaml } from "./emit.ts";
import { toGoJson } from "./go-json.ts";
import { formatFloat32, formatFloatG, formatFloatJson } from "./go-number.ts";
import { parseYaml } from "./parse.ts";
import { readNodes } from "./read-nodes.ts";
import { compare, compareNodeTexts, compareTrees, outcome } from "./testing/beside-go.ts";
import { sampleJson, sampleTexts } from "./testing/samples.ts";
import { toYamlPretty } from "./value-nodes.ts";

const toJson = (text: string): string => toGoJson(parseYaml(text));
const toJsonStrict = (text: string): string => toGoJson(parseYaml(text, { strict: true }));

const table = [
  ...documents,
  ...scalars.flatMap((text) => [text, `a: ${text}`, `${text}: a`, `- ${text}`, `[${text}]`, `{a: ${text}}`]),
];

describe(`the table of ${table.length} texts beside Go`, () => {
  it("is read to the same values or refused with the same words", async () => {
    const { failed } = await compare("toJson", table, toJson);
    assert.ok(failed > 100 && failed < table.length / 2, `${failed} refused`);
  });

  it("is read the same in strict mode", async () => {
    await compare("toJsonStrict", table, toJsonStrict);
  });

  it("is read to the same trees, comments and messages by the rules of yaml.v3", async () => {
    assert.equal(await compareTrees(table), 0);
  });

  for (const lists of ["compact", "wide"] as const) {
    it(`is written back as kyaml does, with ${lists} lists`, async () => {
      assert.ok((await compareNodeTexts(table, lists)) > 1000);
    });
  }

  it("is written back the same", async () => {
    const values = table.map((text) => outcome(() => toJson(text)).output).filter((json) => json !== undefined);
    await compare("toYaml", [...new Set(values)], (json) => toYaml(parseYaml(json)));
  });
});

describe("bytes beside Go", () => {
  it("are decoded the same or refused with the same words", async () => {
    const octets = fc.constantFrom(
      0x61,
      0x0a,
      0x20,
      0xc3,
      0xa9,
      0xe2,
      0x82,
      0xac,
      0xf0,
      0x9f,
      0x98,
      0x80,
      0xff,
      0xfe,
      0xc0,
      0xed,
      0xa0,
      0xf4,
      0x90,
    );
    const samples = fc.sample(fc.array(octets, { maxLength: 9 }), { numRuns: 4000, seed: 14 });
    const inputs = samples.map((sample) => Uint8Array.from(sample));
    const answers = await askGo(inputs.map((input) => ({ op: "toJson" as const, input })));
    inputs.forEach((input, i) => {
      // UTF-16 has errors of its own words; what matters is that both refuse.
      const wide = (input[0] === 0xff && input[1] === 0xfe) || (input[0] === 0xfe && input[1] === 0xff);
      const ours = outcome(() => toJson(decodeYamlText(input)));
      if (wide) assert.equal(ours.output, answers[i]?.output, String(input));
      else assert.deepEqual(ours, answers[i], String(input));
    });
  });
});

describe("generated values beside Go", () => {
  const jsons = sampleJson(10, 5000);

  it("are written as the same YAML, or refused when Go refuses them", async () => {
    const answers = await askGo(jsons.map((input) => ({ op: "marshal" as const, input })));
    jsons.forEach((json, i) => {
      const { output, error } = answers[i] as Answer;
      const ours = outcome(() => toYaml(JSON.parse(json) as JsonValue));
      if (error === undefined) assert.deepEqual(ours, { output, error }, json);
      else assert.ok(ours.error !== undefined || json.includes("\u0085"), `${json}: Go says ${error}`);
    });
  });

  it("are written as yaml.v3's encoder writes them", async () => {
    // Larger integers are floats on one side only.
    const plain = jsons.filter((json) => !/\d{16}/.test(json));
    await compare("pretty", plain, (json) => toYamlPretty(JSON.parse(json) as JsonValue));
  });

  for (const [op, options] of [
    ["goJson", {}],
    ["goJsonPlain", { escapeHtml: false }],
    ["goJsonIndent", { indent: "  " }],
  ] as const) {
    it(`are written as the same JSON (${op})`, async () => {
      await compare(op, jsons, (json) => toGoJson(JSON.parse(json) as JsonValue, options));
    });
  }

  it("are read back from their YAML", async () => {
    for (const json of jsons) {
      const text = outcome(() => toYaml(JSON.parse(json) as JsonValue)).output;
      if (text === undefined || json.includes("\u0085")) continue;
      assert.equal(
        toGoJson(parseYaml(text)).replaceAll(/(?<![\d.e])-0(?![\d.])/g, "0"),
        toGoJson(JSON.parse(json) as JsonValue).replaceAll(/(?<![\d.e])-0(?![\d.])/g, "0"),
      );
    }
  });

  it("have floats in Go's words", async () => {
    const floats = fc.sample(fc.double({ noDefaultInfinity: true, noNaN: true }), { numRuns: 2000, seed: 11 });
    const single = floats.filter((float) => Number.isFinite(Math.fround(float)));
    await compare("floats", single.map(String), (text) => {
      const float = Number(text);
      return `${formatFloatG(float)} ${formatFloat32(float)} ${formatFloatJson(float)}`;
    });
  });
});

describe("damaged texts beside Go", () => {
  const { texts, plain } = sampleTexts(12, 20_000);

  it("are read to the same values or refused with the same words", async () => {
    const { failed } = await compare("toJson", texts, toJson);
    assert.ok(failed > texts.length / 10 && failed < texts.length * 0.9, `${failed} refused`);
  });

  it("are read to the same trees and comments", async () => {
    // After some comments yaml.v3 goes on behind an error and reports the next one.
    assert.ok((await compareTrees(plain)) < plain.length / 1000);
  });

  it("are written back as kyaml does when they can be read", async () => {
    assert.ok((await compareNodeTexts(plain, "compact")) > plain.length / 10);
  });
});

const corpus = process.env["PLUMBLINE_CORPUS"] ?? "";
const skip = existsSync(corpus) ? false : "corpus: NOT RUN (PLUMBLINE_CORPUS names no folder)";

describe("the YAML files of the corpus beside Go", { skip }, () => {
  const files = skip === false ? globSync(join(corpus, "{repos,charts}/**/*.{yaml,yml}")) : [];
  const texts = files.map((file) => readFileSync(file, "utf8")).filter((text) => text.length < 2_000_000);

  it("are read the same", async () => {
    assert.ok(texts.length > 1000, `${texts.length} files`);
    await compare("toJson", texts, toJson);
    assert.equal(await compareTrees(texts), 0);
  });

  it("are written back as kyaml does, comments included", async () => {
    assert.ok((await compareNodeTexts(texts, "compact")) > 1000);
  });

  it("are written back the same", async () => {
    const jsons = texts.map((text) => outcome(() => toJson(text)).output).filter((json) => json !== undefined);
    await compare("toYaml", jsons, (json) => toYaml(parseYaml(json)));
  });

  it("give the resources that kustomize reads", async () => {
    const single = texts.filter((text) => !/^---/m.test(text));
    const answers = await askGo(single.map((input) => ({ op: "resources" as const, input })));
    let compared = 0;
    single.forEach((text, i) => {
      const { output } = answers[i] as Answer;
      if (output === undefined) return;
      const found = JSON.parse(output) as JsonValue[];
      const root = readNodes(text)[0]?.root;
      if (found.length !== 1 || root?.kind !== "mapping") return;
      compared++;
      assert.equal(toGoJson([nodeToValue(root, { flavour: "v3" })]), output);
    });
    assert.ok(compared > 500, `${compared} compared`);
  });
});
