/*
 * The flags that k3s v1.36 accepts, hidden and deprecated ones included, as keys of its configuration file. From the
 * flag tables of k3s' own command line (pkg/cli/cmds of k3s-io/k3s).
 */

/** How k3s reads a key: one value, a list, or a switch. */
export type FlagKind = "value" | "list" | "switch";

const shared: Record<FlagKind, string> = {
  value: `config v vmodule log token token-file server data-dir node-name lb-server-port container-runtime-endpoint
    image-service-endpoint default-runtime pause-image snapshotter private-registry resolv-conf
    flannel-iface flannel-conf flannel-cni-conf vpn-auth vpn-auth-file image-credential-provider-bin-dir
    image-credential-provider-config`,
  list: `node-ip node-external-ip node-internal-dns node-external-dns node-label node-taint kubelet-arg kube-proxy-arg
    airgap-extra-registry`,
  switch: `debug alsologtostderr with-node-id docker selinux protect-kernel-defaults rootless prefer-bundled-bin
    disable-default-registry-endpoint enable-pprof
    nonroot-devices`,
};

const server: Record<FlagKind, string> = {
  value: `bind-address https-listen-port supervisor-port advertise-address advertise-port apiserver-port
    apiserver-bind-address service-node-port-range cluster-domain flannel-backend egress-selector-mode
    servicelb-namespace write-kubeconfig write-kubeconfig-mode write-kubeconfig-group helm-job-image agent-token
    agent-token-file cluster-reset-restore-path datastore-endpoint datastore-cafile datastore-certfile
    datastore-keyfile etcd-snapshot-name etcd-snapshot-schedule-cron etcd-snapshot-reconcile-interval
    etcd-snapshot-retention etcd-snapshot-dir etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-access-key
    etcd-s3-secret-key etcd-s3-session-token etcd-s3-bucket etcd-s3-bucket-lookup-type etcd-s3-region etcd-s3-folder
    etcd-s3-proxy etcd-s3-config-secret etcd-s3-timeout etcd-s3-retention default-local-storage-path
    secrets-encryption-provider system-default-registry`,
  list: `tls-san cluster-cidr service-cidr cluster-dns kube-apiserver-arg etcd-arg kube-controller-manager-arg
    kube-scheduler-arg kube-cloud-controller-manager-arg kube-controller-arg kube-cloud-controller-arg helm-controller-arg disable`,
  switch: `tls-san-security flannel-ipv6-masq flannel-external-ip multi-cluster-cidr cluster-init cluster-reset
    etcd-expose-metrics etcd-disable-snapshots etcd-snapshot-compress etcd-s3 etcd-s3-skip-ssl-verify etcd-s3-insecure
    disable-scheduler disable-cloud-controller disable-kube-proxy disable-network-policy disable-helm-controller
    disable-apiserver disable-controller-manager disable-etcd disable-agent embedded-registry secrets-encryption
    supervisor-metrics kine-tls`,
};

function table(...groups: Record<FlagKind, string>[]): ReadonlyMap<string, FlagKind> {
  return new Map(
    groups.flatMap((group) =>
      (["value", "list", "switch"] as const).flatMap((kind) =>
        group[kind].split(/\s+/).map((name): [string, FlagKind] => [name, kind]),
      ),
    ),
  );
}

/** Keys that `k3s server` knows. */
export const serverFlags = table(shared, server);

/** Keys that `k3s agent` knows: a server's key in an agent's file stops the agent. */
export const agentFlags = table(shared);
