import { typed } from '../../proto/message.ts';

/** What a route says of a filter that has nothing for routes to configure: an empty configuration switches it on. */
export const switchedOn = typed('envoy.config.route.v3.FilterConfig', { config: { type_url: '', value: '' } });

/** The same of one that stands switched on in the chain. */
export const switchedOff = typed('envoy.config.route.v3.FilterConfig', { disabled: true });
