import { type JsonGeneralNames, Name, SubjectAlternativeNameExtension } from "./x509";
import type { Properties } from "../../provider/resourceType";

/** Object identifiers (RFC 5280 appendix A), in the order in which Go writes a name, which the real provider uses. */
const nameFields = [
  ["country", "2.5.4.6"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["locality", "2.5.4.7"],
  ["province", "2.5.4.8"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
] as const;

const emailAddress = "1.2.840.113549.1.9.1";

type CharacterString = { printableString: string } | { utf8String: string } | { ia5String: string };

/** The input `subject` as a distinguished name. */
export function subjectName(subject: unknown): Name {
  const fields = (subject ?? {}) as Properties;
  const parts: Record<string, CharacterString[]>[] = nameFields.flatMap(([field, identifier]) => {
    const values = [fields[field] ?? []].flat() as string[];
    return values.length === 0 ? [] : [{ [identifier]: values.map(characterString) }];
  });
  const email = fields["emailAddress"];
  if (typeof email === "string") parts.push({ [emailAddress]: [{ ia5String: email }] });
  return new Name(parts);
}

/** DNS names, addresses and URIs as the extension "subject alternative name"; nothing when there are none. */
export function alternativeNames(inputs: Properties): SubjectAlternativeNameExtension[] {
  const list = (key: string) => (inputs[key] ?? []) as string[];
  const names: JsonGeneralNames = [
    ...list("dnsNames").map((value) => ({ type: "dns" as const, value })),
    ...list("ipAddresses").map((value) => ({ type: "ip" as const, value })),
    ...list("uris").map((value) => ({ type: "url" as const, value })),
  ];
  return names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)];
}

/** An object, because the library gives a plain string with `#` or `"` in it a meaning of its own. */
const characterString = (value: string): CharacterString =>
  Name.isPrintableString(value) ? { printableString: value } : { utf8String: value };
