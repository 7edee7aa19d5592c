import type { DownstreamTls } from '../../ir/gateway.ts';
import type { CertificateSecret, TicketKeysSecret } from '../../ir/secret.ts';
import type { Controller } from '../../nginx/controller.ts';
import { sslCiphers } from '../../nginx/family/ssl-ciphers.ts';
import { listenerTlsOf, withCiphers } from '../../nginx/listener-tls.ts';
import type { ReadIngress } from './location.ts';

/** HTTPS for a host name, `*` for those that nobody has, with a certificate. */
export type HostTls = (host: string, certificate: Pick<CertificateSecret, 'name'>) => DownstreamTls;

/** As the `ssl-*` of the ConfigMap say, and `ssl-ciphers` and `ssl-prefer-server-ciphers` of the oldest Ingress of the host name that says something. @param ingresses oldest first. */
export function hostTlsOf(controller: Controller, ticketKeys: TicketKeysSecret | undefined, ingresses: readonly ReadIngress[]): HostTls {
  const { tls } = listenerTlsOf(controller);
  const alpn = controller.value('use-http2') ? ['h2', 'http/1.1'] : ['http/1.1'];
  const ciphers = new Map<string, readonly string[]>();
  const prefersClients = new Map<string, boolean>();
  for (const { ingress, reading } of ingresses) {
    const said = reading.of(sslCiphers);
    for (const { host } of said ? (ingress.object.spec.rules ?? []) : []) {
      const name = host || '*';
      if (said?.ciphers && !ciphers.has(name)) ciphers.set(name, said.ciphers);
      if (said?.prefersClientCiphers !== undefined && !prefersClients.has(name)) prefersClients.set(name, said.prefersClientCiphers);
    }
  }
  return (host, { name }) => ({
    certificates: [name],
    ...tls,
    ...(ticketKeys && { ticketKeys: ticketKeys.name }),
    ...withCiphers(ciphers.get(host)),
    ...(prefersClients.get(host) && { prefersClientCiphers: true }),
    alpn,
  });
}
