import { Hono } from 'hono';
import { z } from 'zod';
import type { Origin } from '../../diagnostic.ts';
import { type ResourceType, resourceTypes, type Snapshot } from '../../resource.ts';
import type { IdleTime } from '../../revision/cold-clusters.ts';
import type { YoungEndpoint } from '../../revision/consequences.ts';
import { chooseSnapshot, type GroupChoice } from '../choose-group.ts';
import { chooseGroupWithPast, chooseRevision, revisionContent } from '../choose-revision.ts';
import { checked } from '../query.ts';
import type { Served } from '../served.ts';
import { idleTimes, youngEndpoints } from '../young-endpoints.ts';

/** The answer of `GET /api/v1/snapshot/encoded`: what a group is served, or was in a revision, as the very bytes. */
export interface EncodedSnapshotAnswer {
  readonly group: string;
  readonly revision: string;
  readonly resources: readonly EncodedResource[];
  /** Clusters with endpoints whose window is not over; empty for an older revision. */
  readonly young: readonly { readonly cluster: string; readonly endpoints: readonly YoungEndpoint[] }[];
  /** Clusters that no route sends requests to, also some that are served no more; empty for an older revision. */
  readonly idle: readonly ({ readonly cluster: string } & IdleTime)[];
}

/** A resource in protobuf. */
interface EncodedResource {
  readonly type: ResourceType;
  readonly name: string;
  /** Hash of the bytes. */
  readonly version: string;
  /** In base64; undefined for a secret, whose value is never told. */
  readonly bytes?: string;
  readonly origins: readonly Origin[];
}

const query = z.strictObject({ group: z.string().optional(), revision: z.string().optional() });

/** What a program compares with something of its own. Of an older revision without endpoints. */
export function encodedApi(served: Served): Hono {
  return new Hono().get('/snapshot/encoded', async (context) => {
    const { revision, ...choice } = checked(query, 'query', context.req.query());
    const snapshot =
      revision === undefined
        ? writtenSnapshot(served, choice)
        : await revisionContent(served, chooseRevision(served, chooseGroupWithPast(served, choice.group), revision));
    const young = revision === undefined ? youngEndpoints(served.warmUps?.() ?? []) : new Map();
    const idle = revision === undefined ? idleTimes(served.idlePools?.() ?? []) : new Map();
    return context.json(encodedAnswer(snapshot, young, idle));
  });
}

/** Who is compared with it knows nothing of what lives now. */
function writtenSnapshot(served: Served, choice: GroupChoice): Snapshot {
  const snapshot = chooseSnapshot(served, choice);
  return served.written(snapshot.group) ?? snapshot;
}

function encodedAnswer(
  { group, revision, resources }: Snapshot,
  young: ReadonlyMap<string, readonly YoungEndpoint[]>,
  idle: ReadonlyMap<string, IdleTime>,
): EncodedSnapshotAnswer {
  const all = resourceTypes.flatMap((type) => [...resources[type].values()]);
  return {
    group,
    revision,
    resources: all.map(({ type, name, version, bytes, origins }) => ({
      type,
      name,
      version,
      ...(type === 'secrets' ? {} : { bytes: Buffer.from(bytes).toString('base64') }),
      origins,
    })),
    young: [...young].filter(([cluster]) => resources.clusters.has(cluster)).map(([cluster, endpoints]) => ({ cluster, endpoints })),
    idle: [...idle].map(([cluster, time]) => ({ cluster, ...time })),
  };
}
