import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The file as it was given to us: it is test data that is never edited. Its head says what each field means. */
export const casesFile = join(import.meta.dirname, 'cases.yaml');

/** One black-box case: objects, and requests with what ingress-nginx answered. */
export interface Case {
  readonly id: string;
  readonly title?: string;
  readonly source: string;
  /** `community`: not the dialect that its source speaks of. */
  readonly dialect?: 'community';
  readonly ingresses: readonly CaseIngress[];
  readonly services?: Readonly<Record<string, CaseService>>;
  readonly configmap?: Readonly<Record<string, string>>;
  readonly configmaps?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly tcp?: Readonly<Record<string, string>>;
  readonly udp?: Readonly<Record<string, string>>;
  readonly requests?: readonly CaseRequest[];
  readonly report?: CaseReport;
}

export interface CaseIngress {
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rules?: readonly { readonly host?: string; readonly paths: readonly CasePath[] }[];
  readonly tls?: readonly { readonly hosts: readonly string[]; readonly secret?: string }[];
  readonly default?: string;
}

export interface CasePath {
  readonly path: string;
  readonly type?: string;
  readonly svc: string;
  readonly port?: number;
}

export interface CaseService {
  readonly endpoints?: number;
  /** Endpoints that refuse connections. */
  readonly dead?: number;
  readonly missing?: boolean;
  readonly tls?: boolean;
  readonly grpc?: boolean;
  readonly cluster_ip?: boolean;
  readonly external_name?: string;
}

export interface CaseRequest {
  readonly method?: string;
  readonly scheme?: 'http' | 'https';
  /** Null: the request has no Host. */
  readonly host?: string | null;
  readonly path?: string;
  readonly path_bytes?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly header_bytes?: number;
  readonly cookies?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_bytes?: number;
  readonly chunked?: boolean;
  readonly slow_body?: { readonly bytes: number; readonly over_seconds: number };
  readonly from?: string;
  readonly proxy?: string;
  readonly client_cert?: 'good' | 'other';
  readonly sni?: string;
  readonly port?: number;
  readonly repeat?: number;
  readonly keep_cookies?: boolean;
  readonly as_fast_as_possible?: boolean;
  readonly grpc?: { readonly method: string };
  readonly udp?: number;
  readonly send?: string;
  readonly expect: CaseExpectation;
}

/** Null: must be absent. `/x/`: a regular expression. */
export type ExpectedTexts = Readonly<Record<string, string | null>>;

/** What an upstream is expected to have received. */
export interface ExpectedReceipt {
  readonly service?: string;
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly upstream?: ExpectedTexts;
}

export interface CaseExpectation {
  readonly status?: number | readonly number[];
  readonly service?: string;
  readonly path?: string;
  readonly upstream?: ExpectedTexts;
  readonly headers?: ExpectedTexts;
  readonly dist?: Readonly<Record<string, number>>;
  readonly tol?: number;
  readonly statuses?: Readonly<Record<string, readonly [number, number]>>;
  readonly same_endpoint?: boolean;
  readonly same_service?: boolean;
  readonly endpoints?: number;
  readonly each_endpoint_share?: readonly [number, number];
  readonly seconds?: readonly [number, number];
  readonly upstream_calls?: number;
  readonly upstream_time_to_body?: readonly [number, number];
  readonly via_cluster_ip?: boolean;
  readonly mirrored?: ExpectedReceipt;
  readonly auth?: ExpectedReceipt;
  readonly auth_calls_total?: number;
  readonly peer_cert?: string;
  readonly grpc_status?: number;
  readonly udp_reply?: string;
}

/** What `sluice migrate` is to say of a case. */
export interface CaseReport {
  readonly annotation: string | null;
  readonly level: 'unsupported' | 'approximate' | 'dangerous' | 'note';
  readonly text?: string;
}

/** Further cases, in the same form, each from the source that it names. */
export const furtherFile = join(import.meta.dirname, 'further-cases.yaml');

/** All cases, in the order of a file. */
export function readCases(file = casesFile): readonly Case[] {
  return (parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Case[] }).cases;
}

/** Whose annotations they are: those of Alibaba's ACK where the source is its documents. */
export function dialectOf({ dialect, source }: Case): 'nginx' | 'ack' {
  return dialect === undefined && source.startsWith('Alibaba ACK') ? 'ack' : 'nginx';
}

/** The address that requests come from unless they say otherwise: `${client}`. */
export const clientAddress = '127.0.0.1';
