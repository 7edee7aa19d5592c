import type { Machine } from '../machine.ts';
import type { Failure, Latency } from './load.ts';
import type { ReleaseOptions, SubjectName } from './options.ts';

/** What one fault did to one subject. */
export interface Outcome {
  readonly fault: string;
  readonly subject: SubjectName;
  /** How often it was done. */
  readonly times: number;
  readonly sent: number;
  readonly failed: { readonly get: number; readonly post: number; readonly byProxy: number };
  /** Failed requests that may not be done twice and that a backend had begun when it ended. */
  readonly inHand: number;
  /** Requests that may not be done twice and that came to backends more than once. */
  readonly duplicated: number;
  /** Connections of the client that the proxy ended. */
  readonly closed: number;
  readonly latencyMs: Latency;
  /** What failures said, and how many of them. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The first of them. */
  readonly failures: readonly Failure[];
}

/** Times of one subject with changes and without, in turns. */
export interface Pairs {
  readonly subject: SubjectName;
  readonly without: readonly Latency[];
  readonly with: readonly Latency[];
}

/** All that a run gave. */
export interface Measurement {
  readonly options: ReleaseOptions;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly outcomes: readonly Outcome[];
  readonly pairs: readonly Pairs[];
}
