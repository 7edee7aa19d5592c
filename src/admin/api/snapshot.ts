import { Hono } from 'hono';
import { z } from 'zod';
import { type Json, toEnvoyJson } from '../../proto/codec.ts';
import { messageNameOf, type Resource, type ResourceType, resourceTypes, type Snapshot } from '../../resource.ts';
import { chooseSnapshot } from '../choose-group.ts';
import { checked } from '../query.ts';
import type { Served } from '../served.ts';

/** The answer of `GET /api/v1/snapshot`: the whole of what a group is served, as Envoy JSON with the names of its documentation. */
export type SnapshotAnswer = { readonly group: string; readonly revision: string } & Readonly<Record<ResourceType, readonly Json[]>>;

const query = z.strictObject({ group: z.string().optional(), node: z.string().optional() });

/** What one group is served; values of secrets are replaced. */
export function snapshotApi(served: Served): Hono {
  return new Hono().get('/snapshot', (context) => context.json(snapshotAnswer(chooseSnapshot(served, checked(query, 'query', context.req.query())))));
}

function snapshotAnswer(snapshot: Snapshot): SnapshotAnswer {
  const types = resourceTypes.map((type) => [type, [...snapshot.resources[type].values()].map(messageJson)]);
  return { group: snapshot.group, revision: snapshot.revision, ...(Object.fromEntries(types) as Record<ResourceType, Json[]>) };
}

function messageJson({ type, bytes }: Resource): Json {
  const json = toEnvoyJson(messageNameOf(type), bytes);
  return type === 'secrets' ? redacted(json) : json;
}

/** Keeps the form of a secret and its name; every text in it is replaced, whichever field it stands in. */
function redacted(secret: Json): Json {
  const hide = (json: Json): Json => {
    if (Array.isArray(json)) return json.map(hide);
    if (json !== null && typeof json === 'object') return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, hide(value)]));
    return typeof json === 'string' ? '[redacted]' : json;
  };
  const { name = null, ...values } = secret as Readonly<Record<string, Json>>;
  return { name, ...(hide(values) as Readonly<Record<string, Json>>) };
}
