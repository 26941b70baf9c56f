// The test server itself: it asks for credentials, counts, and its certificates are believed by Node and by OpenSSL's rules.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import { test } from "node:test";
import { createAuthority, startTestGitServer } from "./index.ts";

test("createAuthority() signs certificates that verify", async (t) => {
  const authority = createAuthority();
  const leaf = authority.issue(["127.0.0.1", "localhost"]);
  const [parent, child] = [new X509Certificate(authority.cert), new X509Certificate(leaf.cert)];
  assert.ok(parent.ca && !child.ca);
  assert.ok(child.verify(parent.publicKey) && child.checkIssued(parent));
  assert.equal(child.subjectAltName, "IP Address:127.0.0.1, DNS:localhost");
  const server = await startTestGitServer({ tls: leaf });
  t.after(() => server.close());
  const status = await new Promise((resolve, reject) => {
    const call = request(`${server.url}/x`, { ca: authority.cert, agent: false }, (response) =>
      resolve(response.statusCode),
    );
    call.on("error", reject).end();
  });
  assert.equal(status, 404);
});

test("requests are counted by type and refused without the right credentials", async (t) => {
  const server = await startTestGitServer();
  t.after(() => server.close());
  const { url } = await server.create("a", { a: "1" });
  const ask = (headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/info/refs?service=git-upload-pack`, { headers });
  assert.equal((await ask()).status, 200);
  server.credentials = { username: "u", password: "p" };
  assert.equal((await ask()).status, 401);
  assert.equal((await ask({ authorization: `Basic ${btoa("u:p")}` })).status, 200);
  server.credentials = { bearerToken: "t" };
  assert.equal((await ask({ authorization: "Bearer t" })).status, 200);
  assert.deepEqual(server.counts(), { "info/refs": 4, "ls-refs": 0, fetch: 0, other: 0 });
  server.reset();
  assert.equal(server.counts()["info/refs"], 0);
});
