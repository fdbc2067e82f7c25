import { canariesIn } from "./canary";
import type { RenderedResource } from "./monitor";

/** Finds offenders among the resources of one stack; each is one line that names the resource. */
export type Convention = (resources: readonly RenderedResource[]) => string[];

const stackType = "pulumi:pulumi:Stack";
const rootType = "meridian:index:Region";

const isComponent = ({ custom, type }: RenderedResource) => !custom && type !== stackType;
const isProvider = ({ type }: RenderedResource) => type.startsWith("pulumi:providers:");
const ofType = (type: string) => (resource: RenderedResource) => resource.type === type;

const primaryIp = "hcloud:index/primaryIp:PrimaryIp";
const privateKey = "tls:index/privateKey:PrivateKey";

/** Things whose loss no later `up` makes good: others know them, or what they encrypt is lost with them. */
const alwaysProtected = new Set([
  primaryIp,
  "hcloud:index/volume:Volume",
  "random:index/randomPassword:RandomPassword",
  "random:index/randomBytes:RandomBytes",
]);

/** By what a stack must hold to. */
export const conventions: Readonly<Record<string, Convention>> = {
  "has component types of the form meridian:<folder>:<Class>": (resources) =>
    resources
      .filter(isComponent)
      .filter(({ type }) => !/^meridian:[a-z]+:[A-Z][A-Za-z0-9]*$/u.test(type))
      .map(({ name, type }) => `${name} has type ${type}`),

  "gives everything but the region a parent": (resources) => {
    const stack = resources.find(ofType(stackType))?.name;
    return resources
      .filter(({ type }) => type !== stackType && type !== rootType)
      .filter(({ parent }) => parent === "" || parent === stack)
      .map(({ name, type }) => `${name} (${type}) hangs on the stack`);
  },

  "starts each child's name with its parent's": (resources) =>
    resources
      .filter(({ type }) => type !== stackType && type !== rootType)
      .filter(({ name, parent }) => !name.startsWith(`${parent}-`))
      .map(({ name, parent }) => `${name} is a child of ${parent}`),

  "registers outputs of each component": (resources) =>
    resources
      .filter(isComponent)
      .filter(({ outputs }) => Object.keys(outputs ?? {}).length === 0)
      .map(({ name, type }) => `${name} (${type}) registers no output`),

  "names a provider for every resource": (resources) =>
    resources
      .filter((resource) => resource.custom && !isProvider(resource))
      // Pulumi's own provider for dynamic resources has no settings.
      .filter(({ type }) => !type.startsWith("pulumi"))
      .filter(({ provider }) => provider === "" || provider.startsWith("default"))
      .map(({ name, type }) => `${name} (${type}) takes a default provider`),

  "protects what outlives machines": (resources) => {
    const leafKeys = canaryNames(resources.filter(ofType("tls:index/certRequest:CertRequest")));
    return resources
      .filter(
        (resource) =>
          alwaysProtected.has(resource.type) ||
          resource.inputs["isCaCertificate"] === true ||
          (resource.type === privateKey && !leafKeys.has(resource.name)),
      )
      .filter((resource) => !resource.protect)
      .map(({ name, type }) => `${name} (${type}) is not protected`);
  },

  "keeps each address when its machine goes": (resources) =>
    resources
      .filter(ofType(primaryIp))
      .filter(({ inputs }) => inputs["autoDelete"] !== false || inputs["deleteProtection"] !== true)
      .map(({ name }) => `${name} needs autoDelete false and deleteProtection true`),

  "replaces no server for a new image or cloud-init": (resources) =>
    resources
      .filter(ofType("hcloud:index/server:Server"))
      .filter(
        ({ ignoreChanges }) => !["image", "userData"].every((key) => ignoreChanges.includes(key)),
      )
      .map(({ name }) => `${name} does not ignore changes of image and userData`),

  "opens no port for SSH": (resources) =>
    resources
      .filter(ofType("hcloud:index/firewall:Firewall"))
      .flatMap(({ name, inputs }) =>
        (inputs["rules"] as { protocol: string; port?: string }[])
          .filter(({ protocol, port }) => protocol === "tcp" && coversPort(port ?? "any", 22))
          .map(({ port }) => `${name} opens ${port ?? "any"}`),
      ),
};

/** Names of the resources whose secrets these resources are given. */
const canaryNames = (resources: readonly RenderedResource[]) =>
  new Set(resources.flatMap(({ revealedInputs }) => canariesIn(JSON.stringify(revealedInputs))));

function coversPort(range: string, port: number): boolean {
  if (range === "any") return true;
  const [from = "", to = from] = range.split("-");
  return Number(from) <= port && port <= Number(to);
}
