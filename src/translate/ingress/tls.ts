import { diagnostic, type Origin, type Report } from '../../diagnostic.ts';
import type { CertificateSecret } from '../../ir/secret.ts';
import type { Stored } from '../../store/stored.ts';
import type { StoreView } from '../../store/view.ts';
import { serverChain } from '../gateway.ts';
import type { GroupPort } from '../group-port.ts';
import { isNameFor } from '../hostname.ts';
import { checkHost, servedCertificate } from '../tls.ts';
import type { HostTls } from './host-tls.ts';
import type { Server } from './location.ts';

/** A host name that an Ingress wants HTTPS for. */
export interface TlsHost {
  readonly ingress: Stored<'Ingress'>;
  /** `*` for all host names. */
  readonly host: string;
  /** Undefined: none is named. */
  readonly secretName: string | undefined;
  at(): Origin;
}

/**
 * The host names with HTTPS. An entry without hosts means those of the rules that no other entry of the Ingress names.
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
 */
export function tlsHosts(ingresses: readonly Stored<'Ingress'>[]): readonly TlsHost[] {
  return ingresses.flatMap((ingress) => {
    const entries = ingress.object.spec.tls ?? [];
    const named = new Set(entries.flatMap(({ hosts }) => hosts ?? []));
    const rest = (ingress.object.spec.rules ?? []).map(({ host }) => host || '*').filter((host) => !named.has(host));
    return entries.flatMap(({ hosts, secretName }, index) =>
      [...new Set(hosts && hosts.length > 0 ? hosts : rest)].map((host) => ({
        ingress,
        host,
        secretName: secretName || undefined,
        at: () => ingress.origin(['spec', 'tls', index]),
      })),
    );
  });
}

/** Whether a host name has HTTPS by one of these. */
export function hasTls(hosts: ReadonlySet<string>, host: string): boolean {
  if (hosts.size === 0) return false;
  if (hosts.has(host)) return true;
  const wildcard = `*${host.slice(host.indexOf('.'))}`;
  return hosts.has(wildcard) && isNameFor(wildcard, host);
}

/**
 * Adds a chain for each host name, with the certificate of its Secret. Where that is missing or broken the host name has the default
 * certificate, as behind ingress-nginx; what was meant for HTTPS is not served by plain HTTP instead.
 * Gives `ListenerConflict`, `SecretNotFound`, `InvalidCertificate`, `CertificateHostMismatch`.
 */
export function addTlsHosts(view: StoreView, hosts: readonly TlsHost[], port: GroupPort, tlsOf: HostTls, report: Report): void {
  for (const { ingress, host, secretName, at } of hosts) {
    const consequence = `${host === '*' ? 'host names without a certificate of their own have' : `${host} has`} the default certificate`;
    if (secretName === undefined) {
      report(diagnostic('SecretNotFound', at(), `The entry names no Secret, so ${consequence}.`, 'Name one in `secretName`.'));
      continue;
    }
    const certificate = servedCertificate(view, ingress.namespace, secretName, at, consequence, report);
    if (!certificate) continue;
    const holder = port.chains.get(host);
    if (holder) {
      if (holder.tls?.certificates.includes(certificate.secret.name)) continue;
      const message = `Port ${port.port} already has the certificate ${holder.tls?.certificates.join(', ')} for ${host}, so the one of this entry is not served.`;
      report(diagnostic('ListenerConflict', at(), message, 'Use the same Secret for a host name everywhere.'));
      continue;
    }
    checkHost([certificate], host, at, report);
    port.secrets.set(certificate.secret.name, certificate.secret);
    port.chains.set(host, serverChain(port, host, tlsOf(host, certificate.secret), { origin: at }));
  }
}

/** Connections for host names that have no certificate of their own, and those that name none, have this one, unless somebody said which. */
export function addDefaultChain(certificate: CertificateSecret, [oldest]: readonly Stored<'Ingress'>[], port: GroupPort, tlsOf: HostTls): void {
  if (port.chains.has('*') || !oldest) return;
  port.secrets.set(certificate.name, certificate);
  port.chains.set('*', serverChain(port, '*', tlsOf('*', certificate), oldest));
}

/** The same for the host names of these alone: connections for others are refused, and those that name none. */
export function addNamedChains(certificate: CertificateSecret, servers: readonly Server[], port: GroupPort, tlsOf: HostTls): void {
  for (const { host, first } of servers) {
    if (host === '*' || hasTls(new Set(port.chains.keys()), host)) continue;
    port.secrets.set(certificate.name, certificate);
    port.chains.set(host, serverChain(port, host, tlsOf(host, certificate), first.ingress));
  }
}
