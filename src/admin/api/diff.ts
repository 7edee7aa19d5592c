import { Hono } from 'hono';
import { z } from 'zod';
import { type GroupPlan, groupPlan } from '../../revision/plan.ts';
import type { Settings } from '../../settings.ts';
import { inTurns } from '../../turn.ts';
import { chooseGroupWithPast, chooseRevision, revisionContent } from '../choose-revision.ts';
import { checked } from '../query.ts';
import type { Served } from '../served.ts';
import { idleTimes, youngEndpoints } from '../young-endpoints.ts';

/** The answer of `GET /api/v1/diff`: what differs between two revisions of a group, and what going from one to the other means. */
export type DiffAnswer = GroupPlan;

const query = z.strictObject({ group: z.string().optional(), from: z.string().optional(), to: z.string().optional() });

/** Compares two revisions of a group. Endpoints are no part of them. */
export function diffApi(served: Served, settings: Settings): Hono {
  return new Hono().get('/diff', async (context) => {
    const { from = 'previous', to = 'served', ...choice } = checked(query, 'query', context.req.query());
    const group = chooseGroupWithPast(served, choice.group);
    const revisions = [chooseRevision(served, group, from), chooseRevision(served, group, to)] as const;
    const [before, after] = await Promise.all([revisionContent(served, revisions[0]), revisionContent(served, revisions[1])]);
    const isServed = after.revision === served.snapshot(group)?.revision;
    const wasServed = before.revision === served.snapshot(group)?.revision;
    const warmth = wasServed ? { young: youngEndpoints(served.warmUps?.() ?? []), idle: idleTimes(served.idlePools?.() ?? []) } : {};
    const answer: DiffAnswer = await inTurns(
      groupPlan(
        group,
        { snapshot: before, ...warmth },
        { snapshot: after, representation: isServed ? served.group(group) : undefined },
        settings.release.fusePercent,
      ),
    );
    return context.json(answer);
  });
}
