import type { Family } from '../family.ts';
import { accessLog } from './access-log.ts';
import { affinity } from './affinity.ts';
import { allowlist } from './allowlist.ts';
import { answerPlaces } from './answer-places.ts';
import { backendProtocol } from './backend-protocol.ts';
import { basicAuth } from './basic-auth.ts';
import { canary } from './canary.ts';
import { canaryBehavior } from './canary-behavior.ts';
import { clientBodyBuffer } from './client-body-buffer.ts';
import { clientCertificate } from './client-certificate.ts';
import { configurationSnippet } from './configuration-snippet.ts';
import { connectionHeader } from './connection-header.ts';
import { cors } from './cors.ts';
import { customHeaders } from './custom-headers.ts';
import { customHttpErrors } from './custom-http-errors.ts';
import { defaultBackend } from './default-backend.ts';
import { denylist } from './denylist.ts';
import { externalAuth } from './external-auth.ts';
import { fastcgi } from './fastcgi.ts';
import { forwardedPrefix } from './forwarded-prefix.ts';
import { globalAuth } from './global-auth.ts';
import { hashBy } from './hash-by.ts';
import { interceptedErrors } from './intercepted-errors.ts';
import { limits } from './limits.ts';
import { loadBalance } from './load-balance.ts';
import { mirror } from './mirror.ts';
import { modsecurity } from './modsecurity.ts';
import { opentelemetry } from './opentelemetry.ts';
import { portInRedirects } from './port-in-redirects.ts';
import { proxy } from './proxy.ts';
import { pushPreload } from './push-preload.ts';
import { redirect } from './redirect.ts';
import { rewrite } from './rewrite.ts';
import { satisfy } from './satisfy.ts';
import { serverAlias } from './server-alias.ts';
import { serverSnippet } from './server-snippet.ts';
import { serviceSplit } from './service-split.ts';
import { serviceUpstream } from './service-upstream.ts';
import { sslCiphers } from './ssl-ciphers.ts';
import { sslPassthrough } from './ssl-passthrough.ts';
import { streamSnippet } from './stream-snippet.ts';
import { upstreamTls } from './upstream-tls.ts';
import { upstreamVhost } from './upstream-vhost.ts';

/** Every family of annotations that ingress-nginx knows. */
export const families: readonly Family[] = [
  accessLog,
  affinity,
  allowlist,
  answerPlaces,
  backendProtocol,
  basicAuth,
  canary,
  canaryBehavior,
  clientBodyBuffer,
  clientCertificate,
  configurationSnippet,
  connectionHeader,
  cors,
  customHeaders,
  customHttpErrors,
  defaultBackend,
  denylist,
  externalAuth,
  fastcgi,
  forwardedPrefix,
  globalAuth,
  hashBy,
  interceptedErrors,
  limits,
  loadBalance,
  mirror,
  modsecurity,
  opentelemetry,
  portInRedirects,
  proxy,
  pushPreload,
  redirect,
  rewrite,
  satisfy,
  serverAlias,
  serverSnippet,
  serviceSplit,
  serviceUpstream,
  sslCiphers,
  sslPassthrough,
  streamSnippet,
  upstreamTls,
  upstreamVhost,
];
