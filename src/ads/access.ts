import type { ClientLimits } from '../client-limits.ts';
import type { KeyFiles } from '../tls/key-files.ts';
import { type CertificateInfo, certificateInfos } from '../tls/key-material.ts';

/** By which rules clients get in, as it is in force. */
export interface Access {
  /** `mutual`: who shows no certificate that names its group does not get in. */
  readonly tls: 'none' | 'server' | 'mutual';
  /** Undefined without mutual TLS. */
  readonly trustDomain?: string;
  /** What the server shows; undefined without TLS. */
  readonly certificate?: CertificateInfo;
  /** Whom it believes; undefined without mutual TLS. */
  readonly clientAuthorities?: readonly CertificateInfo[];
  readonly limits: ClientLimits;
}

/** The rules as they are now. */
export function accessOf(keyFiles: KeyFiles | undefined, trustDomain: string, limits: ClientLimits): Access {
  if (!keyFiles) return { tls: 'none', limits };
  const { certificateChain, clientAuthorities } = keyFiles.current();
  const [certificate] = certificateInfos(certificateChain);
  const shown = certificate ? { certificate } : {};
  if (clientAuthorities === undefined) return { tls: 'server', ...shown, limits };
  return { tls: 'mutual', trustDomain, ...shown, clientAuthorities: certificateInfos(clientAuthorities), limits };
}
