import { isObject } from "../provider/difference";
import { type Properties } from "../provider/resourceType";
import { type Settings } from "./settings";
import { groupOf } from "./token";

/** A place in an object; `*` stands for any position of a list. */
type Place = readonly string[];

const place = (dotted: string): Place => dotted.split(".");

/** Changing who an object is means another object. */
const identity = ["metadata.name", "metadata.namespace"];

const statefulSet = [
  "spec.podManagementPolicy",
  "spec.revisionHistoryLimit",
  "spec.selector",
  "spec.serviceName",
  "spec.volumeClaimTemplates",
];

const podFields =
  "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID " +
  "hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates " +
  "restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace " +
  "subdomain terminationGracePeriodSeconds volumes";

const containerFields =
  "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext stdin " +
  "stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir";

const pod = [
  ...podFields.split(" ").map((field) => `spec.${field}`),
  ...["containers", "initContainers"].flatMap((list) =>
    containerFields.split(" ").map((field) => `spec.${list}.*.${field}`),
  ),
];

const volumeSources =
  "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs hostPath " +
  "iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume";

/** What the real provider (4.x) replaces an object for, by `group/Kind`. */
const replacing: Record<string, readonly string[]> = {
  "/PersistentVolume": volumeSources.split(" ").map((source) => `spec.${source}`),
  "/PersistentVolumeClaim": [
    "spec.accessModes",
    "spec.selector",
    "spec.storageClassName",
    "spec.volumeName",
  ],
  "/Pod": pod,
  "/ResourceQuota": ["spec.scopes"],
  "/Secret": ["type"],
  "/Service": ["spec.clusterIP"],
  "apps/DaemonSet": ["spec.selector"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": statefulSet,
  "batch/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

/**
 * The places of an object whose change replaces it. ConfigMaps and Secrets are replaced for their data, unless the
 * provider's settings call them mutable and they do not call themselves immutable.
 */
export function replacingPlaces(
  inputs: Properties,
  settings: Pick<Settings, "enableConfigMapMutable" | "enableSecretMutable">,
): Place[] {
  const kind = String(inputs["kind"]);
  const key = `${groupOf(String(inputs["apiVersion"]))}/${kind}`;
  const mutable = inputs["immutable"] !== true;
  const places = [...identity, ...(replacing[key] ?? [])];
  if (key === "/Secret" && !(settings.enableSecretMutable && mutable))
    places.push("stringData", "data");
  if (key === "/ConfigMap" && !(settings.enableConfigMapMutable && mutable)) {
    places.push("binaryData", "data");
  }
  return places.map(place);
}

/** Patch resources are updated in place whatever they change, as long as they are about the same object. */
export const patchReplacingPlaces: Place[] = identity.map(place);

/** True when a change at `path`, of a value that is now `value`, touches one of the places. */
export function touches(
  path: readonly (string | number)[],
  value: unknown,
  places: readonly Place[],
): boolean {
  return places.some((wanted) => {
    const shared = Math.min(path.length, wanted.length);
    for (let step = 0; step < shared; step++) {
      const key = path[step];
      if (wanted[step] === "*" ? typeof key !== "number" : wanted[step] !== key) return false;
    }
    return path.length >= wanted.length || holds(value, wanted.slice(path.length));
  });
}

function holds(value: unknown, [key, ...rest]: Place): boolean {
  if (key === undefined) return value !== undefined;
  if (key === "*") return Array.isArray(value) && value.some((item) => holds(item, rest));
  return isObject(value) && Object.hasOwn(value, key) && holds(value[key], rest);
}
