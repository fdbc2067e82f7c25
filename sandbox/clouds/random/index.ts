import { version } from "@pulumi/random/package.json";
import type { Provider } from "../../provider/resourceType";
import { randomPassword, randomString } from "./characters";
import { randomBytesType, randomId, randomPet, randomUuid } from "./identifiers";
import { randomInteger, randomShuffle } from "./seeded";

/** The provider `random`. Nothing lies outside of the state, so every read keeps what the state says. */
export const provider: Provider = {
  name: "random",
  version,
  types: {
    "random:index/randomBytes:RandomBytes": randomBytesType,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomInteger:RandomInteger": randomInteger,
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomPet:RandomPet": randomPet,
    "random:index/randomShuffle:RandomShuffle": randomShuffle,
    "random:index/randomString:RandomString": randomString,
    "random:index/randomUuid:RandomUuid": randomUuid,
  },
};
