import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { findNginx } from '../../bench/nginx.ts';
import { install } from '../bench/parts.ts';
import { runWords } from '../fake/command-line.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { waitFor } from './wait.ts';

/** Name, annotations without their prefix, then `HOST PATH TYPE SERVICE`. */
const ingresses: readonly (readonly [string, Readonly<Record<string, string>>, ...string[]])[] = [
  ['shop', { 'enable-cors': 'true', 'cors-allow-origin': 'https://front.example' }, 'shop.example / Prefix a', 'shop.example /api Prefix b'],
  ['rewritten', { 'rewrite-target': '/$2' }, 'rewritten.example /v1(/|$)(.*) ImplementationSpecific a'],
  ['main', {}, 'canary.example / Prefix a'],
  ['canary', { canary: 'true', 'canary-by-header': 'X-Canary' }, 'canary.example / Prefix b'],
  ['denied', { 'denylist-source-range': '127.0.0.0/8' }, 'denied.example / Prefix a'],
  ['moved', { 'permanent-redirect': 'https://new.example/here' }, 'moved.example / Prefix a'],
];
const planted: (typeof ingresses)[number] = ['planted', { 'configuration-snippet': 'more_set_headers "X-Frame-Options: DENY";' }, 'planted.example / Exact a'];

const configMap = `
apiVersion: v1
kind: ConfigMap
metadata: {namespace: ingress-nginx, name: ingress-nginx-controller}
data: {annotations-risk-level: Critical, allow-snippet-annotations: "true"}`;

function ingressYaml([name, annotations, ...paths]: (typeof ingresses)[number], index: number): string {
  const rules = paths.map((line) => {
    const [host, path, pathType, service] = line.split(' ');
    return { host, http: { paths: [{ path, pathType, backend: { service: { name: service, port: { number: 80 } } } }] } };
  });
  const prefixed = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]));
  const creationTimestamp = new Date(Date.UTC(2024, 0, 1, 0, index)).toISOString();
  return JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, annotations: prefixed, creationTimestamp }, spec: { rules } });
}

/** What browsers are told, behind `Access-Control-`. */
const corsHeaders: Readonly<Record<string, string>> = {
  'Allow-Origin': 'https://front.example',
  'Allow-Credentials': 'true',
  'Allow-Methods': 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
  'Allow-Headers': 'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
  'Max-Age': '1728000',
};

/** What ingress-nginx makes of these Ingresses, as far as clients see it: the type that it sets for preflights is never sent, as nginx leaves it out of a 204. */
function nginxConf(folder: string, port: number, a: number, b: number): string {
  const to = (backend: number): string => `proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:${backend};`;
  const allowed = Object.keys(corsHeaders)
    .map((name, index) => `add_header Access-Control-${name} $cors_${index} always;`)
    .join(' ');
  const cors = `${allowed}
    set $asked "$request_method $cors_0";
    if ($asked = 'OPTIONS https://front.example') { ${allowed} return 204; }`;
  const server = (name: string, ...content: readonly string[]): string => `server { listen 127.0.0.1:${port}; server_name ${name}; ${content.join('\n')} }`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  return `
daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 256; }
http {
  access_log off; ${temporary}
  map $http_x_canary $canary { default ${a}; always ${b}; }
  ${Object.values(corsHeaders)
    .map((value, index) => `map $http_origin $cors_${index} { default ''; https://front.example '${value}'; }`)
    .join('\n  ')}
  server { listen 127.0.0.1:${port} default_server; location / { return 404; } }
  ${server('shop.example', `location / { ${cors} ${to(a)} }`, ...['/api/', '= /api'].map((path) => `location ${path} { ${cors} ${to(b)} }`))}
  ${server('rewritten.example', `location ~* "^/v1(/|$)(.*)" { rewrite "(?i)/v1(/|$)(.*)" /$2 break; ${to(a)} }`, 'location / { return 404; }')}
  ${server('canary.example', 'location / { proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:$canary; }')}
  ${server('denied.example', `location / { deny 127.0.0.0/8; ${to(a)} }`)}
  ${server('moved.example', 'location / { return 301 https://new.example/here; }')}
  ${server('planted.example', `location = / { add_header X-Frame-Options DENY always; ${to(a)} }`, 'location / { return 404; }')}
}`;
}

suite('the same requests to nginx and to Envoy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-verify-'));
  const objects = join(folder, 'cluster.yaml');
  let backends: readonly HttpBackend[] = [];
  let stack: Stack;
  let port: number;
  let nginx: ReturnType<typeof spawn>;

  before(async () => {
    await install({ nginx: 'nginx-light' });
    backends = await Promise.all(['a', 'b'].map((name) => startHttpBackend(name)));
    const yaml = [...[...ingresses, planted].map(ingressYaml), ...backends.map(({ name, port: own }) => serviceYaml(name, [own])), configMap].join('\n---\n');
    writeFileSync(objects, yaml);
    stack = await startStack({ objects: { 'all.yaml': yaml } });
    port = await freePort();
    writeFileSync(join(folder, 'nginx.conf'), nginxConf(folder, port, backends[0]?.port ?? 0, backends[1]?.port ?? 0));
    nginx = spawn(findNginx(), ['-e', join(folder, 'error.log'), '-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'inherit' });
    await waitFor('nginx answers', async () => (await fetch(`http://127.0.0.1:${port}/`)).status === 404);
  });
  after(async () => {
    nginx?.kill();
    await stack?.close();
    for (const backend of backends) await backend.close();
    rmSync(folder, { recursive: true });
  });

  const verify = (...words: readonly string[]) =>
    runWords(['migrate', 'verify', objects, '--from', `http://127.0.0.1:${port}`, '--to', `http://127.0.0.1:${stack.httpPort}`, '--rate', '200', ...words]);
  const hosts = ingresses.flatMap(([, , ...paths]) => paths.map((line) => line.split(' ')[0] ?? ''));

  test('where Envoy does what nginx did nothing is told', async () => {
    const { status, printed, complained } = await verify(...[...new Set(hosts)].flatMap((host) => ['--only', host]));
    assert.equal(status, 0, printed + complained);
    assert.match(printed, /^\d{2,} requests: \d+ answered alike, 0 not\.$/m);
  });

  test('a difference is found, with what explains it', async () => {
    const { status, printed, complained } = await verify('--only', 'planted.example', '-o', 'json');
    assert.equal(status, 1, complained);
    const { disagreements } = JSON.parse(printed);
    const [one] = disagreements;
    assert.deepEqual(one.request, { method: 'GET', url: 'http://planted.example/', headers: {} });
    assert.deepEqual(one.ingress, { namespace: 'default', name: 'planted' });
    assert.deepEqual(one.differences, [{ aspect: 'header', name: 'x-frame-options', from: 'DENY', to: 'none' }]);
    assert.equal(one.explanations[0].subject, 'configuration-snippet');
  });

  test('requests of an access log go to the host names of the Services that answered', async () => {
    const log = join(folder, 'access.log');
    const rest = '512 0.003 [default-b-80] [] 10.0.0.7:80 1 0.003 200 5f2c';
    writeFileSync(
      log,
      `10.1.1.1 - - [26/Nov/2026:10:00:00 +0000] "GET /api/x?y=1 HTTP/1.1" 200 1 "-" "curl/8" ${rest}\n10.1.1.1 - - [26/Nov/2026:10:00:00 +0000] "POST /api/x HTTP/1.1" 200 1 "-" "curl/8" ${rest}\n`,
    );
    const { status, printed } = await verify('--log', log);
    assert.equal(status, 0, printed);
    assert.match(printed, /^1 requests: 1 answered alike, 0 not\.\nNot sent: 1 methods that are not safe\.$/m);
    assert.deepEqual(
      backends[1]?.seen.slice(-2).map(({ url, headers }) => [url, headers.host]),
      Array.from({ length: 2 }, () => ['/api/x?y=1', 'shop.example']),
    );
  });

  test('an access log may have hundreds of thousands of lines', async () => {
    const log = join(folder, 'long.log');
    writeFileSync(
      log,
      '10.1.1.1 - - [26/Nov/2026:10:00:00 +0000] "GET /api/x HTTP/1.1" 200 1 "-" "curl/8" 1 0.1 [default-b-80] [] - 1 0.1 200 5f2c\n'.repeat(200_000),
    );
    const { status, printed } = await verify('--log', log);
    assert.equal(status, 0, printed);
    assert.match(printed, /^1 requests: 1 answered alike, 0 not\.$/m);
  });

  test('another backend is a difference, by its body and by its header', async () => {
    const written = join(folder, 'nginx.conf');
    writeFileSync(written, nginxConf(folder, port, backends[1]?.port ?? 0, backends[0]?.port ?? 0));
    nginx.kill('SIGHUP');
    await waitFor('nginx sends requests elsewhere', async () => {
      const { status, printed } = await verify('--only', 'canary.example');
      return status === 1 && /backend: ingress-nginx body \w+, Sluice body \w+/.test(printed);
    });
    // The old worker of nginx may still answer a few.
    await waitFor('the header says so', async () => {
      const { printed } = await verify('--only', 'canary.example', '--backend-header', 'X-Backend');
      return /backend: ingress-nginx b, Sluice a/.test(printed);
    });
  });

  test('where nobody listens nothing was verified', async () => {
    const { status, complained } = await runWords([
      'migrate',
      'verify',
      objects,
      '--from',
      'http://127.0.0.1:1',
      '--to',
      'http://127.0.0.1:1',
      '--rate',
      '1000',
    ]);
    assert.equal(status, 2);
    assert.match(complained, /nobody answers: no answer: ECONNREFUSED/);
  });
});
