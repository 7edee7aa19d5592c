import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { parseProvisioning } from '../src/provision/config.ts';
import { gatewayObjects } from '../src/provision/gateway-objects.ts';
import { knownGateways } from '../src/provision/gateways.ts';
import { defaultSettings } from '../src/settings.ts';
import { readFolder } from '../src/source/folder.ts';
import { storeViewOf } from '../src/store/store.ts';

/** `npm run golden` writes what comes out now into the files; the review of a change reads their differences like code. */
const folder = join(import.meta.dirname, 'provision');
const files = globSync(join(folder, '*.yaml')).filter((file) => !/(\.out|\/config)\.yaml$/.test(file));

type Values = Readonly<Record<string, unknown>>;

/** The configuration of the folder, with what the case says otherwise. */
function configOf(text: string) {
  const base = parse(readFileSync(join(folder, 'config.yaml'), 'utf8')) as Values & { readonly envoy: Values };
  const other = parse(/^# config: (.*)$/m.exec(text)?.[1] ?? '{}') as Values & { readonly envoy?: Values };
  const service = { ...(base.envoy['service'] as Values), ...(other.envoy?.['service'] as Values | undefined) };
  const { config, diagnostics } = parseProvisioning(stringify({ ...base, ...other, envoy: { ...base.envoy, ...other.envoy, service } }), '--provision');
  assert.deepEqual(diagnostics, []);
  assert.ok(config);
  return config;
}

for (const file of files) {
  test(`what is made for Gateways: ${basename(file)}`, (t) => {
    const config = configOf(readFileSync(file, 'utf8'));
    const { objects, diagnostics } = readFolder([file]);
    assert.deepEqual(diagnostics, []);
    const certificate = { 'tls.crt': 'certificate', 'certificate.json': '{}' };
    const made = knownGateways(storeViewOf(objects).view)().map(({ gateway, envoys }) => [
      `${gateway.namespace}/${gateway.name}`,
      envoys ? gatewayObjects({ gateway, envoys, config, settings: defaultSettings, certificate }) : [],
    ]);
    const text = stringify(Object.fromEntries(made), { lineWidth: 0, aliasDuplicateObjects: false });
    t.assert.fileSnapshot(text, file.replace(/\.yaml$/, '.out.yaml'), { serializers: [(one: string) => one] });
  });
}
