import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import * as ts from "typescript";
import { regionNames } from "../../regions";
import { secretKeys } from "../../settings";

/** A source file, its path relative to the checkout with forward slashes. */
export interface SourceFile {
  path: string;
  text: string;
}

const files = ["index.ts", "anchor.ts", "cidr.ts", "regions.ts", "settings.ts", "versions.ts"];
const folders = ["settings", "components"];

/** Everything that `pulumi up` runs; tests, the sandbox and tools are not among it. */
export const programFiles = (): SourceFile[] =>
  [...files, ...folders.flatMap((folder) => filesBelow(folder))].map((path) => ({
    path,
    text: readFileSync(path, "utf8"),
  }));

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .toSorted();

/** A rule on one file; each offence is one line. */
export type SourceRule = (file: SourceFile) => string[];

/** Built-in classes whose objects are values, not resources. */
const valueClasses = new Set(["Date", "Error", "Map", "RegExp", "Set", "URL"]);

/** By what a file of the program must hold to. */
export const sourceRules: Readonly<Record<string, SourceRule>> = {
  "creates no resource inside apply": (file) =>
    inComponents(file)
      ? nodes(file)
          .filter(isApply)
          .flatMap((call) => descendants(call).filter(ts.isNewExpression))
          .filter(({ expression }) => !valueClasses.has(expression.getText()))
          .map((made) => `${place(file, made)} creates ${made.expression.getText()} inside apply`)
      : [],

  "reads no configuration, environment or file in a component": (file) =>
    inComponents(file)
      ? [
          ...nodes(file)
            .filter(
              (node) => ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node),
            )
            .map((node) => node.getText())
            .filter((text) => /^(pulumi\.(Config|getStack|getProject)|process\.env)$/u.test(text))
            .map((text) => `${file.path} reads ${text}`),
          ...imports(file)
            .filter((module) => /^(node:)?fs(\/promises)?$/u.test(module))
            .map((module) => `${file.path} imports ${module}`),
        ]
      : [],

  "reads secret settings as secrets": (file) =>
    nodes(file)
      .filter(ts.isCallExpression)
      .filter(({ arguments: [key] }) => key !== undefined && isSecretKey(key))
      .filter(({ expression }) => !/\.(requireSecret|getSecret)$/u.test(expression.getText()))
      .map((call) => `${place(file, call)} reads in clear: ${call.getText()}`),

  "asks for no stack or region by name": (file) =>
    nodes(file)
      .filter(
        (node) =>
          (ts.isCaseClause(node) && isRegionName(node.expression)) ||
          (ts.isBinaryExpression(node) &&
            /^[!=]==$/u.test(node.operatorToken.getText()) &&
            [node.left, node.right].some((side) => isRegionName(side) || isStackName(side))),
      )
      .map((node) => `${place(file, node)} decides by name: ${node.getText().split("\n")[0]}`),

  "pins versions in versions.ts only": (file) =>
    file.path === "versions.ts"
      ? []
      : literals(file)
          .filter(({ text }) => pin.test(text))
          .map((literal) => `${place(file, literal.node)} pins "${literal.text}"`),

  "knows nothing of the sandbox": (file) =>
    imports(file)
      .filter((module) => /(^|\/)(sandbox|test)(\/|$)/u.test(module))
      .map((module) => `${file.path} imports ${module}`),

  "names a component's type after its folder and class": (file) =>
    nodes(file)
      .filter(ts.isClassDeclaration)
      .flatMap((declared) => {
        const found = /super\(\s*"(meridian:[^"]*)"/u.exec(declared.getText())?.[1];
        if (found === undefined) return [];
        const folder = dirname(file.path).split("/").slice(1).join("/") || "index";
        const wanted = `meridian:${folder}:${declared.name?.text ?? ""}`;
        return found === wanted ? [] : [`${file.path} says ${found} for ${wanted}`];
      }),

  "keeps index.ts on one screen": ({ path, text }) => {
    const lines = text.split("\n").length;
    return path === "index.ts" && lines > 80 ? [`index.ts has ${lines} lines; at most 80`] : [];
  },
};

/** Folders of what runs in any Kubernetes cluster, whoever's machines it is made of. */
const portableFolders = ["media", "ingest", "tenancy", "capacity", "observability"];

const isPortable = ({ path }: SourceFile) =>
  path === "components/cluster/platform.ts" ||
  portableFolders.some((folder) => path.startsWith(`components/${folder}/`));

/** Finds Hetzner's SDK among what the components below the Kubernetes provider import, directly or through others. */
export function hetznerImports(program: readonly SourceFile[]): string[] {
  const byPath = new Map(program.map((file) => [file.path, file]));
  // A set also goes through what is added to it on the way.
  const reached = new Set(program.filter(isPortable));
  for (const file of reached) {
    for (const module of imports(file).filter((name) => name.startsWith("."))) {
      const path = join(dirname(file.path), module);
      const found = byPath.get(`${path}.ts`) ?? byPath.get(`${path}/index.ts`);
      if (found !== undefined) reached.add(found);
    }
  }
  return [...reached].flatMap((file) =>
    imports(file)
      .filter((module) => /^@pulumi\/hcloud(\/|$)/u.test(module))
      .map((module) => `${file.path} imports ${module}`),
  );
}

const isRegionName = (node: ts.Node) =>
  ts.isStringLiteral(node) && regionNames.some((name) => name === node.text);

const isSecretKey = (node: ts.Node) =>
  ts.isStringLiteral(node) && secretKeys.some((key) => key === node.text);

const isStackName = (node: ts.Node) => /getStack\(\)$|^stack$/u.test(node.getText());

/** `1.2.3`, `v1.2.3+k3s1`, `ubuntu-24.04`, `name:latest`, `@sha256:…`; not an IPv4 address or a part of one. */
const pin = /(?<![\d.])v?\d+\.\d+\.\d+(?![\d.])|\b(ubuntu|debian)-\d|:latest\b|sha256:[\da-f]{16}/u;

const inComponents = ({ path }: SourceFile) => path.startsWith("components/");

const parsed = new WeakMap<SourceFile, ts.Node[]>();

/** Every node of a file; each file is parsed once. */
function nodes(file: SourceFile): ts.Node[] {
  const found =
    parsed.get(file) ??
    descendants(ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2023, true));
  parsed.set(file, found);
  return found;
}

function descendants(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (inner: ts.Node) => {
    found.push(inner);
    ts.forEachChild(inner, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

const isApply = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) &&
  ts.isPropertyAccessExpression(node.expression) &&
  node.expression.name.text === "apply";

/** Modules that a file imports, also dynamically or for their types. */
const imports = (file: SourceFile) =>
  nodes(file).flatMap((node) => {
    const from =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined;
    return from && ts.isStringLiteral(from) ? [from.text] : [];
  });

const literals = (file: SourceFile) =>
  nodes(file)
    .filter(
      (node) =>
        ts.isStringLiteralLike(node) ||
        ts.isTemplateHead(node) ||
        ts.isTemplateMiddle(node) ||
        ts.isTemplateTail(node),
    )
    .map((node) => ({ node, text: node.text }));

const place = ({ path }: SourceFile, node: ts.Node) =>
  `${path}:${node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
