import * as pulumi from "@pulumi/pulumi";
import { estimate, estimateText } from "./components/machines/estimate";
import { Region } from "./components/region";
import { regions } from "./regions";
import { readSettings } from "./settings";

// Each registration captures stack traces, and Pulumi maps every one of them back to TypeScript: that mapping takes
// a third of a large program's time. Without it traces show the compiled lines, which are ours line by line.
Object.assign(Error, { prepareStackTrace: undefined });

const settings = readSettings();
const secrets = new pulumi.Config("meridian");
const { name, location, protect } = settings.region;
const facts = regions[name];

const region = new Region(name, {
  location,
  protect,
  podCidr: facts.podCidr,
  serviceCidr: facts.serviceCidr,
  domain: settings.domain,
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

/** The administrator's kubeconfig. Secret: `pulumi stack output --show-secrets kubeconfig`. */
export const kubeconfig = region.kubeconfig;

/** URL of the Kubernetes API. */
export const apiEndpoint = region.apiEndpoint;

/** Cilium's name and id of the cluster, by which the other regions know it. */
export const cluster = { name, id: facts.clusterId };

/** The static nodes by name, each with its pool and address. */
export const nodes = region.nodes;

/** Host names of the API servers, of the mesh and of each node. */
export const names = region.names;

/** What the machines cost in a month, line by line, with the day on which each price was read. */
export const monthlyEstimate = estimateText(estimate(settings.pools, location));
