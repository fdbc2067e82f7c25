import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { charts } from "../../versions";
import { Chart } from "./chart";
import { type CiliumFacts, ciliumValues } from "./ciliumValues";
import { HubbleCertificates } from "./hubbleCertificates";
import { systemNamespace } from "./kubectlJob";
import type { PairInputs, PairOutputs } from "./leafCertificate";
import { MeshCertificates, meshUsers } from "./meshCertificates";

export interface CiliumArgs extends CiliumFacts {
  /** The CA of the mesh. */
  meshAuthority: PairInputs;
  /** Host name by which the other regions find this one's mesh. */
  meshAddress: string;
  /** Addresses of nodes that the other regions may call directly. */
  nodeAddresses: readonly pulumi.Input<string>[];
  /** Whether Pulumi refuses to delete the CA of Hubble. */
  protect: boolean;
}

/** Definitions that Cilium's operator makes and others put objects into. */
const definitions = [
  "ciliumclusterwidenetworkpolicies.cilium.io",
  "ciliumnetworkpolicies.cilium.io",
  "ciliumnodes.cilium.io",
];

/**
 * The cluster's network: pods, Services, policies, encryption, the mesh with the other regions and the gateway. It is the
 * first chart, for without it no pod has an address.
 */
export class Cilium extends pulumi.ComponentResource {
  /**
   * Exists once pods get addresses. The mesh and Hubble's relay are not among it: they run on nodes that the cloud
   * controller has seen, and that one needs this first.
   */
  readonly ready: k8s.batch.v1.Job;

  constructor(name: string, args: CiliumArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:cluster:Cilium", name, {}, opts);
    const { region, meshAuthority: authority, meshAddress: address, nodeAddresses } = args;
    const mesh = new MeshCertificates(
      `${name}-mesh`,
      { region, authority, address, nodeAddresses },
      { parent: this },
    );
    const hubble = new HubbleCertificates(
      `${name}-hubble`,
      { region, protect: args.protect },
      { parent: this },
    );
    const meshCa = authority.certificatePem;
    const secrets = [
      ...meshUsers.map((user) =>
        this.secret(`${name}-mesh-${user}`, `clustermesh-apiserver-${user}-cert`, {
          authorityPem: meshCa,
          ...mesh.pairs[user],
        }),
      ),
      this.secret(`${name}-hubble-server`, "hubble-server-certs", {
        authorityPem: hubble.authorityPem,
        ...hubble.server,
      }),
      this.secret(`${name}-hubble-relay`, "hubble-relay-client-certs", {
        authorityPem: hubble.authorityPem,
        ...hubble.relay,
      }),
    ];
    this.ready = new Chart(
      `${name}-chart`,
      {
        pin: charts.cilium,
        namespace: systemNamespace,
        values: ciliumValues(args),
        bootstrap: true,
        ready: { definitions, workloads: ["daemonset/cilium", "deployment/cilium-operator"] },
        apiServer: args.apiServer,
      },
      { parent: this, dependsOn: secrets },
    ).ready;
    this.registerOutputs({ ready: this.ready.metadata.name });
  }

  private secret(
    childName: string,
    secretName: string,
    content: { authorityPem: pulumi.Input<string> } & PairOutputs,
  ): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
      `${childName}-secret`,
      {
        metadata: { name: secretName, namespace: systemNamespace },
        type: "kubernetes.io/tls",
        stringData: {
          "ca.crt": content.authorityPem,
          "tls.crt": content.certificatePem,
          "tls.key": content.privateKeyPem,
        },
      },
      { parent: this },
    );
  }
}
