// Checks of pods and pod templates.

import { dig, digString, isObject, type JsonValue } from "@plumbline/core/model";
import { type Cause, invalidValue, requiredValue, unsupportedValue } from "../api/refusal.ts";
import { checkDnsLabel, checkLabels, show } from "./names.ts";

/** `at` is where the pod or template stands; empty for a Pod itself. */
export function checkPodTemplate(template: JsonValue, at: string, restartPolicies: readonly string[]): Cause[] {
  const inside = (path: string): string => (at === "" ? path : `${at}.${path}`);
  const causes = at === "" ? [] : checkLabels(dig(template, "metadata", "labels"), inside("metadata.labels"));
  const spec = dig(template, "spec");
  const volumes = namesOf(dig(spec, "volumes"));
  const containers = dig(spec, "containers");
  if (!Array.isArray(containers) || containers.length === 0) causes.push(requiredValue(inside("spec.containers")));
  for (const list of ["containers", "initContainers"]) {
    const items = dig(spec, list);
    if (Array.isArray(items)) causes.push(...checkContainers(items, inside(`spec.${list}`), volumes));
  }
  const policy = digString(spec, "restartPolicy") ?? "";
  if (!restartPolicies.includes(policy)) {
    causes.push(unsupportedValue(inside("spec.restartPolicy"), show(policy), restartPolicies));
  }
  return causes;
}

function namesOf(list: JsonValue | undefined): Set<string> {
  return new Set((Array.isArray(list) ? list : []).map((item) => digString(item, "name") ?? ""));
}

function checkContainers(containers: JsonValue[], at: string, volumes: Set<string>): Cause[] {
  const causes: Cause[] = [];
  const seen = new Set<string>();
  for (const [i, container] of containers.entries()) {
    const place = `${at}[${i}]`;
    const name = digString(container, "name") ?? "";
    if (name === "") causes.push(requiredValue(`${place}.name`));
    else causes.push(...checkDnsLabel(name, `${place}.name`));
    if (seen.has(name)) {
      causes.push({ reason: "FieldValueDuplicate", message: `Duplicate value: ${show(name)}`, field: `${place}.name` });
    }
    seen.add(name);
    if (!digString(container, "image")) causes.push(requiredValue(`${place}.image`));
    causes.push(
      ...checkPorts(dig(container, "ports"), place),
      ...checkMounts(dig(container, "volumeMounts"), place, volumes),
    );
    causes.push(...checkEnvironment(dig(container, "env"), place));
  }
  return causes;
}

const maxPort = 65_535;

function checkPorts(ports: JsonValue | undefined, place: string): Cause[] {
  if (!Array.isArray(ports)) return [];
  return ports.flatMap((port, i) => {
    const number = dig(port, "containerPort");
    if (number === 0 || number === undefined) return [requiredValue(`${place}.ports[${i}].containerPort`)];
    if (typeof number === "number" && number > 0 && number <= maxPort) return [];
    const why = "must be between 1 and 65535, inclusive";
    return [invalidValue(`${place}.ports[${i}].containerPort`, show(number), why)];
  });
}

function checkMounts(mounts: JsonValue | undefined, place: string, volumes: Set<string>): Cause[] {
  if (!Array.isArray(mounts)) return [];
  return mounts.flatMap((mount, i) => {
    const name = digString(mount, "name") ?? "";
    const at = `${place}.volumeMounts[${i}]`;
    const causes: Cause[] = [];
    if (name === "") causes.push(requiredValue(`${at}.name`));
    if (!volumes.has(name)) {
      causes.push({ reason: "FieldValueNotFound", message: `Not found: ${show(name)}`, field: `${at}.name` });
    }
    if (!digString(mount, "mountPath")) causes.push(requiredValue(`${at}.mountPath`));
    return causes;
  });
}

function checkEnvironment(variables: JsonValue | undefined, place: string): Cause[] {
  if (!Array.isArray(variables)) return [];
  return variables.flatMap((variable, i) => {
    const at = `${place}.env[${i}]`;
    const causes: Cause[] = digString(variable, "name") ? [] : [requiredValue(`${at}.name`)];
    if (isObject(dig(variable, "valueFrom")) && digString(variable, "value")) {
      const why = "may not be specified when `value` is not empty";
      causes.push(invalidValue(`${at}.valueFrom`, '""', why));
    }
    return causes;
  });
}
