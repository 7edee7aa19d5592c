import type { Run } from '../../run.ts';
import type { ReleaseBinaries } from '../context.ts';
import type { Ports, Wanted } from '../wanted.ts';

/** A proxy, with the server that tells it what to do where it has one. */
export interface Subject {
  readonly ports: Ports;
  /** Of the proxy; the workers of nginx are its children. */
  readonly pid: number;
  /** Hands a change over, as its users do; done does not mean in force. */
  apply(wanted: Wanted): Promise<void>;
  /** Done when the proxy gives an endpoint that ends no new request. Undefined: nobody can tell. */
  readonly hasLetGo?: (port: number) => Promise<void>;
  /** Ends the server and starts it again; the proxy stays. Undefined: it has none. */
  readonly restartServer?: () => Promise<void>;
  stop(): Promise<void>;
}

export interface SubjectOptions {
  readonly run: Run;
  /** Takes all files of this one; exists. */
  readonly folder: string;
  readonly wanted: Wanted;
  /** Sluice as it is shipped. */
  readonly sluice: string;
  readonly envoy: string;
  readonly nginx: string;
  readonly binaries: Pick<ReleaseBinaries, 'peer'>;
  /** Threads, or processes, of the proxy. */
  readonly workers: number;
  /** After how many requests nginx ends the connection of a client; Envoy never does. */
  readonly requestsOfConnection: number;
}
