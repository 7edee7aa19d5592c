import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { findNginx } from '../../bench/nginx.ts';
import { install } from '../bench/parts.ts';
import { http } from './client.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { waitFor } from './wait.ts';

/** All but lengths of heads, which differ, and what a single request cannot have twice: times and addresses of endpoints. */
const format =
  'LINE $remote_addr [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_method $request_uri $uri $args $arg_a $http_x_absent $scheme $server_protocol $upstream_addr $upstream_status $upstream_response_length 100% times $time_iso8601 $msec $request_time $upstream_response_time';

const configMap = (data: Readonly<Record<string, string>>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }, data });

suite('the access log in the form of nginx', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-access-log-'));
  let backend: Server;
  let stack: Stack;
  let nginx: ReturnType<typeof spawn> | undefined;
  let port: number;

  before(async () => {
    await install({ nginx: 'nginx-light' });
    // With a length: nginx counts the framing of chunks as bytes of the body.
    backend = createServer(({ url }, answer) => {
      answer.statusCode = url === '/refuse' ? 401 : 200;
      answer.end('hello');
    });
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    const { port: backendPort } = backend.address() as AddressInfo;
    stack = await startStack({
      objects: {
        'config.yaml': configMap({ 'log-format-upstream': format, 'skip-access-log-urls': '/Skipped,~^/assets/' }),
        'all.yaml': [ingressYaml('logged', {}, { service: 'a' }), ingressYaml('quiet', { 'enable-access-log': 'false' }, { service: 'a' })].join('\n---\n'),
        'a.yaml': serviceYaml('a', [backendPort]),
      },
    });
    port = await freePort();
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 64; }
http {
  ${temporary} log_format upstreaminfo '${format}';
  server { listen 127.0.0.1:${port}; access_log ${folder}/access.log upstreaminfo; location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:${backendPort}; } }
}`,
    );
    nginx = spawn(findNginx(), ['-e', join(folder, 'error.log'), '-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'inherit' });
    await waitFor('nginx answers', async () => (await fetch(`http://127.0.0.1:${port}/first`)).status === 200);
  });
  after(async () => {
    nginx?.kill();
    await stack?.close();
    backend?.closeAllConnections();
    backend?.close();
    rmSync(folder, { recursive: true });
  });

  const linesOf = (file: string, start = 'LINE '): readonly string[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(start));
  const envoyLog = (): string => stack.envoys[0]?.logFile ?? '';

  test('a real Envoy writes what nginx writes for the same request', async () => {
    const ask = { headers: { host: 'logged.example', 'user-agent': 'curl/8', referer: 'https://from.example/' } };
    for (const path of ['/shop/x?a=1&b=2', '/plain']) {
      await http(stack.httpPort, path, ask);
      await http(port, path, ask);
    }
    // Envoy keeps lines for ten seconds, or until there are many.
    const [first, second] = await waitFor('both logs have them', async () => {
      const [ofEnvoy, ofNginx] = [linesOf(envoyLog()), linesOf(join(folder, 'access.log')).filter((line) => !line.includes('/first'))];
      return ofEnvoy.length === 2 && ofNginx.length === 2 ? [ofEnvoy, ofNginx] : undefined;
    });
    const withoutTimes = (line: string): string => line.replace(/\[[^\]]*\]/, '[]').replace(/ times .*/, '');
    assert.deepEqual(first?.map(withoutTimes), second?.map(withoutTimes));
    const timesOf = (line = ''): string => `${/\[[^\]]*\]/.exec(line)?.[0]} ${/ times (.*)/.exec(line)?.[1]}`;
    const form = /^\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d \d+\.\d{3} \d+(\.\d+)? \d+(\.\d+)?$/;
    for (const line of [...(first ?? []), ...(second ?? [])]) assert.match(timesOf(line), form);
  });

  test('what shall not be there is not', async () => {
    const before = linesOf(envoyLog()).length;
    for (const path of ['/skipped', '/assets/a.css']) await http(stack.httpPort, path, { headers: { host: 'logged.example' } });
    await http(stack.httpPort, '/', { headers: { host: 'quiet.example' } });
    await http(stack.httpPort, '/', { headers: { host: 'nobody.example' } });
    await http(stack.httpPort, '/last', { headers: { host: 'logged.example' } });
    const lines = await waitFor('the last one is there', async () => {
      const all = linesOf(envoyLog()).slice(before);
      return all.some((line) => line.includes('/last')) ? all : undefined;
    });
    assert.equal(lines.length, 1, lines.join('\n'));
  });

  test('as JSON values are escaped, texts stay texts, and locations are told', async () => {
    const object =
      '{"agent": "$http_user_agent", "text": "$status", "status": $status, "seconds": $request_time, "of": "$namespace/$ingress_name", "user": "$remote_user", "upstream": "$proxy_upstream_name"}';
    await stack.write('config.yaml', configMap({ 'log-format-upstream': object, 'log-format-escape-json': 'true' }));
    const line = await waitFor('a line of the new form, with the routes that belong to it', async () => {
      await http(stack.httpPort, '/', { headers: { host: 'logged.example', 'user-agent': 'a "b" \\' } });
      return linesOf(envoyLog(), '{"agent"').find((one) => !one.includes('"of":"/"'));
    });
    const { seconds, ...told } = JSON.parse(line) as Record<string, unknown>;
    assert.equal(typeof seconds, 'number');
    assert.deepEqual(told, { agent: 'a "b" \\', text: '200', status: 200, of: 'default/logged', user: '-', upstream: 'default-a-80' });
  });

  test('a question to an auth service is a line of its own', async () => {
    const line = (...words: readonly string[]): string => `ASKED ${words.join(' ')}`;
    const log = line('"$request"', '$status', '$upstream_status', '$body_bytes_sent', '$upstream_addr', '$ingress_name', '$request_time');
    const service = 'http://a.default.svc.cluster.local';
    const asking = ['check', 'refuse'].map((name) => ingressYaml(name, { 'auth-url': `${service}/${name}` }, { service: 'a' }));
    await stack.write('asking.yaml', asking.join('\n---\n'));
    await stack.write('config.yaml', configMap({ 'log-format-upstream': log, 'enable-auth-access-log': 'true' }));
    const lines = await waitFor('the questions and the requests are there', async () => {
      for (const host of ['logged.example', 'check.example', 'refuse.example']) await http(stack.httpPort, `/${host}`, { headers: { host } });
      const all = new Set(linesOf(envoyLog(), 'ASKED ').map((one) => one.replace(/ \d+(\.\d+)?$/, ' TIME').replace(/127\.0\.0\.1:\d+/, 'ADDRESS')));
      // The listener may be there before the routes that tell the name of the Ingress.
      const told = [...all].filter((one) => !one.endsWith(' - TIME'));
      return told.length >= 5 ? told.sort() : undefined;
    });
    const get = (host: string): string => `"GET /${host} HTTP/1.1"`;
    assert.deepEqual(lines, [
      line(get('check.example'), '200', '200', '-', '-', 'check', 'TIME'),
      line(get('check.example'), '200', '200', '5', 'ADDRESS', 'check', 'TIME'),
      line(get('logged.example'), '200', '200', '5', 'ADDRESS', 'logged', 'TIME'),
      line(get('refuse.example'), '401', '-', '0', '-', 'refuse', 'TIME'),
      line(get('refuse.example'), '401', '401', '-', '-', 'refuse', 'TIME'),
    ]);
  });
});
