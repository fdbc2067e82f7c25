import * as pulumi from "@pulumi/pulumi";
import { published, readAnchor } from "./anchor";
import { estimate, estimateText } from "./components/machines/estimate";
import { Region } from "./components/region";
import { anchor, regionNames, regions } from "./regions";
import { readSettings } from "./settings";

// Each registration captures stack traces, and Pulumi maps every one of them back to TypeScript: that mapping takes
// a third of a large program's time. Without it traces show the compiled lines, which are ours line by line.
Object.assign(Error, { prepareStackTrace: undefined });

/** Reads the settings, brings up the region that they name, and answers the stack's outputs. */
async function program(): Promise<Record<string, unknown>> {
  const settings = readSettings();
  const secrets = new pulumi.Config("meridian");
  const { name, location, protect } = settings.region;
  const facts = regions[name];
  const meshAuthority = name === anchor ? undefined : await readAnchor();

  const region = new Region(name, {
    location,
    protect,
    podCidr: facts.podCidr,
    serviceCidr: facts.serviceCidr,
    clusterId: facts.clusterId,
    peers: regionNames.filter((other) => other !== name),
    underlayMtu: settings.underlay.mtu,
    ...(meshAuthority === undefined ? {} : { meshAuthority }),
    domain: settings.domain,
    acme: settings.acme,
    operatorCidrs: settings.access.operatorCidrs,
    pools: settings.pools,
    replace: settings.machines.replace,
    hcloudToken: secrets.requireSecret("hcloudToken"),
    cloudflareApiToken: secrets.requireSecret("cloudflareApiToken"),
    ...(settings.etcdBackup === undefined
      ? {}
      : {
          etcdBackup: {
            ...settings.etcdBackup,
            accessKey: secrets.requireSecret("etcdBackupAccessKey"),
            secretKey: secrets.requireSecret("etcdBackupSecretKey"),
          },
        }),
  });

  return {
    // The administrator's kubeconfig. Secret: `pulumi stack output --show-secrets kubeconfig`.
    kubeconfig: region.kubeconfig,
    // URL of the Kubernetes API.
    apiEndpoint: region.apiEndpoint,
    // Cilium's name and id of the cluster, by which the other regions know it.
    cluster: { name, id: facts.clusterId },
    // The static nodes by name, each with its pool and address.
    nodes: region.nodes,
    // Host names of the region, its API servers, its mesh and each node.
    names: region.names,
    // What the machines cost, line by line, with the dates of the prices.
    monthlyEstimate: estimateText(estimate(settings.pools, location)),
    // What the other regions read of the anchor (anchor.ts).
    ...(name === anchor ? { mesh: published(region.meshAuthority) } : {}),
  };
}

// Pulumi waits for a program that is a function; a module that exports values cannot wait for the anchor first.
module.exports = program;
