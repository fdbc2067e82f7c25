import type { Shown } from "./slices";

/** A certificate of a region's mesh. */
export interface CertificateSeen {
  /** Whose it is: `server`, `admin`, `remote` or `local`. */
  user: string;
  commonName: string;
  /** End of its time, ISO 8601. */
  validUntil: string;
  /** Whole days that are left; negative when it has ended. */
  daysLeft: number;
  /** SHA-256 of the CA beside it in its Secret. */
  authority: string;
  /** Whether that CA signed it. */
  signedByAuthority: boolean;
}

/** What one region says of itself. */
export interface RegionSeen {
  /** Why it could not be looked at, in one sentence; nothing more is known of it then. */
  unreachable?: string;
  /** Name under which its Cilium takes part in the mesh. */
  clusterName?: string;
  /** Range that its Cilium gives pods their addresses from. */
  podRange?: string;
  certificates: CertificateSeen[];
}

/** What came of one directed link. */
export interface LinkSeen {
  /** The region that looks. */
  observer: string;
  /** The region that is looked for. */
  source: string;
  /** Address that the source announced. */
  address: string;
  /** Seconds from the endpoint's creation until the observer showed it; absent when it never did. */
  appearedAfter?: number;
  /** Seconds from its deletion until the observer had forgotten it; absent when it never did. */
  goneAfter?: number;
  /** What the observer showed at the end of the wait that failed. */
  shownInstead: Shown[];
}

/** Everything that a look has found. */
export interface Observation {
  /** Seconds that each step of a link had. */
  timeout: number;
  regions: Record<string, RegionSeen>;
  /** Links between regions that could be looked at. */
  links: LinkSeen[];
}
