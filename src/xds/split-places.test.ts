import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitPlaceCount, splitPlaces } from './split-places.ts';

type Weights = Readonly<Record<string, number>>;

function runsOf(weights: Weights) {
  const backends = Object.entries(weights).map(([name, weight]) => ({ name, weight }));
  return splitPlaces(backends).map(({ backend, length }) => ({ name: backends[backend]?.name ?? '', length }));
}

/** Places of each backend. */
function counts(weights: Weights): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { name, length } of runsOf(weights)) found[name] = (found[name] ?? 0) + length;
  return found;
}

/** How many places belong to another backend, as `FROM>TO`. */
function moves(before: Weights, after: Weights): Record<string, number> {
  const ends = (weights: Weights) => {
    let at = 0;
    return runsOf(weights).map(({ name, length }) => {
      at += length;
      return { name, end: at };
    });
  };
  const [old, next] = [ends(before), ends(after)];
  const found: Record<string, number> = {};
  let at = 0;
  for (const end of [...new Set([...old, ...next].map((run) => run.end))].sort((a, b) => a - b)) {
    const [from, to] = [old, next].map((runs) => runs.find((run) => run.end > at)?.name);
    if (from !== to) found[`${from}>${to}`] = (found[`${from}>${to}`] ?? 0) + end - at;
    at = end;
  }
  return found;
}

const whole = splitPlaceCount;

test('each backend has its share of the places, whatever the sum of the weights', () => {
  for (const [weights, expected] of [
    [
      { a: 90, b: 10 },
      { a: 0.9 * whole, b: 0.1 * whole },
    ],
    [
      { a: 70, b: 70 },
      { a: whole / 2, b: whole / 2 },
    ],
    [
      { a: 1, b: 999 },
      { a: whole / 1000, b: (whole / 1000) * 999 },
    ],
    [
      { a: 0, b: 5 },
      { a: 0, b: whole },
    ],
    [
      { a: 1, b: 1, c: 1 },
      { a: 333_334, b: 333_333, c: 333_333 },
    ],
    [
      { a: 4_000_000_000, b: 1 },
      { a: whole - 1, b: 1 },
    ],
    [
      { a: 1e9, b: 1, c: 1, d: 1 },
      { a: whole - 3, b: 1, c: 1, d: 1 },
    ],
  ] as const) {
    assert.deepEqual(counts(weights), expected, JSON.stringify(weights));
  }
});

test('between two backends exactly the difference moves, step by step up and down', () => {
  const names = ['shop/v1/80', 'shop/v2/80', 'a', 'b', 'stable', 'canary', 'default/backend:storefront-v1/8080', 'default/backend:storefront-v2/8080'];
  for (let first = 0; first < names.length; first += 2) {
    const [stable, canary] = [names[first] ?? '', names[first + 1] ?? ''];
    const at = (percent: number): Weights => ({ [stable]: 100 - percent, [canary]: percent });
    for (let percent = 0; percent < 100; percent++) {
      assert.deepEqual(moves(at(percent), at(percent + 1)), { [`${stable}>${canary}`]: whole / 100 }, `${names[first]} from ${percent} %`);
      assert.deepEqual(moves(at(percent + 1), at(percent)), { [`${canary}>${stable}`]: whole / 100 });
    }
    assert.deepEqual(moves(at(10), at(70)), { [`${stable}>${canary}`]: 0.6 * whole });
  }
});

test('the order of the backends and the size of the sum mean nothing', () => {
  assert.deepEqual(moves({ a: 80, b: 15, c: 5 }, { c: 1, a: 16, b: 3 }), {});
});

test('a backend that has no weight yet moves nobody, and takes only what it gets', () => {
  assert.deepEqual(moves({ a: 90, b: 10 }, { a: 90, b: 10, c: 0 }), {});
});

test('among three, a small share that grows leaves the other small one alone unless it starts inside of it', () => {
  let undisturbed = 0;
  const trials = 200;
  for (let trial = 0; trial < trials; trial++) {
    const [a, b, c] = ['stable', 'left', 'right'].map((name) => `${name}-${trial}`) as [string, string, string];
    const moved = moves({ [a]: 85, [b]: 5, [c]: 10 }, { [a]: 75, [b]: 5, [c]: 20 });
    const total = Object.values(moved).reduce((sum, count) => sum + count, 0);
    assert.ok(total <= 0.2 * whole, `${total} places moved where ${0.1 * whole} had to`);
    if (total === 0.1 * whole) undisturbed++;
  }
  // The other one starts on the 10 % that are taken, or just before: about every seventh time.
  assert.ok(undisturbed > trials * 0.75, `${undisturbed} of ${trials}`);
});

test('nobody moves more than once for each backend when one share goes from one to another', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  for (let trial = 0; trial < 300; trial++) {
    const names = Array.from({ length: 2 + random(5) }, (_, index) => `backend-${trial}-${index}`);
    const weights = Object.fromEntries(names.map((name) => [name, 10 + random(90)]));
    const [from, to] = [names[0] ?? '', names[1] ?? ''];
    // In units that divide the places evenly.
    const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
    const scaled = Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, Math.floor((weight / sum) * whole)]));
    scaled[from] = (scaled[from] ?? 0) + whole - Object.values(scaled).reduce((total, weight) => total + weight, 0);
    const after = { ...scaled, [from]: (scaled[from] ?? 0) - 1000, [to]: (scaled[to] ?? 0) + 1000 };
    const total = Object.values(moves(scaled, after)).reduce((all, count) => all + count, 0);
    assert.ok(total >= 1000 && total <= 1000 * (names.length - 1), `${total} of ${names.length} backends`);
  }
});
