import type { Origin } from '../diagnostic.ts';

/** What goes out by SDS. Values are never logged, printed or stored (promise 13). */
export type Secret = CertificateSecret | AuthoritySecret | TicketKeysSecret | GenericSecret;

/** A certificate chain with its key. */
export interface CertificateSecret {
  readonly type: 'certificate';
  /** `NAMESPACE/NAME` of the Secret. */
  readonly name: string;
  readonly certificateChainPem: string;
  readonly privateKeyPem: string;
  /** An answer of OCSP (DER) that clients are shown with it. Undefined: they ask the authority themselves, if at all. */
  readonly ocspStaple?: Uint8Array;
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

/** What tickets of TLS sessions are sealed with: all Envoys that have it take up the sessions of each other. */
export interface TicketKeysSecret {
  readonly type: 'ticketKeys';
  /** See `ticketKeysName` in names.ts. */
  readonly name: string;
  /** 80 bytes: 16 of a name, 32 for HMAC, 32 for AES. */
  readonly key: Uint8Array;
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
