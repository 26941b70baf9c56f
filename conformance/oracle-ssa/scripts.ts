// Random scripts of applies and updates, for the comparison with Kubernetes' own field manager.

import type { JsonObject, JsonValue } from "@plumbline/core/model";

export interface Step {
  op: "apply" | "update";
  manager: string;
  subresource: string;
  force: boolean;
  object: JsonObject;
}

export interface Script {
  /** Absent for a built-in kind. */
  schema?: JsonObject;
  gvk: [group: string, version: string, kind: string];
  steps: Step[];
}

/** A small seeded generator (mulberry32), so that a failing script can be made again. */
export class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  chance(probability: number): boolean {
    return this.next() < probability;
  }
  pick<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.next() * values.length)];
    if (value === undefined) throw new RangeError("nothing to pick from");
    return value;
  }
  /** Some of the values, now and then in another order. */
  some<T>(values: readonly T[]): T[] {
    const chosen = values.filter(() => this.chance(0.5));
    return this.chance(0.3) ? chosen.toReversed() : chosen;
  }
}

/** An object of the fields whose dice fell. */
function maybe(dice: Dice, fields: Record<string, [probability: number, make: () => JsonValue]>): JsonObject {
  const out: JsonObject = {};
  for (const [name, [probability, make]] of Object.entries(fields)) if (dice.chance(probability)) out[name] = make();
  return out;
}

function labels(dice: Dice): JsonObject {
  return Object.fromEntries(dice.some(["a", "b", "c"]).map((key) => [key, dice.pick(["1", "2"])]));
}

function metadata(dice: Dice): JsonObject {
  const extra = maybe(dice, {
    labels: [0.6, () => labels(dice)],
    annotations: [0.4, () => labels(dice)],
    finalizers: [0.2, () => dice.some(["f1/a", "f2/b"])],
  });
  return { name: "x", namespace: "n", ...extra };
}

function deployment(dice: Dice): JsonObject {
  const strategies: JsonValue[] = [{}, { type: "Recreate" }, { rollingUpdate: { maxSurge: "25%" } }, null];
  const spec = maybe(dice, {
    replicas: [0.6, () => dice.pick([1, 2, 3])],
    paused: [0.2, () => dice.pick<JsonValue>([true, false, null])],
    selector: [0.8, () => ({ matchLabels: labels(dice) })],
    strategy: [0.3, () => dice.pick(strategies)],
    template: [0.9, () => ({ metadata: { labels: labels(dice) }, spec: podSpec(dice) })],
  });
  const status = maybe(dice, { status: [0.1, () => ({ replicas: 1 })] });
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: metadata(dice), spec, ...status };
}

function podSpec(dice: Dice): JsonObject {
  const sources: JsonObject[] = [{ emptyDir: {} }, { configMap: { name: "c", items: [{ key: "a", path: "b" }] } }];
  return maybe(dice, {
    containers: [0.9, () => dice.some(["web", "side", "log"]).map((name) => ({ name, ...container(dice) }))],
    volumes: [0.4, () => dice.some(["v1", "v2"]).map((name) => ({ name, ...dice.pick(sources) }))],
    nodeSelector: [0.2, () => labels(dice)],
    tolerations: [0.2, () => [{ key: dice.pick(["a", "b"]) }]],
    imagePullSecrets: [0.2, () => dice.some(["s1", "s2"]).map((name) => ({ name }))],
    securityContext: [0.2, () => dice.pick<JsonObject>([{}, { runAsUser: 1 }])],
  });
}

function container(dice: Dice): JsonObject {
  const resources: JsonObject[] = [{}, { limits: { cpu: 1 } }, { limits: { cpu: "500m" } }, { requests: {} }];
  const variable = (name: string): JsonObject => ({
    name,
    ...maybe(dice, { value: [0.8, () => dice.pick(["1", "2"])] }),
  });
  const port = (containerPort: number): JsonObject => ({
    containerPort,
    ...maybe(dice, { protocol: [0.3, () => dice.pick(["TCP", "UDP"])], name: [0.3, () => `p${containerPort}`] }),
  });
  return maybe(dice, {
    image: [0.8, () => dice.pick(["i:1", "i:2"])],
    args: [0.3, () => dice.some(["-a", "-b"])],
    env: [0.5, () => dice.some(["A", "B", "C"]).map(variable)],
    ports: [0.5, () => dice.some([80, 443, 8080]).map(port)],
    resources: [0.3, () => dice.pick(resources)],
  });
}

const text = { type: "string" };
const preserved = { "x-kubernetes-preserve-unknown-fields": true };
const item: JsonObject = {
  type: "object",
  required: ["a"],
  properties: {
    a: text,
    b: { type: "integer", default: 5 },
    c: text,
    d: { type: "object", additionalProperties: text },
  },
};

/** One field of every way in which a structural schema says how values merge. */
export const customSchema: JsonObject = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        set: { type: "array", "x-kubernetes-list-type": "set", items: text },
        ints: { type: "array", "x-kubernetes-list-type": "set", items: { type: "integer" } },
        map: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a", "b"], items: item },
        atom: { type: "object", "x-kubernetes-map-type": "atomic", properties: { x: text, y: text } },
        free: { type: "object", ...preserved },
        known: { type: "object", ...preserved, properties: { p: { type: "object", properties: { q: text } } } },
        any: preserved,
        number: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, text] },
        list: { type: "array", items: { type: "object", properties: { z: text } } },
        values: { type: "object", additionalProperties: { type: "object", properties: { k: text, l: text } } },
        ratio: { type: "number" },
        flag: { type: "boolean" },
        time: { type: "string", format: "date-time" },
      },
    },
    status: { type: "object", properties: { n: { type: "integer" } } },
  },
};

function tree(dice: Dice, depth: number): JsonValue {
  const flat: JsonValue[] = [1, "s", null, true, [], {}, [1, 2], { a: 1 }];
  if (depth === 0 || dice.chance(0.7)) return dice.pick(flat);
  return dice.chance(0.5)
    ? { a: tree(dice, depth - 1), b: tree(dice, depth - 1) }
    : [tree(dice, depth - 1), tree(dice, depth - 1)];
}

function custom(dice: Dice): JsonObject {
  const value = (): JsonValue => dice.pick(["1", "2"]);
  const entry = (a: string): JsonObject => ({
    a,
    ...maybe(dice, { b: [0.5, () => dice.pick([1, 5])], c: [0.5, value], d: [0.3, () => labels(dice)] }),
  });
  const free = (): JsonValue =>
    dice.pick<JsonValue>([{}, { a: tree(dice, 2) }, { b: tree(dice, 2), c: tree(dice, 1) }, null]);
  const spec = maybe(dice, {
    set: [0.5, () => dice.some(["q", "w", "e<", "r"])],
    ints: [0.4, () => dice.some([1, 10, 9])],
    map: [0.6, () => dice.some(["m", "n", "o"]).map(entry)],
    atom: [0.4, () => maybe(dice, { x: [0.5, value], y: [0.5, value] })],
    free: [0.5, free],
    known: [0.4, () => maybe(dice, { p: [0.7, () => ({ q: value() })], r: [0.5, () => tree(dice, 1)] })],
    any: [0.5, () => tree(dice, 2)],
    number: [0.4, () => dice.pick<JsonValue>([1, "1", "50%"])],
    list: [0.4, () => dice.some(["1", "2"]).map((z) => ({ z }))],
    values: [0.5, () => Object.fromEntries(dice.some(["a", "b"]).map((k) => [k, maybe(dice, { k: [0.7, value] })]))],
    ratio: [0.3, () => dice.pick([1, 1.5])],
    flag: [0.3, () => dice.chance(0.5)],
    time: [0.2, () => "2020-01-01T00:00:00Z"],
  });
  const rest = maybe(dice, { spec: [0.95, () => spec], status: [0.2, () => ({ n: 1 })] });
  return { apiVersion: "e.x/v1", kind: "Thing", metadata: metadata(dice), ...rest };
}

/** One script of six steps on a Deployment or on a custom kind. */
export function randomScript(dice: Dice): Script {
  const isCustom = dice.chance(0.5);
  const make = isCustom ? custom : deployment;
  const crowd = "abcdefghijklm".split("");
  const steps = Array.from({ length: 6 }, (): Step => {
    const op = dice.chance(0.65) ? "apply" : "update";
    const updaters = dice.chance(0.2) ? crowd : ["ctl", "edit"];
    const manager = op === "apply" ? dice.pick(["flux", "flux", "other", "kubectl"]) : dice.pick(updaters);
    const subresource = op === "update" && dice.chance(0.2) ? "status" : "";
    return { op, manager, subresource, force: dice.chance(0.6), object: make(dice) };
  });
  return isCustom
    ? { schema: customSchema, gvk: ["e.x", "v1", "Thing"], steps }
    : { gvk: ["apps", "v1", "Deployment"], steps };
}
