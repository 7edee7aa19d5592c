import { Hono } from 'hono';
import { z } from 'zod';
import type { NodeStatus, TypeState } from '../../ads/stream/status.ts';
import type { Diagnostic, Origin } from '../../diagnostic.ts';
import { type Kind, kinds } from '../../kind/index.ts';
import { type Resource, type ResourceType, resourceTypes, type Snapshot } from '../../resource.ts';
import { routeRows } from '../../row/route-rows.ts';
import { likelyMeant } from '../../store/likely.ts';
import { ApiError } from '../api-error.ts';
import { checked } from '../query.ts';
import type { Served } from '../served.ts';

/** The answer of `GET /api/v1/why/KIND/NAME`: what became of one object. */
export interface WhyAnswer {
  /** `KIND NAMESPACE/NAME`, or `KIND NAME`. */
  readonly object: string;
  /** Where it is written; undefined: no valid form of it was ever read, only its diagnostics are known. */
  readonly at?: Origin;
  /** Whether it is used and nothing in it is an error. */
  readonly accepted: boolean;
  /** What is wrong with it. */
  readonly diagnostics: readonly Diagnostic[];
  /** By group, what it helped to shape; empty: nothing that is served depends on it. */
  readonly groups: readonly WhyGroup[];
}

/** What an object became for one group. */
export interface WhyGroup {
  readonly group: string;
  readonly revision: string;
  readonly resources: readonly { readonly type: ResourceType; readonly name: string; readonly version: string }[];
  /** Names of the routes that come from it. */
  readonly routes: readonly string[];
  /** The Envoys of the group, and how far each is with the types above. */
  readonly nodes: readonly { readonly id: string; readonly state: TypeState }[];
}

const query = z.strictObject({ namespace: z.string().optional() });

/** What became of one object. */
export function whyApi(served: Served): Hono {
  return new Hono().get('/why/:kind/:name', (context) => {
    const { namespace = 'default' } = checked(query, 'query', context.req.query());
    return context.json(whyAnswer(served, kindOf(context.req.param('kind')), namespace, context.req.param('name')));
  });
}

function whyAnswer(served: Served, kind: Kind, writtenNamespace: string, name: string): WhyAnswer {
  const namespace = kinds[kind].namespaced ? writtenNamespace : '';
  const object = namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
  const stored = served.view().get(kind, namespace, name);
  const diagnostics = served.diagnostics().filter((one) => one.at.object === object);
  if (!stored && diagnostics.length === 0) throw new ApiError('NotFound', `there is no ${object}${elsewhere(served, kind, namespace, name)}`);
  const groups = served.groups().map((group) => whyGroup(served, served.snapshot(group), object));
  return {
    object,
    ...(stored ? { at: stored.origin() } : {}),
    accepted: stored !== undefined && diagnostics.every((one) => one.severity !== 'error'),
    diagnostics,
    groups: groups.filter((group) => group !== undefined),
  };
}

function whyGroup(served: Served, snapshot: Snapshot | undefined, object: string): WhyGroup | undefined {
  if (!snapshot) return undefined;
  const { clusters } = snapshot.resources;
  const resources = resourceTypes
    .flatMap((type) => [...snapshot.resources[type].values()])
    // Endpoints know the slices that hold them; the Service is known to their cluster.
    .filter((resource) => comesFrom(resource, object) || (resource.type === 'endpoints' && comesFrom(clusters.get(resource.name), object)));
  if (resources.length === 0) return undefined;
  const types = new Set(resources.map((resource) => resource.type));
  const routes = routeRows(snapshot, served.group(snapshot.group)).filter((route) => comesFrom(route, object));
  return {
    group: snapshot.group,
    revision: snapshot.revision,
    resources: resources.map(({ type, name, version }) => ({ type, name, version })),
    // A route that two ports serve stands in both of their configurations.
    routes: [...new Set(routes.map((route) => route.name))],
    nodes: served
      .nodes()
      .filter((node) => node.group === snapshot.group)
      .map((node) => ({ id: node.id, state: leastDone(node, types) })),
  };
}

function comesFrom(made: Pick<Resource, 'origins'> | undefined, object: string): boolean {
  return made?.origins.some((origin) => origin.object === object) ?? false;
}

const states = ['NACKED', 'WARMING', 'PENDING', 'UNREQUESTED', 'ACKED'] as const satisfies readonly TypeState[];

/** The state of the type that is furthest from being acknowledged. */
function leastDone(node: NodeStatus, types: ReadonlySet<ResourceType>): TypeState {
  const found = [...types].map((type) => node.types[type]?.state ?? 'UNREQUESTED');
  return states.find((state) => found.includes(state)) ?? 'UNREQUESTED';
}

/** `httproute`, `HTTPRoutes` and `HTTPRoute` mean the same. */
function kindOf(text: string): Kind {
  const wanted = text.toLowerCase();
  const found = (Object.keys(kinds) as Kind[]).find((kind) =>
    [kind, `${kind}s`, `${kind}es`, kind.replace(/y$/, 'ies')].some((form) => form.toLowerCase() === wanted),
  );
  if (found === undefined) throw new ApiError('NotFound', `there is no kind ${text}; Sluice reads: ${Object.keys(kinds).join(', ')}`);
  return found;
}

/** Other namespaces that hold an object of the name, or a name that was probably meant, as a hint. */
function elsewhere(served: Served, kind: Kind, namespace: string, name: string): string {
  const all = served.view().list(kind);
  const found = all.filter((stored) => stored.name === name && stored.namespace !== '');
  if (found.length > 0) return `, but there is one in: ${found.map((stored) => stored.namespace).join(', ')}`;
  const here = all.filter((stored) => stored.namespace === namespace);
  const meant = likelyMeant(
    name,
    here.map((stored) => stored.name),
  );
  return meant === undefined ? '' : `; is ${meant} meant?`;
}
