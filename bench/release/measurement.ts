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
  /** GET among them whose answer had begun. */
  readonly cut: number;
  /** Failed requests that may not be done twice, by where the end of a backend met them. Those that stand nowhere here failed without one. */
  readonly met: MetByEnd;
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

/** Where requests were when a backend ended. */
export interface MetByEnd {
  /** It had begun them, by its own word. */
  readonly begun: number;
  /** They had come to one of its connections, and it had not begun them. Undefined: nobody saw. */
  readonly unread?: number;
  /** They came after it had ended the connection, of which the proxy had not heard yet. Undefined: nobody saw. */
  readonly crossed?: number;
  /** The proxy says that a connection ended under them, and no packet of them was seen: its end had come already. Undefined: nobody saw, or not all of it. */
  readonly unsent?: number;
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
