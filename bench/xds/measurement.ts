import type { ConfigAnswer } from '../../src/admin/api/config.ts';
import type { Machine } from '../machine.ts';
import type { CameBack, Changed, Connected } from './load.ts';
import type { BenchOptions, Protocol } from './options.ts';

/** What was measured of Sluice and of its controls in one protocol, in one run. */
export interface ProtocolMeasurement {
  readonly cold: { readonly sluice: Connected; readonly peer: Connected };
  /** One endpoint changes, and the next one when all have it; the servers took turns. */
  readonly changes: { readonly sluice: Changed; readonly peer: Changed; readonly goSender: Changed; readonly nodeSender: Changed };
  /** The open loop. Undefined: left out. */
  readonly rate?: { readonly sluice: Changed & { readonly residentBeforeMiB: number }; readonly nodeSender: Changed };
  /** With a stream beside the others that lets nothing be sent to it, and without, in turns. */
  readonly deaf: { readonly without: Changed; readonly with: Changed };
  readonly reconnect: { readonly unchanged: CameBack; readonly changed: CameBack };
  /** The most memory that Sluice held in all of this. */
  readonly peakMiB: number;
  /** What was in force in this Sluice, and how much history it had at the end. */
  readonly config: ConfigAnswer;
}

/** Milliseconds from the change until a real Envoy sends its traffic elsewhere. */
export interface EnvoyMeasurement {
  readonly version: string;
  readonly sluice: Moved;
  /** Without a server: it reads files. */
  readonly alone: Moved;
  readonly peer: Moved;
  readonly goSender: Moved;
}

/** How traffic moved. */
export interface Moved {
  /** In the order of the changes. */
  readonly timesMs: readonly number[];
  /** Requests that were not answered by one of the two backends. */
  readonly failed: number;
}

/** All that a run gave. */
export interface Measurement {
  readonly at: string;
  readonly options: BenchOptions;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly protocols: Readonly<Partial<Record<Protocol, ProtocolMeasurement>>>;
  readonly envoy?: EnvoyMeasurement;
}
