// What goes wrong with a remote, row by row: reason, message, next step; and what must never happen meanwhile.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Failure, formatFailure, type GitRef, type Reason } from "@plumbline/core/model";
import type { GitAuth } from "@plumbline/core/source";
import { createAuthority, type Fault, startTestGitServer, type TestGitServer } from "@plumbline/testkit/git-server";
import { failureOf, resolveAndFetch, startBench } from "./testing/bench.ts";

const main = { branch: "main" };

const pollRows: [Fault, Reason, RegExp][] = [
  [{ kind: "status", status: 401 }, "AuthenticationFailed", /asks for credentials \(401\) and none are configured/],
  [{ kind: "status", status: 403 }, "AuthenticationFailed", /forbids access \(403\)/],
  [{ kind: "status", status: 404 }, "GitOperationFailed", /was not found \(404\)/],
  [{ kind: "status", status: 429 }, "GitOperationFailed", /limits our requests \(429\)/],
  [{ kind: "status", status: 500 }, "GitOperationFailed", /has a problem of its own \(500\)/],
  [{ kind: "status", status: 503, on: "ls-refs" }, "GitOperationFailed", /has a problem of its own \(503\)/],
  [{ kind: "html" }, "AuthenticationFailed", /web page instead of Git data/],
  [{ kind: "html", status: 203 }, "AuthenticationFailed", /web page instead of Git data/],
  [{ kind: "html", on: "ls-refs" }, "AuthenticationFailed", /web page instead of Git data/],
  [{ kind: "redirect", location: "/login" }, "AuthenticationFailed", /web page instead of Git data/],
  [
    { kind: "redirect", location: "http://127.0.0.1:9/elsewhere" },
    "GitOperationFailed",
    /^127\.0\.0\.1:\d+ cannot be reached: the connection to 127\.0\.0\.1 port 9, where a redirect or a proxy leads, was refused/,
  ],
  [{ kind: "truncate", bytes: 20, on: "info/refs" }, "GitOperationFailed", /ended the connection early/],
  [{ kind: "truncate", bytes: 20, on: "ls-refs" }, "GitOperationFailed", /ended the connection early/],
  [{ kind: "corrupt", at: 2, on: "ls-refs" }, "AuthenticationFailed", /web page instead of Git data/],
  [{ kind: "reset" }, "GitOperationFailed", /ended the connection early/],
];

const fetchRows: [Fault, Reason, RegExp][] = [
  [{ kind: "status", status: 401, on: "fetch" }, "AuthenticationFailed", /\(401\)/],
  [{ kind: "status", status: 500, on: "fetch" }, "GitOperationFailed", /has a problem of its own \(500\)/],
  [{ kind: "html", on: "fetch" }, "AuthenticationFailed", /web page instead of Git data/],
  [{ kind: "truncate", bytes: 700, on: "fetch" }, "GitOperationFailed", /ended the connection early/],
  [{ kind: "corrupt", at: 600, on: "fetch" }, "GitOperationFailed", /damaged or incomplete pack/],
  [{ kind: "reset", on: "fetch" }, "GitOperationFailed", /ended the connection early/],
];

test("every way a poll can fail is told apart, and says the same the second time", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "1" });
  for (const [fault, reason, message] of pollRows) {
    server.fault = fault;
    const first = await failureOf(git.resolve({ url, ref: main }), reason);
    assert.match(first.message, message, JSON.stringify(fault));
    const second = await failureOf(git.resolve({ url, ref: main }), reason);
    assert.equal(formatFailure(second), formatFailure(first));
  }
  server.fault = undefined;
  await git.resolve({ url, ref: main });
});

test("every way a fetch can fail is told apart, and the next one succeeds", async (t) => {
  const { server, git } = await startBench(t);
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}.yaml`, `${i} `.repeat(i * 40)]));
  const { url } = await server.create("a", files);
  const { commit } = await git.resolve({ url, ref: main });
  for (const [fault, reason, message] of fetchRows) {
    server.fault = fault;
    const failure = await failureOf(git.fetch({ url, ref: main, commit }), reason);
    assert.match(failure.message, message, JSON.stringify(fault));
  }
  server.fault = undefined;
  await failureOf(git.snapshot({ url, commit }), "SourceUnavailable");
  await git.fetch({ url, ref: main, commit });
  await git.snapshot({ url, commit });
});

test("missing repositories, branches and commits; empty repositories", async (t) => {
  const { server, git } = await startBench(t);
  const repository = await server.create("a", { "a.yaml": "1" });
  await repository.git("branch", "dev", "main");
  const empty = await server.create("empty");
  const { url } = repository;
  const message = async (remote: string, ref: GitRef): Promise<string> =>
    (await failureOf(resolveAndFetch(git, { url: remote }, ref), "GitOperationFailed")).message;
  assert.equal(await message(url, { branch: "nope" }), "branch 'nope' not found: the remote has dev, main");
  assert.equal(await message(url, { tag: "v9" }), "tag 'v9' not found");
  assert.equal(await message(url, { semver: "9.x" }), 'no tag matches the semver range "9.x"');
  assert.match(
    await message(url, { name: "refs/pull/1/head" }),
    /^reference 'refs\/pull\/1\/head' not found: the remote has/,
  );
  assert.match(await message(url, { commit: "1".repeat(40) }), /does not have, or does not hand out/);
  const tag = await tagObject(repository);
  assert.match(await openCommit(git, url, tag), /is a tag, not a commit/);
  assert.match(await message(empty.url, main), /is empty$/);
  assert.match(await message(`${server.url}/nowhere.git`, main), /not found \(404\)/);
});

async function tagObject(repository: {
  tag: (name: string, how: { message: string }) => Promise<void>;
  git: (...args: string[]) => Promise<string>;
}): Promise<string> {
  await repository.tag("annotated", { message: "x" });
  return repository.git("rev-parse", "refs/tags/annotated");
}

async function openCommit(
  git: Awaited<ReturnType<typeof startBench>>["git"],
  url: string,
  commit: string,
): Promise<string> {
  await git.fetch({ url, ref: { commit }, commit });
  return (await failureOf(git.snapshot({ url, commit }), "GitOperationFailed")).message;
}

test("hosts that cannot be reached", async (t) => {
  const { git } = await startBench(t);
  const dns = await failureOf(git.resolve({ url: "https://nowhere.invalid/a.git", ref: main }), "GitOperationFailed");
  assert.match(dns.message, /nowhere\.invalid cannot be reached: the host name nowhere\.invalid is not known to DNS/);
  const port = await failureOf(git.resolve({ url: "http://127.0.0.1:1/a.git", ref: main }), "GitOperationFailed");
  assert.match(port.message, /127\.0\.0\.1:1 cannot be reached: the connection was refused/);
  const program = await startBench(t, { program: "/nowhere/git" });
  const missing = await failureOf(
    program.git.resolve({ url: "http://127.0.0.1:1/a.git", ref: main }),
    "GitOperationFailed",
  );
  assert.match(missing.message, /"\/nowhere\/git" was not found/);
});

test("TLS: an own authority, wrong ones, names and dates", async (t) => {
  const authority = createAuthority();
  const other = createAuthority("Somebody else");
  const { git } = await startBench(t);
  const serve = async (tls: { cert: string; key: string }): Promise<string> => {
    const server = await startTestGitServer({ tls });
    t.after(() => server.close());
    return (await server.create("a", { "a.yaml": "1" })).url;
  };
  const good = await serve(authority.issue(["127.0.0.1"]));
  await resolveAndFetch(git, { url: good, auth: { ca: authority.cert } }, main);
  const fails = async (url: string, auth: GitAuth, message: RegExp): Promise<void> =>
    assert.match((await failureOf(git.resolve({ url, auth, ref: main }), "GitOperationFailed")).message, message);
  await fails(good, {}, /certificate of 127\.0\.0\.1:\d+ is not trusted/);
  await fails(good, { ca: other.cert }, /is not trusted/);
  await fails(await serve(authority.issue(["example.com"])), { ca: authority.cert }, /issued for another host name/);
  const expired = authority.issue(["127.0.0.1"], { from: new Date(0), until: new Date(86_400_000) });
  await fails(await serve(expired), { ca: authority.cert }, /is not trusted: .*expired/);
  const plain = await startTestGitServer();
  t.after(() => plain.close());
  await fails(plain.url.replace("http:", "https:"), {}, /does not speak TLS on this port/);
});

test("TLS: a server that wants a client certificate", async (t) => {
  const authority = createAuthority();
  const clientAuthority = createAuthority("Clients");
  const server = await startTestGitServer({
    tls: { ...authority.issue(["127.0.0.1"]), clientAuthority: clientAuthority.cert },
  });
  t.after(() => server.close());
  const { url } = await server.create("a", { "a.yaml": "1" });
  const { git, directory } = await startBench(t);
  const ours = clientAuthority.issue(["client"]);
  const auth = { ca: authority.cert, clientCertificate: ours.cert, clientKey: ours.key };
  await resolveAndFetch(git, { url, auth }, main);
  for (const name of await readdir(join(directory, "git", "tls"))) {
    assert.equal((await stat(join(directory, "git", "tls", name))).mode & 0o777, 0o600);
  }
  const theirs = createAuthority("Somebody else").issue(["client"]);
  const wrong = { ca: authority.cert, clientCertificate: theirs.cert, clientKey: theirs.key };
  // With TLS 1.3 the refusal comes after the handshake; whether git still hears why is a matter of luck.
  for (const auth of [{ ca: authority.cert }, wrong]) {
    const refused: unknown = await git.resolve({ url, auth, ref: main }).catch((error: unknown) => error);
    assert.ok(refused instanceof Failure);
    const isTold = refused.reason === "AuthenticationFailed" && /client certificate/.test(refused.message);
    assert.ok(isTold || /ended the connection early/.test(refused.message), formatFailure(refused));
    if (auth !== wrong) assert.match(formatFailure(refused), /client certificate/);
  }
  const broken: [GitAuth, RegExp][] = [
    [{ ca: "junk" }, /`ca\.crt` is no certificate in PEM form/],
    [{ ...auth, clientCertificate: "junk" }, /`tls\.crt` is no certificate in PEM form/],
    [{ ...auth, clientKey: "junk" }, /`tls\.key` is no private key in PEM form/],
    [{ ...auth, clientKey: theirs.key }, /TLS material for 127\.0\.0\.1:\d+ is not usable/],
  ];
  for (const [bad, message] of broken) {
    assert.match(
      (await failureOf(git.resolve({ url, auth: bad, ref: main }), "AuthenticationFailed")).message,
      message,
    );
  }
  await git.close();
  await assert.rejects(readdir(join(directory, "git", "tls")), /ENOENT/, "certificates end with the process");
});

test("redirects: followed on the same host, credentials never leave it", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("moved", { "a.yaml": "1" });
  const elsewhere = await startTestGitServer();
  t.after(() => elsewhere.close());
  await elsewhere.create("moved", { "a.yaml": "1" });
  const auth = { username: "u", password: "top-secret" };
  server.credentials = auth;
  const renames = (to: string): Fault => ({
    kind: "redirect",
    status: 301,
    on: "info/refs",
    location: ({ url: asked }) => `${to}${asked.replace("/old.git", "/moved.git")}`,
  });
  const onlyOld = (fault: Fault): void => whenAsked(server, "/old.git", fault);
  onlyOld(renames(""));
  const old = url.replace("moved.git", "old.git");
  await resolveAndFetch(git, { url: old, auth }, main);
  onlyOld(renames(elsewhere.url.replace("127.0.0.1", "localhost")));
  const second = await startBench(t);
  const failure = await failureOf(second.git.resolve({ url: old, auth, ref: main }), "AuthenticationFailed");
  assert.match(failure.message, /redirects to http:\/\/localhost:\d+; credentials are not sent there/);
  assert.deepEqual(elsewhere.requests, [], "the other host was not even asked");
});

/** Misbehaves for one path only. */
function whenAsked(server: TestGitServer, path: string, fault: Fault): void {
  Object.defineProperty(server, "fault", {
    configurable: true,
    get: () => (server.requests.at(-1)?.url.startsWith(path) ? fault : undefined),
  });
}

test("credentials are never in arguments, messages or files others can read", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-argv-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, "git");
  const log = join(folder, "log");
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$@" >> '${log}'\nexec git "$@"\n`);
  await chmod(program, 0o755);
  const { server, git, directory } = await startBench(t, { program });
  const { url } = await server.create("a", { "a.yaml": "1" });
  const auth = { username: "robot", password: "s3cr3t-p4ssword" };
  server.credentials = auth;
  await resolveAndFetch(git, { url, auth }, main);
  server.credentials = { bearerToken: "another" };
  const inUrl = url.replace("//", "//robot:s3cr3t-p4ssword@");
  const failure = await failureOf(git.resolve({ url: inUrl, ref: main }), "AuthenticationFailed");
  const encoded = Buffer.from("robot:s3cr3t-p4ssword").toString("base64");
  const argv = await readFile(log, "utf8");
  assert.match(argv, /fetch/);
  for (const text of [argv, formatFailure(failure), String(failure.stack)]) {
    assert.ok(!text.includes("s3cr3t") && !text.includes(encoded), text);
  }
  for (const file of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const text = await readFile(join(file.parentPath, file.name), "latin1");
    assert.ok(!text.includes("s3cr3t") && !text.includes(encoded), file.name);
  }
});

test("a deadline or an abort ends git and everything it started", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "1" });
  server.fault = { kind: "hang" };
  const failure = await failureOf(git.resolve({ url, ref: main, timeoutMs: 300 }), "GitOperationFailed");
  assert.equal(failure.message, "the Git operation took longer than 0.3 s");
  const controller = new AbortController();
  server.reset();
  const waiting = git.resolve({ url, ref: main, signal: controller.signal });
  while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).includes(url), "git is running");
  controller.abort(new Error("superseded"));
  await assert.rejects(waiting, /superseded/);
  await noProcessesLeft(url);
  server.fault = undefined;
  await git.resolve({ url, ref: main });
});

test("a fetch that was stopped half-way does not stop the next one", async (t) => {
  const { server, git, directory } = await startBench(t);
  const repository = await server.create("a", { "a.yaml": "1" });
  const { url } = repository;
  await resolveAndFetch(git, { url }, main);
  const commit = await repository.commit({ "a.yaml": "2" });
  server.fault = { kind: "hang", on: "fetch" };
  await failureOf(git.fetch({ url, ref: main, commit, timeoutMs: 200 }), "GitOperationFailed");
  server.fault = undefined;
  const [name = ""] = await readdir(join(directory, "git", "repositories"));
  await writeFile(join(directory, "git", "repositories", name, "shallow.lock"), "left by the one that was killed");
  await git.fetch({ url, ref: main, commit });
});

test("a server that never stops sending cannot fill the disk", async (t) => {
  const { server, git, directory } = await startBench(t, { maxFetchBytes: 5_000_000 });
  const { url } = await server.create("a", { "a.yaml": "1" });
  const { commit } = await git.resolve({ url, ref: main });
  server.fault = { kind: "endless", on: "fetch" };
  const failure = await failureOf(git.fetch({ url, ref: main, commit }), "LimitExceeded");
  assert.equal(failure.message, "the server sent a pack of more than 5000000 bytes");
  const left = await readdir(join(directory, "git", "repositories"), { recursive: true });
  assert.deepEqual(left.filter((name) => name.includes("tmp_")), []); // prettier-ignore
  server.fault = undefined;
  await git.fetch({ url, ref: main, commit });
});

test("a server that never stops sending cannot fill the memory", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "1" });
  for (const on of ["info/refs", "ls-refs"] as const) {
    server.fault = { kind: "endless", on };
    const failure = await failureOf(git.resolve({ url, ref: main }), "LimitExceeded");
    assert.match(failure.message, /(?:more|larger) than/, on);
  }
  assert.ok(process.memoryUsage.rss() < 600_000_000);
});

test("one caller's abort does not take the answer from the others", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "1" });
  const controller = new AbortController();
  const impatient = git.resolve({ url, ref: main, signal: controller.signal });
  const patient = git.resolve({ url, ref: main });
  controller.abort(new Error("gone"));
  await assert.rejects(impatient, /gone/);
  assert.match((await patient).revision, /^main@sha1:/);
});

/** Waits until no process has the URL among its arguments: neither git nor its HTTP helper. */
async function noProcessesLeft(url: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const list = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    if (!list.includes(url)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail("git processes are left");
}

test("hostile and unsupported URLs never reach git", async (t) => {
  const { git } = await startBench(t, { program: "/nowhere/must-not-be-started" });
  const urls = [
    "--upload-pack=touch /tmp/x",
    "ext::sh -c touch% /tmp/x",
    "file:///etc",
    "ssh://git@example.com/a.git",
    "git@example.com:a.git",
    "git://example.com/a.git",
    "ftp://example.com/a",
    "/etc",
    "",
    "https://exa mple.com/",
    "https://example.com/\n--exec",
    "javascript:alert(1)",
    `https://example.com/${"x".repeat(3000)}`,
  ];
  for (const url of urls) {
    const failure = await failureOf(git.resolve({ url, ref: main }), "URLInvalid");
    assert.equal(failure.retry, "never", url);
  }
  const token = git.resolve({ url: "https://example.com/a", auth: { bearerToken: "t\nX-Evil: 1" }, ref: main });
  assert.match((await failureOf(token, "AuthenticationFailed")).message, /line break/);
});

test("a git that is too old is refused: it would not take its settings", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-old-git-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, "git");
  await writeFile(program, "#!/bin/sh\necho git version 2.30.2 # for every question\n", { mode: 0o755 });
  const { git } = await startBench(t, { program });
  const failure = await failureOf(git.resolve({ url: "http://127.0.0.1:1/a.git", ref: main }), "GitOperationFailed");
  assert.match(formatFailure(failure), /is too old: git version 2\.30\.2.*Install git 2\.31 or newer/);
});

test("a cache directory that cannot be used is named, and tried again", async (t) => {
  const { server, reopen, directory } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "1" });
  const blocked = join(directory, "blocked");
  await writeFile(blocked, "a file where the directory should be");
  const git = reopen({ directory: join(blocked, "git") });
  const failure = await failureOf(git.resolve({ url, ref: main }), "StorageOperationFailed");
  assert.match(failure.message, /cannot be used \(ENOTDIR from mkdir\)/);
  await rm(blocked);
  await resolveAndFetch(git, { url }, main);
});

test("settings of the machine and the user do not reach git", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "plumbline-home-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  await writeFile(join(home, ".gitconfig"), '[url "http://127.0.0.1:1/"]\n\tinsteadOf = http://127.0.0.1\n');
  const environment = {
    ...process.env,
    HOME: home,
    GIT_SSL_NO_VERIFY: "1",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.proxy",
    GIT_CONFIG_VALUE_0: "http://127.0.0.1:1",
    GIT_DIR: "/nowhere",
    GIT_EXEC_PATH: "/nowhere",
    GIT_SSH_COMMAND: "false",
  };
  const { server, git } = await startBench(t, { environment });
  const { url } = await server.create("a", { "a.yaml": "1" });
  await resolveAndFetch(git, { url }, main);
});
