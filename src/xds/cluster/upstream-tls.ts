import type { UpstreamTls } from '../../ir/backend.ts';
import { type Message, typed } from '../../proto/message.ts';
import { uint32 } from '../../proto/values.ts';
import { overAds } from '../config-source.ts';

/**
 * Where the authorities of the system are on Debian, Ubuntu, Alpine and in the images of Envoy. Envoy has no word for "those of the
 * system" (`system_root_certs` of its API is not implemented), so on other systems this file must be there: without it Envoy
 * refuses the cluster.
 */
const systemAuthorities = '/etc/ssl/certs/ca-certificates.crt';

/**
 * TLS towards endpoints: from 1.2 unless written, the certificate checked against authorities and names unless any is taken.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
 */
export function upstreamTransportSocket(tls: UpstreamTls, protocol: 'http1' | 'http2'): Message<'envoy.config.core.v3.TransportSocket'> {
  const { minimum = '1.2', maximum } = tls.versions ?? {};
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      ...(tls.hostname !== undefined && { sni: tls.hostname }),
      common_tls_context: {
        tls_params: {
          tls_minimum_protocol_version: versions[minimum],
          ...(maximum && { tls_maximum_protocol_version: versions[maximum] }),
          ...(tls.ciphers && { cipher_suites: [...tls.ciphers] }),
        },
        alpn_protocols: [protocol === 'http2' ? 'h2' : 'http/1.1'],
        ...(tls.clientCertificate !== undefined && { tls_certificate_sds_secret_configs: [{ name: tls.clientCertificate, sds_config: overAds }] }),
        ...(!tls.isUnverified && validation(tls)),
      },
    }),
  };
}

function validation({ hostname, subjectAltNames, authority, verifyDepth }: UpstreamTls): Message<'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext'> {
  const names = subjectAltNames.length > 0 || hostname === undefined ? subjectAltNames : [{ type: 'dns' as const, value: hostname }];
  const checks = {
    match_typed_subject_alt_names: names.map(({ type, value }) => ({ san_type: sanTypes[type], matcher: { exact: value } })),
    ...(verifyDepth !== undefined && { max_verify_depth: uint32(verifyDepth) }),
  };
  if (authority === undefined) return { validation_context: { trusted_ca: { filename: systemAuthorities }, ...checks } };
  return {
    combined_validation_context: {
      default_validation_context: checks,
      validation_context_sds_secret_config: { name: authority, sds_config: overAds },
    },
  };
}

const versions = { '1.2': 'TLSv1_2', '1.3': 'TLSv1_3' } as const;
const sanTypes = { dns: 'DNS', uri: 'URI' } as const;
