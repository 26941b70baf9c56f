// Which form of an answer the client accepts.
// Facts: k8s.io/apiserver pkg/endpoints/handlers/negotiation.

import { Refusal } from "./refusal.ts";

export interface AcceptedForm {
  readonly type: "json" | "yaml";
  readonly as: "object" | "table" | "partial" | "partial-list" | "discovery";
}

const plain: AcceptedForm = { type: "json", as: "object" };

/** The first form of the Accept header that the sandbox can write; 406 when there is none. */
export function acceptedForm(header: string | undefined): AcceptedForm {
  if (header === undefined || header.trim() === "") return plain;
  for (const part of header.split(",")) {
    const [type = "", ...parameters] = part.split(";").map((text) => text.trim());
    const values = new Map(parameters.map((text) => text.split("=", 2) as [string, string | undefined]));
    const form = readForm(type, values);
    if (form) return form;
  }
  throw new Refusal({
    code: 406,
    reason: "NotAcceptable",
    message:
      "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
    details: {},
  });
}

const shapes: Readonly<Record<string, AcceptedForm["as"]>> = {
  Table: "table",
  PartialObjectMetadata: "partial",
  PartialObjectMetadataList: "partial-list",
  APIGroupDiscoveryList: "discovery",
};

function readForm(type: string, parameters: ReadonlyMap<string, string | undefined>): AcceptedForm | undefined {
  const format = type === "application/yaml" ? "yaml" : "json";
  if (!["application/json", "application/yaml", "*/*", "application/*"].includes(type)) return undefined;
  const wanted = parameters.get("as");
  if (wanted === undefined) return { type: format, as: "object" };
  const as = shapes[wanted];
  if (as === undefined) return undefined;
  const version = parameters.get("v");
  if (as === "discovery") return version === "v2" ? { type: format, as } : undefined;
  return version === "v1" && parameters.get("g") === "meta.k8s.io" ? { type: format, as } : undefined;
}
