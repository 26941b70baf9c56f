// The managed objects of a cluster as they are now: one list per kind, and a read for each that no label tells of.

import { type Manifest, type ObjectRef, refKey, refOf } from "@plumbline/core/model";
import type { KubeClient, ResourceInfo } from "@plumbline/edges/kube";
import { mapWide } from "@plumbline/engine/preview";

/** Reads of single objects on their way at once; the client's own limit holds besides. */
const WIDTH = 8;

export class LiveObjects {
  readonly #client: KubeClient;
  readonly #selector: string;
  /** By group, version and kind: everything with the owner label. */
  readonly #lists = new Map<string, Promise<Map<string, Manifest>>>();

  constructor(client: KubeClient, ownerSelector: string) {
    this.#client = client;
    this.#selector = ownerSelector;
  }

  /** Those of `refs` that exist, by `refKey`. Throws what the API server answers, `AccessDenied` among it. */
  async read(refs: readonly ObjectRef[]): Promise<Map<string, Manifest>> {
    const found = new Map<string, Manifest>();
    await mapWide(refs, WIDTH, async (ref) => {
      const object = await this.#find(ref);
      if (object) found.set(refKey(ref), object);
    });
    return found;
  }

  async #find(ref: ObjectRef): Promise<Manifest | undefined> {
    const { discovery } = this.#client;
    // The inventory may name a version that is served no more; the object is the same in every version.
    const kind = (await discovery.find(ref)) ?? (await discovery.find({ group: ref.group, kind: ref.kind }));
    if (!kind) return undefined;
    const listed = kind.verbs.includes("list") ? (await this.#listed(kind)).get(refKey(ref)) : undefined;
    return listed ?? (await this.#client.find({ ...ref, version: kind.version }));
  }

  #listed(kind: ResourceInfo): Promise<Map<string, Manifest>> {
    const key = `${kind.group}/${kind.version}/${kind.kind}`;
    const known = this.#lists.get(key) ?? this.#list(kind);
    this.#lists.set(key, known);
    return known;
  }

  async #list({ group, version, kind }: ResourceInfo): Promise<Map<string, Manifest>> {
    const { items } = await this.#client.listAll({ group, version, kind }, { labelSelector: this.#selector });
    return new Map(items.map((item) => [refKey(refOf(item)), item]));
  }
}
