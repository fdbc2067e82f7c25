import { z } from "zod";
import { type Properties, type ResourceType } from "../../provider/resourceType";
import { type Checked, checkInputs, presentInputs, withName } from "../inputs";
import { type PlacementGroup } from "./objects";
import {
  apiError,
  demandFreeName,
  demandRoom,
  find,
  inProject,
  labelMap,
  type Project,
} from "./project";

/** Groups of a project, and servers of a spread group (capabilities.md 4.1). */
const groupsPerProject = 50;
const serversPerGroup = 10;

const shape = { name: z.string(), type: z.enum(["spread"]), labels: labelMap.optional() };

/** hcloud:index/placementGroup:PlacementGroup. */
export const placementGroup: ResourceType = {
  computed: ["servers"],
  replaceOn: ["type"],
  check: (news, olds, { urn }) => checkInputs(shape, withName(news, olds, urn)),
  create: (inputs) =>
    inProject((project) => {
      const { name, type, labels = {} } = inputs as Checked<typeof shape>;
      demandFreeName(project, "placement_group", name);
      demandRoom(project, "placement_group", groupsPerProject);
      const group: PlacementGroup = { id: project.nextId(), name, type, labels };
      project.put("placement_group", group);
      return { id: group.id, outputs: outputs(project, group.id, inputs) };
    }),
  read: (id, inputs) =>
    inProject((project) => {
      const group = project.get("placement_group", id);
      if (!group) return undefined;
      const now = presentInputs(shape, { ...group }, inputs, {});
      return { id, inputs: now, outputs: outputs(project, id, now) };
    }),
  update: (id, _olds, news) =>
    inProject((project) => {
      const { name, labels = {} } = news as Checked<typeof shape>;
      demandFreeName(project, "placement_group", name, id);
      project.put("placement_group", {
        ...find(project, "placement_group", id),
        name,
        labels,
      });
      return outputs(project, id, news);
    }),
  delete: (id) =>
    inProject((project) => {
      const group = project.get("placement_group", id);
      if (!group) return;
      const [server] = members(project, id);
      if (server) {
        throw apiError(
          "resource_in_use",
          `placement_group "${group.name}" is still in use by server "${server.name}"`,
        );
      }
      project.remove("placement_group", id);
    }),
};

/** @throws when the group does not exist, or has no place for one server more */
export function demandPlace(project: Project, groupId: number, serverId?: string): void {
  const group = find(project, "placement_group", groupId);
  const others = members(project, group.id).filter(({ id }) => id !== serverId);
  if (others.length >= serversPerGroup) {
    throw apiError(
      "placement_error",
      `placement_group "${group.name}" contains already ${serversPerGroup} servers, the most that a spread group can hold`,
    );
  }
}

const members = (project: Project, groupId: string) =>
  project.all("server").filter(({ placementGroupId }) => placementGroupId === Number(groupId));

const outputs = (project: Project, id: string, inputs: Properties): Properties => ({
  ...inputs,
  servers: members(project, id).map((server) => Number(server.id)),
});
