// Chart archives: names, limits, and what a hostile one may not do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { Failure } from "@plumbline/core/model";
import { decodeText } from "@plumbline/core/template";
import { type Gunzip, readArchive } from "./archive.ts";
import { loadArchive } from "./load-chart.ts";

const gunzip: Gunzip = (bytes, maxBytes) => new Uint8Array(gunzipSync(bytes, { maxOutputLength: maxBytes }));

interface Entry {
  name: string;
  text?: string;
  type?: string;
  size?: number;
}

/** A tar of these entries, gzipped. */
function archive(entries: Entry[]): Uint8Array {
  const blocks = entries.flatMap(({ name, text = "", type = "0", size }) => {
    const data = Buffer.from(text);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write("0000644\0", 100);
    header.write(`${(size ?? data.length).toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write(type, 156);
    header.write("ustar\0", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return new Uint8Array(gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
}

const chartYaml = { name: "c/Chart.yaml", text: "apiVersion: v2\nname: c\nversion: 1.0.0\n" };

test("readArchive() gives files without the chart's folder, and leaves folders out", () => {
  const files = readArchive(
    archive([{ name: "c/", type: "5" }, chartYaml, { name: "c/templates/./a.yaml", text: "x" }]),
    gunzip,
  );
  assert.deepEqual(
    files.map(({ name, data }) => [name, decodeText(data)]),
    [
      ["Chart.yaml", chartYaml.text],
      ["templates/a.yaml", "x"],
    ],
  );
});

test("readArchive() reads long names of GNU and pax archives", () => {
  const long = `c/templates/${"d/".repeat(60)}a.yaml`;
  const record = (text: string): string => {
    const length = text.length + 5; // three digits, a space, a newline
    return `${length} ${text}\n`;
  };
  const gnu = readArchive(
    archive([
      { name: "././@LongLink", type: "L", text: `${long}\0` },
      { name: "cut", text: "1" },
    ]),
    gunzip,
  );
  const pax = readArchive(
    archive([
      { name: "pax", type: "x", text: record(`path=${long}`) },
      { name: "cut", text: "2" },
    ]),
    gunzip,
  );
  assert.deepEqual([gnu[0]?.name, pax[0]?.name], [long.slice(2), long.slice(2)]);
});

test("loadArchive() loads subcharts that are archives themselves", () => {
  const inner = archive([{ name: "s/Chart.yaml", text: "apiVersion: v2\nname: s\nversion: 0.1.0\n" }]);
  const files = readArchive(archive([chartYaml]), gunzip);
  assert.equal(files.length, 1);
  const outer = archive([chartYaml, { name: "c/charts/readme.txt", text: "" }]);
  assert.throws(
    () => loadArchive(outer, gunzip),
    /error unpacking subchart readme.txt in c: Chart.yaml file is missing/,
  );
  assert.equal(loadArchive(inner, gunzip).metadata.name, "s");
});

const refused: [string, Entry[], RegExp][] = [
  ["a parent directory", [{ name: "c/../../etc/passwd", text: "x" }], /illegally references parent directory/],
  ["an absolute path", [{ name: "c//etc/passwd", text: "x" }], /illegally contains absolute paths/],
  ["a drive", [{ name: "c/C:/x", text: "x" }], /illegally named files/],
  ["a file outside the folder", [{ name: "Chart.yaml", text: "x" }], /outside the base directory/],
  ["backslashes that climb", [{ name: "c\\..\\..\\x", text: "x" }], /illegally references parent directory/],
  ["a size beyond the data", [{ name: "c/x", text: "x", size: 2 ** 30 }], /unexpected EOF/],
  ["nothing", [], /no files in chart archive/],
];

for (const [name, entries, message] of refused) {
  test(`readArchive() refuses ${name}`, () => {
    assert.throws(
      () => readArchive(archive(entries), gunzip),
      (thrown) => thrown instanceof Failure && thrown.reason === "ChartInvalid" && message.test(thrown.message),
    );
  });
}

test("readArchive() refuses what is no gzip, a broken header, and a bomb", () => {
  assert.throws(() => readArchive(Uint8Array.of(1, 2, 3), gunzip), /gzip: invalid header/);
  assert.throws(() => readArchive(new Uint8Array(gzipSync(Buffer.alloc(2048, 7))), gunzip), /invalid tar header/);
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(200 * 1024 * 1024)));
  assert.throws(() => readArchive(bomb, gunzip), /cannot be unpacked/);
});
