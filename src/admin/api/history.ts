import { Hono } from 'hono';
import { z } from 'zod';
import type { ListedRevision } from '../../revision/history.ts';
import { chooseGroupWithPast, historyOf } from '../choose-revision.ts';
import { checked } from '../query.ts';
import type { Served } from '../served.ts';

/** The answer of `GET /api/v1/history`. */
export interface HistoryAnswer {
  readonly group: string;
  /** The revision that the group is served; undefined: the group is gone. */
  readonly served?: string;
  /** Newest first. */
  readonly revisions: readonly ListedRevision[];
}

const query = z.strictObject({ group: z.string().optional() });

/** The revisions of a group, those of groups that are gone as well. */
export function historyApi(served: Served): Hono {
  return new Hono().get('/history', (context) => {
    const group = chooseGroupWithPast(served, checked(query, 'query', context.req.query()).group);
    const revision = served.snapshot(group)?.revision;
    const answer: HistoryAnswer = { group, ...(revision === undefined ? {} : { served: revision }), revisions: historyOf(served).records(group) };
    return context.json(answer);
  });
}
