import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badSpecs, goodSpecs } from '../../test/own-kind-cases.ts';
import type { KindDefinition } from './kind.ts';

/** `PATH: MESSAGE` of what is wrong with a spec. */
function problems({ schema, kind, group, versions }: KindDefinition, spec: object): readonly string[] {
  const result = schema.safeParse({ apiVersion: `${group}/${versions[0]}`, kind, metadata: { name: 'x' }, spec });
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`);
}

for (const [definition, spec] of goodSpecs) {
  test(`${definition.kind} takes ${JSON.stringify(spec)}`, () => assert.deepEqual(problems(definition, spec), []));
}

for (const [definition, spec, expected] of badSpecs) {
  test(`${definition.kind} refuses ${JSON.stringify(spec)}`, () =>
    assert.ok(
      problems(definition, spec).some((problem) => expected.test(problem)),
      problems(definition, spec).join('\n'),
    ));
}
