// The temporary folder of a control plane: ports, keys, tokens and the data it starts from.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import { Failure, type JsonObject } from "@plumbline/core/model";
import { type Layout, files } from "./arguments.ts";

export interface Prepared extends Layout {
  adminToken: string;
  managerToken: string;
}

/** Makes the folder with everything that exists before the first program starts. */
export async function prepare(auditPolicy: JsonObject | undefined, etcdData: string | undefined): Promise<Prepared> {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-control-plane-"));
  const [etcdPort, etcdPeerPort, apiPort] = await freePorts();
  const adminToken = randomBytes(16).toString("hex");
  const managerToken = randomBytes(16).toString("hex");
  const tokens = [
    `${adminToken},admin,admin,"system:masters"`,
    `${managerToken},system:kube-controller-manager,system:kube-controller-manager`,
  ];
  const keys = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "sec1", format: "pem" },
  });
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text, { mode: 0o600 });
  await write(files.tokens, `${tokens.join("\n")}\n`);
  await write(files.signingKey, keys.privateKey);
  await write(files.verifyKey, keys.publicKey);
  if (auditPolicy) await write(files.auditPolicy, JSON.stringify(auditPolicy));
  if (etcdData !== undefined) await restoreEtcd(etcdData, join(folder, "etcd"));
  return { folder, etcdPort, etcdPeerPort, apiPort, adminToken, managerToken };
}

/** Three ports nobody listens on now; somebody may a moment later, so whoever uses them tries again. */
async function freePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()];
  const listening = servers.map(
    (server) => new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve)),
  );
  await Promise.all(listening);
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, number, number];
}

/** Copies an etcd data directory, or unpacks one from a `.tar` or `.tar.zst`; the original is only read. */
async function restoreEtcd(source: string, target: string): Promise<void> {
  if ((await stat(source)).isDirectory()) return cp(source, target, { recursive: true });
  await mkdir(target, { mode: 0o700 });
  await unpack(source, target);
  const data = await findData(target);
  if (data === target) return;
  await cp(data, `${target}.found`, { recursive: true });
  await cp(`${target}.found`, target, { recursive: true });
}

async function unpack(archive: string, target: string): Promise<void> {
  const tar = spawn("tar", ["-x", "-f", "-", "-C", target], { stdio: ["pipe", "ignore", "pipe"] });
  let errors = "";
  tar.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const done = new Promise<void>((resolve, reject) => {
    tar.on("error", reject);
    tar.on("close", (code) => (code === 0 ? resolve() : reject(unpackFailed(archive, errors))));
  });
  const input = createReadStream(archive);
  const packed = archive.endsWith(".zst");
  // tar stops reading at the archive's end mark, which breaks the pipe: its own exit code is the judge.
  const feeding = packed ? pipeline(input, createZstdDecompress(), tar.stdin) : pipeline(input, tar.stdin);
  const fed = feeding.catch((error: Error) => (errors += error.message));
  await done;
  await fed;
}

/** The folder that holds etcd's `member` folder. */
async function findData(folder: string): Promise<string> {
  const names = await readdir(folder);
  if (names.includes("member") || names.length !== 1) return folder;
  return findData(join(folder, names[0] ?? ""));
}

function unpackFailed(file: string, errors: string): Failure {
  return new Failure({ reason: "UsageError", message: `tar cannot unpack it: ${errors.trim()}`, where: { file } });
}
