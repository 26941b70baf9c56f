// Folded and literal blocks: go-yaml writes folded ones in a way that doubles some of their breaks when they are read again.

import { type OwnCase, plain } from "./case.ts";

export const blockCase: OwnCase = plain("folded and literal blocks of every shape", "", {
  "kustomization.yaml": "resources: [a.yaml]\ncommonAnnotations: {z: z}\npatches: [{path: p.yaml}]\n",
  "a.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: x
  annotations:
    folded: >-
      call(a,
        b
      )
data:
${blockShapes("  ")}
list:
- >
  one
    more

    indented

  two
- - |2-
      deep
    text
- {flow: "a\\n  b"}
`,
  "p.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: x}
data:
  patched: >-
    p
      q
    r
  copied: >+
      a

        b

`,
});

/** The same lines as folded and literal blocks, with every way to end them. */
function blockShapes(pad: string): string {
  const bodies = [
    ["a", "b"],
    ["a", "  b", "c"],
    ["  a", "b"],
    ["a", "", "  b", "", "c"],
    ["a", "\tb"],
    ["", "a", " b"],
    ["a", "  b  ", "c "],
    ["a", " ", "b"],
    ["# a", "  b"],
  ];
  const shapes = bodies.flatMap((lines, i) => {
    const indent = lines.find((line) => line !== "")?.startsWith(" ") ? "2" : "";
    return [">", "|"].flatMap((style) =>
      ["", "-", "+"].map((end) => {
        const key = `${style === ">" ? "fold" : "keep"}${i}${{ "": "clip", "-": "strip", "+": "all" }[end]}`;
        return `${pad}${key}: ${style}${indent}${end}\n${[...lines, "", ""].map((line) => (line === "" ? "" : `${pad}  ${line}`)).join("\n")}`;
      }),
    );
  });
  return shapes.join("\n");
}
