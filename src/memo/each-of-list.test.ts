import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { random } from '../../test/fake/random.ts';
import { eachOfListAtOnce, sameEnds } from './each-of-list.ts';

interface Item {
  readonly name: string;
}

const items: readonly Item[] = Array.from({ length: 40 }, (_, index) => ({ name: `item-${index % 30}` }));

describe('what is made of each item of a list', () => {
  test('is made once for what stays at both ends, and is the same list for the same list', () => {
    const asked: string[] = [];
    const each = eachOfListAtOnce(({ name }: Item) => {
      asked.push(name);
      return name.length;
    });
    const [a, b, c, d] = [{ name: 'a' }, { name: 'bb' }, { name: 'ccc' }, { name: 'dddd' }];
    const list = [a, b, c];
    assert.deepEqual(each('x', list), [1, 2, 3]);
    assert.equal(each('x', list), each('x', list));
    assert.deepEqual(each('x', [a, d, c]), [1, 4, 3]);
    assert.deepEqual(each('x', [a, c]), [1, 3]);
    assert.deepEqual(asked, ['a', 'bb', 'ccc', 'dddd']);
    assert.deepEqual(each('y', [a, b]), [1, 2]);
    assert.deepEqual(each('x', []), []);
  });

  test('is what a look at all gives, for lists that change at random', () => {
    const draw = random(7);
    const each = eachOfListAtOnce(({ name }: Item) => name);
    let list: readonly Item[] = items.slice(0, 10);
    for (let round = 0; round < 500; round++) {
      const at = Math.floor(draw.next() * (list.length + 1));
      list = list.toSpliced(at, Math.floor(draw.next() * 3), ...(draw.chance(0.6) ? [draw.pick(items)] : []));
      assert.deepEqual(
        each('', list),
        list.map(({ name }) => name),
      );
    }
  });

  test('is taken over for lists of any length', () => {
    const each = eachOfListAtOnce(({ name }: Item) => name);
    const list = Array.from({ length: 200_000 }, (_, index) => ({ name: String(index) }));
    each('', list);
    assert.equal(each('', list.with(1, { name: 'other' })).length, list.length);
  });
});

test('ends of lists are the same as far as their items are, and never overlap', () => {
  const [a, b] = [{}, {}];
  assert.deepEqual(sameEnds([a, b, a], [a, b, b, a]), { head: 2, tail: 1 });
  assert.deepEqual(sameEnds([a, a], [a, a, a]), { head: 2, tail: 0 });
});
