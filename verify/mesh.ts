import { setTimeout as sleep } from "node:timers/promises";
import { type Kubectl, KubectlError } from "./kubectl";
import type { LinkSeen } from "./observation";
import { namespace, probeName, probeSlice } from "./probe";
import { readEvent, Slices } from "./slices";

/** Milliseconds between two looks at what the watches have brought; a link is measured no finer. */
const tick = 20;

/** Seconds for the regions to hear of each other's Service before endpoints are timed. */
const introduction = 5;

/** A region that takes part in the look. */
export interface Participant {
  name: string;
  kubectl: Kubectl;
  /** Address that it announces. */
  address: string;
}

/**
 * Announces one endpoint in each region and watches the others: how soon each shows it, and how soon it has forgotten
 * it again. All links are measured at the same time, each by two watches: the source's own says when the endpoint was
 * made or deleted, the observer's when it came or went.
 *
 * @param timeout seconds for each of the two steps
 * @param signal ends all waiting
 * @returns one row for each ordered pair of regions
 */
export async function measureLinks(
  participants: readonly Participant[],
  timeout: number,
  signal: AbortSignal,
): Promise<LinkSeen[]> {
  const watching = new AbortController();
  const stop = AbortSignal.any([signal, watching.signal]);
  const views = new Map(participants.map(({ name }) => [name, new Slices()]));
  const view = (name: string) => views.get(name) ?? new Slices();
  const watches = participants.map(({ name, kubectl }) => follow(kubectl, view(name), stop));
  const pairs = participants.flatMap((source) =>
    participants
      .filter((observer) => observer !== source)
      .map((observer) => ({ source, seen: view(observer.name), observer: observer.name })),
  );
  try {
    await Promise.all(
      pairs.map(({ source, seen }) =>
        secondsUntil(() => seen.knows(source.name), Math.min(introduction, timeout), signal),
      ),
    );
    const made = new Map(
      participants.map((source) => [source.name, announce(source, view(source.name), signal)]),
    );
    const links = await Promise.all(
      pairs.map(async ({ source, seen, observer }): Promise<LinkSeen> => {
        await made.get(source.name);
        const { name, address } = source;
        const shows = () => seen.of(name).join() === address;
        const appearedAfter = await secondsUntil(shows, timeout, signal);
        return {
          observer,
          source: name,
          address,
          ...(appearedAfter === undefined ? {} : { appearedAfter }),
          shownInstead: appearedAfter === undefined ? seen.shown() : [],
        };
      }),
    );
    const deleted = new Map(
      participants.map((source) => [source.name, withdraw(source, view(source.name), signal)]),
    );
    return await Promise.all(
      links.map(async (link): Promise<LinkSeen> => {
        await deleted.get(link.source);
        if (link.appearedAfter === undefined) return link;
        const isGone = () => !view(link.observer).of(link.source).includes(link.address);
        const goneAfter = await secondsUntil(isGone, timeout, signal);
        return goneAfter === undefined ? link : { ...link, goneAfter };
      }),
    );
  } finally {
    watching.abort();
    await Promise.all(watches);
  }
}

function follow(kubectl: Kubectl, slices: Slices, signal: AbortSignal): Promise<void> {
  const words = [
    "get",
    "endpointslices",
    `--namespace=${namespace}`,
    "--output-watch-events",
    '--output=jsonpath={@}{"\\n"}',
  ];
  const onStart = () => slices.forget();
  const onLine = (line: string) => {
    const event = readEvent(line);
    if (event) slices.apply(event);
  };
  return kubectl.watch(words, { onStart, onLine }, signal);
}

async function announce(source: Participant, own: Slices, signal: AbortSignal): Promise<void> {
  const text = JSON.stringify(probeSlice(source.address));
  await settle(
    source.kubectl.run(["create", "--filename=-"], text),
    () => own.has(probeName),
    signal,
  );
}

async function withdraw(source: Participant, own: Slices, signal: AbortSignal): Promise<void> {
  const words = ["delete", "endpointslice", probeName, `--namespace=${namespace}`, "--wait=false"];
  await settle(source.kubectl.run(words), () => !own.has(probeName), signal);
}

/** Waits until the region itself shows what was asked of it; a refusal shows as a link that does not come about. */
async function settle(
  asked: Promise<string>,
  isDone: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const answered = asked.catch((error: unknown) => {
    if (!(error instanceof KubectlError)) throw error;
  });
  await Promise.race([secondsUntil(isDone, introduction, signal), answered]);
}

/** Waits until something is so. @returns seconds that it took, or nothing when it did not come about in time */
async function secondsUntil(
  isSo: () => boolean,
  timeout: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const started = performance.now();
  for (;;) {
    const seconds = (performance.now() - started) / 1000;
    if (isSo()) return Math.round(seconds * 100) / 100;
    if (seconds > timeout || signal.aborted) return undefined;
    await sleep(tick);
  }
}
