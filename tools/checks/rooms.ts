// Which room a file belongs to, and which rooms may use which: the table behind docs/architecture.md.

export interface Room {
  /** Package folder: `core`, `apps/cli`. */
  package: string;
  /** `core/yaml`; packages that are one room have their own name here. */
  name: string;
}

/** Packages whose first folders are rooms with a door each; the others are one room. */
const divided = new Set(["core", "edges", "dialects", "testkit", "conformance", "examples"]);

/** Rings, inner first. A package uses itself (by the table of its rooms) and what is listed; `*` is everything. */
export const mayUse: Record<string, readonly string[]> = {
  core: [],
  engine: ["core"],
  edges: ["core"],
  dialects: ["core"],
  sandbox: ["core"],
  "apps/cli": ["core", "engine", "edges", "dialects", "sandbox"],
  testkit: ["core", "edges", "engine", "sandbox"],
  conformance: ["*"],
  bench: ["*"],
  examples: ["*"],
  tools: ["core", "testkit"],
};

/** Rooms of `core`: each uses only what is listed. A new room gets its line here, with the fewest arrows that do. */
export const coreRooms: Record<string, readonly string[]> = {
  model: [],
  yaml: ["model"],
  schema: ["model", "yaml"],
  semver: [],
  template: ["model", "yaml", "semver"],
  ownership: ["model", "schema"],
  kustomize: ["model", "yaml", "schema"],
  helm: ["model", "yaml", "template", "semver"],
  sops: ["model", "yaml"],
  source: ["model", "semver"],
  substitute: ["model", "yaml"],
  build: ["model", "yaml", "kustomize", "substitute"],
  render: ["model", "yaml", "source", "build", "kustomize", "helm", "sops"],
  health: ["model"],
  plan: ["model", "schema", "ownership"],
  gate: ["model", "health"],
  policy: ["model", "schema"],
  propose: ["model", "yaml"],
  report: ["model"],
  crd: ["model"],
};

/** Edges that others use: what speaks a protocol for several of them. */
export const edgeRooms: Record<string, readonly string[]> = {
  kube: [],
  source: [],
};

/** The room of a path from the root of the checkout. */
export function roomOf(path: string): Room {
  const [first = "", second = ""] = path.split("/");
  if (first === "apps") return { package: `apps/${second}`, name: `apps/${second}` };
  return { package: first, name: divided.has(first) ? `${first}/${second}` : first };
}

/** Whether a file of one room may import from another; within one room everything goes. */
export function isAllowed(from: Room, to: Room): boolean {
  if (from.name === to.name) return true;
  if (from.package !== to.package) {
    const allowed = mayUse[from.package] ?? [];
    return allowed.includes("*") ? !to.package.startsWith("tools") : allowed.includes(to.package);
  }
  const room = from.name.slice(from.package.length + 1);
  const target = to.name.slice(to.package.length + 1);
  if (from.package === "core") return (coreRooms[room] ?? []).includes(target);
  if (from.package === "edges") return (edgeRooms[room] ?? []).includes(target);
  return from.package !== "dialects";
}
