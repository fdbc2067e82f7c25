import { shortPrint, users } from "./holes";
import type { LinkSeen, Observation } from "./observation";

/** What was seen, as text: links as a table cluster x cluster, certificates, and each hole. */
export function report(seen: Observation, found: readonly string[]): string {
  return [
    "Seconds until a new endpoint is seen / a deleted one is forgotten (rows look, columns are looked at)",
    "",
    columns(linkRows(seen)),
    "",
    "Days that the mesh certificates are still valid",
    "",
    columns(certificateRows(seen)),
    "",
    found.length === 0
      ? `All well: ${seen.links.length} links.`
      : `Holes:\n${found.map((hole) => `  ${hole}`).join("\n")}`,
    "",
  ].join("\n");
}

function linkRows({ regions, links }: Observation): string[][] {
  const names = Object.keys(regions);
  const cell = (observer: string, source: string): string => {
    if (observer === source) return "·";
    const link = links.find((one) => one.observer === observer && one.source === source);
    return link ? linkCell(link) : "unknown";
  };
  return [
    ["", ...names],
    ...names.map((observer) => [observer, ...names.map((source) => cell(observer, source))]),
  ];
}

function linkCell({ appearedAfter, goneAfter }: LinkSeen): string {
  if (appearedAfter === undefined) return "HOLE";
  return `${appearedAfter.toFixed(2)} / ${goneAfter?.toFixed(2) ?? "HOLE"}`;
}

function certificateRows({ regions }: Observation): string[][] {
  return [
    ["", ...users, "CA"],
    ...Object.entries(regions).map(([name, { certificates }]) => {
      const days = users.map((user) => certificates.find((one) => one.user === user)?.daysLeft);
      const authorities = new Set(certificates.map(({ authority }) => shortPrint(authority)));
      return [
        name,
        ...days.map((left) => left?.toString() ?? "none"),
        [...authorities].join(" ") || "none",
      ];
    }),
  ];
}

function columns(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
    )
    .join("\n");
}
