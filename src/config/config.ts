import type { ClientLimits } from '../client-limits.ts';
import type { Settings } from '../settings.ts';
import type { KubernetesConfig } from './kubernetes-options.ts';
import type { logLevels } from './server-options.ts';

/** What a server is started with. */
export interface Config {
  /** Folders or files that objects are read from. */
  readonly config: readonly string[];
  /** Undefined: no cluster is read. */
  readonly kubernetes?: KubernetesConfig;
  /** Nothing is written to the cluster. */
  readonly readOnly: boolean;
  /** `HOST:PORT`; port 0 takes a free one. */
  readonly xdsAddress: string;
  readonly adminAddress: string;
  /** File that holds the token of the admin API; undefined: see `adminToken`. */
  readonly adminTokenFile?: string;
  /** From the environment only: a command line is seen by everyone on the machine. */
  readonly adminToken?: string;
  /** xDS beyond this machine without certificates of clients. */
  readonly insecure: boolean;
  /** TLS for xDS; undefined: plain text. */
  readonly tls?: TlsPaths;
  /** Trust domain of the certificates of clients: `spiffe://TRUST-DOMAIN/group/GROUP`. */
  readonly trustDomain: string;
  /** What clients may take of the server. */
  readonly clientLimits: ClientLimits;
  readonly logLevel: (typeof logLevels)[number];
  /** Folder that revisions are kept in; undefined: they are kept in memory, and end with the process. */
  readonly stateDir?: string;
  /** File with the key that secrets are sealed with in it; undefined: no value of a secret is written. */
  readonly stateKeyFile?: string;
  /** The auth service that Envoys ask, `HOST:PORT` or `unix:PATH`, and the file with the key that it shares; undefined: one is started on this machine. */
  readonly authzService?: { readonly address: string; readonly keyFile: string };
  /** File that says what the Envoys of Gateways are like; undefined: none are made. */
  readonly provisionFile?: string;
  /** Admin pages of Envoys that are asked which endpoints they leave out. */
  readonly envoyAdmins: readonly string[];
  /** Port of the views beside connected Envoys that are asked the same. Undefined: none is. */
  readonly envoyViewPort?: number;
  readonly settings: Settings;
}

/** Files with PEM. */
interface TlsPaths {
  /** The server's certificate, then what vouches for it. */
  readonly certificateChain: string;
  readonly privateKey: string;
  /** Authorities of clients; undefined: clients show no certificate. */
  readonly clientAuthorities?: string;
}
