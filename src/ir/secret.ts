import type { Origin } from '../diagnostic.ts';

/** What goes out by SDS. Values are never logged, printed or stored (promise 13). */
export type Secret = CertificateSecret | AuthoritySecret | GenericSecret;

/** A certificate chain with its key. */
export interface CertificateSecret {
  readonly type: 'certificate';
  /** `NAMESPACE/NAME` of the Secret. */
  readonly name: string;
  readonly certificateChainPem: string;
  readonly privateKeyPem: string;
  readonly origins: readonly Origin[];
}

/** Certificates of authorities that a peer is checked against. */
export interface AuthoritySecret {
  readonly type: 'authority';
  /** See `authorityName` in names.ts. */
  readonly name: string;
  /** One or more certificates, joined. */
  readonly authoritiesPem: string;
  /** Certificates that they have taken back. Undefined: nobody asks. */
  readonly revocationsPem?: string;
  readonly origins: readonly Origin[];
}

/** A text that a filter of a listener reads. */
export interface GenericSecret {
  readonly type: 'generic';
  /** See `sessionKeysName` in names.ts. */
  readonly name: string;
  readonly text: string;
  readonly origins: readonly Origin[];
}
