import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { generatedFiles } from '../docs/generated-files.ts';
import { ownKinds } from '../docs/own-kinds.ts';
import { type JsonSchema, structuralSpec } from '../docs/structural-schema.ts';

const root = join(import.meta.dirname, '..');
const files = generatedFiles();

describe('generated documentation', () => {
  for (const [path, content] of files) {
    test(`${path} is what \`npm run docs\` writes`, () => assert.equal(readFileSync(join(root, path), 'utf8'), content));
  }

  test('there are no others', () => {
    const found = globSync(['deploy/crds/*', 'deploy/schemas/*'], { cwd: root });
    assert.deepEqual(
      found.filter((path) => !files.has(path)),
      [],
    );
  });
});

describe('our own kinds', () => {
  for (const { definition, example } of ownKinds) {
    test(`the example of ${definition.kind} is valid`, () => {
      const result = definition.schema.safeParse(parse(example));
      assert.deepEqual(result.error?.issues, undefined);
    });

    test(`every field of ${definition.kind} is described and fits a structural schema`, () => {
      for (const [path, schema] of fieldsOf('spec', structuralSpec(definition))) {
        assert.ok(schema.type !== undefined || schema.enum !== undefined, `${path} has no type`);
        for (const keyword of ['anyOf', 'oneOf', 'allOf', 'not', 'const', 'propertyNames']) assert.ok(!(keyword in schema), `${path} has ${keyword}`);
        assert.ok(!(schema.properties && schema.additionalProperties), `${path} has fields and is a map`);
        assert.ok(path.endsWith('[]') || schema.description, `${path} has no description`);
      }
    });
  }
});

function fieldsOf(path: string, schema: JsonSchema): readonly [string, JsonSchema][] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => fieldsOf(`${path}.${name}`, field));
  return [[path, schema], ...below, ...(schema.items ? fieldsOf(`${path}[]`, schema.items) : [])];
}
