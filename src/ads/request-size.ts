import type { ClientLimits } from './client-limits.ts';
import type { XdsRequest } from './request.ts';
import { sharedBy } from './shared.ts';

type SizeLimits = Pick<ClientLimits, 'names' | 'nameCharacters'>;

/** Why a request is refused for its size, in words for the client; undefined: it is not. */
export function oversize(request: XdsRequest, limits: SizeLimits): string | undefined {
  const { node } = request;
  return (
    overlong('node.id', node?.id, limits) ??
    overlong('node.cluster', node?.group, limits) ??
    overlong('the user agent', node?.agent, limits) ??
    overlong('type_url', request.typeUrl, limits) ??
    overlong('response_nonce', request.nonce, limits) ??
    (request.protocol === 'sotw' ? overlong('version_info', request.version, limits) : undefined) ??
    listsOf(request)
      .map(([what, names]) => oversizeList(what, names, limits))
      .find((found) => found !== undefined)
  );
}

function listsOf(request: XdsRequest): readonly (readonly [string, readonly string[]])[] {
  if (request.protocol === 'sotw') return [['resource_names', request.names]];
  const { subscribe, unsubscribe, initialVersions } = request;
  return [
    ['resource_names_subscribe', subscribe],
    ['resource_names_unsubscribe', unsubscribe],
    ['initial_resource_versions', Object.keys(initialVersions)],
    ['the versions of initial_resource_versions', Object.values(initialVersions)],
  ];
}

function oversizeList(what: string, names: readonly string[], { names: most, nameCharacters }: SizeLimits): string | undefined {
  if (names.length > most) return `${what} has ${names.length} entries, and at most ${most} are taken`;
  return longest(names) > nameCharacters ? `${what} has an entry of more than ${nameCharacters} characters` : undefined;
}

function overlong(what: string, text: string | undefined, { nameCharacters }: SizeLimits): string | undefined {
  return (text?.length ?? 0) > nameCharacters ? `${what} has more than ${nameCharacters} characters` : undefined;
}

/** Thousands of streams name the same thousands of clusters in every ACK. */
const longest = sharedBy((names: readonly string[]): number => names.reduce((most, { length }) => Math.max(most, length), 0));
