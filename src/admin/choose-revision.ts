import type { Resource, ResourceMap, Snapshot } from '../resource.ts';
import type { ListedRevision, LoadedRevision } from '../revision/history.ts';
import { ApiError } from './api-error.ts';
import { chooseGroup } from './choose-group.ts';
import type { Served, ServedHistory } from './served.ts';

/** A shorter beginning of a name could be anyone's. */
const shortestName = 4;

/**
 * The group whose past is meant, which may be gone: the named one, else `default`, else the only one.
 * @throws {ApiError} `BadRequest` where there is no history at all or no group is clear, `NotFound` where it has none.
 */
export function chooseGroupWithPast(served: Served, wanted: string | undefined): string {
  const history = historyOf(served);
  const group = chooseGroup(served, { group: wanted });
  if (history.records(group).length > 0) return group;
  throw new ApiError('NotFound', `group ${group} has no history; there are: ${served.groups().join(', ') || 'none'}`);
}

/**
 * A revision of a group by its name, by the beginning of it, or by what it is: `served`, `newest`, `previous` (the one before the served one).
 * @throws {ApiError} `BadRequest` where there is no history, or the beginning is that of several; `NotFound` where there is no such revision.
 */
export function chooseRevision(served: Served, group: string, word: string): ListedRevision {
  const records = historyOf(served).records(group);
  const found = wordsOf(served, group, records, word);
  const [first, ...others] = found;
  if (!first && word === 'previous') throw new ApiError('NotFound', `nothing is kept of group ${group} from before what is served; see \`sluice history\``);
  if (!first) throw new ApiError('NotFound', `group ${group} has no revision ${word}; \`sluice history\` lists those that are kept`);
  if (others.length > 0) throw new ApiError('BadRequest', `${word} could be ${found.map(({ revision }) => revision).join(' or ')}`);
  return first;
}

function wordsOf(served: Served, group: string, records: readonly ListedRevision[], word: string): readonly ListedRevision[] {
  const now = served.snapshot(group)?.revision;
  if (word === 'newest') return records.slice(0, 1);
  if (word === 'served') return records.filter(({ revision }) => revision === now);
  if (word === 'previous') return records.slice(records.findIndex(({ revision }) => revision === now) + 1).slice(0, 1);
  return word.length < shortestName ? records.filter(({ revision }) => revision === word) : records.filter(({ revision }) => revision.startsWith(word));
}

/**
 * The content of a revision, without endpoints. Secrets whose values are not kept are there by name and version, with no bytes.
 * @throws {ApiError} `NotFound` where it is not kept any more.
 */
export async function revisionContent(served: Served, { group, revision }: ListedRevision): Promise<Snapshot> {
  const loaded = await historyOf(served).load(group, revision);
  if (!loaded) throw new ApiError('NotFound', `the content of revision ${revision} of group ${group} is not kept any more`);
  return withMissingSecrets(loaded);
}

function withMissingSecrets({ snapshot, missingSecrets }: LoadedRevision): Snapshot {
  const missing = [...missingSecrets].map(([name, version]): [string, Resource] => [
    name,
    { type: 'secrets', name, version, bytes: new Uint8Array(), origins: [] },
  ]);
  const secrets: ResourceMap = new Map([...snapshot.resources.secrets, ...missing]);
  return { ...snapshot, resources: { ...snapshot.resources, secrets } };
}

/** @throws {ApiError} `BadRequest` where there is none. */
export function historyOf({ history }: Served): ServedHistory {
  if (!history) throw new ApiError('BadRequest', 'a folder has no history: ask a running server');
  return history;
}
