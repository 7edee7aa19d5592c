import type { Message } from '../proto/message.ts';

/** "Ask on the stream that you are on": whatever a resource of ours refers to comes by ADS, so that we keep the order. */
export const overAds = { ads: {}, resource_api_version: 'V3' } as const satisfies Message<'envoy.config.core.v3.ConfigSource'>;
