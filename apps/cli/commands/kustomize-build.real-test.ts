// The command itself, in its quick form and through commander: what it prints, writes, fetches and refuses, beside the
// real kustomize, with a Git server, a file server and a chart repository on this machine.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createBareRepository, type GitServer, startGitServer } from "@plumbline/edges/git-http";
import { createAuthority } from "@plumbline/testkit/git-server";
import { helmBinary, kustomizeBinary } from "@plumbline/testkit/go";

const plumb = join(import.meta.dirname, "../plumb.ts");

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

const objects = `apiVersion: v1
kind: Namespace
metadata: {name: hall}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: hall}
spec: {replicas: 1}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: other}
data: {a: b}
`;
const base = { "base/kustomization.yaml": "resources: [objects.yaml]\n", "base/objects.yaml": objects };
const service = "apiVersion: v1\nkind: Service\nmetadata: {name: remote}\n";
const chart = {
  "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "values.yaml": "replicas: 1\nports: [80]\n",
  "crds/c.yaml":
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c.example.com}\n",
  "templates/a.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
data:
  values: {{ .Values | toJson | quote }}
  kube: {{ .Capabilities.KubeVersion.Version }}
  has: {{ .Capabilities.APIVersions.Has "example.com/v1" | quote }}
`,
  "templates/hook.yaml":
    "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\nspec: {containers: []}\n",
};

function writeAll(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function under(folder: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("plumb kustomize build beside kustomize build", () => {
  let kustomize = "";
  let helm = "";
  let directory = "";
  let git: GitServer;
  let gitTls: GitServer;
  let files = "";
  let filesTls = "";
  let silent = "";
  const servers: Server[] = [];
  let environment: NodeJS.ProcessEnv = process.env;

  before(async () => {
    [kustomize, helm] = await Promise.all([kustomizeBinary(), helmBinary()]);
    directory = mkdtempSync(join(tmpdir(), "plumbline-build-"));
    const authority = createAuthority();
    const tls = authority.issue(["127.0.0.1"]);
    writeFileSync(join(directory, "ca.pem"), authority.cert);
    const trust = join(directory, "ca.pem");
    environment = { ...process.env, SSL_CERT_FILE: trust, NODE_EXTRA_CA_CERTS: trust, GIT_SSL_CAINFO: trust };
    await startServers(tls);
  });

  async function startServers(tls: { key: string; cert: string }): Promise<void> {
    const root = join(directory, "git");
    git = await startGitServer({ root });
    gitTls = await startGitServer({ root, tls });
    const part = await createBareRepository(join(root, "part.git"));
    const commit = await part.commit({
      "kustomization.yaml": "namePrefix: part-\nresources: [s.yaml]\n",
      "s.yaml": service,
    });
    const fleet = await createBareRepository(join(root, "fleet.git"));
    await fleet.commit({
      ...base,
      "overlay/kustomization.yaml": "namePrefix: one-\nresources: [../base]\n",
      ".gitmodules": `[submodule "part"]\n\tpath = part\n\turl = ../part.git\n`,
      part: { submodule: commit },
      "with-part/kustomization.yaml": "resources: [../part]\n",
      "out/kustomization.yaml": "resources: [../../../secret.yaml]\n",
    });
    await fleet.tag("v1");
    await fleet.commit({ "overlay/kustomization.yaml": "namePrefix: two-\nresources: [../base]\n" });
    writeAll(directory, under("web", chart));
    const packed = spawnSync(helm, ["package", join(directory, "web"), "-d", join(directory, "charts")]);
    assert.equal(packed.status, 0, packed.stderr.toString());
    const index = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.2.3, urls: [web-1.2.3.tgz]}\n";
    const known: Record<string, string | Buffer> = {
      "/service.yaml": service,
      "/patch.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: remote, labels: {patched: 'yes'}}\n",
      "/data.txt": "text of a server\n",
      "/charts/index.yaml": index,
      "/charts/web-1.2.3.tgz": readFileSync(join(directory, "charts/web-1.2.3.tgz")),
    };
    const answer = createServer((request, response) => {
      const found = known[request.url ?? ""];
      response.writeHead(found === undefined ? 404 : 200).end(found);
    });
    const secure = createTlsServer(tls, (request, response) => answer.emit("request", request, response));
    const mute = createServer(() => undefined);
    servers.push(answer, secure, mute);
    files = `http://${await listen(answer)}`;
    filesTls = `https://${await listen(secure)}`;
    silent = `http://${await listen(mute)}`;
  }

  after(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await Promise.all([git.close(), gitTls.close()]);
    rmSync(directory, { recursive: true, force: true });
  });

  function run(program: string, args: readonly string[], cwd: string): Promise<Ended> {
    const child = spawn(program, args, { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const texts = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
    return new Promise((resolve) => child.on("close", (status) => resolve({ status, ...texts })));
  }

  const ours = (args: readonly string[], cwd = directory): Promise<Ended> =>
    run(process.execPath, [plumb, "kustomize", "build", ...args], cwd);

  /** The same arguments to both: the same status and output. */
  async function both(args: readonly string[], cwd = directory): Promise<Ended> {
    const [mine, real] = await Promise.all([ours(args, cwd), run(kustomize, ["build", ...args], cwd)]);
    assert.equal(mine.status, real.status, `${mine.stderr}\nkustomize: ${real.stderr}`);
    assert.equal(mine.stdout, real.stdout);
    return mine;
  }

  /** A folder of its own with these files. */
  function folder(name: string, content: Record<string, string>): string {
    writeAll(join(directory, name), content);
    return join(directory, name);
  }

  it("builds the working directory, a path, and what outer files allow", async () => {
    const at = folder("local", { ...base, "k/kustomization.yaml": "resources: [../base/objects.yaml]\n" });
    assert.equal((await both([], join(at, "base"))).status, 0);
    assert.equal((await both(["base"], at)).status, 0);
    assert.match((await both(["k"], at)).stderr, /security.*base\/objects\.yaml/);
    assert.equal((await both(["--load-restrictor", "LoadRestrictionsNone", "k"], at)).status, 0);
    assert.equal((await both(["--load-restrictor=LoadRestrictionsNone", "k"], at)).status, 0);
    assert.equal((await both(["--as-current-user", "base"], at)).status, 0);
    assert.equal((await both(["base/objects.yaml"], at)).status, 1);
  });

  it("orders and labels as asked", async () => {
    const at = folder("order", base);
    const [legacy, none] = [
      await both(["--reorder", "legacy", "base"], at),
      await both(["--reorder", "none", "base"], at),
    ];
    assert.notEqual(legacy.stdout, none.stdout);
    const { stdout } = await both(["--enable-managedby-label", "base"], at);
    assert.match(stdout, /app\.kubernetes\.io\/managed-by: kustomize-v5\.8\.1/);
  });

  it("writes a file, or one file per object into a directory", async () => {
    const at = folder("output", base);
    const written = async (program: string, args: readonly string[], into: string): Promise<Record<string, string>> => {
      const { status, stdout, stderr } = await run(program, [...args, "base", "-o", into], at);
      assert.deepEqual([status, stdout], [0, ""], stderr);
      const names = into.endsWith(".yaml") ? [""] : readdirSync(join(at, into)).sort();
      return Object.fromEntries(names.map((name) => [name, readFileSync(join(at, into, name), "utf8")]));
    };
    for (const [mine, real] of [
      ["mine.yaml", "real.yaml"],
      ["mine", "real"],
    ] as const) {
      if (!mine.includes(".")) for (const each of [mine, real]) mkdirSync(join(at, each));
      const theirs = await written(kustomize, ["build"], real);
      assert.deepEqual(await written(process.execPath, [plumb, "kustomize", "build"], mine), theirs);
      assert.equal(Object.keys(theirs).length, mine.includes(".") ? 1 : 3);
    }
  });

  it("builds a Git address at a tag, a branch, a commit, with and without submodules", async () => {
    const at = `${git.url}/fleet.git`;
    assert.match((await both([`${at}//overlay?ref=v1`])).stdout, /name: one-web/);
    assert.match((await both([`${at}//overlay?ref=main&timeout=20s`])).stdout, /name: two-web/);
    assert.match((await both([`${at}/overlay`])).stdout, /name: two-web/);
    assert.match((await both([`${gitTls.url}/fleet.git//overlay`])).stdout, /name: two-web/);
    assert.match((await both([`${at}//with-part`])).stdout, /name: part-remote/);
    assert.equal((await both([`${at}//with-part?submodules=false`])).status, 1);
    assert.match((await both([`${at}//overlay?ref=nope`])).stderr, /nope/);
    assert.match((await both([`${at}//out`])).stderr, /secret\.yaml/);
  });

  it("takes remote bases, components' files, patches and data into a local kustomization", async () => {
    const remote = `"${git.url}/fleet.git//overlay?ref=v1"`;
    const at = folder("remote", {
      "kustomization.yaml": `resources: [${remote}, "${files}/service.yaml"]
namespace: here
patches: [{path: "${files}/patch.yaml"}]
configMapGenerator: [{name: g, files: ["data.txt=${filesTls}/data.txt"]}]
buildMetadata: [originAnnotations]
`,
      "secure/kustomization.yaml": `resources: ["${filesTls}/service.yaml"]\n`,
      "twice/kustomization.yaml": `resources: [${remote}, ${remote}]\n`,
      "none/kustomization.yaml": `resources: ["${files}/none.yaml"]\n`,
    });
    const { status, stdout, stderr } = await both(["."], at);
    assert.equal(status, 0, stderr);
    for (const word of ["one-web", "patched", "text of a server", "ref: v1"]) assert.ok(stdout.includes(word), word);
    assert.equal((await both(["secure"], at)).status, 0);
    assert.equal((await both(["twice"], at)).status, 1);
    assert.match((await both(["none"], at)).stderr, /none\.yaml/);
  });

  it("gives up on a server that never answers, after the address's own time", async () => {
    const { status, stderr } = await both([`${silent}/fleet.git//overlay?timeout=1s`]);
    assert.equal(status, 1);
    assert.match(stderr, /fetching http:.*fleet\.git: no answer within 1 s/);
  });

  it("renders local charts with all of their settings, and needs no helm for it", async () => {
    const at = folder("helm", {
      ...under("charts/web", chart),
      "more.yaml": "more: [1]\n",
      "kustomization.yaml": `namePrefix: x-
helmCharts:
- name: web
  releaseName: rel
  namespace: space
  includeCRDs: true
  valuesInline: {ports: [443], deep: {a: null}}
  additionalValuesFiles: [more.yaml]
  apiVersions: [example.com/v1]
  skipTests: true
`,
      "plain/kustomization.yaml":
        "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, releaseName: p, valuesMerge: merge, valuesInline: {ports: [1]}, skipHooks: true}]\n",
      "template/kustomization.yaml":
        "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, nameTemplate: 'n-{{ 1 }}'}]\n",
    });
    const withHelm = ["--enable-helm", "--helm-command", helm];
    assert.equal((await both(["."], at)).status, 1);
    const { status, stdout, stderr } = await both([...withHelm, "--helm-kube-version", "1.30.2", "."], at);
    assert.equal(status, 0, stderr);
    for (const word of ["kube: v1.30.2", 'has: "true"', "c.example.com", "x-rel"])
      assert.ok(stdout.includes(word), word);
    assert.equal(
      stdout,
      (await ours(["--enable-helm", "--helm-command", "no-such-helm", "--helm-kube-version", "1.30.2", "."], at))
        .stdout,
    );
    const open = ["--load-restrictor", "LoadRestrictionsNone", ...withHelm];
    assert.equal((await both([...open, "--helm-api-versions", "example.com/v1", "plain"], at)).status, 0);
    assert.equal((await both([...open, "template"], at)).status, 0);
  });

  it("pulls a chart that is not there, and merges values with the chart's own", async () => {
    const text = (more: string): string =>
      `helmCharts: [{name: web, repo: "${files}/charts", version: 1.2.3, releaseName: pulled${more}}]\n`;
    const at = folder("pull", {
      "a/kustomization.yaml": text(", valuesInline: {ports: [1], b: c}"),
      "b/kustomization.yaml": text(""),
      "c/kustomization.yaml": text(", valuesMerge: replace, valuesInline: {b: c}"),
      "d/kustomization.yaml": text("").replace("1.2.3", "9.9.9"),
    });
    const args = ["--enable-helm", "--helm-command", helm];
    for (const each of ["a", "b", "c"]) {
      const mine = await ours([...args, each], at);
      assert.equal(mine.status, 0, mine.stderr);
      assert.equal(mine.stdout, (await run(kustomize, ["build", ...args, each], at)).stdout);
    }
    assert.match((await both([...args, "d"], at)).stderr, /pulling web: .*9\.9\.9/s);
  });

  it("refuses what would run a program, and wrong usage", async () => {
    const at = folder("refused", base);
    for (const flag of ["--enable-alpha-plugins", "--enable-exec", "--network", "--mount=type=bind", "-e=A=b"]) {
      const { status, stderr } = await ours([flag, "base"], at);
      assert.equal(status, 1);
      assert.match(
        stderr,
        new RegExp(`^✗ --${flag === "-e=A=b" ? "env" : flag.slice(2).split("=")[0]} is not supported: container`),
      );
    }
    for (const args of [["--load-restrictor", "x"], ["--nope"], ["a", "b"], ["-o"]]) {
      assert.equal((await ours(args, at)).status, 2, args.join(" "));
    }
  });

  it("tells the file and the line of a repeated key and of bytes that are no text", async () => {
    const at = folder("lines", {
      "kustomization.yaml": "resources: [a.yaml]\n",
      "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: b\n  a: c\n",
      "b/kustomization.yaml": "resources: [b.yaml]\n",
    });
    writeFileSync(join(at, "b/b.yaml"), Buffer.from("kind: ConfigMap\nmetadata: {name: \xff}\n", "latin1"));
    assert.match((await both(["."], at)).stderr, /a\.yaml:7: .*"a" already defined/);
    assert.match((await both(["b"], at)).stderr, /b\.yaml:2:\d+: .*invalid leading UTF-8 octet/);
  });
});
