import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { parseCloudInit } from "../../../sandbox/machines/cloudInit";

const gzipped = gzipSync("hello\n").toString("base64");

const file = (entry: string): ReturnType<typeof parseCloudInit> =>
  parseCloudInit(`#cloud-config\nwrite_files:\n  - ${entry}\n`);

test.each([
  ["plain text", '{path: /a, content: "hello\\n"}'],
  ["base64", "{path: /a, encoding: b64, content: aGVsbG8K}"],
  ["base64 over two lines", '{path: /a, encoding: base64, content: "aGVs\\nbG8K\\n"}'],
  ["gzip in base64", `{path: /a, encoding: gz+b64, content: ${gzipped}}`],
  ["gzip in base64, long name", `{path: /a, encoding: gzip+base64, content: ${gzipped}}`],
])("a file in %s is written byte for byte", (_, entry) => {
  expect(file(entry).files).toEqual([{ path: "/a", content: Buffer.from("hello\n"), mode: 0o644 }]);
});

test.each([
  ['"0600"', 0o600],
  ['"600"', 0o600],
  ['"0o700"', 0o700],
])("permissions %s are octal", (permissions, mode) => {
  expect(file(`{path: /a, permissions: ${permissions}}`).files[0]?.mode).toBe(mode);
});

test("a later entry for the same path takes the place of an earlier one, or is appended to it", () => {
  const { files } = parseCloudInit(`#cloud-config
write_files:
  - {path: /a, content: one}
  - {path: /b, content: one}
  - {path: /a, content: two}
  - {path: /b, content: two, append: true}
`);
  expect(files.map(({ path, content }) => [path, content.toString()])).toEqual([
    ["/a", "two"],
    ["/b", "onetwo"],
  ]);
});

test("commands are read as text and as lists, bootcmd before runcmd", () => {
  const { commands } = parseCloudInit(
    "#cloud-config\nruncmd:\n  - echo a\n  - [sysctl, --system]\nbootcmd:\n  - first\n",
  );
  expect(commands).toEqual(["first", "echo a", "sysctl --system"]);
});

test("user data that is gzip in base64 is unpacked", () => {
  const packed = gzipSync("#cloud-config\nruncmd: [echo]\n").toString("base64");
  expect(parseCloudInit(packed).commands).toEqual(["echo"]);
});

test("an unknown encoding is written as text with a warning, as cloud-init does", () => {
  const { files, warnings } = file("{path: /a, encoding: rot13, content: abc}");
  expect(files[0]?.content.toString()).toBe("abc");
  expect(warnings).toEqual(['write_files: /a: unknown encoding "rot13", written as text']);
});

test.each([
  ["no header", "write_files: []", /first line must be "#cloud-config", got "write_files: \[\]"/],
  ["a space before it", " #cloud-config\n", /first line must be/],
  ["a shell script", "#!/bin/sh\n", /got "#!\/bin\/sh"/],
  ["broken YAML", "#cloud-config\nruncmd: [a", /is not YAML/],
  ["a list where a map is due", "#cloud-config\n- a\n", /ignored by cloud-init/],
  ["a file without path", "#cloud-config\nwrite_files: [{content: a}]\n", /path/],
  ["a relative path", "#cloud-config\nwrite_files: [{path: a}]\n", /must be absolute, got "a"/],
  [
    "base64 that is none",
    "#cloud-config\nwrite_files: [{path: /a, encoding: b64, content: '***'}]\n",
    /\/a: cannot be decoded as b64/,
  ],
])(
  "user data with %s boots a machine without any of it, and the reason is said",
  (_, text, reason) => {
    expect(() => parseCloudInit(text)).toThrow(reason);
  },
);
