// NO_PROXY and its relatives against the rules of Go.

import assert from "node:assert/strict";
import { test } from "node:test";
import { proxyFor } from "./proxy.ts";

const proxy = "http://proxy.corp:3128";

test("proxyFor() reads NO_PROXY as Go does", () => {
  const rows: [string, string, boolean][] = [
    ["https://api.corp:6443", "", true],
    ["https://api.corp:6443", "*", false],
    ["https://api.corp:6443", "api.corp", false],
    ["https://api.corp:6443", "corp", false],
    ["https://corp", ".corp", true],
    ["https://api.corp", " .corp , other", false],
    ["https://api.corp", "*.corp", false],
    ["https://corp", "*.corp", true],
    ["https://xcorp", "corp", true],
    ["https://API.corp.", "api.corp", false],
    ["https://api.corp:6443", "api.corp:6443", false],
    ["https://api.corp:6443", "api.corp:443", true],
    ["https://api.corp", "api.corp:443", false],
    ["https://10.1.2.3:6443", "10.0.0.0/8", false],
    ["https://11.1.2.3:6443", "10.0.0.0/8", true],
    ["https://10.1.2.3:6443", "10.1.2.3", false],
    ["https://10.1.2.3:6443", "10.1.2.3:443", true],
    ["https://api.corp", "10.0.0.0/8,192.168.0.0/99,1.2.3.4/x", true],
    ["https://[fd00::1]:6443", "fd00::/8", false],
    ["https://[fd00::1]:6443", "[fd00::1]:6443", false],
    ["https://[fd00::1]:6443", "fd00:0::1", false],
    ["https://[fe80::1]:6443", "fd00::/8", true],
    ["https://127.0.0.1:6443", "", false],
    ["https://[::1]:6443", "", false],
    ["https://localhost:6443", "", false],
  ];
  for (const [url, noProxy, proxied] of rows) {
    const found = proxyFor(url, { HTTPS_PROXY: proxy, NO_PROXY: noProxy });
    assert.equal(found, proxied ? proxy : undefined, `${url} NO_PROXY=${noProxy}`);
  }
});

test("proxyFor() picks the variable by the scheme of the target and takes lower case and bare hosts", () => {
  assert.equal(proxyFor("http://api.corp", { HTTPS_PROXY: proxy }), undefined);
  assert.equal(proxyFor("http://api.corp", { HTTP_PROXY: proxy }), proxy);
  assert.equal(proxyFor("https://api.corp", { https_proxy: "proxy.corp:3128" }), proxy);
  assert.equal(proxyFor("https://api.corp", { https_proxy: proxy, no_proxy: "corp" }), undefined);
  assert.equal(proxyFor("https://api.corp", {}), undefined);
});
