import type { ClientLimits } from '../../client-limits.ts';
import { memoized } from '../../memo/memoized.ts';
import type { DeltaRequest, SotwRequest, XdsRequest } from '../stream/request.ts';

type SizeLimits = Pick<ClientLimits, 'names' | 'nameCharacters'>;

/** How many entries a list has, and how many characters the longest of them has. */
interface ListSize {
  readonly entries: number;
  readonly longest: number;
}

/** Why a request is refused for its size, in words for the client; undefined: it is not. */
export function oversize(request: XdsRequest, limits: SizeLimits): string | undefined {
  const { node } = request;
  return (
    overlong('node.id', node?.id, limits) ??
    overlong('node.cluster', node?.group, limits) ??
    overlong('the user agent', node?.agent, limits) ??
    overlong('type_url', request.typeUrl, limits) ??
    overlong('response_nonce', request.nonce, limits) ??
    (request.protocol === 'sotw' ? oversizeSotw(request, limits) : oversizeDelta(request, limits))
  );
}

function oversizeSotw({ version, names }: SotwRequest, limits: SizeLimits): string | undefined {
  return overlong('version_info', version, limits) ?? oversizeList('resource_names', sizeOf(names), limits);
}

function oversizeDelta({ subscribe, unsubscribe, initialVersions }: DeltaRequest, limits: SizeLimits): string | undefined {
  const { names, versions } = sizesOf(initialVersions);
  return (
    oversizeList('resource_names_subscribe', sizeOf(subscribe), limits) ??
    oversizeList('resource_names_unsubscribe', sizeOf(unsubscribe), limits) ??
    oversizeList('initial_resource_versions', names, limits) ??
    oversizeList('the versions of initial_resource_versions', versions, limits)
  );
}

function oversizeList(what: string, { entries, longest }: ListSize, { names: most, nameCharacters }: SizeLimits): string | undefined {
  if (entries > most) return `${what} has ${entries} entries, and at most ${most} are taken`;
  return longest > nameCharacters ? `${what} has an entry of more than ${nameCharacters} characters` : undefined;
}

function overlong(what: string, text: string | undefined, { nameCharacters }: SizeLimits): string | undefined {
  return (text?.length ?? 0) > nameCharacters ? `${what} has more than ${nameCharacters} characters` : undefined;
}

// Thousands of streams name the same thousands of clusters, in every ACK or when they come back.
const sizeOf = memoized(measure);
const sizesOf = memoized((versions: Readonly<Record<string, string>>) => ({
  names: measure(Object.keys(versions)),
  versions: measure(Object.values(versions)),
}));

function measure(list: readonly string[]): ListSize {
  return { entries: list.length, longest: list.reduce((most, { length }) => Math.max(most, length), 0) };
}
