import type { UpstreamTls } from '../../ir/backend.ts';
import { type Message, typed } from '../../proto/message.ts';
import { overAds } from '../config-source.ts';

/**
 * Where the authorities of the system are on Debian, Ubuntu, Alpine and in the images of Envoy. Envoy has no word for "those of the
 * system" (`system_root_certs` of its API is not implemented), so on other systems this file must be there: without it Envoy
 * refuses the cluster.
 */
const systemAuthorities = '/etc/ssl/certs/ca-certificates.crt';

/**
 * TLS towards endpoints: from 1.2, the certificate checked against authorities and names.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
 */
export function upstreamTransportSocket(tls: UpstreamTls, protocol: 'http1' | 'http2'): Message<'envoy.config.core.v3.TransportSocket'> {
  const names = tls.subjectAltNames.length > 0 ? tls.subjectAltNames : [{ type: 'dns' as const, value: tls.hostname }];
  const matchers = { match_typed_subject_alt_names: names.map(({ type, value }) => ({ san_type: sanTypes[type], matcher: { exact: value } })) };
  const validation: Message<'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext'> =
    tls.authority === undefined
      ? { validation_context: { trusted_ca: { filename: systemAuthorities }, ...matchers } }
      : {
          combined_validation_context: {
            default_validation_context: matchers,
            validation_context_sds_secret_config: { name: tls.authority, sds_config: overAds },
          },
        };
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      sni: tls.hostname,
      common_tls_context: {
        tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
        alpn_protocols: [protocol === 'http2' ? 'h2' : 'http/1.1'],
        ...(tls.clientCertificate !== undefined && { tls_certificate_sds_secret_configs: [{ name: tls.clientCertificate, sds_config: overAds }] }),
        ...validation,
      },
    }),
  };
}

const sanTypes = { dns: 'DNS', uri: 'URI' } as const;
