import type { Diagnostic } from '../diagnostic.ts';
import type { KeptRelease, RevisionRecord } from '../revision/history.ts';
import type { KeptAges } from '../warm-up/kept-ages.ts';

/** A revision as it is written down: its content is in bundles, which revisions share. */
export interface Entry {
  readonly record: RevisionRecord;
  /** In milliseconds since 1970. */
  readonly lastAt: number;
  /** Larger for what was kept later, over restarts and whatever the clock says. */
  readonly order: number;
  /** Bundles of its content; undefined: it is gone, or not written yet. */
  readonly bundles: readonly StoredBundle[] | undefined;
  /** Name and version of each secret, whether or not its value is kept. */
  readonly secrets: readonly (readonly [name: string, version: string])[];
}

/** Where a bundle is, and how large. */
export interface StoredBundle {
  /** Names it for the medium. */
  readonly key: string;
  readonly bytes: number;
  /** Holds values of secrets, which may be unreadable without making the revision so. */
  readonly secret: boolean;
}

/** What is in force in a group, as it is written down. */
export interface GroupRelease {
  readonly group: string;
  /** Undefined where nothing was ever served. */
  readonly release?: KeptRelease;
  /** When nothing asked for the group any more; undefined for a group that lives. */
  readonly retiredAt?: number;
}

/** What a medium held when it was opened. */
export interface MediumContent {
  readonly entries: readonly Entry[];
  readonly releases: readonly GroupRelease[];
  /** Keys of all bundles, of which those that no entry has may be removed; empty where some entries could not be read. */
  readonly bundles: readonly string[];
}

/** What a history is written on. Every promise rejects where writing is not possible now; reading what is broken gives undefined and a diagnostic. */
export interface Medium {
  /** Where it is, for people. */
  readonly place: string;
  /** Takes the medium for this process. True where it was just taken, false where it is held already. Rejects while another one has it; writing is not allowed before. */
  claim(): Promise<boolean>;
  read(): Promise<MediumContent>;
  /** What is in force in each group, with the revision that is served: a small part of what `read` gives. Undefined where that one cannot be read. */
  readServed(): Promise<readonly { readonly release: GroupRelease; readonly entry: Entry | undefined }[]>;
  /** Key under which a bundle of this id is stored. */
  keyOf(id: string, secret: boolean): string;
  /** Whether values of secrets may be written at all. */
  readonly keepsSecrets: boolean;
  writeBundle(bundle: Pick<StoredBundle, 'key' | 'secret'>, content: Buffer): Promise<void>;
  readBundle(bundle: Pick<StoredBundle, 'key' | 'secret'>): Promise<Buffer | undefined>;
  removeBundle(key: string): Promise<void>;
  writeEntry(entry: Entry): Promise<void>;
  removeEntry(record: Pick<RevisionRecord, 'group' | 'revision'>): Promise<void>;
  writeRelease(release: GroupRelease): Promise<void>;
  /** Removes the release, the endpoints and whatever else there is of a group. */
  removeGroup(group: string): Promise<void>;
  /** One part of the endpoints of a group, encoded as a bundle; undefined removes it. */
  writeEndpoints(group: string, part: number, content: Buffer | undefined): Promise<void>;
  readEndpoints(group: string): Promise<readonly Buffer[]>;
  writeAges(ages: KeptAges): Promise<void>;
  /** Undefined: none are kept. */
  readAges(): Promise<KeptAges | undefined>;
  diagnostics(): readonly Diagnostic[];
  /** Gives the medium back. */
  close(): Promise<void>;
}
