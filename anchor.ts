import * as pulumi from "@pulumi/pulumi";
import type { PairInputs } from "./components/cluster/leafCertificate";
import { anchor } from "./regions";

/** What the anchor's stack publishes for the others, as its output `mesh`. */
interface AnchorMesh {
  /** The CA that all regions' meshes trust, PEM. */
  caCertificatePem: string;
  /** Its key, PEM. Secret. */
  caPrivateKeyPem: string;
}

/** The anchor's output `mesh`. */
export const published = (authority: PairInputs): pulumi.Output<AnchorMesh> =>
  pulumi.output({
    caCertificatePem: authority.certificatePem,
    caPrivateKeyPem: pulumi.secret(authority.privateKeyPem),
  });

/** The engine's answer to the question for another stack's outputs. */
interface StackOutputs {
  outputs?: { mesh?: AnchorMesh };
}

/**
 * Reads what exists once from the stack of the anchor, in the same organization and project. The answer is waited for,
 * so that a region without an anchor is refused before anything of it is made: a StackReference would fail only in the
 * middle, and in the engine's words.
 *
 * @throws RunError that says which command comes first, when the anchor was never brought up
 */
export async function readAnchor(): Promise<PairInputs> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${anchor}`;
  const mesh = await outputsOf(name);
  if (mesh === undefined) {
    throw new pulumi.RunError(
      `Region ${pulumi.getStack()} needs the mesh authority of ${anchor}, which has not been brought up yet. Run first: pulumi up --stack ${anchor}`,
    );
  }
  return {
    certificatePem: mesh.caCertificatePem,
    privateKeyPem: pulumi.secret(mesh.caPrivateKeyPem),
  };
}

async function outputsOf(name: string): Promise<AnchorMesh | undefined> {
  try {
    const answer: StackOutputs = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {
      name,
    });
    return answer.outputs?.mesh;
  } catch (error) {
    if (error instanceof Error && error.message.includes("unknown stack")) return undefined;
    throw error;
  }
}
