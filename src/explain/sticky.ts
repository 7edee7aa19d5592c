import xxhash from 'xxhash-wasm';
import type { StickyStep } from './explanation.ts';
import type { RouteActionMessage } from './messages.ts';

/** The hash that Envoy makes of what a request has. @see https://xxhash.com */
const { h64 } = await xxhash();

/**
 * Which side of a sticky split a request gets: undefined where the split draws each request.
 * @param headers as they were sent, but for those that Envoy drops; names in any case.
 * @param client address of the client as Envoy sees it; undefined: the question does not say it.
 */
export function stickyOf(
  action: RouteActionMessage,
  headers: readonly (readonly [name: string, value: string])[],
  client: string | undefined,
): StickyStep | undefined {
  const { weighted_clusters, hash_policy } = action;
  const [policy] = hash_policy ?? [];
  if (!weighted_clusters?.use_hash_policy?.value || !policy) return undefined;
  const { by, values } = stickyInput(policy, headers, client);
  if (values.length === 0) return { by };
  const clusters = weighted_clusters.clusters ?? [];
  const places = clusters.reduce((sum, { weight }) => sum + (weight?.value ?? 0), 0);
  const place = Number(hashOf(values) % BigInt(Math.max(1, places)));
  let end = 0;
  const chosen = clusters.find(({ weight }) => {
    end += weight?.value ?? 0;
    return place < end;
  });
  return { by, value: values.join(', '), place: { place, of: places, cluster: chosen?.name ?? '' } };
}

/** Of several values each is hashed with the hash of those before it as its seed, in the order of the alphabet. */
function hashOf(values: readonly string[]): bigint {
  return values.toSorted().reduce((seed, value) => h64(value, seed), 0n);
}

type Policy = NonNullable<RouteActionMessage['hash_policy']>[number];

function stickyInput({ header, cookie }: Policy, headers: readonly (readonly [string, string])[], client: string | undefined) {
  const valuesOf = (wanted: string): string[] => headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  if (header?.header_name !== undefined) return { by: `header ${header.header_name}`, values: valuesOf(header.header_name) };
  if (cookie?.name !== undefined) {
    const value = valuesOf('cookie')
      .flatMap((text) => text.split(';'))
      .map((pair) => /^\s*([^=]*?)\s*=\s*"?(.*?)"?\s*$/.exec(pair))
      .find((pair) => pair?.[1] === cookie.name)?.[2];
    return { by: `cookie ${cookie.name}`, values: value ? [value] : [] };
  }
  return { by: 'client address', values: client === undefined ? [] : [client] };
}
