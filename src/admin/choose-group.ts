import type { Snapshot } from '../resource.ts';
import { ApiError } from './api-error.ts';
import type { Served } from './served.ts';

/** How a caller names a group: itself, by an Envoy of it, or not at all. */
export interface GroupChoice {
  readonly group?: string | undefined;
  /** `node.id` of a connected Envoy. */
  readonly node?: string | undefined;
}

/**
 * The snapshot of the group that is meant: the named one, that of the named Envoy, else `default`, else the only one.
 * @throws {ApiError} `NotReady` while nothing is served yet, `NotFound` with the names that exist, `BadRequest` where it is not clear which one is meant.
 */
export function chooseSnapshot(served: Served, choice: GroupChoice): Snapshot {
  requireReady(served);
  const name = chooseGroup(served, choice);
  const snapshot = served.snapshot(name);
  if (!snapshot) throw new ApiError('NotFound', `group ${name} does not exist; there are: ${list(served.groups())}`);
  return snapshot;
}

/**
 * The snapshots of the named group, or of all groups where none is named.
 * @throws {ApiError} as `chooseSnapshot`.
 */
export function chooseSnapshots(served: Served, group: string | undefined): readonly Snapshot[] {
  if (group !== undefined) return [chooseSnapshot(served, { group })];
  requireReady(served);
  return served
    .groups()
    .map((name) => served.snapshot(name))
    .filter((snapshot) => snapshot !== undefined);
}

function requireReady(served: Served): void {
  if (served.isReady() || served.release?.servesStored()) return;
  throw new ApiError('NotReady', `nothing is served yet, waiting for ${missingSources(served).join(', ') || 'the first build'}`);
}

/** Names of the sources that have not given their first full list. */
export function missingSources(served: Served): readonly string[] {
  return served
    .sources()
    .filter((source) => !source.ready)
    .map((source) => source.name);
}

/**
 * The name of the group that is meant; whether it exists is not looked at where it is named.
 * @throws {ApiError} as `chooseSnapshot`.
 */
export function chooseGroup(served: Served, { group, node }: GroupChoice): string {
  if (group !== undefined && node !== undefined) throw new ApiError('BadRequest', 'give group or node, not both');
  if (group !== undefined) return group;
  if (node !== undefined) {
    const found = served.nodes().find((one) => one.id === node);
    if (found) return found.group;
    throw new ApiError('NotFound', `no Envoy ${node} is connected; there are: ${list([...new Set(served.nodes().map((one) => one.id))])}`);
  }
  const names = served.groups();
  if (names.includes('default')) return 'default';
  const [first, ...others] = names;
  if (first === undefined) throw new ApiError('NotFound', 'there is no group: no Gateway, Ingress or Sidecar is accepted');
  if (others.length > 0) throw new ApiError('BadRequest', `say which group: ${list(names)}`);
  return first;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

/** What of the sources may not be read, as the end of a sentence; `''`: nothing. */
export function unreadWords(served: Served): string {
  const parts = served.sources().flatMap(({ name, unread }) => (unread ? [`${unread.join(', ')} of ${name}`] : []));
  return parts.length === 0 ? '' : `, without what may not be read: ${parts.join(', ')}`;
}
