/** What a machine has, as Hetzner sells it. */
export interface Hardware {
  cores: number;
  /** GiB of memory. */
  memory: number;
  architecture: "amd64" | "arm64";
}

const amd64 = (cores: number, memory: number): Hardware => ({
  cores,
  memory,
  architecture: "amd64",
});
const arm64 = (cores: number, memory: number): Hardware => ({
  cores,
  memory,
  architecture: "arm64",
});

/** Cores and memory by server type, from Hetzner's list of cloud servers. */
const hardware: Record<string, Hardware> = {
  ccx13: amd64(2, 8),
  ccx23: amd64(4, 16),
  ccx33: amd64(8, 32),
  ccx43: amd64(16, 64),
  ccx53: amd64(32, 128),
  ccx63: amd64(48, 192),
  cpx11: amd64(2, 2),
  cpx21: amd64(3, 4),
  cpx31: amd64(4, 8),
  cpx41: amd64(8, 16),
  cpx51: amd64(16, 32),
  cpx12: amd64(1, 2),
  cpx22: amd64(2, 4),
  cpx32: amd64(4, 8),
  cpx42: amd64(8, 16),
  cpx52: amd64(12, 24),
  cpx62: amd64(16, 32),
  cx22: amd64(2, 4),
  cx32: amd64(4, 8),
  cx42: amd64(8, 16),
  cx52: amd64(16, 32),
  cx23: amd64(2, 4),
  cx33: amd64(4, 8),
  cx43: amd64(8, 16),
  cx53: amd64(16, 32),
  cax11: arm64(2, 4),
  cax21: arm64(4, 8),
  cax31: arm64(8, 16),
  cax41: arm64(16, 32),
};

/** @throws when the type is unknown */
export function hardwareOf(serverType: string): Hardware {
  const found = hardware[serverType];
  if (!found) {
    throw new Error(
      `server type must be one of ${Object.keys(hardware).join(", ")}, got "${serverType}"`,
    );
  }
  return found;
}
