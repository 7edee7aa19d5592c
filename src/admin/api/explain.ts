import { isIP } from 'node:net';
import { Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { explain } from '../../explain/explain.ts';
import type { Explanation } from '../../explain/explanation.ts';
import type { SplitRow } from '../../load/split-rows.ts';
import { chooseSnapshot } from '../choose-group.ts';
import { checked, jsonBody } from '../query.ts';
import type { Served } from '../served.ts';
import { splitsOf } from './splits.ts';

/** The answer of `POST /api/v1/explain`. */
export interface ExplainAnswer extends Explanation {
  /** The three numbers of its shares; undefined: it does not share requests out. */
  readonly split?: SplitRow;
}

/** The body of `POST /api/v1/explain`. */
export type ExplainQuestion = z.infer<typeof question>;

const address = z.string().refine((text) => isIP(text) !== 0, 'is no IP address');

const question = z.strictObject({
  method: z
    .string()
    .regex(/^[A-Za-z]+$/, 'is no method')
    .optional(),
  url: z.url({ protocol: /^https?$/, message: 'is no URL as http://HOST[:PORT]/PATH' }),
  headers: z.array(z.tuple([z.string().min(1), z.string()])).optional(),
  clientIp: address.optional(),
  peer: address.optional(),
  group: z.string().optional(),
});

/** The way of one request through what is served. */
export function explainApi(served: Served, clock: Clock): Hono {
  return new Hono().post('/explain', async (context) => {
    const { group, method = 'GET', headers = [], url, clientIp, peer } = checked(question, 'body', await jsonBody(context));
    const snapshot = chooseSnapshot(served, { group });
    const request = { method: method.toUpperCase(), url, headers, ...(clientIp === undefined ? {} : { clientIp }), ...(peer === undefined ? {} : { peer }) };
    const representation = served.group(snapshot.group);
    const explanation = explain(snapshot, representation, request);
    const split = explanation.route && splitsOf(snapshot, served, clock).find(({ route }) => route === explanation.route?.name);
    const answer: ExplainAnswer = { ...explanation, ...(representation ? {} : { isStored: true }), ...(split ? { split } : {}) };
    return context.json(answer);
  });
}
