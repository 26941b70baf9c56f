// Where a source's files come from, with the credentials that its Secret holds.

import {
  type DataRef,
  Failure,
  type GitSource,
  type Manifest,
  type ObjectRef,
  isObject,
  own,
} from "@plumbline/core/model";
import { readGitSecret } from "@plumbline/core/source";
import type { GitRemote } from "../ports/index.ts";

export function refOfData(data: DataRef): ObjectRef {
  return { group: "", version: "v1", kind: data.kind, namespace: data.namespace, name: data.name };
}

/** `read` gives the Secret that the source refers to. Throws `AuthenticationFailed` when there is none. */
export async function remoteOfSource(
  spec: GitSource,
  read: (ref: ObjectRef) => Promise<Manifest | undefined>,
): Promise<GitRemote> {
  if (!spec.secret) return { url: spec.url };
  const secret = await read(refOfData(spec.secret));
  if (!secret) {
    throw new Failure({
      reason: "AuthenticationFailed",
      message: `Secret '${spec.secret.namespace}/${spec.secret.name}' not found`,
      hint: `Create it: kubectl -n ${spec.secret.namespace} create secret generic ${spec.secret.name} --from-literal=username=… --from-literal=password=…`,
      where: { field: "spec.secretRef.name" },
    });
  }
  return { url: spec.url, auth: readGitSecret(decodeData(secret)) };
}

/** The Secret's values as text; what is no valid base64 cannot come from an API server. */
function decodeData(secret: Manifest): Record<string, string> {
  const decoded: Record<string, string> = {};
  const data = own(secret, "data");
  if (!isObject(data)) return decoded;
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === "string") decoded[key] = new TextDecoder().decode(Uint8Array.fromBase64(value));
  }
  return decoded;
}
