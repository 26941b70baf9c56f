// Remotes: what counts as one, what is refused, what is never shown; and git's words as failures.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import type { GitRemote } from "./door.ts";
import { GitExit } from "./git-program.ts";
import { authorization, openRemote, redactUrl, type Remote } from "./remote.ts";
import { translate } from "./translate.ts";

const options = { allowFile: false, identityKey: new Uint8Array(32) };
const open = (remote: GitRemote): Remote => openRemote(remote, options);

test("openRemote() takes credentials out of the URL", () => {
  const remote = open({ url: "https://alice:p%40ss@example.com/a.git" });
  assert.equal(remote.url, "https://example.com/a.git");
  assert.deepEqual([remote.auth.username, remote.auth.password], ["alice", "p@ss"]);
  assert.equal(
    remote.key,
    open({ url: "https://example.com/a.git/", auth: { username: "alice", password: "p@ss" } }).key,
  );
  assert.equal(authorization(remote.auth), `Basic ${Buffer.from("alice:p@ss").toString("base64")}`);
  assert.equal(authorization({ bearerToken: "t", username: "u" }), "Bearer t");
  assert.equal(authorization({ ca: "x" }), undefined);
});

test("openRemote() gives every set of credentials a name of its own that tells nothing", () => {
  const url = "https://example.com/a.git";
  const keys = [
    {},
    { username: "u" },
    { username: "u", password: "p" },
    { username: "u", password: "q" },
    { bearerToken: "p" },
    { ca: "p" },
  ].map((auth) => open({ url, auth }).key);
  assert.equal(new Set(keys).size, keys.length);
  const other = openRemote({ url }, { allowFile: false, identityKey: new Uint8Array(32).fill(1) });
  assert.notEqual(other.key, keys[0]);
});

test("redactUrl() hides user and password", () => {
  assert.equal(redactUrl("https://u:p@host/x"), "https://host/x");
  assert.equal(redactUrl("nonsense"), "nonsense");
});

test("translate() never shows a secret, whatever git says", () => {
  const remote = open({ url: "https://example.com/a.git", auth: { username: "u", password: "hunter2/+" } });
  const basic = Buffer.from("u:hunter2/+").toString("base64");
  const said = `fatal: something new: hunter2/+ ${basic} ${encodeURIComponent("hunter2/+")} https://u:hunter2@example.com after 12 ms`;
  const failure = translate(new GitExit(128, said), remote);
  assert.ok(failure instanceof Failure);
  assert.equal(
    failure.message,
    "git failed for https://example.com/a.git: fatal: something new: *** *** *** https://***@example.com",
  );
});

test("translate() names the host's habit for 404", () => {
  const said = "fatal: repository 'https://github.com/a/b/' not found";
  const hint = (remote: GitRemote): string => (translate(new GitExit(128, said), open(remote)) as Failure).hint ?? "";
  assert.match(hint({ url: "https://github.com/a/b" }), /github\.com answers 404 without them/);
  assert.match(
    hint({ url: "https://github.com/a/b", auth: { bearerToken: "t" } }),
    /github\.com answers 404 also when the token/,
  );
  assert.match(hint({ url: "https://git.example.com/a/b" }), /many hosts answer 404/);
});

test("translate() understands other TLS libraries and servers too", () => {
  const remote = open({ url: "https://example.com/a.git" });
  const rows: [string, RegExp][] = [
    ["fatal: unable to access 'x': SSL certificate problem: unable to get local issuer certificate", /is not trusted/],
    ["fatal: unable to access 'x': SSL certificate problem: certificate has expired", /it has expired/],
    [
      "fatal: unable to access 'x': SSL: no alternative certificate subject name matches target host name",
      /another host name/,
    ],
    ["fatal: unable to access 'x': error setting certificate verify locations: CAfile: y", /TLS material/],
    ["error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly", /ended the connection early/],
    ["fatal: the remote end hung up unexpectedly", /ended the connection early/],
    ["fatal: dumb http transport does not support shallow capabilities", /does not allow shallow fetches/],
    ["error: file write error: No space left on device", /disk of the Git cache is full/],
    ["fatal: unable to access 'x': Could not resolve proxy: proxy.example", /proxy name proxy\.example/],
    ["remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'x'", /asks for credentials/],
  ];
  for (const [said, message] of rows) assert.match(translate(new GitExit(128, said), remote).message, message, said);
});
