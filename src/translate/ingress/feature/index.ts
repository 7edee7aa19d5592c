import { canary } from './canary.ts';
import type { Feature } from './feature.ts';
import { requestBody } from './request-body.ts';
import { sslRedirect } from './ssl-redirect.ts';
import { upstreamVhost } from './upstream-vhost.ts';

/** All features, in the order in which they change the routes of a location: `canary` first, as it makes more of them; what answers without a backend comes last, as it takes the place of what was there. */
export const features: readonly Feature[] = [canary, upstreamVhost, requestBody, sslRedirect];
