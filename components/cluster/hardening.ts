/*
 * The CIS level of a cluster: what k3s does not do by itself (goals 5.1). Files and arguments belong together, so they
 * stand together; the k3s and Kubernetes documentation name the flags.
 */

const serverDirectory = "/var/lib/rancher/k3s/server";

/** Directory of the audit log; it must exist, for root only, before the API server starts. */
export const auditLogDirectory = `${serverDirectory}/logs`;

const auditPolicyPath = `${serverDirectory}/audit.yaml`;
const admissionPath = `${serverDirectory}/admission.yaml`;
const authenticationPath = `${serverDirectory}/authentication.yaml`;

/** TLS 1.2 suites with forward secrecy and authenticated encryption; TLS 1.3 has no others. */
const cipherSuites = [
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
].join(",");

export const apiServerArguments: readonly string[] = [
  `audit-policy-file=${auditPolicyPath}`,
  `audit-log-path=${auditLogDirectory}/audit.log`,
  // Days, files and megabytes: a month back, at most 1 GB.
  "audit-log-maxage=30",
  "audit-log-maxbackup=10",
  "audit-log-maxsize=100",
  `admission-control-config-file=${admissionPath}`,
  "enable-admission-plugins=NodeRestriction,EventRateLimit",
  // k3s leaves its own `anonymous-auth=false` out when this file is given; the file forbids the same and more finely.
  `authentication-config=${authenticationPath}`,
  // Tokens of service accounts end after their hour instead of living a year on.
  "service-account-extend-token-expiration=false",
  `tls-cipher-suites=${cipherSuites}`,
];

export const controllerManagerArguments: readonly string[] = [
  // Pods that ended: enough to read the last ones' logs, few enough for etcd.
  "terminated-pod-gc-threshold=100",
];

export const kubeletArguments: readonly string[] = [
  // Without it nodes never get a provider id: k3s sets it only together with its own cloud controller.
  "cloud-provider=external",
  "streaming-connection-idle-timeout=5m",
  `tls-cipher-suites=${cipherSuites}`,
  "seccomp-default=true",
  // A fork bomb in one pod must not take the node's process ids.
  "pod-max-pids=4096",
  // What k3s, containerd and the journal need themselves, on the smallest type too (CCX13: 2 cores, 8 GB).
  "system-reserved=cpu=250m,memory=512Mi",
];

/** Files that the API server's arguments name, as objects by path. */
export const hardeningFiles: Readonly<Record<string, object>> = {
  [auditPolicyPath]: {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [
      // Who touched a secret is kept, what was in it is not.
      {
        level: "Metadata",
        resources: [
          { group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
          { group: "authentication.k8s.io", resources: ["tokenreviews"] },
        ],
      },
      // Heartbeats and discovery: most of the traffic and none of the story.
      {
        level: "None",
        nonResourceURLs: ["/livez*", "/readyz*", "/healthz*", "/version", "/openapi*"],
      },
      {
        level: "None",
        resources: [
          { group: "", resources: ["events"] },
          { group: "events.k8s.io", resources: ["events"] },
          { group: "coordination.k8s.io", resources: ["leases"] },
        ],
      },
      {
        level: "None",
        userGroups: ["system:nodes", "system:serviceaccounts:kube-system"],
        verbs: ["get", "list", "watch"],
      },
      // Changes of rights and ways into a container are kept with their text.
      {
        level: "Request",
        resources: [
          { group: "rbac.authorization.k8s.io" },
          { group: "admissionregistration.k8s.io" },
          { group: "networking.k8s.io" },
          {
            group: "",
            resources: ["pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers"],
          },
        ],
      },
      { level: "Metadata" },
    ],
  },
  [admissionPath]: {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AdmissionConfiguration",
    plugins: [
      {
        name: "PodSecurity",
        configuration: {
          apiVersion: "pod-security.admission.config.k8s.io/v1",
          kind: "PodSecurityConfiguration",
          // A namespace that needs more says so by its own labels.
          defaults: {
            enforce: "restricted",
            "enforce-version": "latest",
            audit: "restricted",
            "audit-version": "latest",
            warn: "restricted",
            "warn-version": "latest",
          },
          // Cilium, the cloud controller and k3s' own Helm jobs live there and need the host.
          exemptions: { usernames: [], runtimeClasses: [], namespaces: ["kube-system"] },
        },
      },
      {
        name: "EventRateLimit",
        configuration: {
          apiVersion: "eventratelimit.admission.k8s.io/v1alpha1",
          kind: "Configuration",
          // A tenant's crash loop must not fill etcd with events; a namespace of a hundred pods stays below it.
          limits: [
            { type: "Server", qps: 500, burst: 2000 },
            { type: "Namespace", qps: 50, burst: 500, cacheSize: 4096 },
          ],
        },
      },
    ],
  },
  [authenticationPath]: {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AuthenticationConfiguration",
    // Health checks from outside need no key; everything else does.
    anonymous: {
      enabled: true,
      conditions: [{ path: "/livez" }, { path: "/readyz" }, { path: "/healthz" }],
    },
  },
};
