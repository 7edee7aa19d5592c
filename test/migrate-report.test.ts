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

interface Surroundings {
  readonly host?: string;
  readonly path?: string;
  readonly service?: string;
  readonly configMap?: Readonly<Record<string, string>>;
}

/** What the report says of one Ingress: `LEVEL ANNOTATION | EXAMPLE` of each finding that is not exact. */
function findingsOf(annotations: Readonly<Record<string, string>>, around?: Surroundings): readonly string[] {
  return reported(annotations, around).map(({ level, annotation, example }) => `${level} ${annotation} | ${example ?? ''}`);
}

/** The same as `LEVEL ANNOTATION MESSAGE (REMEDY)`. */
function messagesOf(annotations: Readonly<Record<string, string>>, around?: Surroundings): readonly string[] {
  return reported(annotations, around).map(({ level, annotation, message, remedy }) => `${level} ${annotation} ${message} (${remedy ?? ''})`);
}

function reported(annotations: Readonly<Record<string, string>>, { host = 'shop.example', path = '/', service = 'shop', configMap }: Surroundings = {}) {
  const file = join(folder, 'ingress.yaml');
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop', annotations: Object.fromEntries(Object.entries(annotations).map(([key, text]) => [`nginx.ingress.kubernetes.io/${key}`, text])) },
    spec: { rules: [{ host, http: { paths: [{ path, pathType: 'ImplementationSpecific', backend: { service: { name: service, port: { number: 80 } } } }] } }] },
  };
  const objects = [
    ingress,
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' }, spec: { ports: [{ port: 80 }] } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'users' }, stringData: { auth: 'ann:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=' } },
    ...(configMap
      ? [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }, data: configMap }]
      : []),
  ];
  writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const { view } = storeViewOf(readFolder([file]).objects);
  const report = migrationReport(view, defaultSettings, build(view, defaultSettings).diagnostics);
  return report.ingresses.flatMap(({ findings }) => findings.filter(({ level }) => level !== 'exact'));
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

  test('nothing that holds for other values beside them, or for other paths', () => {
    const near = (annotations: Readonly<Record<string, string>>, path = '/'): readonly string[] =>
      findingsOf(annotations, { path }).map((line) => line.replace(/ \|.*/, ''));
    assert.deepEqual(near({ 'proxy-body-size': '8m', 'proxy-request-buffering': 'on', 'proxy-read-timeout': '9', 'proxy-next-upstream-tries': '1' }), []);
    assert.deepEqual(near({ 'proxy-body-size': '8m', 'proxy-request-buffering': 'off' }), ['near proxy-body-size']);
    assert.deepEqual(near({ 'proxy-body-size': '0', 'proxy-request-buffering': 'on' }), ['near proxy-body-size', 'near proxy-request-buffering']);
    assert.deepEqual(near({ 'rewrite-target': '/$2', 'use-regex': 'true' }, '/api(/|$)([^/]+)/(.*)'), []);
    assert.deepEqual(near({ 'rewrite-target': '/$1' }, '/api/(.{3})'), ['near rewrite-target']);
    assert.deepEqual(
      near({ 'ssl-redirect': 'false', 'proxy-http-version': '1.1', 'proxy-redirect-from': 'http://a/', 'affinity-mode': 'persistent', affinity: 'cookie' }),
      ['adapted affinity', 'inert null'],
    );
  });

  test('whether a firewall refuses anything', () => {
    const [on] = messagesOf({ 'enable-modsecurity': 'true' }, { configMap: { 'annotations-risk-level': 'Critical' } });
    assert.match(on ?? '', /^dangerous enable-modsecurity .* refuses nothing, as `SecRuleEngine On` is not written/);
    const refusing = messagesOf(
      {
        'enable-modsecurity': 'true',
        'enable-owasp-core-rules': 'true',
        'modsecurity-snippet': 'SecRuleEngine DetectionOnly\nSecRuleEngine On\nSecRule ARGS "@rx x" "id:1,deny"',
      },
      { configMap: { 'annotations-risk-level': 'Critical' } },
    );
    assert.match(refusing[0] ?? '', /refuses what the core rules of OWASP and the rule written here find/);
    assert.deepEqual(
      refusing.map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['dangerous enable-modsecurity', 'dangerous enable-owasp-core-rules', 'dangerous modsecurity-snippet'],
    );
    assert.deepEqual(findingsOf({ 'enable-owasp-core-rules': 'true' }), ['inert enable-owasp-core-rules | ']);
    assert.deepEqual(findingsOf({ 'enable-owasp-core-rules': 'true' }, { configMap: { 'enable-modsecurity': 'true' } }), [
      'dangerous null | GET http://shop.example/?id=1%20UNION%20SELECT%201',
      'dangerous enable-owasp-core-rules | GET http://shop.example/?id=1%20UNION%20SELECT%201',
    ]);
  });

  test('a thing that it lacks once', () => {
    assert.deepEqual(findingsOf({ 'auth-type': 'digest', 'auth-secret': 'users' }), ['unsupported auth-type | GET http://shop.example/']);
    assert.deepEqual(findingsOf({ 'backend-protocol': 'FCGI' }), ['unsupported backend-protocol | GET http://shop.example/']);
  });

  test('nothing that it lacks where that has no effect on ingress-nginx either', () => {
    assert.deepEqual(findingsOf({ 'limit-rate': '100' }), ['inert limit-rate | ']);
    assert.deepEqual(
      findingsOf({ 'limit-rate': '100', 'proxy-buffering': 'on' })[0],
      'unsupported limit-rate | GET http://shop.example/ whose answer is large',
    );
  });

  test('that a canary ignores all annotations but its own, whatever else they would change', () => {
    const ignored = {
      'proxy-read-timeout': '90',
      'rewrite-target': '/$1',
      'enable-modsecurity': 'true',
      'auth-url': 'http://$host:$server_port/auth',
      'limit-connections': '3',
      'session-cookie-name': 'ID',
    };
    const own = { canary: 'true', 'canary-weight': '10', 'affinity-canary-behavior': 'sticky', 'load-balance': 'ewma' };
    const told = reported({ ...own, ...ignored }, { path: '/a' });
    const levelOf = (name: string): string | undefined => told.find(({ annotation }) => annotation === name)?.level;
    assert.deepEqual(
      told.flatMap(({ annotation, message }) => (/The Ingress is a canary/.test(message) ? [annotation] : [])).sort(),
      Object.keys(ignored).sort(),
    );
    for (const name of Object.keys(ignored)) assert.deepEqual([name, levelOf(name)], [name, 'inert']);
    assert.deepEqual([levelOf('affinity-canary-behavior'), levelOf('load-balance')], ['adapted', 'near']);
    assert.deepEqual(
      told.filter(({ level }) => level === 'unsupported' || level === 'dangerous'),
      [],
    );
    const dropped = reported({ ...own, 'limit-rps': 'many', 'proxy-read-timeout': '90' });
    assert.deepEqual(
      dropped.filter(({ annotation }) => annotation === 'limit-rps' || annotation === 'proxy-read-timeout').map(({ level }) => level),
      ['dangerous', 'inert'],
    );
  });

  test('a request for the path that it is about', () => {
    assert.deepEqual(findingsOf({}, { path: '/none', service: 'none' }), ['inert null | GET http://shop.example/none']);
    const [connections] = messagesOf({ 'limit-connections': '3' });
    assert.match(
      connections ?? '',
      /^unsupported limit-connections ingress-nginx: Answers those above it with 503\..*Envoy counts no connections.*\(Use `limit-rps`/,
    );
  });

  test('requests that can be sent', () => {
    const asked = (path: string, host?: string): string =>
      findingsOf({ 'use-regex': 'true', 'auth-type': 'digest', 'auth-secret': 'users' }, { path, ...(host && { host }) })[0] ?? '';
    assert.equal(asked('/v1(/|$)(.*)'), 'unsupported auth-type | GET http://shop.example/v1/x');
    assert.equal(asked('/', '*.shop.example'), 'unsupported auth-type | GET http://any.shop.example/');
    assert.ok(
      findingsOf({ 'proxy-body-size': '50m' }, { path: '/v1' }).includes(
        'near proxy-body-size | POST http://shop.example/v1 with a large body that is sent in chunks',
      ),
    );
    assert.deepEqual(findingsOf({ 'force-ssl-redirect': 'true' }, { path: '/v1/' }), ['near force-ssl-redirect | GET http://shop.example/v1//a%2Fb']);
  });
});
