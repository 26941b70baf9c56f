// YAML beside Go: the same values, trees, texts and messages from sigs.k8s.io/yaml, yaml.v3 and encoding/json.

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { asFailure, type JsonValue } from "@plumbline/core/model";
import { documents, scalars } from "../../conformance/oracle-yaml/documents.ts";
import { askGo, type Answer, type Op } from "../../conformance/oracle-yaml/oracle.ts";
import { decodeYamlText } from "./decode-text.ts";
import { nodeToValue } from "./decode.ts";
import { toYaml } from "./emit.ts";
import { toGoJson } from "./go-json.ts";
import { nodeToYaml } from "./emit-node.ts";
import { formatFloat32, formatFloatG, formatFloatJson } from "./go-number.ts";
import type { NodeStyle, YamlNode } from "./node.ts";
import { parseYaml } from "./parse.ts";
import { readNodes } from "./read-nodes.ts";
import { toYamlPretty } from "./value-nodes.ts";

interface Outcome {
  output: string | undefined;
  error: string | undefined;
}

function outcome(work: () => string): Outcome {
  try {
    return { output: work(), error: undefined };
  } catch (error) {
    return { output: undefined, error: asFailure(error).message };
  }
}

/** Go names the types of keys in some messages by the order of a random map, and limits our own are worded by us. */
function comparable({ output, error }: Outcome | Answer): Outcome {
  return { output, error: error?.startsWith("unsupported map key") ? "unsupported map key" : error };
}

async function compare(
  op: Op,
  inputs: readonly string[],
  ours: (input: string) => string,
): Promise<{ failed: number }> {
  const answers = await askGo(inputs.map((input) => ({ op, input })));
  let failed = 0;
  inputs.forEach((input, i) => {
    const expected = comparable(answers[i] as Answer);
    if (expected.error !== undefined) failed++;
    assert.deepEqual(comparable(outcome(() => ours(input))), expected, `${op} of ${JSON.stringify(input)}`);
  });
  return { failed };
}

const toJson = (text: string): string => toGoJson(parseYaml(text));
const toJsonStrict = (text: string): string => toGoJson(parseYaml(text, { strict: true }));

const table = [
  ...documents,
  ...scalars.flatMap((text) => [text, `a: ${text}`, `${text}: a`, `- ${text}`, `[${text}]`, `{a: ${text}}`]),
];

const STYLES: Record<NodeStyle, number> = { "": 0, double: 2, single: 4, literal: 8, folded: 16, flow: 32 };

function describeTree(node: YamlNode): GoNode & Record<string, unknown> {
  const { kind, tag, value, anchor, line, column, headComment: head, lineComment: end, footComment: foot } = node;
  const style = STYLES[node.style] + (node.tagged ? 1 : 0);
  return { kind, tag, value, style, anchor, line, column, head, end, foot, nodes: node.content.map(describeTree) };
}

interface GoNode {
  kind: string;
  tag: string;
  value: string;
  style: number;
  line: number;
  column: number;
  head: string;
  foot: string;
  nodes: GoNode[];
}

/** Go takes the place of an absent value in brackets from memory that it may have moved: any place will do. */
function blur(tree: GoNode): GoNode {
  const isFlow = tree.kind === "mapping" && tree.style >= STYLES.flow;
  const nodes = tree.nodes.map((node) => {
    const absent = isFlow && node.tag === "!!null" && node.value === "";
    return blur(absent ? { ...node, line: 0, column: 0 } : node);
  });
  return { ...tree, nodes };
}

/** Compares trees with their comments and places; gives how many refusals had other words than Go's. */
async function compareTrees(inputs: readonly string[]): Promise<number> {
  const answers = await askGo(inputs.map((input) => ({ op: "nodes" as const, input })));
  let otherWords = 0;
  inputs.forEach((input, i) => {
    const { output, error } = answers[i] as Answer;
    const ours = outcome(() =>
      JSON.stringify(
        readNodes(input).map((found) => [found.headComment, found.footComment, blur(describeTree(found.root))]),
      ),
    );
    if (error !== undefined) {
      assert.ok(ours.error !== undefined, `${JSON.stringify(input)}: Go says ${error}`);
      if (ours.error !== error) otherWords++;
      return;
    }
    const expected = (JSON.parse(output ?? "[]") as GoNode[]).map(({ head, foot, nodes }) => [
      head,
      foot,
      blur(nodes[0] as GoNode),
    ]);
    assert.deepEqual(ours.error, undefined, JSON.stringify(input));
    assert.deepEqual(JSON.parse(ours.output ?? ""), expected, JSON.stringify(input));
  });
  return otherWords;
}

/** Writes the trees of texts back as kyaml does, comments included; gives how many were written. */
async function compareNodeTexts(inputs: readonly string[], lists: "compact" | "wide"): Promise<number> {
  const readable = inputs.filter((input) => outcome(() => String(readNodes(input).length)).error === undefined);
  const op = lists === "compact" ? "emit" : "emitWide";
  const answers = await askGo(readable.map((input) => ({ op, input })));
  readable.forEach((input, i) => {
    const ours = readNodes(input).map(({ root, ...comments }) => `\0${nodeToYaml(root, { lists, ...comments })}`);
    assert.deepEqual({ output: ours.join(""), error: undefined }, answers[i], JSON.stringify(input));
  });
  return readable.length;
}

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

const pieces = [
  ["a", "b", "word", "long-word-here", " ", " ", "  ", "\n", "\n\n", ":", ": ", "#", " #", "'", '"', "\\", "-", "- "],
  [
    "?",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&",
    "*",
    "!",
    "|",
    ">",
    "%",
    "@",
    "`",
    "\t",
    "\r",
    "é",
    "中",
    "😀",
    "\u2028",
    "\u2029",
  ],
  [
    "\u00a0",
    "0",
    "1",
    "12",
    ".",
    "e",
    "x",
    "_",
    "+",
    "yes",
    "true",
    "null",
    "~",
    "---",
    "...",
    "=",
    "<",
    "&lt",
    "\u0007",
  ],
  ["\u001b", "Y", "2001-01-01", "1:30", "0x1f", "\u00ad", "\u200b", "\ue000", "\u007f", "\ufeff", "\u0085"],
].flat();
const alphabet = fc.constantFrom(...pieces);
const strangeText = fc.array(alphabet, { maxLength: 40 }).map((parts) => parts.join(""));
const prose = fc
  .array(
    fc.tuple(
      fc.constantFrom("lorem", "ipsum", "d", "o'clock", "a:", "#x", "é", "😀"),
      fc.constantFrom(" ", " ", " ", "  ", "-", ""),
    ),
    {
      minLength: 10,
      maxLength: 60,
    },
  )
  .map((parts) => parts.flat().join(""));
const keys = fc.oneof(
  fc.constantFrom(
    "a1",
    "a10",
    "a2",
    "A",
    "b",
    "_x",
    "0",
    "10",
    "9",
    "a-b",
    "a.b",
    "aB",
    "y",
    "1.5",
    "k8s",
    "__proto__",
    "é",
    "😀",
  ),
  strangeText,
);
const numbers = fc.oneof(
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(1e21, 1e-7, 1e6, 1234567.5, 2 ** 63, 2 ** 64, 1e20, -1e19, 5e-324),
);
const { value: values } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    strangeText,
    prose,
    numbers,
    fc.constantFrom(null, true, false, ""),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(keys, tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

describe("generated values beside Go", () => {
  const jsons = fc.sample(values, { numRuns: 5000, seed: 10 }).map((value) => JSON.stringify(value));

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

const base = documents.filter((text) => text.length < 200);
const blows = [
  [
    " ",
    "  ",
    "\t",
    "\n",
    "\n\n",
    ":",
    ": ",
    "-",
    "- ",
    "#",
    " #",
    '"',
    "'",
    "|",
    ">",
    "|-",
    ">-",
    "{",
    "}",
    "[",
    "]",
    ",",
  ],
  [
    "? ",
    "&a ",
    "*a",
    "!",
    "!!str ",
    "%",
    "---\n",
    "...\n",
    "@",
    "`",
    "<<: ",
    "\\",
    "yes",
    "1.5",
    "é",
    "\u0085",
    "\r\n",
    "\r",
    "",
  ],
].flat();
const damages = fc.constantFrom(...blows);
/** Two texts of the table under one another, with some damage done to them. */
const damaged = fc
  .tuple(
    fc.constantFrom(...base),
    fc.constantFrom("", "\n"),
    fc.constantFrom(...base),
    fc.array(fc.tuple(fc.nat(400), fc.nat(2), damages), { maxLength: 4 }),
  )
  .map(([first, between, second, edits]) => {
    let text = first + between + second;
    for (const [at, cut, insert] of edits) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + insert + text.slice(place + cut);
    }
    return text;
  });

describe("damaged texts beside Go", () => {
  const texts = fc.sample(damaged, {
    numRuns: Number(process.env["RUNS"] ?? 20_000),
    seed: Number(process.env["SEED"] ?? 12),
  });

  it("are read to the same values or refused with the same words", async () => {
    const { failed } = await compare("toJson", texts, toJson);
    assert.ok(failed > texts.length / 10 && failed < texts.length * 0.9, `${failed} refused`);
  });

  it("are read to the same trees and comments", async () => {
    // yaml.v3 looks at single bytes of the rare line breaks when it searches comments.
    const plain = texts.filter((text) => !text.includes("#") || !/[\u0085\u2028\u2029]/.test(text));
    // After some comments yaml.v3 goes on behind an error and reports the next one.
    assert.ok((await compareTrees(plain)) < plain.length / 1000);
  });
});

const corpus = process.env["PLUMBLINE_CORPUS"] ?? "";
const skip = existsSync(corpus) ? false : "corpus: NOT RUN (PLUMBLINE_CORPUS names no folder)";

describe("damaged texts that can be read", () => {
  it("are written back as kyaml does", async () => {
    const texts = fc.sample(damaged, {
      numRuns: Number(process.env["RUNS"] ?? 20_000),
      seed: Number(process.env["SEED"] ?? 13),
    });
    const plain = texts.filter((text) => !text.includes("#") || !/[\u0085\u2028\u2029]/.test(text));
    assert.ok((await compareNodeTexts(plain, "compact")) > texts.length / 10);
  });
});

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
