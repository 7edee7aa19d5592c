import { Hono } from 'hono';
import { z } from 'zod';
import type { CommandOutcome } from '../../engine/commands.ts';
import type { ReleaseStatus } from '../../revision/release-status.ts';
import { ApiError } from '../api-error.ts';
import { chooseGroup } from '../choose-group.ts';
import { chooseRevision } from '../choose-revision.ts';
import { checked, jsonBody } from '../query.ts';
import type { Served, ServedReleases } from '../served.ts';

/** The answer of a command on the revisions of a group. */
export interface ReleaseAnswer {
  readonly group: string;
  /** What is to be known beside it, one sentence each. */
  readonly notes: readonly string[];
  /** How the group is now. Undefined: nothing of it is served any more. */
  readonly release?: ReleaseStatus;
}

const group = z.string().min(1).optional();
const onGroup = z.strictObject({ group });
const pinning = z.strictObject({ group, why: z.string().trim().min(1).max(200).optional() });
const goingBack = z.strictObject({ group, revision: z.string().min(1) });

/** What people may do about the revisions of a group. What cannot be done as things stand ends with `Conflict`. */
export function releaseApi(served: Served): Hono {
  const app = new Hono();
  for (const name of ['confirm', 'discard', 'unpin'] as const) {
    app.post(`/${name}`, async (context) => {
      const release = requireReleases(served);
      const chosen = chooseGroup(served, checked(onGroup, 'body', await jsonBody(context)));
      return context.json(answerOf(release, chosen, release.commands[name](chosen)));
    });
  }
  app.post('/pin', async (context) => {
    const release = requireReleases(served);
    const { why = 'by hand', ...choice } = checked(pinning, 'body', await jsonBody(context));
    const chosen = chooseGroup(served, choice);
    return context.json(answerOf(release, chosen, release.commands.pin(chosen, why)));
  });
  app.post('/rollback', async (context) => {
    const release = requireReleases(served);
    const { revision: word, ...choice } = checked(goingBack, 'body', await jsonBody(context));
    const chosen = chooseGroup(served, choice);
    const { revision } = chooseRevision(served, chosen, word);
    return context.json(answerOf(release, chosen, await release.commands.rollback(chosen, revision)));
  });
  return app;
}

function requireReleases({ release }: Served): ServedReleases {
  if (!release) throw new ApiError('NotFound', 'there is no server whose revisions could be changed');
  return release;
}

function answerOf({ releases }: ServedReleases, group: string, outcome: CommandOutcome): ReleaseAnswer {
  if (outcome.type === 'refused') throw new ApiError('Conflict', outcome.why);
  const release = releases().find((one) => one.group === group);
  return { group, notes: outcome.notes, ...(release ? { release } : {}) };
}
