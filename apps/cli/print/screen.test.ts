// What a terminal is taken for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useColours, useUnicode } from "./screen.ts";

const terminal = { isTTY: true };

test("colours only on a terminal that can, and not against NO_COLOR", () => {
  assert.equal(useColours(terminal, {}), true);
  assert.equal(useColours(terminal, { NO_COLOR: "" }), true);
  assert.equal(useColours(terminal, { NO_COLOR: "1" }), false);
  assert.equal(useColours(terminal, { TERM: "dumb" }), false);
  assert.equal(useColours({}, {}), false);
});

test("signs beyond ASCII where the locale is UTF-8; the first variable that is set decides", () => {
  const rows: [Record<string, string>, boolean][] = [
    [{}, false],
    [{ LANG: "sv_SE.UTF-8" }, true],
    [{ LANG: "C.utf8" }, true],
    [{ LANG: "sv_SE.UTF-8", LC_ALL: "C" }, false],
    [{ LANG: "POSIX", LC_CTYPE: "en_US.UTF-8" }, true],
    [{ LANG: "sv_SE.ISO-8859-1" }, false],
    [{ LC_ALL: "", LANG: "en_US.UTF-8" }, true],
  ];
  for (const [env, expected] of rows) assert.equal(useUnicode(env), expected, JSON.stringify(env));
});
