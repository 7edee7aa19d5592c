import type { Bucket, ClientLimit, Route, VirtualHost } from '../../ir/route.ts';
import { type Message, typed } from '../../proto/message.ts';
import { atMostUint32, duration, uint32 } from '../../proto/values.ts';
import { exceptMetadata, hasExceptions } from './access.ts';
import type { Filter } from './filter.ts';

/** Clients of a virtual host that are counted at a time; of more, the one that was silent longest begins anew. */
const clientsLimit = 10_000;

/** Those that Envoy may answer with, of 400 and more. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/v3/http_status.proto */
const statuses = [
  400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424, 426, 428, 429, 431, 500, 501, 502, 503, 504,
  505, 506, 507, 508, 510, 511,
] as const;

/** For requests without a limit: as good as none. */
const unlimited = { max_tokens: 0xff_ff_ff_ff, tokens_per_fill: uint32(0xff_ff_ff_ff), fill_interval: duration(1000) } as const;

/**
 * Counts the requests of each client. The counts stand in the virtual host, so that its routes share them; a route says by
 * `limitDescriptors` which ones it belongs to.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
 */
export const clientLimit: Filter = {
  name: 'envoy.filters.http.local_ratelimit',
  chain: () => ({ config: typed('envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', { stat_prefix: 'client_limit' }), disabled: true }),
  route: () => undefined,
  host: (host) => {
    const limits = limitsOf(host);
    const [first] = limits;
    if (!first) return undefined;
    return typed('envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', {
      stat_prefix: 'client_limit',
      status: { code: statuses.find((one) => one === first.status) ?? 503 },
      token_bucket: unlimited,
      filter_enabled: always,
      filter_enforced: always,
      descriptors: limits.flatMap((limit) => limit.buckets.map((bucket) => ({ entries: entriesOf(limit, bucket), token_bucket: tokenBucket(bucket) }))),
      max_dynamic_descriptors: uint32(clientsLimit),
    });
  },
};

const always: Message<'envoy.config.core.v3.RuntimeFractionalPercent'> = { default_value: { numerator: 100, denominator: 'HUNDRED' } };

/** What a route counts in, for its action. */
export function limitDescriptors({ clientLimit: limit }: Route): Pick<Message<'envoy.config.route.v3.RouteAction'>, 'rate_limits'> {
  if (!limit) return {};
  return {
    rate_limits: limit.buckets.map((bucket) => ({
      actions: [
        { generic_key: { descriptor_key: 'limit', descriptor_value: bucketName(limit, bucket) } },
        { remote_address: {} },
        ...(hasExceptions(limit) ? [holdsAction] : []),
      ],
    })),
  };
}

const holdsAction: NonNullable<Message<'envoy.config.route.v3.RateLimit'>['actions']>[number] = {
  metadata: {
    descriptor_key: 'holds',
    source: 'DYNAMIC',
    metadata_key: { key: exceptMetadata.filter, path: [{ key: exceptMetadata.key }] },
    default_value: exceptMetadata.holds,
  },
};

/** An entry without a value counts each value by itself. */
function entriesOf(limit: ClientLimit, bucket: Bucket): NonNullable<Message<'envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor'>['entries']> {
  const own = [{ key: 'limit', value: bucketName(limit, bucket) }, { key: 'remote_address' }];
  return hasExceptions(limit) ? [...own, { key: 'holds', value: exceptMetadata.holds }] : own;
}

function bucketName({ name }: ClientLimit, { everyMs }: Bucket): string {
  return `${name}/${everyMs}`;
}

function tokenBucket({ size, refill, everyMs }: Bucket) {
  return { max_tokens: atMostUint32(size), tokens_per_fill: uint32(atMostUint32(refill)), fill_interval: duration(everyMs) };
}

/** Each limit once. */
function limitsOf({ routes }: VirtualHost): readonly ClientLimit[] {
  const limits = new Map<string, ClientLimit>();
  for (const { clientLimit: limit } of routes) if (limit) limits.set(limit.name, limit);
  return [...limits.values()];
}
