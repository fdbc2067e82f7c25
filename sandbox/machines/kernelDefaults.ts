/** The values that the kubelet of k3s demands with protect-kernel-defaults (k3s hardening guide). */
const kernel: Record<string, string> = {
  "vm.panic_on_oom": "0",
  "vm.overcommit_memory": "1",
  "kernel.panic": "10",
  "kernel.panic_on_oops": "1",
};

/** @throws when a kubelet with protect-kernel-defaults would not start on the machine */
export function checkKernel(files: Map<string, string>, commands: string[]): void {
  const applied = /\bsysctl\b.*(--system|-p\b|--load)|systemd-sysctl/;
  if (!commands.some((command) => applied.test(command))) {
    throw new Error(
      "protect-kernel-defaults: no command applies the sysctls (sysctl --system) before k3s starts",
    );
  }
  const text = [...files]
    .filter(([path]) => path === "/etc/sysctl.conf" || /^\/etc\/sysctl\.d\/.*\.conf$/.test(path))
    .map(([, content]) => content)
    .join("\n");
  for (const [key, wanted] of Object.entries(kernel)) {
    const line = new RegExp(`^\\s*${key.replaceAll(".", "\\.")}\\s*=\\s*(\\S+)`, "m").exec(text);
    if (line?.[1] !== wanted) {
      throw new Error(
        `protect-kernel-defaults: the kubelet exits: ${key} must be ${wanted}, got ${line?.[1] ?? "the kernel's own value"}`,
      );
    }
  }
}
