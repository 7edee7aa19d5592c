import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { type Kind, kinds } from '../kind/index.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import { createBackOff } from '../kubernetes/back-off.ts';
import { type ClusterClient, createClusterClient } from '../kubernetes/client.ts';
import { type ApiResource, createDiscovery, pathOf } from '../kubernetes/discovery.ts';
import { createGate } from '../kubernetes/gate.ts';
import type { ClusterChoice } from '../kubernetes/kube-config.ts';
import type { LiveObjects } from '../kubernetes/live-objects.ts';
import { reasonOf } from '../reason.ts';
import { keyText, type ObjectKey, type Sink } from '../store/sink.ts';
import { createTurn } from '../turn.ts';
import type { ObjectsBeside } from './beside.ts';
import { createClusterObjects } from './cluster/objects.ts';
import { keyOf, type ReadObject, readObject } from './cluster/read-object.ts';
import { referencesOf, referredKinds } from './cluster/references.ts';
import { type ReflectorEvent, type ReflectorState, reflect } from './cluster/reflector.ts';
import { createRefusedReads } from './cluster/refused-reads.ts';
import type { Source } from './source.ts';

/** Which objects of which cluster are read. */
interface KubernetesChoice extends ClusterChoice {
  /** Namespaces that are read; empty: all. */
  readonly namespaces: readonly string[];
  /** Labels, as `kubectl -l` takes them, that Ingresses, Gateways, routes and Sidecars must have. Undefined: all are read. */
  readonly selector?: string;
  /** Secrets and ConfigMaps that settings name, `NAMESPACE/NAME`: they are read though no object refers to them. */
  readonly named: readonly string[];
  /** What else there is that may refer to some. Undefined: nothing. */
  readonly beside?: ObjectsBeside;
  /** Told of objects as the API server has them, for who writes their status. Undefined: nobody does. */
  readonly live?: LiveObjects;
}

export interface KubernetesSourceOptions extends KubernetesChoice {
  readonly log: Logger;
  readonly clock: Clock;
  /** From 0 to 1. Undefined: `Math.random`. */
  readonly random?: () => number;
}

/** Kinds that a label selector chooses among: what takes requests in. What they lead to is read whatever labels it has. */
const selectedKinds: ReadonlySet<Kind> = new Set(['Gateway', 'GRPCRoute', 'HTTPRoute', 'Ingress', 'Sidecar']);
/** Of these only the controllers of ingress-nginx are of interest, for their flags. */
const workloads: ReadonlySet<Kind> = new Set(['DaemonSet', 'Deployment']);
const nginxLabel = 'app.kubernetes.io/name=ingress-nginx';
/** Secret of a namespace that seals sessions there: no object names it. */
const sessionSecret = 'sluice-session';
/** How many Secrets and ConfigMaps are read at a time. */
const parallelReads = 16;
/** After so many attempts it is told that one of them cannot be read: what refers to it waits, as may everything at the start. */
const toldAfter = 4;

/** One kind in one namespace, or in all. */
interface Scope {
  readonly kind: Kind;
  /** Undefined: all. */
  readonly namespace?: string;
  resource: ApiResource | undefined;
  state: ReflectorState | undefined;
  /** Versions of its objects, by key: of all that were there when last heard of. */
  versions: Map<string, { readonly key: ObjectKey; readonly version: string }>;
}

/**
 * Reads and watches the objects of a cluster. What was read stays in use while the API server is away, or forbids what it allowed.
 * A kind that is missing or forbidden keeps no other from being read.
 * Diagnostics: `KindForbidden`, `KindMissing`, `SourceUnavailable` and those of `readObject`.
 * @throws {ClusterAccessError} where no cluster is meant, or what names it cannot be read.
 */
export function createKubernetesSource(options: KubernetesSourceOptions): Source {
  const client = createClusterClient(options, options.clock);
  return { name: `kubernetes:${client.server.replace(/^https?:\/\//, '')}`, run: (sink, signal) => watchCluster(client, options, sink, signal) };
}

async function watchCluster(client: ClusterClient, options: KubernetesSourceOptions, sink: Sink, signal: AbortSignal): Promise<void> {
  const { namespaces, selector, beside, live, log, clock, random = Math.random } = options;
  const named = new Set(options.named);
  const discovery = createDiscovery(client, clock.steady);
  const gate = createGate(parallelReads);
  const scopes = scopesOf(namespaces);
  let isTelling = false;
  let isListing = false;
  let away: string | undefined;

  const objects = createClusterObjects(
    {
      sink,
      load: (key) => gate(() => load(key)),
      always: ({ namespace, name }) => name === sessionSecret || named.has(`${namespace}/${name}`),
    },
    tellSoon,
  );
  const refusals = createRefusedReads({ clock, log, random, again: objects.again, onChange: tellSoon });
  beside?.follow((id, forms) => objects.refer(id, forms.flatMap(referencesOf)));

  /** Diagnostics are told at the end of the turn, once for all that changed in it. */
  function tellSoon(): void {
    if (isTelling) return;
    isTelling = true;
    setImmediate(() => {
      isTelling = false;
      if (!signal.aborted) sink.diagnostics([...troubles(client.server, scopes), ...refusals.diagnostics(), ...objects.diagnostics()]);
    });
  }

  /** What a request costs that fails is tried again: what refers to the object waits for it. */
  async function load(key: ObjectKey): Promise<ReadObject | undefined> {
    const kind = key.kind as Kind;
    const backOff = createBackOff(random);
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        const raw = await client.ask({ path: `${pathOf({ apiVersion: 'v1', plural: `${kind.toLowerCase()}s` }, key.namespace)}/${key.name}`, signal });
        refusals.allowed(key);
        return readObject(kind, 'v1', raw);
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof ApiError && (error.status === 404 || error.status === 403)) {
          if (error.status === 404) refusals.allowed(key);
          else refusals.refused(key, error.message);
          return undefined;
        }
        const reason = reasonOf(error);
        if (attempt === toldAfter) log.warn({ object: keyText(key), reason }, 'what something refers to cannot be read now');
        await new Promise<void>((resolve) => clock.after(backOff.next(), resolve));
      }
    }
    return undefined;
  }

  function onState(scope: Scope, state: ReflectorState): void {
    const before = scope.state;
    if (before?.type === state.type && messageOf(before) === messageOf(state)) return;
    scope.state = state;
    const what = { kind: scope.kind, ...(scope.namespace === undefined ? {} : { namespace: scope.namespace }) };
    if (state.type === 'forbidden' && before?.type !== 'forbidden') log.error({ ...what, reason: state.message }, 'a kind may not be read');
    if (state.type === 'missing') {
      log.info(what, 'the API server has no such kind');
      replace(scope, []);
    }
    const nowAway = scopes.map((one) => one.state).find((one) => one?.type === 'away');
    if (nowAway && away === undefined) log.warn({ server: client.server, reason: messageOf(nowAway) }, 'the API server is away, what was read stays in use');
    if (!nowAway && away !== undefined) log.info({ server: client.server }, 'the API server is back');
    away = nowAway && messageOf(nowAway);
    tellSoon();
    void listOnce();
  }

  /** The first list, once nothing is left to wait for. */
  async function listOnce(): Promise<void> {
    if (isListing || scopes.some(({ state }) => state === undefined || state.type === 'away')) return;
    isListing = true;
    await beside?.listed;
    await objects.list();
    if (!signal.aborted) log.info({ server: client.server }, 'objects read');
  }

  const isReferred = ({ kind }: Scope): boolean => (referredKinds as readonly Kind[]).includes(kind);

  /** What a scope holds now, after a list. */
  function replace(scope: Scope, read: readonly ListedObject[]): void {
    const versions = new Map(read.map(({ key, version }) => [keyText(key), { key, version }]));
    const changed = read.filter(({ key, version }) => scope.versions.get(keyText(key))?.version !== version);
    const gone = [...scope.versions].filter(([id]) => !versions.has(id));
    const remove = gone.map(([, { key }]) => key);
    for (const [id] of gone) live?.gone(id);
    scope.versions = versions;
    if (isReferred(scope)) objects.names({ put: changed.map(({ key }) => key), remove, isBulk: true });
    else objects.change({ put: changed.flatMap(({ object }) => object ?? []), remove, isBulk: true });
  }

  function onEvents(scope: Scope, events: readonly ReflectorEvent[], heardAt: number): void {
    const put = new Map<string, ListedObject>();
    const remove = new Map<string, ObjectKey>();
    for (const { isGone, object } of events) {
      const key = keyOf(scope.kind, object);
      const id = keyText(key);
      put.delete(id);
      remove.delete(id);
      if (isGone) {
        remove.set(id, key);
        scope.versions.delete(id);
        live?.gone(id);
      } else {
        const listed = listedObject(scope, object);
        put.set(id, listed);
        scope.versions.set(id, { key, version: listed.version });
      }
    }
    const change = { remove: [...remove.values()], isBulk: false };
    if (isReferred(scope)) objects.names({ put: [...put.values()].map(({ key }) => key), ...change });
    else objects.change({ put: [...put.values()].flatMap(({ object }) => object ?? []), ...change, heardAt });
  }

  function listedObject(scope: Scope, raw: unknown): ListedObject {
    const version = (raw as { readonly metadata: { readonly resourceVersion?: string } }).metadata.resourceVersion ?? '';
    const key = keyOf(scope.kind, raw);
    if (isReferred(scope)) return { key, version };
    const object = readObject(scope.kind, scope.resource?.apiVersion ?? '', raw);
    if (live?.follows(scope.kind) && scope.resource) live.tell(keyText(key), scope.kind, scope.resource, raw, object.stored !== undefined);
    return { key, version, object };
  }

  async function follow(scope: Scope): Promise<void> {
    let read: ListedObject[] = [];
    const turn = createTurn();
    await reflect(
      {
        client,
        clock,
        random,
        async find() {
          scope.resource = await discovery.find(scope.kind, signal);
          // A namespace is an object of no namespace.
          return scope.resource && pathOf(scope.resource, kinds[scope.kind].namespaced ? scope.namespace : undefined);
        },
        query: queryOf(scope, selector),
        // Nothing of a Secret comes here that nobody refers to.
        isMetadataOnly: isReferred(scope),
        async onPage(items, isFirst) {
          if (isFirst) read = [];
          for (const item of items) {
            read.push(listedObject(scope, item));
            await turn.rest();
          }
        },
        onListed() {
          replace(scope, read);
          read = [];
        },
        onEvents: (events, heardAt) => onEvents(scope, events, heardAt),
        onState: (state) => onState(scope, state),
      },
      signal,
    );
  }

  await Promise.all(scopes.map(follow));
  refusals.stop();
  client.close();
}

/** An object of a list or an event. */
interface ListedObject {
  readonly key: ObjectKey;
  readonly version: string;
  /** Undefined: only its name is read. */
  readonly object?: ReadObject;
}

function scopesOf(namespaces: readonly string[]): readonly Scope[] {
  const all = Object.keys(kinds) as Kind[];
  return all.flatMap((kind) => {
    const isDivided = namespaces.length > 0 && (kinds[kind].namespaced || kind === 'Namespace');
    const places = isDivided ? namespaces.map((namespace) => ({ namespace })) : [{}];
    return places.map((place): Scope => ({ kind, ...place, resource: undefined, state: undefined, versions: new Map() }));
  });
}

function queryOf({ kind, namespace }: Scope, selector: string | undefined): Readonly<Record<string, string | undefined>> {
  return {
    labelSelector: workloads.has(kind) ? nginxLabel : selectedKinds.has(kind) ? selector : undefined,
    fieldSelector: kind === 'Namespace' && namespace !== undefined ? `metadata.name=${namespace}` : undefined,
  };
}

const messageOf = (state: ReflectorState): string | undefined => ('message' in state ? state.message : undefined);

/** What keeps a cluster from being read as a whole. */
function troubles(server: string, scopes: readonly Scope[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const away = scopes.map(({ state }) => state).find((state) => state?.type === 'away');
  if (away) {
    const message = `The API server ${server} cannot be asked (${messageOf(away)}); the objects last read from it stay in use.`;
    found.push(diagnostic('SourceUnavailable', { file: server }, message, 'Bring it back, or mend the credentials; it is asked again all the time.'));
  }
  const missing = new Set<string>();
  for (const { kind, namespace, state } of scopes) {
    const at = { object: namespace === undefined ? kind : `${kind} ${namespace}/*` };
    if (state?.type === 'forbidden') {
      const message = `Objects of the kind ${kind} may not be read: ${state.message.replace(/\.$/, '')}. Those last read stay in use, and the rest goes on.`;
      found.push(diagnostic('KindForbidden', at, message, 'Give the account the verbs list and watch for it, as the roles in deploy/ do.'));
    }
    if (state?.type === 'missing' && !missing.has(kind)) {
      missing.add(kind);
      const message = `The API server has no kind ${kind} in a version that Sluice reads (${kinds[kind].versions.join(', ')}).`;
      found.push(diagnostic('KindMissing', { object: kind }, message, 'Install its CRD, if it is to be used; it is looked for all the time.'));
    }
  }
  return found;
}
