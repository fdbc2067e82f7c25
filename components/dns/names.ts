/** Host name of a region: what its viewers open. */
export function regionName(domain: string, region: string): string {
  return `${region}.${domain}`;
}

/** Host name of a region's API servers. */
export function apiName(domain: string, region: string): string {
  return `api.${region}.${domain}`;
}

/** Host name by which the other regions' meshes find a region. */
export function meshName(domain: string, region: string): string {
  return `${region}.mesh.${domain}`;
}

/** Host name of one node. */
export function nodeName(domain: string, node: string): string {
  return `${node}.${domain}`;
}
