import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { toGatewayApi } from '../../src/migrate/gateway-api/conversion.ts';
import { sceneOf } from '../../src/migrate/scene.ts';
import { defaultSettings } from '../../src/settings.ts';
import { readFolder } from '../../src/source/folder.ts';
import { storeViewOf } from '../../src/store/store.ts';
import { dialectOf, furtherFile, readCases } from './case.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { differences } from './differences.ts';
import { type CaseGateway, startCaseGateway } from './gateway.ts';
import { gatewayApiDifferences } from './gateway-api-differences.ts';
import { pending } from './pending.ts';
import { runCase } from './run-case.ts';

/*
 * The cases and the further ones again, of what `sluice migrate --to gateway-api` makes of their objects. A case whose Ingresses all stay is left out: it
 * would be the same once more.
 */

const served = [...readCases(), ...readCases(furtherFile)].filter(
  ({ id, requests }) => requests && !pending.includes(id) && !differences.some((one) => one.case === id),
);

interface Metadata {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string };
}

suite('ingress-nginx in the words of Gateway API', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-gateway-api-'));
  let certificates: Certificates;
  let gateway: CaseGateway;

  before(async () => {
    certificates = await makeCertificates();
    gateway = await startCaseGateway();
  });
  after(async () => {
    await gateway?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  let moved = 0;
  for (const one of served) {
    test(one.id, async (context) => {
      let reasons: readonly string[] | undefined;
      const failures = await runCase(one, gateway, certificates, (yaml) => {
        const changed = converted(yaml, dialectOf(one));
        reasons = 'reasons' in changed ? changed.reasons : undefined;
        return 'yaml' in changed ? changed.yaml : '';
      });
      if (reasons) return context.skip(`its Ingresses stay: ${reasons.join('; ')}`);
      moved += 1;
      const stated = gatewayApiDifferences[one.id];
      const lines = [...failures].flatMap(([index, all]) => all.map((line) => `request ${index}: ${line}`));
      if (stated === undefined) assert.deepEqual(lines, [], gateway.diagnostics().join('\n'));
      else assert.notDeepEqual(lines, [], `this no longer differs: ${stated}`);
    });
  }

  test('a part of the cases moves', () => assert.ok(moved >= 105, String(moved)));

  /** The objects that are left and those that are made, or why all Ingresses stay. */
  function converted(yaml: string, dialect: 'nginx' | 'ack'): { readonly yaml: string } | { readonly reasons: readonly string[] } {
    const file = join(folder, 'objects.yaml');
    writeFileSync(file, yaml);
    const settings = { ...defaultSettings, ingress: { dialect } };
    const { objects, converted: gone, kept } = toGatewayApi(sceneOf(storeViewOf(readFolder([file]).objects).view, settings, []));
    if (gone.length === 0) return { reasons: [...new Set(kept.map(({ reason }) => reason))] };
    const left = yaml
      .split('\n---\n')
      .map((text) => JSON.parse(text) as Metadata)
      .filter(
        ({ kind, metadata }) =>
          kind !== 'Ingress' || !gone.some(({ ingress: { namespace, name } }) => namespace === (metadata.namespace ?? 'default') && name === metadata.name),
      );
    return { yaml: [...left, ...objects].map((object) => JSON.stringify(object)).join('\n---\n') };
  }
});
