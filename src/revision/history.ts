import type { Diagnostic, Origin } from '../diagnostic.ts';
import type { EndpointOrigin } from '../ir/backend.ts';
import type { ResourceMap, Snapshot } from '../resource.ts';
import type { KeptAges } from '../warm-up/kept-ages.ts';

/** An object whose change led to a revision. */
export interface Cause {
  /** `KIND NAMESPACE/NAME`. */
  readonly object: string;
  readonly change: 'added' | 'changed' | 'removed';
  /** Where the object stood; undefined where that is not known. */
  readonly at?: Origin;
}

/** What a history knows of a revision without reading its content. */
export interface RevisionRecord {
  readonly group: string;
  readonly revision: string;
  /** The revision that was built before it; undefined for the first of a group. */
  readonly parent?: string;
  /** When it was built for the first time, in milliseconds since 1970. */
  readonly at: number;
  /** What changed since its parent, at most 20. */
  readonly cause: readonly Cause[];
  /** How many causes more there were. */
  readonly moreCauses: number;
  /** How many resources it has, by type. */
  readonly counts: Readonly<Record<'listeners' | 'routes' | 'clusters' | 'secrets', number>>;
}

/** A revision as a history lists it. */
export interface ListedRevision extends RevisionRecord {
  /** When it was built last, in milliseconds since 1970: later than `at` where an older configuration came back. */
  readonly lastAt: number;
  /** Whether its content is still there; where room was short, or a file is broken, only the record is. */
  readonly hasContent: boolean;
}

/** A revision with its content. */
export interface KeptRevision {
  readonly record: RevisionRecord;
  /** The configuration. Endpoints are empty, as they are no part of a revision. */
  readonly snapshot: Snapshot;
  /** By cluster: where its endpoints come from, so that an old revision can be served with the endpoints of today. */
  readonly endpointOrigins: ReadonlyMap<string, EndpointOrigin>;
}

/** A revision as it comes back from a history. Its snapshot has the name of the revision also where secrets are missing. */
export interface LoadedRevision extends KeptRevision {
  /** Secrets whose values were not kept (promise 13), by name with their version: they are not in the snapshot. */
  readonly missingSecrets: ReadonlyMap<string, string>;
}

/** What of a group is in force: remembered over restarts. */
export interface KeptRelease {
  /** The revision that is served. */
  readonly served: string;
  /** Since when, in milliseconds since 1970. */
  readonly at: number;
  /** Set while newer revisions are held back by hand. */
  readonly pin?: { readonly since: number; readonly why: string };
}

/** What a group was served last, with what is needed to serve it again. */
export interface LastServed {
  readonly release: KeptRelease;
  readonly kept: LoadedRevision;
  /** The endpoints as they were known last. */
  readonly endpoints: ResourceMap;
}

/**
 * Remembers the revisions of every group: the last 100 of the last 7 days, of each group always the newest ten and the one
 * that is served. Nothing that goes wrong with it ever throws or delays a caller: it is a diagnostic.
 */
export interface History {
  /** Takes a revision; writing goes on behind. One that is known moves to the front. The snapshot is read, never changed. */
  keep(kept: KeptRevision): void;
  /** Settles when all that was there before this process is known; until then `records` has only what is new. What is served does not wait for it. */
  opened(): Promise<void>;
  /** Newest first; empty for a group that is not known. */
  records(group: string): readonly ListedRevision[];
  /** Undefined: not known, or its content is there no longer. */
  load(group: string, revision: string): Promise<LoadedRevision | undefined>;
  /** Remembers what is in force, over restarts; the revision that is served is never dropped. */
  release(group: string, release: KeptRelease): void;
  /** Takes the endpoints of a group as they are now. May be called for every change: they are written at most once a second. */
  endpoints(group: string, endpoints: ResourceMap): void;
  /** Takes the ages of endpoints as they are now; written as the endpoints are, and before them. */
  ages(ages: KeptAges): void;
  /** A group that nothing asks for any more: it is dropped after 7 days, unless a revision of it is kept before. */
  retire(group: string): void;
  /** What the server before this one served, by group; empty where nothing outlives a process. Retired groups are left out. Read once, at the start. */
  lastServed(): Promise<readonly LastServed[]>;
  /** What the server before this one knew of the ages of endpoints. Read once, at the start. */
  lastAges(): Promise<KeptAges>;
  /** What stands now: files that could not be read, a folder that cannot be written, secrets that are missing. */
  diagnostics(): readonly Diagnostic[];
  /** Where it is, for people: a folder, or `memory`. */
  readonly place: string;
  /** Whether values of secrets are kept. */
  readonly keepsSecrets: boolean;
  /** How much is remembered. */
  usage(): { readonly revisions: number; readonly bytes: number };
  /** Settles when everything is written, or cannot be. */
  stop(): Promise<void>;
}
