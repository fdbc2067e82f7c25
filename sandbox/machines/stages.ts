/*
 * How kwok plays a kubelet: what happens to nodes and pods, and when. kwok reads these as Stage documents; the
 * templates are Go templates that give YAML.
 */

/** The image whose Job pods have their commands run by the helm controller; its entry point is kubectl. */
export const kubectlImage = "registry.k8s.io/kubectl";

/** With this annotation such a pod succeeds. */
export const succeededAnnotation = "sandbox.meridian.dev/succeeded";

const stage = (name: string, kind: "Node" | "Pod", spec: object): object => ({
  apiVersion: "kwok.x-k8s.io/v1alpha1",
  kind: "Stage",
  metadata: { name },
  spec: { resourceRef: { apiGroup: "v1", kind }, ...spec },
});

const when = (key: string, operator: string, ...values: string[]): object => ({
  key,
  operator,
  ...(values.length > 0 && { values }),
});

const isReady = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const deleted = ".metadata.deletionTimestamp";
const runsKubectl = `.spec.containers.[].image | select(startswith("${kubectlImage}"))`;

/** Every condition that a kubelet and its network report, as of now. */
const nodeConditions = `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
`;

const podRuns = `
{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
conditions:
{{ range list "PodReadyToStartContainers" "Initialized" "ContainersReady" "Ready" }}
- { type: {{ . }}, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ end }}
- { type: PodScheduled, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ range .spec.readinessGates }}
- { type: {{ .conditionType | Quote }}, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  ready: true
  started: true
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  ready: true
  restartCount: 0
{{ if eq .restartPolicy "Always" }}
  started: true
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ else }}
  state:
    terminated:
      { exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} }
{{ end }}
{{ end }}
{{ $hostIPs := NodeIPsWith .spec.nodeName }}
{{ with $hostIPs }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ $podIPs := PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
{{ with $podIPs }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
`;

const podSucceeds = `
{{ $now := Now }}
phase: Succeeded
conditions:
{{ range .status.conditions }}
- type: {{ .type | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ if or (eq .type "Ready") (eq .type "ContainersReady") }}
  status: "False"
  reason: PodCompleted
{{ else }}
  status: {{ .status | Quote }}
{{ end }}
{{ end }}
containerStatuses:
{{ range .status.containerStatuses }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  ready: false
  started: false
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ .state.running.startedAt | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
`;

/** What kwok is configured with. */
export const stages: object[] = [
  stage("node-ready", "Node", {
    selector: { matchExpressions: [when(isReady, "NotIn", "True")] },
    next: { statusTemplate: nodeConditions },
  }),
  // A kubelet reports its full status every five minutes; its lease, in between, is kwok's own work.
  stage("node-heartbeat", "Node", {
    selector: { matchExpressions: [when(isReady, "In", "True")] },
    delay: { durationMilliseconds: 300_000, jitterDurationMilliseconds: 330_000 },
    next: { statusTemplate: nodeConditions },
  }),
  stage("pod-runs", "Pod", {
    selector: {
      matchExpressions: [
        when(deleted, "DoesNotExist"),
        when(".spec.nodeName", "Exists"),
        when(".status.phase", "In", "Pending"),
      ],
    },
    next: { statusTemplate: podRuns },
  }),
  stage("job-pod-succeeds", "Pod", {
    selector: {
      matchExpressions: [
        when(deleted, "DoesNotExist"),
        when(".status.phase", "In", "Running"),
        when(".metadata.ownerReferences.[].kind", "In", "Job"),
        when(runsKubectl, "DoesNotExist"),
      ],
    },
    delay: { durationMilliseconds: 500 },
    next: { statusTemplate: podSucceeds },
  }),
  // The helm controller runs the commands of such a pod and then says that they succeeded.
  stage("kubectl-pod-succeeds", "Pod", {
    selector: {
      matchExpressions: [
        when(deleted, "DoesNotExist"),
        when(".status.phase", "In", "Running"),
        when(`.metadata.annotations["${succeededAnnotation}"]`, "Exists"),
      ],
    },
    next: { statusTemplate: podSucceeds },
  }),
  stage("pod-ends", "Pod", {
    selector: { matchExpressions: [when(deleted, "Exists")] },
    next: { delete: true },
  }),
];
