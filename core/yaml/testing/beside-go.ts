// Puts our answers beside Go's: for tests only.

import assert from "node:assert/strict";
import { asFailure } from "@plumbline/core/model";
import { askGo, type Answer, type Op } from "../../../conformance/oracle-yaml/oracle.ts";
import { nodeToYaml } from "../emit-node.ts";
import type { NodeStyle, YamlNode } from "../node.ts";
import { readNodes } from "../read-nodes.ts";

export interface Outcome {
  output: string | undefined;
  error: string | undefined;
}

export function outcome(work: () => string): Outcome {
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

export async function compare(
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
export async function compareTrees(inputs: readonly string[]): Promise<number> {
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
export async function compareNodeTexts(inputs: readonly string[], lists: "compact" | "wide"): Promise<number> {
  const readable = inputs.filter((input) => outcome(() => String(readNodes(input).length)).error === undefined);
  const op = lists === "compact" ? "emit" : "emitWide";
  const answers = await askGo(readable.map((input) => ({ op, input })));
  readable.forEach((input, i) => {
    const ours = readNodes(input).map(({ root, ...comments }) => `\0${nodeToYaml(root, { lists, ...comments })}`);
    assert.deepEqual({ output: ours.join(""), error: undefined }, answers[i], JSON.stringify(input));
  });
  return readable.length;
}
