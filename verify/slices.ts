import * as z from "zod";

const meshController = "endpointslice-mesh-controller.cilium.io";

const sliceShape = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
  endpoints: z.array(z.object({ addresses: z.array(z.string()) })).nullish(),
});

const watchEvent = z.object({ type: z.string(), object: sliceShape });

/** An EndpointSlice, as far as it matters here. */
export type Slice = z.infer<typeof sliceShape>;

/** What the API server tells a watcher of each change. */
export type WatchEvent = z.infer<typeof watchEvent>;

/** Reads a line of a watching kubectl; nothing when it does not speak of a slice, as at the end of a watch. */
export function readEvent(line: string): WatchEvent | undefined {
  try {
    return watchEvent.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** An address that a region shows as another region's. */
export interface Shown {
  /** The region that it is shown as. */
  source: string;
  address: string;
}

/** The probe's slices in one region, kept up to date by the events of a watch. */
export class Slices {
  private readonly byName = new Map<string, Slice>();

  /** A new watch tells everything again. */
  forget(): void {
    this.byName.clear();
  }

  apply({ type, object }: WatchEvent): void {
    if (type === "DELETED") this.byName.delete(object.metadata.name);
    else if (type === "ADDED" || type === "MODIFIED") this.byName.set(object.metadata.name, object);
  }

  /** Whether a slice of this name is there. */
  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** Whether the region has heard of the Service of another one, be it without an endpoint. */
  knows(source: string): boolean {
    return this.ofMesh().some((slice) => sourceOf(slice) === source);
  }

  /** Every address that the mesh has brought. */
  shown(): Shown[] {
    return this.ofMesh().flatMap((slice) =>
      (slice.endpoints ?? [])
        .flatMap(({ addresses }) => addresses)
        .map((address) => ({ source: sourceOf(slice), address })),
    );
  }

  /** Addresses that are shown as those of one region. */
  of(source: string): string[] {
    return this.shown()
      .filter((shown) => shown.source === source)
      .map(({ address }) => address);
  }

  private ofMesh(): Slice[] {
    return [...this.byName.values()].filter(
      ({ metadata }) =>
        metadata.labels?.["endpointslice.kubernetes.io/managed-by"] === meshController,
    );
  }
}

const sourceOf = ({ metadata }: Slice) =>
  metadata.labels?.["multicluster.kubernetes.io/source-cluster"] ?? "";
