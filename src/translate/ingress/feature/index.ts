import { access } from './access.ts';
import { accessLog } from './access-log.ts';
import { affinity } from './affinity.ts';
import { answerPlaces } from './answer-places.ts';
import { approval } from './approval.ts';
import { canary } from './canary.ts';
import { clientCertificates } from './client-certificate.ts';
import { clientLimit } from './client-limit.ts';
import { connectionHeader } from './connection-header.ts';
import { cors } from './cors.ts';
import { customHeaders } from './custom-headers.ts';
import { errorPages } from './error-pages.ts';
import { externalName } from './external-name.ts';
import type { Feature } from './feature.ts';
import { forwardedHeaders } from './forwarded-headers.ts';
import { hiddenHeaders } from './hidden-headers.ts';
import { mirror } from './mirror.ts';
import { oddHeaders } from './odd-headers.ts';
import { passwords } from './passwords.ts';
import { redirect } from './redirect.ts';
import { requestBody } from './request-body.ts';
import { rewrite } from './rewrite.ts';
import { satisfy } from './satisfy.ts';
import { serviceSplit } from './service-split.ts';
import { span } from './span.ts';
import { sslRedirect } from './ssl-redirect.ts';
import { strictTransport } from './strict-transport.ts';
import { upstreamVhost } from './upstream-vhost.ts';

/**
 * All features, in the order in which they change the routes of a location: `canary` first, as it makes more of them; what answers without
 * a backend takes the place of what was there, then comes who may ask, which says nothing of redirects; `cors` last, as it answers some
 * requests before all others, but for clients whose certificate is not as it must be: `clientCertificates` behind it holds for all,
 * and so do `accessLog` and `span`.
 */
export const features: readonly Feature[] = [
  serviceSplit,
  canary,
  affinity,
  forwardedHeaders,
  connectionHeader,
  upstreamVhost,
  rewrite,
  answerPlaces,
  externalName,
  requestBody,
  mirror,
  errorPages,
  sslRedirect,
  redirect,
  access,
  clientLimit,
  passwords,
  approval,
  satisfy,
  strictTransport,
  hiddenHeaders,
  oddHeaders,
  customHeaders,
  cors,
  clientCertificates,
  accessLog,
  span,
];
