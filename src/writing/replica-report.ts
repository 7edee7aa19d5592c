import { z } from 'zod';
import type { ReportedRefusal } from '../ads/refusal/reported-refusal.ts';
import type { GroupFacts } from '../conditions/facts.ts';
import { resourceTypes } from '../resource.ts';

/** What a replica knows of the Envoys that are connected to it. */
export interface ReplicaReport {
  /** By name of the group. */
  readonly groups: ReadonlyMap<string, GroupFacts>;
  readonly refusals: readonly ReportedRefusal[];
}

/** All replicas share an object whose annotations have room for 256 KiB: for five of them and the ages, as the one that writes reports nothing. */
const mostBytes = 40 * 1024;
/** Of the words of an Envoy. */
const mostMessageLength = 1000;

const schema = z.object({
  groups: z.record(
    z.string(),
    z.object({ envoys: z.int().min(0), acknowledged: z.int().min(0), revision: z.string().exactOptional(), held: z.string().exactOptional() }),
  ),
  refusals: z.array(
    z.object({
      group: z.string(),
      agent: z.string(),
      type: z.enum(resourceTypes),
      name: z.string(),
      version: z.string(),
      instead: z.enum(['lastGood', 'standIn', 'nothing']),
      message: z.string(),
      node: z.string().exactOptional(),
      piece: z.object({ key: z.string(), version: z.string() }).exactOptional(),
    }),
  ),
});

/** A report as it is written, in JSON: groups without Envoys are left out, and what finds no room, refusals first. */
export function reportBody({ groups, refusals }: ReplicaReport): object {
  const connected = [...groups].filter(([, { envoys }]) => envoys > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const cut = refusals.map((one) => ({ ...one, message: one.message.slice(0, mostMessageLength) }));
  let room = mostBytes;
  const fits = (part: unknown): boolean => {
    room -= size(part) + 1;
    return room >= 0;
  };
  return { groups: Object.fromEntries(connected.filter(fits)), refusals: cut.filter(fits) };
}

const size = (part: unknown): number => Buffer.byteLength(JSON.stringify(part));

/** Undefined: it is none, as another version of Sluice may write it. */
export function readReport(text: string): ReplicaReport | undefined {
  const { data } = schema.safeParse(parsed(text));
  return data && { groups: new Map(Object.entries(data.groups)), refusals: data.refusals };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
