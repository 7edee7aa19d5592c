import type { UpstreamTls } from '../../ir/backend.ts';
import type { Secret } from '../../ir/secret.ts';
import { secretText } from '../../kind/secret-text.ts';
import { annotationOrigin } from '../../nginx/annotation-origin.ts';
import { type UpstreamTlsConfig, upstreamTls } from '../../nginx/family/upstream-tls.ts';
import { authoritySecret } from '../authority.ts';
import { servedCertificate } from '../tls.ts';
import type { FeatureContext } from './feature/feature.ts';
import type { Location } from './location.ts';

/** As nginx does where nothing is said. */
const unverified: UpstreamTls = { isUnverified: true, subjectAltNames: [] };

/**
 * TLS towards the backends of an Ingress: any certificate is taken unless it says otherwise. Undefined: it asks for what its Secret does not hold, and going on
 * without is no choice. Gives `SecretNotFound`, `InvalidCertificate`, `AuthorityNotFound`, `InvalidAuthority`.
 */
export function upstreamTlsOf(
  { ingress, reading, backend: { service } }: Pick<Location, 'ingress' | 'reading' | 'backend'>,
  { view, controller, report }: Pick<FeatureContext, 'view' | 'controller' | 'report'>,
): { readonly tls: UpstreamTls; readonly secrets: readonly Secret[] } | undefined {
  const config = reading.of(upstreamTls);
  if (!config) return { tls: unverified, secrets: [] };
  const { namespace, name } = config.secret;
  const at = () => annotationOrigin(ingress, controller, 'proxy-ssl-secret');
  const holdsCertificate = secretText(view.get('Secret', namespace, name)?.object ?? {}, 'tls.crt') !== undefined;
  const certificate = holdsCertificate ? servedCertificate(view, namespace, name, at, 'requests to the backend are answered with an error', report) : undefined;
  const authority = config.isVerified ? authoritySecret(view, namespace, [{ kind: 'Secret', name, at }], report) : undefined;
  if ((holdsCertificate && !certificate) || (config.isVerified && !authority)) return undefined;
  // What nginx calls the upstream, and asks for where no name is written.
  const port = service?.port?.name ?? service?.port?.number ?? '';
  const hostname = config.hostname ?? `${ingress.namespace}-${service?.name}-${port}`;
  return {
    tls: {
      ...tlsOf(config, hostname),
      ...(authority && { authority: authority.name }),
      ...(certificate && { clientCertificate: certificate.secret.name }),
    },
    secrets: [...(authority ? [authority] : []), ...(certificate ? [certificate.secret] : [])],
  };
}

function tlsOf({ isVerified, sendsName, verifyDepth, versions, ciphers }: UpstreamTlsConfig, hostname: string): UpstreamTls {
  return {
    ...(sendsName && { hostname }),
    ...(isVerified ? { verifyDepth, subjectAltNames: [{ type: 'dns', value: hostname }] } : { isUnverified: true, subjectAltNames: [] }),
    versions,
    ...(ciphers.length > 0 && { ciphers }),
  };
}
