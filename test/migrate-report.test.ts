import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { build } from '../src/build.ts';
import { migrationReport } from '../src/migrate/migration-report.ts';
import { defaultSettings } from '../src/settings.ts';
import { readFolder } from '../src/source/folder.ts';
import { storeViewOf } from '../src/store/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-migrate-report-'));
after(() => rmSync(folder, { recursive: true }));

/** What the report says of one Ingress: `LEVEL ANNOTATION | EXAMPLE` of each finding that is not exact. */
function findingsOf(annotations: Readonly<Record<string, string>>, { host = 'shop.example', path = '/' } = {}): readonly string[] {
  const file = join(folder, 'ingress.yaml');
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop', annotations: Object.fromEntries(Object.entries(annotations).map(([key, text]) => [`nginx.ingress.kubernetes.io/${key}`, text])) },
    spec: { rules: [{ host, http: { paths: [{ path, pathType: 'ImplementationSpecific', backend: { service: { name: 'shop', port: { number: 80 } } } }] } }] },
  };
  const objects = [
    ingress,
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' }, spec: { ports: [{ port: 80 }] } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'users' }, stringData: { auth: 'ann:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=' } },
  ];
  writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const { view } = storeViewOf(readFolder([file]).objects);
  const report = migrationReport(view, defaultSettings, build(view, defaultSettings).diagnostics);
  return report.ingresses.flatMap(({ findings }) =>
    findings.filter(({ level }) => level !== 'exact').map(({ level, annotation, example }) => `${level} ${annotation} | ${example ?? ''}`),
  );
}

suite('the report of a migration says of an Ingress', () => {
  test('nothing that holds for other values of its annotations alone', () => {
    const annotations = {
      'auth-type': 'basic',
      'auth-secret': 'users',
      'backend-protocol': 'HTTP',
      'server-alias': 'www.shop.example',
      'permanent-redirect-code': '301',
    };
    assert.deepEqual(
      findingsOf(annotations).filter((line) => /auth-type|backend-protocol|server-alias|redirect/.test(line)),
      [],
    );
    assert.match(findingsOf({ 'server-alias': '*.shop.example' }).join(), /near server-alias/);
  });

  test('a thing that it lacks once', () => {
    assert.deepEqual(findingsOf({ 'auth-type': 'digest', 'auth-secret': 'users' }), ['unsupported auth-type | GET http://shop.example/']);
    assert.deepEqual(findingsOf({ 'backend-protocol': 'FCGI' }), ['unsupported backend-protocol | GET http://shop.example/']);
  });

  test('nothing that it lacks where that has no effect on ingress-nginx either', () => {
    assert.deepEqual(findingsOf({ 'limit-rate': '100' }), ['inert limit-rate | ']);
    assert.deepEqual(findingsOf({ 'limit-rate': '100', 'proxy-buffering': 'on' })[0], 'unsupported limit-rate | GET http://shop.example/');
  });

  test('requests that can be sent', () => {
    const asked = (path: string, host?: string): string =>
      findingsOf({ 'use-regex': 'true', 'auth-type': 'digest', 'auth-secret': 'users' }, { path, ...(host && { host }) })[0] ?? '';
    assert.equal(asked('/v1(/|$)(.*)'), 'unsupported auth-type | GET http://shop.example/v1/x');
    assert.equal(asked('/', '*.shop.example'), 'unsupported auth-type | GET http://any.shop.example/');
    assert.ok(
      findingsOf({ 'proxy-body-size': '1m' }).includes(
        'near proxy-body-size | POST http://shop.example/ with a chunked body above `proxy-body-size`, and without request buffering',
      ),
    );
  });
});
