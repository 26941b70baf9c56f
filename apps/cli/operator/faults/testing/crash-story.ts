// What an operator goes through until it is killed: two Kustomizations, three phases, and every kind of request.

import { configMap, customKind } from "../../testing/manifests.ts";

/** `first` creates, `second` changes, removes, recreates and hands over, `removal` deletes the Kustomizations. */
export const phases = ["first", "second", "removal"] as const;
export type Phase = (typeof phases)[number];

const NS = "${ns}";

function thing(size: number): string {
  return `apiVersion: ${NS}.example.com/v1\nkind: Thing\nmetadata:\n  name: t\n  namespace: ${NS}\nspec:\n  size: ${size}\n`;
}

const crd = customKind(`${NS}.example.com`);

/** Another value means another object: it is deleted and made anew. */
function fixed(value: string): string {
  const annotation = "  annotations:\n    kustomize.toolkit.fluxcd.io/force: enabled\n";
  return `${configMap("fixed", NS, value).replace("metadata:\n", `metadata:\n${annotation}`)}immutable: true\n`;
}

/** The files of a branch; `ns` is substituted by the Kustomizations. `last` comes into Git after the crash. */
export const files = {
  first: {
    "app/crd.yaml": crd,
    "app/thing.yaml": thing(1),
    "app/keep.yaml": configMap("keep", NS),
    "app/change.yaml": configMap("change", NS),
    "app/gone.yaml": configMap("gone", NS),
    "app/fixed.yaml": fixed("1"),
    "app/taken.yaml": configMap("taken", NS),
    "app/moved.yaml": configMap("moved", NS),
    "other/beside.yaml": configMap("beside", NS),
  },
  second: {
    "app/crd.yaml": crd,
    "app/thing.yaml": thing(2),
    "app/keep.yaml": configMap("keep", NS),
    "app/change.yaml": configMap("change", NS, "2"),
    "app/fixed.yaml": fixed("2"),
    "app/fresh.yaml": configMap("fresh", NS),
    "app/taken.yaml": configMap("taken", NS),
    "other/beside.yaml": configMap("beside", NS),
    "other/moved.yaml": configMap("moved", NS),
  },
  last: {
    "app/crd.yaml": crd,
    "app/thing.yaml": thing(2),
    "app/keep.yaml": configMap("keep", NS),
    "app/change.yaml": configMap("change", NS, "3"),
    "app/fixed.yaml": fixed("2"),
    "other/beside.yaml": configMap("beside", NS),
    "other/moved.yaml": configMap("moved", NS),
  },
} as const satisfies Record<string, Record<string, string>>;

export type Stage = keyof typeof files;

/** What stands in the namespace when the commit of a stage is applied. */
export interface State {
  configMaps: readonly (readonly [name: string, value: string, owner: string])[];
  /** `spec.size` of the Thing. */
  size: number;
}

export const states: Readonly<Record<Stage, State>> = {
  first: {
    configMaps: [
      ["beside", "1", "other"],
      ["change", "1", "app"],
      ["fixed", "1", "app"],
      ["gone", "1", "app"],
      ["keep", "1", "app"],
      ["moved", "1", "app"],
      ["taken", "1", "app"],
    ],
    size: 1,
  },
  second: {
    configMaps: [
      ["beside", "1", "other"],
      ["change", "2", "app"],
      ["fixed", "2", "app"],
      ["fresh", "1", "app"],
      ["keep", "1", "app"],
      ["moved", "1", "other"],
      ["taken", "1", "app"],
    ],
    size: 2,
  },
  last: {
    configMaps: [
      ["beside", "1", "other"],
      ["change", "3", "app"],
      ["fixed", "2", "app"],
      ["keep", "1", "app"],
      ["moved", "1", "other"],
    ],
    size: 2,
  },
};
