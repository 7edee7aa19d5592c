import type { Report } from '../../diagnostic.ts';
import { ownCertificateName } from '../../ir/names.ts';
import type { CertificateSecret } from '../../ir/secret.ts';
import type { IngressSettings } from '../../settings.ts';
import type { StoreView } from '../../store/view.ts';
import { servedCertificate } from '../tls.ts';

/** A certificate that Sluice makes itself, with its key, both PEM. */
export interface OwnCertificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * The certificate of the host names that have none: that of `--default-ssl-certificate`, else one that vouches for nothing, so that HTTPS can be had at all, as
 * behind ingress-nginx. Gives `SecretNotFound`, `InvalidCertificate`.
 */
export function defaultCertificate(view: StoreView, { defaultCertificate: name }: IngressSettings, own: OwnCertificate, report: Report): CertificateSecret {
  const [namespace = '', secret = ''] = (name ?? '').split('/');
  const consequence = 'host names without a certificate have one that Sluice makes itself, which no client trusts';
  const written = name === undefined ? undefined : servedCertificate(view, namespace, secret, () => ({}), consequence, report);
  return written?.secret ?? ownCertificateSecret(own);
}

/** That one, as listeners ask for it. */
export function ownCertificateSecret({ certificate, key }: OwnCertificate): CertificateSecret {
  return { type: 'certificate', name: ownCertificateName, certificateChainPem: certificate, privateKeyPem: key, origins: [] };
}
