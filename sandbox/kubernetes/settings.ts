import { isObject } from "../provider/difference";
import { type CheckFailure, type Properties, unknown } from "../provider/resourceType";

/** The provider's own settings, read. */
export interface Settings {
  /** Content of a kubeconfig; undefined while it is unknown in a preview. */
  kubeconfig: string | undefined;
  context: string | undefined;
  cluster: string | undefined;
  /** Namespace of objects that name none; undefined leaves it to the kubeconfig. */
  namespace: string | undefined;
  enablePatchForce: boolean;
  upsertExistingObjects: boolean;
  deleteUnreachable: boolean;
  enableSecretMutable: boolean;
  enableConfigMapMutable: boolean;
}

/** Reads the settings as the engine hands them over: everything is text, switches are "true" or "false". */
export function readSettings(config: Properties): Settings {
  return {
    kubeconfig: kubeconfigText(config["kubeconfig"]),
    context: text(config["context"]),
    cluster: text(config["cluster"]),
    namespace: text(config["namespace"]),
    enablePatchForce: isOn(config["enablePatchForce"]),
    upsertExistingObjects: isOn(config["upsertExistingObjects"]),
    deleteUnreachable:
      isOn(config["deleteUnreachable"]) || isOn(process.env["PULUMI_K8S_DELETE_UNREACHABLE"]),
    enableSecretMutable: isOn(config["enableSecretMutable"]),
    enableConfigMapMutable: isOn(config["enableConfigMapMutable"]),
  };
}

/** Names the settings of the real provider that the sandbox does not have. */
export function checkSettings(config: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (config["enableServerSideApply"] === false || config["enableServerSideApply"] === "false") {
    failures.push({
      property: "enableServerSideApply",
      reason: "the sandbox simulates server-side apply only, so this must be true or absent",
    });
  }
  if (config["renderYamlToDirectory"]) {
    failures.push({
      property: "renderYamlToDirectory",
      reason: "the sandbox does not simulate renderYamlToDirectory",
    });
  }
  if (!config["kubeconfig"]) {
    failures.push({
      property: "kubeconfig",
      reason:
        "the sandbox needs the content of a kubeconfig here; it reads none from the home directory",
    });
  }
  return failures;
}

/** The text of a kubeconfig setting, which may also be given as an object. */
export function kubeconfigText(value: unknown): string | undefined {
  return isObject(value) ? JSON.stringify(value) : text(value);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value !== unknown ? value : undefined;
}

const isOn = (value: unknown) => value === true || value === "true";
