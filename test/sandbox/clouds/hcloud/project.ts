import { firewall } from "../../../../sandbox/clouds/hcloud/firewall";
import { placementGroup } from "../../../../sandbox/clouds/hcloud/placementGroup";
import { primaryIp } from "../../../../sandbox/clouds/hcloud/primaryIp";
import { type Power, serverType } from "../../../../sandbox/clouds/hcloud/server";
import { engineOf, type Resource } from "../engine";

/** Switches that boot nothing and write down what they were asked for. */
export const switched: unknown[] = [];

const power: Power = {
  powerOn: (machine) => Promise.resolve(void switched.push(["on", machine])),
  powerOff: (machine) => Promise.resolve(void switched.push(["off", machine])),
};

export const servers = engineOf(serverType(power));
export const addresses = engineOf(primaryIp);
export const firewalls = engineOf(firewall);
export const groups = engineOf(placementGroup);

/** A server's inputs that nothing is wrong with. */
export const good = {
  name: "node-1",
  serverType: "ccx13",
  image: "ubuntu-24.04",
  location: "fsn1",
};

/** The number that other resources take for this one. */
export const numberOf = ({ id }: Resource) => Number(id);

/** Inputs of a server that has this IPv4 address only. */
export const withAddress = (address: Resource, name = "node-1") => ({
  ...good,
  name,
  publicNets: [{ ipv4: numberOf(address), ipv6Enabled: false }],
});
