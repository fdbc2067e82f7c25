import { type KubernetesObject } from "../kubernetesObject";
import { conditionOf } from "./conditions";
import { selectByPath } from "./jsonPath";
import { type ReadinessCheck, ready, waiting } from "./readiness";

/**
 * The check that the annotation `pulumi.com/waitFor` asks for: `jsonpath={.path}`, `jsonpath={.path}=value`,
 * `condition=Type`, `condition=Type=Status`, or a JSON list of these, all of which must hold.
 *
 * @throws when it asks for something else
 */
export function parseWaitFor(text: string): ReadinessCheck {
  const tests = expressions(text).map(parseExpression);
  return (live) => {
    const unmet = tests.filter(({ holds }) => !holds(live)).map(({ expression }) => expression);
    return unmet.length === 0 ? ready : waiting(`waiting for ${unmet.join(" and ")}`);
  };
}

function expressions(text: string): string[] {
  if (!text.trim().startsWith("[")) return [text];
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list) || list.length === 0) {
    throw new Error(
      `the annotation pulumi.com/waitFor must name at least one condition, got ${text}`,
    );
  }
  return list.map(String);
}

function parseExpression(expression: string): {
  expression: string;
  holds: (live: KubernetesObject) => boolean;
} {
  const condition = /^condition=([^=]+)(?:=(.+))?$/.exec(expression);
  if (condition) {
    const [, type = "", status = "True"] = condition;
    const holds = (live: KubernetesObject) =>
      conditionOf(live, type)?.status.toLowerCase() === status.toLowerCase();
    return { expression, holds };
  }
  const path = /^jsonpath=\{\s*(.*?)\s*\}(?:=(.+))?$/.exec(expression);
  if (!path) {
    throw new Error(
      `the annotation pulumi.com/waitFor takes jsonpath={.path}=value or condition=Type, got "${expression}"`,
    );
  }
  const [, selector = "", value] = path;
  selectByPath({}, selector);
  const holds = (live: KubernetesObject) => {
    const [found] = selectByPath(live, selector);
    if (found === undefined) return false;
    if (value === undefined) return true;
    return found === value || JSON.stringify(found) === value;
  };
  return { expression, holds };
}
