import { isDeepStrictEqual } from "node:util";
import { compareInputs } from "../provider/difference";
import { type Difference, type Properties, unknown } from "../provider/resourceType";
import { activeCluster } from "./kubeconfig";
import { kubeconfigText } from "./settings";

const clusterKeys = ["kubeconfig", "context", "cluster"];

/**
 * What a change of the provider's settings means. Another cluster replaces the provider, and with it everything in the
 * old cluster. Whether it is another one, `clusterIdentifier` says when it was set before and after; otherwise the
 * cluster entry that the kubeconfig points to. An unknown kubeconfig counts as another cluster.
 */
export function diffSettings(olds: Properties, news: Properties): Difference {
  const { changes } = compareInputs(olds, news);
  for (const path of replacingKeys(olds, news)) {
    for (const [changed, change] of Object.entries(changes)) {
      if (changed.split(/[.[]/)[0] === path) change.replace = true;
    }
  }
  return { changes };
}

function replacingKeys(olds: Properties, news: Properties): string[] {
  const [oldIdentifier, identifier] = [olds["clusterIdentifier"], news["clusterIdentifier"]];
  if (identifier && identifier === oldIdentifier) return [];
  const replaced = identifier && oldIdentifier ? ["clusterIdentifier"] : [];
  const unknowns = clusterKeys.filter((key) => news[key] === unknown);
  if (unknowns.length > 0) return [...replaced, ...unknowns];
  const before = clusterIn(olds);
  const after = clusterIn(news);
  const moved = before && after && !isDeepStrictEqual(before, after);
  return moved ? [...replaced, ...clusterKeys] : replaced;
}

function clusterIn(config: Properties): Properties | undefined {
  const content = kubeconfigText(config["kubeconfig"]);
  if (!content) return undefined;
  const choice = {
    context: kubeconfigText(config["context"]),
    cluster: kubeconfigText(config["cluster"]),
  };
  return activeCluster(content, choice);
}
