import type { Machine } from '../machine.ts';
import type { Memory } from '../memory.ts';
import type { Requests } from './cluster.ts';
import type { KubernetesOptions } from './options.ts';

/** From the start of `sluice serve` until it answers Envoys. */
export interface FirstSnapshot {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly memory: Memory;
  readonly requests: Requests;
  /** The same lists, read in pages and parsed, and nothing else done with them: what a server has to pay at least. */
  readonly control: { readonly seconds: number; readonly cpuSeconds: number };
}

/** From an Envoy that has all of it until the status of every object says so. */
export interface StatusWrites {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Objects whose status was written, and how often that was done. */
  readonly objects: number;
  readonly writes: number;
  readonly memory: Memory;
  /** Since the start of Sluice. */
  readonly requests: Requests;
}

/** One change of an EndpointSlice, in milliseconds. */
export interface EndpointTimes {
  /** From the request that changes it until the watcher of the bench hears of it. */
  readonly apiServer: number;
  /** From there until Sluice sends its endpoints, but for the time in which it waits for the Envoy. */
  readonly sluice: number;
  /** From there until the Envoy acknowledges them, and how long it had not acknowledged those before: until it does, Sluice merges what comes. */
  readonly envoy: number;
}

export interface EndpointChanges {
  readonly each: readonly EndpointTimes[];
  /** Changes that were never acknowledged. */
  readonly missed: number;
  readonly refused: number;
  /** Of Sluice, for all changes. */
  readonly cpuSeconds: number;
  readonly memory: Memory;
  readonly requests: Requests;
}

/** One HTTPRoute that is created, in milliseconds. */
export interface RouteTimes {
  /** From the request that creates it until the watcher of the bench hears of it. */
  readonly apiServer: number;
  /** From there until Sluice sends the table. */
  readonly sluice: number;
  /** From there until the first request of it is answered with 200. */
  readonly envoy: number;
}

export interface RouteChanges {
  readonly each: readonly RouteTimes[];
  /** An Envoy that reads the same tables from a file: from the file until the first 200. */
  readonly alone: readonly number[];
  /** Bytes of a table. */
  readonly tableBytes: number;
  /** Of Sluice, for all of them. */
  readonly cpuSeconds: number;
  readonly requests: Requests;
}

/** All that a run gave. */
export interface Measurement {
  readonly at: string;
  readonly options: KubernetesOptions;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly first: FirstSnapshot;
  readonly status: StatusWrites;
  readonly endpoints: EndpointChanges;
  /** Undefined: left out. */
  readonly routes?: RouteChanges;
}
