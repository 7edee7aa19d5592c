import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cannotBind } from '../../../test/fake/cannot-bind.ts';
import { checkedCluster, cluster, endpoints, listener, localCluster, routes, secret, securedCluster, snapshotOf } from '../../../test/fake/resources.ts';
import { createPeer, type PeerOptions } from '../../../test/fake/xds-peer.ts';
import { type Resource, type ResourceType, typeUrls } from '../../resource.ts';
import { changeBetween } from '../../revision/revision.ts';
import type { Answer } from './answer.ts';
import type { Effect } from './effect.ts';
import type { DeltaRequest, SotwRequest, XdsRequest } from './request.ts';
import { createStream } from './stream.ts';
import { defaultStreamLimits } from './stream-state.ts';

const node = { id: 'n', group: 'default', agent: 'test 1' };
const { drainMs, warmMs, replyMs } = defaultStreamLimits;

/** One stream at a time that the test sets, its requests and answers in short form. */
function open(protocol: 'sotw' | 'delta', first: readonly Resource[] | undefined, only?: ResourceType) {
  const stream = createStream({ protocol, ...(only ? { only } : {}), peer: 'test', connectedAt: 0, limits: defaultStreamLimits });
  let snapshot = first && snapshotOf('default', first);
  let isNamed = false;
  const clock = { now: 0 };
  const step = (event: Parameters<typeof stream.step>[0]): readonly Effect[] => stream.step(event, clock.now);
  return {
    clock,
    status: () => stream.status(clock.now, 'reason'),
    wakeAt: () => stream.wakeAt(),
    ask(request: XdsRequest): readonly Effect[] {
      const effects = [...step({ type: 'request', request: isNamed ? request : { node, ...request } })];
      if (!isNamed && snapshot) effects.push(...step({ type: 'snapshot', snapshot }));
      isNamed = true;
      return effects;
    },
    put(resources: readonly Resource[]): readonly Effect[] {
      const next = snapshotOf('default', resources);
      const change = snapshot && changeBetween(snapshot, next);
      snapshot = next;
      return step({ type: 'snapshot', snapshot: next, ...(change ? { change } : {}) });
    },
    wake(atMs: number): readonly Effect[] {
      clock.now = atMs;
      return step({ type: 'woken' });
    },
  };
}

const sotw = (type: ResourceType, names: readonly string[] = [], more: Partial<SotwRequest> = {}): SotwRequest => ({
  protocol: 'sotw',
  typeUrl: typeUrls[type],
  nonce: '',
  names,
  ...more,
});
const delta = (type: ResourceType, subscribe: readonly string[] = [], more: Partial<DeltaRequest> = {}): DeltaRequest => ({
  protocol: 'delta',
  typeUrl: typeUrls[type],
  nonce: '',
  subscribe,
  unsubscribe: [],
  initialVersions: {},
  ...more,
});
const answersOf = (effects: readonly Effect[]): readonly Answer[] => effects.filter((effect) => effect.type === 'send').map(({ answer }) => answer);
/** `clusters +a +b -c`, sorted. */
const told = (effects: readonly Effect[]): readonly string[] =>
  answersOf(effects).map(({ type, resources, removed }) =>
    [type, ...resources.map(({ name }) => `+${name}`).sort(), ...removed.map((name) => `-${name}`)].join(' '),
  );
const lastNonce = (effects: readonly Effect[]): string => answersOf(effects).at(-1)?.nonce ?? assert.fail('no answer');

const [a, b, ea, eb] = [cluster('a'), cluster('b'), endpoints('a', [1]), endpoints('b', [2])];
const slow = checkedCluster('b');

describe('subscriptions in state of the world', () => {
  test('an empty first request means all clusters, `*` too, and a name only that one', () => {
    assert.deepEqual(told(open('sotw', [a, b]).ask(sotw('clusters'))), ['clusters +a +b']);
    assert.deepEqual(told(open('sotw', [a, b]).ask(sotw('clusters', ['*']))), ['clusters +a +b']);
    assert.deepEqual(told(open('sotw', [a, b]).ask(sotw('clusters', ['b']))), ['clusters +b']);
  });

  test('an empty list after names means nothing, and is not answered', () => {
    const stream = open('sotw', [a, b]);
    const nonce = lastNonce(stream.ask(sotw('clusters', ['b'])));
    assert.deepEqual(told(stream.ask(sotw('clusters', [], { nonce }))), []);
    assert.equal(stream.status().types.clusters?.subscribed, 0);
  });

  test('an empty first request of another type means nothing', () => {
    assert.deepEqual(told(open('sotw', [ea]).ask(sotw('endpoints'))), []);
  });

  test('a first question for all is answered even where there is nothing', () => {
    assert.deepEqual(told(open('sotw', []).ask(sotw('clusters'))), ['clusters']);
  });

  test('a new name is answered though no version changed, without what is held', () => {
    const stream = open('sotw', [ea, eb]);
    const nonce = lastNonce(stream.ask(sotw('endpoints', ['a'])));
    assert.deepEqual(told(stream.ask(sotw('endpoints', ['a', 'b'], { nonce }))), ['endpoints +b']);
  });

  test('a name that is dropped and asked for again is answered again', () => {
    const stream = open('sotw', [ea, eb]);
    const first = lastNonce(stream.ask(sotw('endpoints', ['a', 'b'])));
    stream.ask(sotw('endpoints', ['a'], { nonce: first }));
    assert.deepEqual(told(stream.ask(sotw('endpoints', ['a', 'b'], { nonce: first }))), ['endpoints +b']);
  });

  test('a stale or invented nonce is ignored, with its names', () => {
    const stream = open('sotw', [ea, eb]);
    const first = lastNonce(stream.ask(sotw('endpoints', ['a'])));
    stream.ask(sotw('endpoints', ['a'], { nonce: first }));
    const second = lastNonce(stream.put([endpoints('a', [9]), eb]));
    assert.deepEqual(stream.ask(sotw('endpoints', ['a', 'b'], { nonce: first })), []);
    assert.deepEqual(stream.ask(sotw('endpoints', ['a', 'b'], { nonce: 'invented' })), []);
    assert.equal(stream.status().types.endpoints?.state, 'PENDING');
    assert.deepEqual(told(stream.ask(sotw('endpoints', ['a', 'b'], { nonce: second }))), ['endpoints +b']);
  });

  test('names sent before the first answer was read are taken, and answered after its ACK', () => {
    const stream = open('sotw', [ea, eb]);
    const nonce = lastNonce(stream.ask(sotw('endpoints', ['a'])));
    assert.deepEqual(told(stream.ask(sotw('endpoints', ['a', 'b']))), []);
    assert.deepEqual(told(stream.ask(sotw('endpoints', ['a', 'b'], { nonce }))), ['endpoints +b']);
  });

  test('a request without nonce after an ACK begins anew', () => {
    const stream = open('sotw', [ea]);
    const nonce = lastNonce(stream.ask(sotw('endpoints', ['a'])));
    stream.ask(sotw('endpoints', ['a'], { nonce }));
    assert.deepEqual(told(stream.ask(sotw('endpoints', ['a']))), ['endpoints +a']);
  });

  test('equal sets have equal versions whatever the order and the stream, others have not', () => {
    const version = (resources: readonly Resource[]) => answersOf(open('sotw', resources).ask(sotw('clusters')))[0]?.version;
    assert.equal(version([a, b]), version([b, a]));
    assert.notEqual(version([a, b]), version([a]));
    assert.notEqual(version([a]), version([cluster('a', 2000)]));
  });
});

describe('subscriptions in delta', () => {
  test('only what differs from the versions told on reconnection is sent, and what vanished is removed last', () => {
    const stream = open('delta', [a, cluster('b', 2000)]);
    const initialVersions = { a: a.version, b: b.version, gone: 'x' };
    const effects = stream.ask(delta('clusters', [], { initialVersions }));
    assert.deepEqual(told(effects), ['clusters +b']);
    stream.ask(delta('clusters', [], { nonce: lastNonce(effects) }));
    // Which listeners it has is not known before it asks for them.
    assert.deepEqual(told(stream.wake(drainMs)), []);
    stream.ask(delta('listeners', [], { nonce: lastNonce(stream.ask(delta('listeners', []))) }));
    assert.deepEqual(told(stream.wake(2 * drainMs)), ['clusters -gone']);
  });

  test('a client that has everything gets no bytes', () => {
    const effects = open('delta', [a]).ask(delta('clusters', [], { initialVersions: { a: a.version } }));
    assert.deepEqual(told(effects), ['clusters']);
  });

  test('names are answered one by one; one that does not exist is said to be removed', () => {
    const stream = open('delta', [ea]);
    assert.deepEqual(told(stream.ask(delta('endpoints', ['a', 'none']))), ['endpoints +a -none']);
  });

  test('asking again for a name gets it again, unsubscribing ends its updates', () => {
    const stream = open('delta', [ea]);
    const nonce = lastNonce(stream.ask(delta('endpoints', ['a'])));
    const again = stream.ask(delta('endpoints', ['a'], { nonce }));
    assert.deepEqual(told(again), ['endpoints +a']);
    stream.ask(delta('endpoints', [], { nonce: lastNonce(again), unsubscribe: ['a'] }));
    assert.deepEqual(told(stream.put([endpoints('a', [5])])), []);
  });

  test('a subscription counts although its nonce is unknown', () => {
    const stream = open('delta', [ea, eb]);
    const nonce = lastNonce(stream.ask(delta('endpoints', ['a'])));
    stream.ask(delta('endpoints', [], { nonce }));
    assert.deepEqual(told(stream.ask(delta('endpoints', ['b'], { nonce: 'unknown' }))), ['endpoints +b']);
  });

  test('the wildcard can be ended', () => {
    const stream = open('delta', [a]);
    const nonce = lastNonce(stream.ask(delta('clusters', ['*'])));
    stream.ask(delta('clusters', [], { nonce, unsubscribe: ['*'] }));
    assert.deepEqual(told(stream.put([cluster('a', 3000)])), []);
  });
});

describe('what a stream does not serve', () => {
  test('unknown types are never answered, mentioned once, and the stream stays open', () => {
    for (const request of [sotw('clusters', [], { typeUrl: 'type.googleapis.com/x.Y' }), delta('clusters', [], { typeUrl: 'type.googleapis.com/x.Y' })]) {
      const stream = open(request.protocol, [a]);
      assert.deepEqual(
        stream.ask(request).map(({ type }) => type),
        ['identified', 'ignored'],
      );
      assert.deepEqual(stream.ask(request), []);
      assert.deepEqual(told(stream.ask(request.protocol === 'sotw' ? sotw('clusters') : delta('clusters'))), ['clusters +a']);
    }
  });

  test('a first message without node id, or without a type, ends the stream', () => {
    const stream = createStream({ protocol: 'sotw', peer: '', connectedAt: 0, limits: defaultStreamLimits });
    assert.deepEqual(
      stream.step({ type: 'request', request: sotw('clusters') }, 0).map((effect) => effect.type === 'close' && effect.code),
      ['INVALID_ARGUMENT'],
    );
    assert.equal(
      open('sotw', [a])
        .ask(sotw('clusters', [], { typeUrl: '' }))
        .find(({ type }) => type === 'close')?.type,
      'close',
    );
  });

  test('a single-type stream needs no type URL and refuses another', () => {
    assert.deepEqual(told(open('sotw', [a, ea], 'endpoints').ask(sotw('endpoints', ['a'], { typeUrl: '' }))), ['endpoints +a']);
    assert.equal(
      open('sotw', [a], 'endpoints')
        .ask(sotw('clusters'))
        .find(({ type }) => type === 'close')?.type,
      'close',
    );
  });

  test('a stream without a snapshot waits, with the reason, until there is one', () => {
    const stream = open('sotw', undefined);
    assert.deepEqual(told(stream.ask(sotw('clusters'))), []);
    assert.deepEqual([stream.status().reason, stream.status().types.clusters?.state], ['reason', 'PENDING']);
    assert.deepEqual(told(stream.put([a])), ['clusters +a']);
    assert.equal(stream.status().reason, undefined);
  });
});

for (const protocol of ['sotw', 'delta'] as const) {
  /** A stream with a peer that acknowledges everything but what the test holds back. */
  const follow = (first: readonly Resource[], options: Partial<PeerOptions> & { readonly holds?: ResourceType } = {}) => {
    const stream = open(protocol, first);
    const peer = createPeer({ protocol, ...options });
    const withheld: XdsRequest[] = [];
    let { holds } = options;
    const log: string[] = [];
    function play(effects: readonly Effect[]): void {
      for (const answer of answersOf(effects)) log.push(...told([{ type: 'send', answer }]));
      for (const answer of answersOf(effects)) {
        for (const request of peer.receive(answer)) {
          if (holds && request.typeUrl === typeUrls[holds] && request.nonce !== '') withheld.push(request);
          else play(stream.ask(request));
        }
      }
    }
    const taken = (): readonly string[] => log.splice(0);
    for (const request of peer.connect()) play(stream.ask(request));
    return {
      stream,
      peer,
      taken,
      put: (resources: readonly Resource[]) => play(stream.put(resources)),
      wake: (atMs: number) => play(stream.wake(atMs)),
      hold(type: ResourceType) {
        holds = type;
      },
      releaseOldest() {
        for (const request of withheld.splice(0, 1)) play(stream.ask(request));
      },
      releaseAll() {
        holds = undefined;
        for (const request of withheld.splice(0)) play(stream.ask(request));
      },
    };
  };
  const [one, two] = [listener('l', 10, 'r'), routes('r', { '/': 'a' })];
  const isDelta = protocol === 'delta';

  describe(`make before break in ${protocol}`, () => {
    test('a cold client gets everything, each resource once', () => {
      const { stream, peer, taken } = follow([a, ea, one, two]);
      assert.deepEqual([...taken()].sort(), ['clusters +a', 'endpoints +a', 'listeners +l', 'routes +r']);
      assert.deepEqual(peer.repeats, []);
      assert.equal(stream.status().revisionAcked, stream.status().revisionWanted);
    });

    for (const type of ['clusters', 'listeners', 'routes'] as const) {
      test(`a cold client has not acknowledged the revision before the ACK of its ${type}`, () => {
        const { stream, releaseAll } = follow([a, ea, one, two], { holds: type });
        assert.equal(stream.status().revisionAcked, undefined);
        releaseAll();
        assert.equal(stream.status().revisionAcked, stream.status().revisionWanted);
      });
    }

    test('routes that a listener needs and that are not asked for yet are not acknowledged', () => {
      const { stream, put, hold, releaseAll } = follow([a, ea, one, two]);
      const before = stream.status().revisionAcked;
      hold('listeners');
      put([a, ea, listener('l', 10, 's'), routes('s', { '/': 'a' })]);
      assert.equal(stream.status().revisionAcked, before);
      releaseAll();
      assert.equal(stream.status().revisionAcked, stream.status().revisionWanted);
    });

    test('routes wait for the ACK of their new cluster, the old one goes after the drain delay', () => {
      const { stream, taken, put, hold, releaseAll, wake } = follow([a, ea, one, two]);
      taken();
      hold('clusters');
      put([slow, eb, one, routes('r', { '/': 'b' })]);
      assert.deepEqual(taken(), [isDelta ? 'clusters +b' : 'clusters +a +b', 'endpoints +b']);
      assert.equal(stream.status().types.clusters?.state, 'WARMING');
      releaseAll();
      assert.deepEqual(taken(), ['routes +r']);
      assert.equal(stream.wakeAt(), drainMs);
      wake(drainMs);
      assert.equal(taken()[0], isDelta ? 'clusters -a' : 'clusters +b');
      assert.equal(stream.wakeAt(), undefined);
    });

    test('a cluster that warms slowly holds back only the routes that need it, and those not for ever', () => {
      const other = listener('m', 11, 's');
      const { taken, put, hold, wake } = follow([a, ea, one, two, other, routes('s', { '/': 'a' })]);
      taken();
      hold('clusters');
      put([a, ea, slow, eb, one, routes('r', { '/': 'b' }), other, routes('s', { '/x': 'a' })]);
      assert.deepEqual([...taken()].sort(), [isDelta ? 'clusters +b' : 'clusters +a +b', 'endpoints +b', 'routes +s']);
      wake(warmMs);
      assert.deepEqual(taken(), ['routes +r']);
    });

    test('a cluster that went and came again is not warm by the ACK of its first coming', () => {
      const { taken, put, hold, releaseOldest, releaseAll, wake } = follow([a, ea, one, two]);
      hold('clusters');
      put([a, ea, slow, eb, one, two]);
      put([a, ea, one, two]);
      wake(drainMs);
      put([a, ea, slow, eb, one, routes('r', { '/': 'b' })]);
      taken();
      releaseOldest();
      assert.deepEqual(taken(), []);
      releaseAll();
      assert.deepEqual(taken(), ['routes +r']);
    });

    test('routes do not wait for the ACK of a cluster that lacked only its endpoints, whatever else is in its answer', () => {
      const { taken, put, hold } = follow([a, ea, one, two]);
      taken();
      hold('clusters');
      put([b, eb, checkedCluster('c'), endpoints('c', [3]), one, routes('r', { '/': 'b' })]);
      assert.ok(taken().includes('routes +r'));
    });

    test('routes to a cluster with health checks wait for its first check alone, whatever else is in its answer', () => {
      const { taken, put, hold, wake, stream } = follow([a, ea, one, two]);
      hold('clusters');
      put([checkedCluster('b', 1000, 2_000), eb, checkedCluster('c'), endpoints('c', [3]), one, routes('r', { '/': 'b' })]);
      taken();
      assert.equal(stream.wakeAt(), 2_500);
      wake(2_499);
      assert.deepEqual(taken(), []);
      wake(2_500);
      assert.deepEqual(taken(), ['routes +r']);
    });

    test('routes to a cluster with a secret wait for that alone, whatever else is in its answer', () => {
      const { taken, put, hold } = follow([a, ea, one, two]);
      taken();
      hold('clusters');
      const secured = [securedCluster('b', 's'), eb, one, routes('r', { '/': 'b' }), checkedCluster('c'), endpoints('c', [3])];
      put(secured);
      assert.ok(!taken().includes('routes +r'));
      put([...secured, secret('s', '1')]);
      assert.ok(taken().includes('routes +r'));
    });

    test('routes to a cluster that waits for nothing go when the client is seen to have read it', () => {
      const { taken, put, hold, wake } = follow([a, ea, one, two]);
      taken();
      hold('clusters');
      put([a, ea, localCluster('b'), checkedCluster('c'), endpoints('c', [3]), one, routes('r', { '/': 'b' })]);
      wake(1_000);
      assert.ok(taken().includes('routes +r'));
    });

    test('a newer snapshot during a wait is merged: nothing that comes back is removed', () => {
      const { peer, taken, put, hold, releaseAll, wake } = follow([a, ea, one, two]);
      hold('clusters');
      put([slow, eb, one, routes('r', { '/': 'b' })]);
      put([a, ea, slow, eb, one, routes('r', { '/': 'a', '/b': 'b' })]);
      taken();
      releaseAll();
      wake(drainMs * 3);
      assert.deepEqual([...peer.held.clusters.keys()].sort(), ['a', 'b']);
    });

    test('endpoints do not wait while clusters warm', () => {
      const { taken, put, hold } = follow([a, ea, one, two]);
      hold('clusters');
      put([a, ea, b, eb, one, two]);
      taken();
      put([a, endpoints('a', [7]), b, eb, one, two]);
      assert.deepEqual(taken(), ['endpoints +a']);
    });

    test('newer clusters do not wait for the ACK of many before, once the client has said that it read these', () => {
      const { taken, put, hold } = follow([a, ea, one, two]);
      hold('clusters');
      for (let version = 2; version <= 9; version++) {
        taken();
        put([cluster('a', version), ea, one, two]);
        assert.deepEqual(taken(), ['clusters +a', 'endpoints +a'], `version ${version}`);
      }
    });

    test('endpoints of a cluster that changed are sent again', () => {
      const { taken, put } = follow([a, ea, one, two]);
      taken();
      put([cluster('a', 2000), ea, one, two]);
      assert.deepEqual(taken(), ['clusters +a', 'endpoints +a']);
    });

    test('endpoints of a cluster that changed are sent once more where its ACK is late, those of a new one are not', () => {
      const { taken, put, hold, wake } = follow([a, ea, one, two]);
      hold('clusters');
      put([cluster('a', 2000), ea, b, eb, one, two]);
      taken();
      wake(4_999);
      assert.deepEqual(taken(), []);
      wake(5_000);
      assert.deepEqual(taken(), ['endpoints +a']);
      wake(15_000);
      assert.deepEqual(taken(), []);
    });

    test('newer endpoints merge while an answer is unacknowledged', () => {
      const { taken, put, hold, releaseAll } = follow([a, ea, one, two]);
      taken();
      hold('endpoints');
      for (const port of [2, 3, 4]) put([a, endpoints('a', [port]), one, two]);
      assert.deepEqual(taken(), ['endpoints +a']);
      releaseAll();
      assert.deepEqual(taken(), ['endpoints +a']);
    });

    test('a listener that is gone leaves its address to the one that takes it over, in one answer', () => {
      const { peer, put, stream, wake } = follow([a, ea, one, two], { cannotBind });
      put([a, ea, listener('m', 10, 's'), routes('s', { '/': 'a' })]);
      wake(drainMs);
      assert.deepEqual([...peer.held.listeners.keys()], ['m']);
      assert.equal(stream.status().lastNack, undefined);
      assert.equal(stream.status().revisionAcked, stream.status().revisionWanted);
    });

    test('a listener that waits for its cluster does not take the old one away before', () => {
      const { peer, put, hold, releaseAll } = follow([a, ea, one, two], { cannotBind });
      hold('clusters');
      put([slow, eb, listener('m', 10, 's'), routes('s', { '/': 'b' })]);
      assert.deepEqual([...peer.held.listeners.keys()], ['l']);
      releaseAll();
      assert.deepEqual([...peer.held.listeners.keys()], ['m']);
    });

    test('a listener takes over the address of one that is gone though another one waits for its cluster, and leaves the rest alone', () => {
      const rest = listener('rest', 12, 'r');
      const { peer, put, hold, releaseAll, stream } = follow([a, ea, one, rest, two], { cannotBind });
      hold('clusters');
      put([a, ea, slow, eb, listener('k', 10, 'r'), listener('waits', 13, 's'), two, routes('s', { '/': 'b' })]);
      assert.deepEqual([...peer.held.listeners.keys()].sort(), ['k', 'rest']);
      releaseAll();
      assert.deepEqual([...peer.held.listeners.keys()].sort(), ['k', 'waits']);
      assert.equal(stream.status().lastNack, undefined);
    });

    test('a listener takes over the address that another one leaves, whatever the order of the answer', () => {
      const others = [a, ea, two, listener('y', 12, 'r'), listener('z', 13, 'r')];
      const { peer, put, stream } = follow([one, ...others], { cannotBind });
      put([listener('k', 10, 'r'), listener('l', 11, 'r'), ...others]);
      assert.deepEqual([...peer.held.listeners.keys()].sort(), ['k', 'l', 'y', 'z']);
      assert.equal(stream.status().lastNack, undefined);
      assert.equal(stream.status().revisionAcked, stream.status().revisionWanted);
    });

    test('a listener that is gone is removed, then what only it needed', () => {
      const { peer, put, wake } = follow([a, ea, one, two, listener('m', 11, 's'), routes('s', { '/': 'b' }), b, eb]);
      put([a, ea, one, two]);
      assert.deepEqual([...peer.held.listeners.keys()], ['l']);
      assert.deepEqual([...peer.held.clusters.keys()].sort(), ['a', 'b']);
      wake(drainMs);
      assert.deepEqual([...peer.held.clusters.keys()], ['a']);
    });
  });

  describe(`refusals in ${protocol}`, () => {
    const refuse = ({ name }: Resource): string | undefined => (name === 'bad' ? 'is bad' : undefined);

    test('a bad new cluster is left out, good ones and routes go on, until it changes', () => {
      const { stream, peer, taken, put } = follow([a, ea, one, two], { refuse });
      taken();
      put([a, ea, b, eb, cluster('bad'), one, routes('r', { '/': 'b', '/bad': 'bad' })]);
      assert.ok(taken().includes('routes +r'));
      assert.deepEqual([...peer.held.clusters.keys()].sort(), ['a', 'b']);
      const { lastNack, types, revisionAcked, revisionWanted } = stream.status();
      assert.equal(types.clusters?.state, 'NACKED');
      assert.match(lastNack?.message ?? '', /bad: is bad/);
      assert.deepEqual(lastNack?.resources, [{ name: 'bad', version: cluster('bad').version, origins: [{ object: 'Service default/bad' }] }]);
      assert.notEqual(revisionAcked, revisionWanted);
      put([a, ea, b, eb, ...forB]);
      assert.equal(stream.status().lastNack, undefined);
      assert.equal(stream.status().revisionAcked, stream.status().revisionWanted);
    });

    test('a bad new cluster that is gone again leaves no refusal behind, however much went with it', () => {
      const { stream, put } = follow([a, ea, one, two], { refuse });
      put([a, ea, b, eb, cluster('bad'), one, two]);
      put([a, ea, one, two]);
      assert.equal(stream.status().types.clusters?.state, 'ACKED');
      assert.equal(stream.status().revisionAcked, stream.status().revisionWanted);
    });

    test('routes that are refused from the start are not acknowledged', () => {
      const { stream } = follow([a, ea, one, routes('bad', { '/': 'a' }), listener('m', 11, 'bad'), two], { refuse });
      assert.equal(stream.status().types.routes?.state, 'NACKED');
      assert.equal(stream.status().revisionAcked, undefined);
    });

    test('refused routes keep the clusters that the old ones need', () => {
      const bad = routes('r', { '/': 'b' });
      const { peer, put, wake } = follow([a, ea, one, two], { refuse: (resource) => (resource === bad ? 'no' : undefined) });
      put([b, eb, one, bad]);
      wake(drainMs * 2);
      assert.deepEqual([...peer.held.clusters.keys()].sort(), ['a', 'b']);
      assert.equal(peer.held.routes.get('r'), two);
      put([b, eb, one, routes('r', { '/x': 'b' })]);
      wake(drainMs * 4);
      assert.deepEqual([...peer.held.clusters.keys()], ['b']);
    });
  });
}

for (const words of ['Error adding/updating cluster(s) bad: no', 'not readable']) {
  test(`what is new in a list is not to blame where the list holds what was refused before and is gone since: ${words}`, () => {
    const stream = open('sotw', [a, cluster('bad')]);
    const underWay = [...answersOf(stream.ask(sotw('clusters'))), ...answersOf(stream.put([a, b]))];
    assert.deepEqual(underWay[1]?.resources.map(({ name }) => name).sort(), ['a', 'b', 'bad']);
    let held: readonly string[] = [];
    for (let answer = underWay.shift(); answer; answer = underWay.shift()) {
      const { nonce, resources } = answer;
      const isRefused = resources.some(({ name }) => name === 'bad');
      if (!isRefused) held = resources.map(({ name }) => name).sort();
      underWay.push(...answersOf(stream.ask(sotw('clusters', [], { nonce, ...(isRefused ? { error: words } : {}) }))));
    }
    assert.deepEqual(held, ['a', 'b']);
    assert.equal(stream.status().types.clusters?.state, 'ACKED');
  });
}

test('good clusters of an answer that was refused as a whole are sent again without the bad one', () => {
  const stream = open('delta', [a]);
  stream.ask(delta('clusters', [], { nonce: lastNonce(stream.ask(delta('clusters'))) }));
  const nonce = lastNonce(stream.put([a, b, cluster('bad', 0)]));
  const error = 'name: "bad" connect_timeout { }: Proto constraint validation failed (ClusterValidationError.ConnectTimeout)';
  assert.deepEqual(told(stream.ask(delta('clusters', [], { nonce, error }))), ['clusters +b']);
  assert.deepEqual(
    stream.status().lastNack?.resources.map(({ name }) => name),
    ['bad'],
  );
});

test('where nobody is named all that was new is left out, and tried again one by one', () => {
  const stream = open('delta', [a]);
  stream.ask(delta('clusters', [], { nonce: lastNonce(stream.ask(delta('clusters'))) }));
  const nonce = lastNonce(stream.put([a, b, cluster('c', 0)]));
  const first = stream.ask(delta('clusters', [], { nonce, error: 'not readable' }));
  assert.deepEqual(told(first), ['clusters +b']);
  const second = stream.ask(delta('clusters', [], { nonce: lastNonce(first) }));
  assert.deepEqual(told(second), ['clusters +c']);
  assert.deepEqual(told(stream.ask(delta('clusters', [], { nonce: lastNonce(second), error: 'not readable' }))), []);
  assert.deepEqual(told(stream.put([a, b, cluster('c', 1)])), ['clusters +c']);
});

test('a listener that was refused with others is not tried for ever, however often what it had before is told again', () => {
  const bad = listener('l', 10, 'bad');
  const stream = open('delta', [listener('l', 10), listener('m', 11)], 'listeners');
  const peer = createPeer({ protocol: 'delta', refusal: 'whole', refuse: (resource) => (resource === bad ? 'no' : undefined) });
  const [, question] = peer.connect();
  let answers = 0;
  const play = (effects: readonly Effect[]): void => {
    for (const answer of answersOf(effects)) {
      answers += 1;
      assert.ok(answers < 20, 'answers without end');
      for (const request of peer.receive(answer)) if (request.typeUrl === typeUrls.listeners) play(stream.ask(request));
    }
  };
  if (question) play(stream.ask(question));
  play(stream.put([bad, listener('m', 12)]));
  assert.deepEqual([...peer.held.listeners.values()].map(({ version }) => version).sort(), [listener('l', 10).version, listener('m', 12).version].sort());
});

test('what an answer removes that is refused as a whole is removed with a later one', () => {
  const [one, two] = [listener('l', 10, 'r'), routes('r', { '/': 'a' })];
  const stream = open('delta', [a, ea, one, listener('m', 11, 'r'), two]);
  const peer = createPeer({ protocol: 'delta', refusal: 'whole', refuse: ({ name }) => (name === 'bad' ? 'no' : undefined) });
  const play = (effects: readonly Effect[]): void => {
    for (const answer of answersOf(effects)) for (const request of peer.receive(answer)) play(stream.ask(request));
  };
  for (const request of peer.connect()) play(stream.ask(request));
  play(stream.put([a, ea, one, listener('bad', 12, 'r'), two]));
  assert.deepEqual([...peer.held.listeners.keys()].sort(), ['l', 'm']);
  play(stream.put([a, ea, one, two]));
  assert.deepEqual([...peer.held.listeners.keys()], ['l']);
});

test('clusters of which no reply ever comes do not stop newer ones for ever', () => {
  const stream = open('delta', [a]);
  stream.ask(delta('clusters'));
  for (let version = 2; version <= 6; version++) stream.put([cluster('a', version)]);
  assert.equal(stream.wakeAt(), warmMs);
  assert.deepEqual(told(stream.wake(warmMs)), ['clusters +a']);
});

test('clusters that warm slowly follow the ACK of quick ones, or come a second later, in delta', () => {
  const stream = open('delta', [a]);
  stream.ask(delta('clusters', [], { nonce: lastNonce(stream.ask(delta('clusters'))) }));
  const quick = stream.put([a, b, checkedCluster('c')]);
  assert.deepEqual(told(quick), ['clusters +b']);
  assert.deepEqual(told(stream.ask(delta('clusters', [], { nonce: lastNonce(quick) }))), ['clusters +c']);
  // While one warms no ACK comes, so that nothing is won by waiting.
  assert.deepEqual(told(stream.put([a, b, checkedCluster('c'), checkedCluster('d'), cluster('e')])), ['clusters +e', 'clusters +d']);
  const late = open('delta', [a]);
  late.ask(delta('clusters', [], { nonce: lastNonce(late.ask(delta('clusters'))) }));
  assert.deepEqual(told(late.put([a, b, checkedCluster('c')])), ['clusters +b']);
  assert.equal(late.wakeAt(), 1_000);
  assert.deepEqual(told(late.wake(1_000)), ['clusters +c']);
});

test('a client that says nothing to an answer is asked to come again', () => {
  const stream = open('sotw', [ea]);
  stream.ask(sotw('endpoints', ['a']));
  assert.equal(stream.wakeAt(), replyMs);
  assert.deepEqual(
    stream.wake(replyMs).map((effect) => effect.type === 'close' && effect.code),
    ['DEADLINE_EXCEEDED'],
  );
});

const envoyNode = { ...node, agent: 'envoy 1.40.0' };
const forB = [listener('l', 10, 'r'), routes('r', { '/': 'b' })];

for (const protocol of ['sotw', 'delta'] as const) {
  test(`an Envoy that comes back while a cluster warms is told of clusters unasked, and of routes when they are warm (${protocol})`, () => {
    const stream = open(protocol, [a, ea, b, eb, ...forB]);
    const first =
      protocol === 'sotw'
        ? sotw('endpoints', ['a', 'b'], { version: 'of before', node: envoyNode })
        : delta('endpoints', ['a', 'b'], { initialVersions: { a: ea.version, b: eb.version }, node: envoyNode });
    const effects = stream.ask(first);
    assert.deepEqual(told(effects), ['clusters +a +b', 'endpoints +a +b']);
    const ask = (type: ResourceType, names: readonly string[], nonce = ''): readonly string[] =>
      told(stream.ask(protocol === 'sotw' ? sotw(type, names, { nonce }) : delta(type, names, { nonce })));
    assert.deepEqual(ask('listeners', []), []);
    assert.deepEqual(ask('routes', ['r']), []);
    const nonceOfClusters = effects.flatMap((effect) => (effect.type === 'send' && effect.answer.type === 'clusters' ? [effect.answer.nonce] : [])).join();
    assert.deepEqual(ask('clusters', [], nonceOfClusters), ['listeners +l', 'routes +r']);
  });

  test(`another client is told nothing that it did not ask for (${protocol})`, () => {
    const stream = open(protocol, [a, ea]);
    assert.deepEqual(told(stream.ask(protocol === 'sotw' ? sotw('endpoints', ['a']) : delta('endpoints', ['a']))), ['endpoints +a']);
  });

  test(`a cluster that is gone before its endpoints were asked for gets its last ones, as it waits for them (${protocol})`, () => {
    const stream = open(protocol, [a, ea, b, eb]);
    const ask = (type: ResourceType, names: readonly string[]): readonly string[] =>
      told(stream.ask(protocol === 'sotw' ? sotw(type, names, { node: envoyNode }) : delta(type, names, { node: envoyNode })));
    ask('clusters', []);
    stream.put([a, ea]);
    assert.deepEqual(ask('endpoints', ['a', 'b']), ['endpoints +a +b']);
  });
}

test('a client of delta is told once of what does not exist, while other routes wait for their clusters', () => {
  const stream = open('delta', [a, ea]);
  stream.ask(delta('clusters', [], { nonce: lastNonce(stream.ask(delta('clusters'))) }));
  stream.ask(delta('listeners'));
  stream.put([a, ea, b, eb, ...forB]);
  const effects = stream.ask(delta('routes', ['r', 'none']));
  assert.deepEqual(told(effects), ['routes -none']);
  assert.deepEqual(told(stream.ask(delta('routes', [], { nonce: lastNonce(effects) }))), []);
});
