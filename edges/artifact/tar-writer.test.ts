// Tar headers, read back by an independent reader.

import assert from "node:assert/strict";
import { test } from "node:test";
import { unpackTar } from "modern-tar";
import { tarEnd, tarHeader, tarPadding } from "./tar-writer.ts";

test("tarHeader() writes names of every length and script", async () => {
  const names = [
    "a",
    "a/b.yaml",
    `${"d".repeat(90)}/${"f".repeat(90)}`,
    `${"d".repeat(160)}/${"f".repeat(90)}`,
    "x".repeat(101),
    `${"p".repeat(155)}/${"n".repeat(100)}`,
    "ünï/ß.yaml",
    `${"é".repeat(120)}.yaml`,
    ...[96, 97, 98, 99, 100, 101, 102].map((length) => `é${"z".repeat(length)}`),
  ];
  const bytes = Buffer.from("content");
  const parts = names.flatMap((name) => [
    tarHeader({ name, kind: "file", mode: 0o600, size: bytes.length }),
    bytes,
    tarPadding(bytes.length),
  ]);
  const directory = tarHeader({ name: "dir", kind: "directory", mode: 0o750, size: 0 });
  const entries = await unpackTar(Buffer.concat([...parts, directory, tarEnd()]));
  assert.deepEqual(
    entries.map(({ header }) => header.name.replace(/\/$/, "")),
    [...names, "dir"],
  );
  for (const { header, data } of entries.slice(0, -1)) {
    assert.equal(Buffer.from(data ?? []).toString(), "content", header.name);
    assert.deepEqual([header.mode, header.uid, header.gid, header.mtime?.getTime()], [0o600, 0, 0, 0]);
  }
});
