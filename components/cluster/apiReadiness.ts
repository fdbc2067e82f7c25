import * as pulumi from "@pulumi/pulumi";

export interface ApiReadinessArgs {
  /** URL of the API server, with port. */
  endpoint: pulumi.Input<string>;
  /** Id of the server that the URL leads to: when it is another machine, it is asked again. */
  serverId: pulumi.Input<string>;
  /** CA of the API server's certificate, PEM. */
  serverCaPem: pulumi.Input<string>;
  /** A client certificate that may ask, PEM. */
  certificatePem: pulumi.Input<string>;
  /** Its private key, PEM. Kept secret in state. */
  privateKeyPem: pulumi.Input<string>;
  /** How long to wait for a cluster that is coming up. A machine needs two to four minutes. */
  timeoutSeconds: number;
}

/** The arguments as the provider process receives them. */
interface Inputs {
  endpoint: string;
  serverId: string;
  serverCaPem: string;
  certificatePem: string;
  privateKeyPem: string;
  timeoutSeconds: number;
}

/** What stays in state: enough to see that other things are asked for, and nothing secret. */
interface Outputs {
  endpoint: string;
  fingerprint: string;
}

/**
 * Exists once the API server answers `/readyz` with 200 to the region's own CA and certificate. Whatever talks to
 * Kubernetes depends on it. A change of its inputs asks again; nothing is ever replaced for it.
 */
export class ApiReadiness extends pulumi.dynamic.Resource {
  constructor(name: string, args: ApiReadinessArgs, opts?: pulumi.CustomResourceOptions) {
    const props = { ...args, privateKeyPem: pulumi.secret(args.privateKeyPem) };
    super(provider, name, props, opts, "meridian", "ApiReadiness");
  }
}

/*
 * Pulumi stores the text of these functions and runs it in a process of its own, so they use globals only: an imported
 * name would have to be stored along, with all that it captures.
 */
const provider: pulumi.dynamic.ResourceProvider<Inputs, Outputs> = {
  async create(inputs) {
    return { id: inputs.endpoint, outs: await awaitReady(inputs) };
  },
  async update(_id, _olds, news) {
    return { outs: await awaitReady(news) };
  },
  async diff(_id, olds, news) {
    const same = olds.endpoint === news.endpoint && olds.fingerprint === fingerprintOf(news);
    return { changes: !same, replaces: [] };
  },
};

function fingerprintOf(inputs: Inputs): string {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const asked = JSON.stringify([inputs.serverId, inputs.serverCaPem, inputs.certificatePem]);
  return createHash("sha256").update(asked).digest("hex");
}

async function awaitReady(inputs: Inputs): Promise<Outputs> {
  const https = process.getBuiltinModule("node:https");
  const attempt = () =>
    new Promise<string>((resolve) => {
      const request = https.get(
        `${inputs.endpoint}/readyz`,
        {
          ca: inputs.serverCaPem,
          cert: inputs.certificatePem,
          key: inputs.privateKeyPem,
          agent: false,
          timeout: 5000,
        },
        (response) => {
          response.resume();
          resolve(response.statusCode === 200 ? "" : `it answered ${response.statusCode}`);
        },
      );
      request.on("timeout", () => request.destroy(new Error("no answer in 5 seconds")));
      request.on("error", (error) => resolve(error.message));
    });
  const deadline = Date.now() + inputs.timeoutSeconds * 1000;
  for (;;) {
    const problem = await attempt();
    if (problem === "") return { endpoint: inputs.endpoint, fingerprint: fingerprintOf(inputs) };
    if (Date.now() > deadline) {
      throw new Error(
        `the API server ${inputs.endpoint} was not ready after ${inputs.timeoutSeconds} seconds: ${problem}`,
      );
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 1000);
    });
  }
}
