import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import * as z from "zod";

/** A file that cloud-init writes before it runs the commands. */
export interface CloudFile {
  /** Absolute path on the machine. */
  path: string;
  content: Buffer;
  /** File mode, for example 0o600. */
  mode: number;
}

/** What a machine does at its first boot. */
export interface CloudInit {
  files: CloudFile[];
  /** Each command as one line of shell, in order. */
  commands: string[];
  /** What cloud-init would complain of and carry on. */
  warnings: string[];
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const Document = z.looseObject({
  write_files: z
    .array(
      z.looseObject({
        path: z.string(),
        content: z.union([z.string(), z.instanceof(Uint8Array)]).default(""),
        encoding: z.string().optional(),
        permissions: z.union([z.string(), z.number()]).optional(),
        append: z.boolean().default(false),
      }),
    )
    .nullish(),
  bootcmd: z.array(z.union([z.string(), z.array(scalar)])).nullish(),
  runcmd: z.array(z.union([z.string(), z.array(scalar)])).nullish(),
});

/**
 * Reads user data as cloud-init reads it. User data may be gzip-compressed and base64 text, as Hetzner's API lets it
 * pass; whatever is not `#cloud-config` in its first line is not read as one.
 *
 * @throws with the reason for which a machine would boot without any of this
 */
export function parseCloudInit(userData: string): CloudInit {
  const text = decompress(userData);
  const firstLine = (text.split("\n", 1)[0] ?? "").trimEnd();
  if (firstLine !== "#cloud-config") {
    throw new Error(
      `user data is ignored by cloud-init: its first line must be "#cloud-config", got ${JSON.stringify(firstLine.slice(0, 40))}`,
    );
  }
  let yaml: unknown;
  try {
    yaml = parse(text) ?? {};
  } catch (error) {
    throw new Error(`user data is ignored by cloud-init: it is not YAML: ${reason(error)}`, {
      cause: error,
    });
  }
  const document = Document.safeParse(yaml);
  if (!document.success) {
    throw new Error(`user data is ignored by cloud-init: ${z.prettifyError(document.error)}`);
  }
  const warnings: string[] = [];
  const files = new Map<string, CloudFile>();
  for (const entry of document.data.write_files ?? []) {
    if (!entry.path.startsWith("/")) {
      throw new Error(`write_files: path must be absolute, got "${entry.path}"`);
    }
    const content = decode(Buffer.from(entry.content), entry.encoding, entry.path, warnings);
    const before = entry.append ? files.get(entry.path)?.content : undefined;
    files.set(entry.path, {
      path: entry.path,
      content: before ? Buffer.concat([before, content]) : content,
      mode: fileMode(entry.permissions, entry.path, warnings),
    });
  }
  const commands = [...(document.data.bootcmd ?? []), ...(document.data.runcmd ?? [])];
  return {
    files: [...files.values()],
    commands: commands.map((command) =>
      typeof command === "string" ? command : command.map(String).join(" "),
    ),
    warnings,
  };
}

function decompress(userData: string): string {
  const base64 = /^H4sI[\w+/=\s]+$/.test(userData);
  if (!base64) return userData;
  try {
    return gunzipSync(Buffer.from(userData, "base64")).toString("utf8");
  } catch (error) {
    throw new Error(`user data looks like gzip in base64 but cannot be read: ${reason(error)}`, {
      cause: error,
    });
  }
}

function decode(
  content: Buffer,
  encoding: string | undefined,
  path: string,
  warnings: string[],
): Buffer {
  const steps = encodings[(encoding ?? "text/plain").toLowerCase().trim()];
  if (!steps) {
    warnings.push(`write_files: ${path}: unknown encoding "${encoding}", written as text`);
    return content;
  }
  try {
    return steps.reduce<Buffer>((bytes, step) => step(bytes), content);
  } catch (error) {
    throw new Error(`write_files: ${path}: cannot be decoded as ${encoding}: ${reason(error)}`, {
      cause: error,
    });
  }
}

function fromBase64(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1").replaceAll(/\s/g, "");
  if (!/^[\w+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new Error("not base64");
  return Buffer.from(text, "base64");
}

type Step = (bytes: Buffer) => Buffer;
const gzip: Step[] = [(bytes) => gunzipSync(bytes)];
const base64: Step[] = [fromBase64];
const gzipBase64: Step[] = [...base64, ...gzip];

/** The encodings that cloud-init's write_files module knows. */
const encodings: Record<string, Step[]> = {
  "text/plain": [],
  gz: gzip,
  gzip,
  b64: base64,
  base64,
  "gz+b64": gzipBase64,
  "gzip+b64": gzipBase64,
  "gz+base64": gzipBase64,
  "gzip+base64": gzipBase64,
};

function fileMode(
  permissions: string | number | undefined,
  path: string,
  warnings: string[],
): number {
  if (permissions === undefined) return 0o644;
  if (typeof permissions === "number") return permissions;
  if (/^(0o?)?[0-7]{3,4}$/.test(permissions))
    return Number.parseInt(permissions.slice(-4).replace("o", ""), 8);
  warnings.push(`write_files: ${path}: permissions "${permissions}" are not octal, 0644 is used`);
  return 0o644;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
