import type { Feature } from './feature.ts';
import { sslRedirect } from './ssl-redirect.ts';
import { upstreamVhost } from './upstream-vhost.ts';

/** All features, in the order in which they change the routes of a location: what answers without a backend comes last, as it takes the place of what was there. */
export const features: readonly Feature[] = [upstreamVhost, sslRedirect];
