// The commands themselves: what they print, write and refuse, beside the real helm.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { helmBinary } from "@plumbline/testkit/go";

const plumb = join(import.meta.dirname, "../plumb.ts");

describe("plumb helm beside helm", () => {
  let helm = "";
  let directory = "";
  let chart = "";
  before(async () => {
    helm = await helmBinary();
    directory = mkdtempSync(join(tmpdir(), "plumbline-cli-"));
    chart = join(directory, "web");
    for (const folder of ["templates", "crds"]) mkdirSync(join(chart, folder), { recursive: true });
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: 1.10\n");
    writeFileSync(join(chart, "values.yaml"), "# the defaults\na: 1\n");
    writeFileSync(join(chart, "README.md"), "# web\n");
    writeFileSync(join(chart, "crds/c.yaml"), "kind: CustomResourceDefinition\nmetadata: {name: c}\n");
    writeFileSync(
      join(chart, "templates/a.yaml"),
      'kind: A\nname: {{ .Release.Name }}\napis: {{ .Capabilities.APIVersions.Has "z/v3/K" }} {{ .Capabilities.KubeVersion }}\nns: {{ .Release.Namespace }}\nv: {{ .Values | toJson }}\n---\nkind: B\n',
    );
    writeFileSync(
      join(chart, "templates/t.yaml"),
      "kind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\nup: {{ .Release.IsUpgrade }}\n",
    );
    writeFileSync(join(directory, "v.yaml"), "b: [1]\n");
    writeFileSync(join(directory, "w.yaml"), "b: [2]\na: null\n");
    writeFileSync(join(directory, "file.txt"), "content\n");
    const tar = spawnSync("tar", ["cf", "-", "-C", directory, "web"], { maxBuffer: 1 << 24 }).stdout;
    writeFileSync(join(directory, "web.tgz"), gzipSync(tar));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const both = (args: string[], input = ""): [string, string] => {
    const options = { encoding: "utf8", cwd: directory, input, env: { HOME: "/nonexistent", TZ: "UTC" } } as const;
    const theirs = spawnSync(helm, args, options);
    const ours = spawnSync(process.execPath, [plumb, "helm", ...args], options);
    assert.equal(ours.status === 0, theirs.status === 0, `${args.join(" ")}\n${theirs.stderr}\n${ours.stderr}`);
    return [ours.stdout, theirs.stdout];
  };

  const rows = [
    "template web",
    "template rel web -n place -f v.yaml --set a=2,c.d=x --set-string e=1 --set-file f=file.txt --set-json g=[1,2] --set-literal h=i,j=k",
    "template rel web --include-crds --no-hooks",
    "template rel web --skip-tests -s templates/a.yaml",
    "template rel web --is-upgrade --name-template x",
    "template web --name-template {{printf`n-%d`3}}",
    "template rel web -f -",
    "template rel web -f missing.yaml",
    "template BAD web",
    "template rel nowhere",
    "template rel web --kube-version x",
    "template rel web -s templates/none.yaml",
    "template rel web --api-versions x/v1,y/v2 -a z/v3/K --kube-version v1.31.2 --no-hooks",
    "template rel web --validate",
    "template rel web -f v.yaml -f w.yaml --set b[0]=3 --set-string b[1]=4",
    "template rel web.tgz --include-crds --skip-tests",
    "template rel web.tgz -s templates/a.yaml -s crds/c.yaml --include-crds",
    "show chart web.tgz",
    "show all web.tgz",
    "show crds web.tgz",
    "show chart web",
    "show values web",
    "show readme web",
    "show crds web",
    "show all web",
  ];
  for (const row of rows) {
    it(row, () => {
      const [ours, theirs] = both(row.split(" "), "from: stdin\n");
      assert.equal(ours, theirs);
    });
  }

  it("template --output-dir writes the same files", () => {
    const files = (folder: string): string[] =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .map((path) => `${path.slice(folder.length)}\n${readFileSync(path, "utf8")}`);
    const [ours, theirs] = [join(directory, "ours"), join(directory, "theirs")];
    mkdirSync(theirs);
    const args = ["template", "rel", chart, "--include-crds", "--release-name", "--output-dir"];
    spawnSync(helm, [...args, theirs], { env: { HOME: "/nonexistent" } });
    spawnSync(process.execPath, [plumb, "helm", ...args, ours]);
    assert.deepEqual(files(ours), files(theirs));
    assert.notEqual(files(ours).length, 0);
  });

  it("template reads an archive", () => {
    const [ours, theirs] = both(["template", "rel", "web.tgz"]);
    assert.equal(ours, theirs);
  });
});
