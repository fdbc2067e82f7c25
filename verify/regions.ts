import { readCertificates } from "./certificates";
import { type Kubectl, KubectlError } from "./kubectl";
import type { RegionSeen } from "./observation";
import { namespace, ownLabel, sharedObjects } from "./probe";

const { key: ownKey, value: ownValue } = ownLabel;

const settings = String.raw`jsonpath={.data.cluster-name} {.data.cluster-pool-ipv4-cidr}`;

/** Reads what a region says of itself, and makes the probe's namespace and Service there. */
export async function lookAt(kubectl: Kubectl, timeout: number): Promise<RegionSeen> {
  try {
    // Asked first because kubectl asks for nothing else before: a dead API shows in seconds.
    await kubectl.run(["get", "--raw=/readyz"]);
    const [clusterName, podRange] = (
      await kubectl.run([
        "get",
        "configmap",
        "cilium-config",
        "--namespace=kube-system",
        "--ignore-not-found",
        `--output=${settings}`,
      ])
    ).split(" ");
    const certificates = await readCertificates(kubectl);
    await makeRoom(kubectl, timeout);
    await kubectl.run(["apply", "--filename=-"], JSON.stringify(sharedObjects()));
    return {
      certificates,
      ...(clusterName ? { clusterName } : {}),
      ...(podRange ? { podRange } : {}),
    };
  } catch (error) {
    if (error instanceof KubectlError) return { unreachable: error.message, certificates: [] };
    throw error;
  }
}

/** Takes away what an interrupted look has left, and waits until it is gone. Never touches a namespace of others. */
async function makeRoom(kubectl: Kubectl, timeout: number): Promise<void> {
  const found = await kubectl.run([
    "get",
    "namespace",
    namespace,
    "--ignore-not-found",
    String.raw`--output=jsonpath={.metadata.name} {.metadata.labels.app\.kubernetes\.io/managed-by}`,
  ]);
  if (found === "") return;
  if (found.split(" ")[1] !== ownValue) {
    throw new KubectlError(
      `the namespace ${namespace} exists without the label ${ownKey}=${ownValue}; it is somebody else's`,
    );
  }
  await kubectl.run(["delete", "namespace", namespace, "--ignore-not-found", "--wait=false"]);
  await kubectl.run(["wait", "--for=delete", `namespace/${namespace}`, `--timeout=${timeout}s`]);
}

/** Takes the probe's namespace away with all that is in it. @returns why it could not, in one sentence */
export async function cleanUp(kubectl: Kubectl): Promise<string | undefined> {
  const selector = `--selector=${ownKey}=${ownValue}`;
  try {
    await kubectl.run(["delete", "namespaces", selector, "--ignore-not-found", "--wait=false"]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
