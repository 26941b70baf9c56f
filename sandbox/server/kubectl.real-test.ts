// The real kubectl works on a sandbox.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { kubectlBinary } from "@plumbline/testkit/go";
import { type RunningSandbox, startSandbox } from "./start.ts";

const realClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
const commandTimeoutMs = 30_000;
let program = "";
let folder = "";
let sandbox: RunningSandbox;

before(async () => {
  program = await kubectlBinary();
  folder = await mkdtemp(join(tmpdir(), "plumbline-kubectl-"));
  sandbox = await startSandbox({ clock: realClock, kubeconfigPath: join(folder, "kubeconfig") });
});
after(async () => {
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

/** Standard output of kubectl; `editor` is a command for `kubectl edit`. */
async function kubectl(line: string, editor = "false"): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, KUBECONFIG: join(folder, "kubeconfig"), EDITOR: editor };
  const { stdout } = await promisify(execFile)(program, line.split(" "), {
    cwd: folder,
    env,
    timeout: commandTimeoutMs,
  });
  return stdout;
}

const manifest = (replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "nginx:1", ports: [{containerPort: 80}]}]}
`;

test("kubectl version names the sandbox", async () => {
  assert.match(await kubectl("version"), /Server Version: v1\.36\.3\+plumbline-sandbox/);
});

test("kubectl apply, rollout status and get", async () => {
  await writeFile(join(folder, "web.yaml"), manifest(2));
  assert.match(await kubectl("apply -f web.yaml"), /deployment.apps\/web created/);
  assert.match(await kubectl("rollout status deployment/web --timeout=20s"), /successfully rolled out/);
  assert.match(await kubectl("get deployment web"), /NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 +\d+s/);
  assert.match(await kubectl("apply -f web.yaml"), /deployment.apps\/web unchanged/);
  await writeFile(join(folder, "web.yaml"), manifest(3));
  assert.match(await kubectl("apply -f web.yaml"), /deployment.apps\/web configured/);
  assert.match(await kubectl("apply --server-side --force-conflicts -f web.yaml"), /serverside-applied/);
});

test("kubectl refuses a manifest with an unknown field", async () => {
  await writeFile(join(folder, "bad.yaml"), manifest(1).replace("replicas:", "replica:"));
  await assert.rejects(() => kubectl("apply -f bad.yaml"), /unknown field \\?"spec.replica\\?"/);
});

test("kubectl describe", async () => {
  const text = await kubectl("describe deployment web");
  assert.match(text, /Replicas: +3 desired \| 3 updated/);
  assert.match(await kubectl("describe pod -l app=web"), /Status: +(Running|Pending)/);
});

test("kubectl edit", async () => {
  assert.match(await kubectl("edit deployment web", "sed -i s/nginx:1/nginx:9/"), /deployment.apps\/web edited/);
  assert.equal(await kubectl("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}"), "nginx:9");
  await assert.rejects(() => kubectl("edit deployment web", "sed -i s/app:/edited:/"), /is invalid/); // the selector is immutable
  assert.match(await kubectl("label deployment web team=a"), /labeled/);
  assert.match(await kubectl("get deployment web --show-labels"), /team=a/);
});

test("kubectl scale, set image, patch and explain", async () => {
  assert.match(await kubectl("scale deployment web --replicas=1"), /scaled/);
  assert.match(await kubectl("set image deployment/web c=nginx:2"), /image updated/);
  assert.equal(
    await kubectl("get deployment web -o jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].image}"),
    "1/nginx:2",
  );
  assert.match(await kubectl("explain deployment.spec.strategy"), /rollingUpdate\t<RollingUpdateDeployment>/);
});

test("kubectl create sends protobuf", async () => {
  assert.match(await kubectl("create configmap settings --from-literal=a=b"), /created/);
  assert.match(await kubectl("create secret generic password --from-literal=a=b"), /created/);
  assert.equal(await kubectl("get secret password -o jsonpath={.data.a}"), "Yg==");
  assert.match(await kubectl("create deployment other --image=nginx:1 --replicas=2 --port=80"), /created/);
  const path = "{.spec.replicas} {.spec.template.spec.containers[0].ports[0].containerPort} {.spec.strategy.type}";
  assert.equal(await kubectl(`get deployment other -o jsonpath=${path.replaceAll(" ", "/")}`), "2/80/RollingUpdate");
  assert.match(await kubectl("create service clusterip other --tcp=80:8080"), /created/);
  assert.equal(await kubectl("get service other -o jsonpath={.spec.ports[0].targetPort}"), "8080");
  assert.match(await kubectl("create role r --verb=get --resource=pods"), /created/);
});

test("kubectl auth can-i follows RBAC", async () => {
  await kubectl("create rolebinding r --role=r --serviceaccount=default:default");
  const as = "--as=system:serviceaccount:default:default";
  assert.match(await kubectl(`auth can-i get pods ${as}`), /^yes/);
  await assert.rejects(() => kubectl(`auth can-i delete pods ${as}`));
});

test("kubectl delete waits until objects are gone", async () => {
  assert.match(await kubectl("delete deployment web"), /deleted/);
  await assert.rejects(() => kubectl("get deployment web"), /NotFound/);
  await kubectl("create namespace short");
  await kubectl("-n short create configmap x --from-literal=a=b");
  assert.match(await kubectl("delete namespace short --timeout=20s"), /deleted/);
  await assert.rejects(() => kubectl("get namespace short"), /NotFound/);
});
