import { diagnostic, type Report } from '../../diagnostic.ts';
import { clientSubjectHeader, serverNameHeader } from '../../ir/names.ts';
import type { ValueMatch } from '../../ir/route.ts';
import type { CertificateSecret } from '../../ir/secret.ts';
import { annotationOrigin } from '../../nginx/annotation-origin.ts';
import type { Controller } from '../../nginx/controller.ts';
import { type ClientCertificateConfig, clientCertificate } from '../../nginx/family/client-certificate.ts';
import type { StoreView } from '../../store/view.ts';
import { authoritySecret } from '../authority.ts';
import { serverChain } from '../gateway.ts';
import type { GroupPort } from '../group-port.ts';
import { checkRegex } from '../regex.ts';
import type { HostTls } from './host-tls.ts';
import type { Server } from './location.ts';

type Asked = Extract<ClientCertificateConfig, { readonly type: 'asked' }>;

/** What a host name asks of the certificates of clients. `closed`: nobody is let in. */
export type ClientCheck =
  | 'closed'
  | (Pick<Asked, 'mode' | 'errorPage' | 'passesCertificate'> & {
      readonly serverName: ValueMatch;
      /** What the certificate must be of. Undefined: of anybody. */
      readonly subject?: ValueMatch;
    });

interface CheckContext {
  readonly view: StoreView;
  readonly controller: Controller;
  readonly report: Report;
  /** Of host names without a certificate of their own. */
  readonly certificate: CertificateSecret;
  readonly tlsOf: HostTls;
}

/**
 * What a host name asks of the certificates of clients, by its oldest location that asks; connections for it are asked for one then. Undefined: nothing.
 * Gives `IngressDenied`, `InvalidRegex`, `RegexTooLarge`, `RegexCostly`, and what authorities give.
 */
export function clientCheckOf(
  server: Server,
  https: GroupPort | undefined,
  { view, controller, report, certificate, tlsOf }: CheckContext,
): ClientCheck | undefined {
  const [location] = server.locations.filter(({ reading }) => reading.of(clientCertificate));
  const config = location?.reading.of(clientCertificate);
  if (!location || !config) return undefined;
  const { host, authority } = server;
  const at = (annotation = 'auth-tls-secret') => annotationOrigin(location.ingress, controller, annotation);
  const close = (message: string, isUnsupported: boolean, annotation?: string): ClientCheck => {
    const as = isUnsupported ? 'unlike behind ingress-nginx' : 'as ingress-nginx does';
    report(diagnostic('IngressDenied', at(annotation), `All requests for ${host} are answered with 403, ${as}: ${message}.`, 'Mend or remove the annotation.'));
    return 'closed';
  };
  if (config.type === 'closed') return close(config.message, config.isUnsupported, config.annotation);
  if (host === '*') return close('Sluice asks for certificates only where the host name is written', true);
  if (!https) return close('port 443 cannot be had', true);
  const { secret, verifyDepth, subject: written, ...check } = config;
  const subject: ValueMatch | undefined = written === undefined ? undefined : { name: clientSubjectHeader, type: 'regex', value: `(?s).*(?:${written}).*` };
  if (subject?.value !== undefined && !checkRegex(subject.value, () => at('auth-tls-match-cn'), report)) {
    return close('its expression cannot be matched', true, 'auth-tls-match-cn');
  }
  const authorities = authoritySecret(view, secret.namespace, [{ kind: 'Secret', name: secret.name, at }], report);
  if (!authorities) return close(`the Secret ${secret.namespace}/${secret.name} holds no authorities`, false);
  https.secrets.set(authorities.name, authorities);
  const chain = https.chains.get(host) ?? serverChain(https, host, tlsOf(host, certificate), { origin: at });
  https.secrets.set(certificate.name, certificate);
  https.chains.set(host, { ...chain, tls: { ...(chain.tls ?? tlsOf(host, certificate)), clients: { authority: authorities.name, verifyDepth } } });
  return { ...check, serverName: serverNameOf(host, authority), ...(subject && { subject }) };
}

/** The name that the connection must have been opened for, without which its certificate was not looked at. */
function serverNameOf(host: string, authority: string | undefined): ValueMatch {
  if (authority === undefined) return { name: serverNameHeader, type: 'exact', value: host };
  return { name: serverNameHeader, type: 'regex', value: `[^.]+${host.slice(1).replaceAll('.', '\\.')}` };
}
