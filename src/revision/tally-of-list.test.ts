import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../test/fake/random.ts';
import { tallyOfList } from './tally-of-list.ts';

interface Item {
  readonly name: string;
}

const items: readonly Item[] = Array.from({ length: 40 }, (_, index) => ({ name: `item-${index % 30}` }));

test('the keys of a list stay the same set while none comes or goes', () => {
  const tally = tallyOfList(({ name }: Item) => [name]);
  const [a, b, again] = [{ name: 'a' }, { name: 'b' }, { name: 'b' }];
  const { keys } = tally('', [a, b]);
  assert.equal(tally('', [a, again]).keys, keys);
  assert.notEqual(tally('', [a]).keys, keys);
  assert.deepEqual([...keys], ['a', 'b']);
});

test('counts that go on from list to list are those of a look at all', () => {
  const draw = random(7);
  const tally = tallyOfList(({ name }: Item) => [name]);
  let list: readonly Item[] = items.slice(0, 10);
  for (let round = 0; round < 500; round++) {
    const at = Math.floor(draw.next() * (list.length + 1));
    list = list.toSpliced(at, Math.floor(draw.next() * 3), ...(draw.chance(0.6) ? [draw.pick(items)] : []));
    const { keys, repeats } = tally('', list);
    assert.deepEqual([...keys].sort(), [...new Set(list.map(({ name }) => name))].sort());
    assert.equal(repeats, keys.size < list.length);
  }
});
