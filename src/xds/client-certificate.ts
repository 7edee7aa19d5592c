import type { Route } from '../ir/route.ts';
import type { HeaderFields } from './header-changes.ts';

const names = ['ssl-client-verify', 'ssl-client-subject-dn', 'ssl-client-issuer-dn', 'ssl-client-cert'];

/**
 * What backends are told of the client's certificate. What the client says of one itself is taken away, also where nothing is told.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
 */
export function withClientCertificate({ clientCertificate }: Route, own: HeaderFields): HeaderFields {
  if (!clientCertificate) return own;
  const { verify, passesCertificate } = clientCertificate;
  const values = {
    ...(verify && { 'ssl-client-verify': verify }),
    ...(verify && verify !== 'NONE' && { 'ssl-client-subject-dn': '%DOWNSTREAM_PEER_SUBJECT%', 'ssl-client-issuer-dn': '%DOWNSTREAM_PEER_ISSUER%' }),
    ...(passesCertificate && { 'ssl-client-cert': '%DOWNSTREAM_PEER_CERT%' }),
  };
  const told = Object.entries(values).map(([key, value]) => ({ header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' as const }));
  return {
    ...own,
    ...(told.length > 0 && { request_headers_to_add: [...(own.request_headers_to_add ?? []), ...told] }),
    request_headers_to_remove: [...(own.request_headers_to_remove ?? []), ...names],
  };
}
