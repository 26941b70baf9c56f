// Addresses of Services: every one gets a cluster IP, and a node port where its type asks for one.

import { dig, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { invalid, invalidValue } from "../api/refusal.ts";
import type { World } from "../api/world.ts";

const target = { group: "", plural: "services", kind: "Service" };
const firstAddress = 10;
const addressCount = 65_000;
const nodePorts = { first: 30_000, last: 32_767 };

function usedValues(world: World, read: (service: JsonObject) => JsonValue[]): Set<JsonValue> {
  return new Set(world.store.list("/services").flatMap(({ object }) => read(object)));
}

function clusterIps(service: JsonObject): JsonValue[] {
  const list = dig(service, "spec", "clusterIPs");
  return Array.isArray(list) ? list : [];
}

function portsOf(service: JsonObject): JsonObject[] {
  const ports = dig(service, "spec", "ports");
  return Array.isArray(ports) ? ports.filter(isObject) : [];
}

function freeAddress(world: World): string {
  const used = usedValues(world, clusterIps);
  for (let i = firstAddress; i < addressCount; i++) {
    const address = `10.0.${Math.floor(i / 250)}.${(i % 250) + 1}`;
    if (!used.has(address)) return address;
  }
  throw invalid(target, "", [invalidValue("spec.clusterIPs", "[]", "failed to allocate IP: range is full")]);
}

/** Sets clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy and node ports as far as the Service does not say them. */
export function allocateService(object: JsonObject, world: World): void {
  const spec: JsonObject = isObject(object.spec) ? { ...object.spec } : {};
  object.spec = spec;
  const { type } = spec;
  if (type === "ExternalName") return;
  const given = spec.clusterIP;
  const isFree = given === undefined || given === "";
  const address = isFree ? freeAddress(world) : given;
  if (!isFree && given !== "None" && usedValues(world, clusterIps).has(given)) {
    const why = "failed to allocate IP: provided IP is already allocated";
    throw invalid(target, "", [invalidValue("spec.clusterIPs", JSON.stringify([given]), why)]);
  }
  spec.clusterIP = address;
  spec.clusterIPs ??= [address];
  const isOpen = given === "None" && (!isObject(spec.selector) || Object.keys(spec.selector).length === 0);
  if (isOpen) {
    spec.ipFamilies ??= ["IPv4", "IPv6"];
    spec.ipFamilyPolicy ??= "RequireDualStack"; // nobody knows which families its endpoints will have
  }
  spec.ipFamilies ??= [typeof address === "string" && address.includes(":") ? "IPv6" : "IPv4"];
  spec.ipFamilyPolicy ??= "SingleStack";
  if (type === "NodePort" || (type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false)) {
    spec.ports = allocateNodePorts(world, portsOf(object));
  }
}

function allocateNodePorts(world: World, ports: JsonObject[]): JsonObject[] {
  const used = usedValues(world, (service) => portsOf(service).map((port) => port.nodePort ?? 0));
  return ports.map((port) => {
    if (typeof port.nodePort === "number" && port.nodePort !== 0) return port;
    let free = nodePorts.first;
    while (used.has(free) && free < nodePorts.last) free++;
    used.add(free);
    return { ...port, nodePort: free };
  });
}

/** An update keeps the addresses that the Service has, where the new object does not say others. */
export function keepAddresses(previous: JsonObject, next: JsonObject, world: World): void {
  const old = isObject(previous.spec) ? previous.spec : {};
  const spec: JsonObject = isObject(next.spec) ? { ...next.spec } : {};
  next.spec = spec;
  if (spec.type !== "ExternalName" && old.type !== "ExternalName") {
    if (spec.clusterIP === undefined || spec.clusterIP === "") spec.clusterIP = old.clusterIP ?? "";
    for (const key of ["clusterIPs", "ipFamilies", "ipFamilyPolicy"]) {
      const value = old[key];
      if (spec[key] === undefined && value !== undefined) spec[key] = value;
    }
    const oldPorts = portsOf(previous);
    if (spec.type === "NodePort" || spec.type === "LoadBalancer") {
      const kept = portsOf(next).map((port) => {
        const before = oldPorts.find((p) => p.port === port.port && p.protocol === port.protocol);
        return port.nodePort === undefined && before?.nodePort ? { ...port, nodePort: before.nodePort } : port;
      });
      spec.ports = allocateNodePorts(world, kept);
    }
    return;
  }
  if (spec.type !== "ExternalName") allocateService(next, world);
}
