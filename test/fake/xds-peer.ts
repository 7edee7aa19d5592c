import type { Answer } from '../../src/ads/answer.ts';
import type { XdsRequest } from '../../src/ads/request.ts';
import { type Resource, type ResourceType, resourceTypes, typeUrls } from '../../src/resource.ts';
import { references } from '../../src/revision/references.ts';

/** What a client does with xDS, without a socket: it asks for what an Envoy asks for, and keeps what it is given. */
export interface XdsPeer {
  readonly held: Readonly<Record<ResourceType, Map<string, Resource>>>;
  /** The first requests of a new stream. In delta they tell what is held; in state of the world that there is something. */
  connect(): readonly XdsRequest[];
  /** Applies an answer; gives the ACK or NACK, then the questions that follow from it. */
  receive(answer: Answer): readonly XdsRequest[];
  /** Bytes that were sent though the peer had them on this stream, but for full lists, for what it asked for anew, and for endpoints of a cluster that was sent. */
  readonly repeats: readonly string[];
}

export interface PeerOptions {
  readonly protocol: 'sotw' | 'delta';
  readonly group?: string;
  readonly id?: string;
  /** Why a resource is refused, in the words of a client, given what it holds of the type; undefined: it is taken. */
  readonly refuse?: (resource: Resource, held: ReadonlyMap<string, Resource>) => string | undefined;
}

/** Makes a peer that holds nothing yet. */
export function createPeer({ protocol, group = 'default', id = 'peer', refuse = () => undefined }: PeerOptions): XdsPeer {
  const held = Object.fromEntries(resourceTypes.map((type) => [type, new Map<string, Resource>()])) as Record<ResourceType, Map<string, Resource>>;
  const repeats: string[] = [];
  let asked: Record<ResourceType, Set<string>>;
  let nonces: Partial<Record<ResourceType, string>>;
  /** `TYPE NAME` of what may be sent, and how often: asked for again, or endpoints of a cluster that was sent. */
  let due: Map<string, number>;
  let seen: Set<Resource>;
  /** Version of each cluster as it was sent last, taken or not. */
  let told: Map<string, string>;

  const expect = (key: string): unknown => due.set(key, (due.get(key) ?? 0) + 1);
  const wanted = (type: ResourceType): Set<string> => {
    const from = type === 'endpoints' ? [...held.clusters.values()] : [...held.listeners.values(), ...held.clusters.values()];
    return new Set(from.flatMap((resource) => [...references(resource)[type as 'endpoints' | 'routes' | 'secrets']]));
  };

  function request(type: ResourceType, options: { nonce?: string; error?: string; first?: boolean } = {}): XdsRequest {
    const wildcard = type === 'clusters' || type === 'listeners';
    const names = wildcard ? new Set<string>() : wanted(type);
    const before = asked[type];
    asked[type] = names;
    for (const name of names) if (!before.has(name)) expect(`${type} ${name}`);
    const nonce = options.nonce ?? (protocol === 'sotw' ? (nonces[type] ?? '') : '');
    const head = {
      typeUrl: typeUrls[type],
      nonce,
      ...(options.first && type === 'clusters' ? { node: { id, group, agent: 'peer 1' } } : {}),
      ...(options.error === undefined ? {} : { error: options.error }),
    };
    if (protocol === 'sotw') return { protocol, ...head, ...(held[type].size > 0 ? { version: 'of what is held' } : {}), names: [...names] };
    return {
      protocol,
      ...head,
      subscribe: [...names].filter((name) => !before.has(name)),
      unsubscribe: [...before].filter((name) => !names.has(name)),
      initialVersions: options.first ? Object.fromEntries([...held[type].values()].map(({ name, version }) => [name, version])) : {},
    };
  }

  /** Drops what nothing refers to any more, and asks for what is referred to now. */
  function follow(): readonly XdsRequest[] {
    const requests: XdsRequest[] = [];
    for (const type of ['endpoints', 'secrets', 'routes'] as const) {
      const names = wanted(type);
      for (const name of held[type].keys()) if (!names.has(name)) held[type].delete(name);
      if (names.size !== asked[type].size || [...names].some((name) => !asked[type].has(name)))
        requests.push(request(type, { first: nonces[type] === undefined && asked[type].size === 0 }));
    }
    return requests;
  }

  return {
    held,
    repeats,
    connect() {
      asked = Object.fromEntries(resourceTypes.map((type) => [type, new Set<string>()])) as Record<ResourceType, Set<string>>;
      nonces = {};
      due = new Map();
      seen = new Set();
      told = new Map();
      const types = resourceTypes.filter((type) => type === 'clusters' || type === 'listeners' || wanted(type).size > 0);
      return types.sort((a, b) => (a === 'clusters' ? -1 : b === 'clusters' ? 1 : 0)).map((type) => request(type, { first: true }));
    },
    receive({ type, nonce, resources, removed }) {
      nonces[type] = nonce;
      const full = protocol === 'sotw' && (type === 'clusters' || type === 'listeners');
      const errors: string[] = [];
      // As Envoy does, first what goes, then one by one what comes.
      const listed = new Set(resources.map(({ name }) => name));
      for (const name of full ? held[type].keys() : removed) if (!listed.has(name)) held[type].delete(name);
      for (const resource of resources) {
        const { name } = resource;
        if (type === 'clusters' && (told.get(name) ?? held[type].get(name)?.version) !== resource.version) expect(`endpoints ${name}`);
        if (type === 'clusters') told.set(name, resource.version);
        const reason = refuse(resource, held[type]);
        if (reason !== undefined) {
          // The server cannot know whether a cluster that it sends once more will be taken this time.
          if (type === 'clusters') expect(`endpoints ${name}`);
          errors.push(`${name}: ${reason}`);
          continue;
        }
        const isKnown = held[type].get(name)?.version === resource.version;
        if (isKnown && seen.has(resource) && !full && !due.get(`${type} ${name}`)) repeats.push(`${type} ${name}`);
        due.set(`${type} ${name}`, Math.max(0, (due.get(`${type} ${name}`) ?? 0) - 1));
        seen.add(resource);
        held[type].set(name, resource);
      }
      const error = errors.length > 0 ? { error: `Error adding/updating ${type} ${errors.join(', ')}` } : {};
      // A reply in state of the world tells the newest names; delta tells what follows in messages of their own.
      return [request(type, { nonce, ...error }), ...follow()];
    },
  };
}
