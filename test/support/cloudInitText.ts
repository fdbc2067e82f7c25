import { parse, stringify } from "yaml";
import { maskCanaries } from "./canary";

interface File {
  path: string;
  encoding?: string;
  content: string;
}

/** A machine's user data for review: files in clear instead of base64, secrets by name. */
export function cloudInitText(userData: string): string {
  const cloudConfig = parse(userData) as { write_files: File[] };
  const files = cloudConfig.write_files.map(({ encoding, content, ...file }) => ({
    ...file,
    content: encoding === "b64" ? Buffer.from(content, "base64").toString("utf8") : content,
  }));
  return maskCanaries(stringify({ ...cloudConfig, write_files: files }, { lineWidth: 0 }));
}
