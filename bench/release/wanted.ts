import type { CertificateAndKey } from '../../examples/quickstart/backends/self-signed.ts';

/** What a proxy shall do, in nobody's words: each subject says it in its own. */
export interface Wanted {
  /** By name. */
  readonly pools: Readonly<Record<string, readonly Endpoint[]>>;
  /** Of every pool; undefined: as it is by default. Only Sluice is told. */
  readonly policy?: Policy;
  /** Of `httpHost`, in the order in which they are written. */
  readonly rules: readonly Rule[];
  readonly certificate: CertificateAndKey;
}

/** A backend on 127.0.0.1. */
export interface Endpoint {
  readonly port: number;
  /** It still serves and shall get no new requests: in Kubernetes not ready, serving and terminating. */
  readonly ending: boolean;
}

/** How a pool spreads requests: fields of a BackendPolicy. */
export interface Policy {
  readonly balancer: 'LeastRequest' | 'RoundRobin';
  readonly slowStart: { readonly mode: 'Off' | 'Envoy' | 'Sluice'; readonly windowSeconds: number };
}

/** Where requests of a path go. */
export interface Rule {
  readonly prefix: string;
  /** Value of a header of the answer: what an edit changes. */
  readonly edit: string;
  /** Shares by pool. */
  readonly split: Readonly<Record<string, number>>;
}

/** Where a proxy listens on 127.0.0.1; `grpc` is cleartext HTTP/2. */
export interface Ports {
  readonly http: number;
  readonly https: number;
  readonly grpc: number;
}

export const httpHost = 'shop.bench';
export const grpcHost = 'grpc.bench';
/** The pool of `grpcHost`. */
export const grpcPool = 'grpc';
