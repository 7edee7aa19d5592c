// A demo backend: node http.ts --service NAME --port PORT... [--version v1] [--warm-up SECONDS] [--sidecar HOST:PORT]
// Says in JSON who it is. `POST /fail?mode=MODE` makes it misbehave: `500` fails every request, `slow` takes two seconds,
// `sick` fails the health checks only, `exit` ends the process, `off` mends it.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    service: { type: 'string', default: 'demo' },
    version: { type: 'string' },
    address: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', multiple: true, default: ['8080'] },
    'warm-up': { type: 'string', default: '0' },
    sidecar: { type: 'string' },
  },
});

const modes = ['off', '500', 'slow', 'sick', 'exit'];
const started = performance.now();
const warmUpMs = Number(values['warm-up']) * 1000;
/** What a request takes at first, as while a JVM still interprets; falls to nothing over the warm-up. */
const coldMs = 100;

function warmUpDelay(): number {
  return Math.max(0, coldMs * (1 - (performance.now() - started) / warmUpMs));
}

function answer(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

/** Calls the catalog by the sidecar: the address is the sidecar's, the Host says who is meant. */
function callCatalog(sidecar: string): Promise<unknown> {
  const [host = '127.0.0.1', port = '80'] = sidecar.split(':');
  return new Promise((resolve) => {
    const call = request({ host, port, path: '/from-storefront', headers: { host: 'catalog' }, timeout: 5000 }, async (response) => {
      const body = await response.reduce((text, chunk: Buffer) => text + chunk, '');
      resolve(response.statusCode === 200 ? JSON.parse(body) : { status: response.statusCode, body });
    });
    call.on('timeout', () => call.destroy(new Error('no answer within 5 s')));
    call.on('error', (error) => resolve({ error: error.message }));
    call.end();
  });
}

for (const port of values.port) {
  let mode = 'off';

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://backend');
    const me = { service: values.service, version: values.version, endpoint: `${values.address}:${port}`, pid: process.pid };
    if (incoming.method === 'POST' && url.pathname === '/fail') {
      const wanted = url.searchParams.get('mode') ?? '';
      if (!modes.includes(wanted)) return answer(response, 400, { error: `mode is one of ${modes.join(', ')}` });
      mode = wanted;
      answer(response, 200, { ...me, mode });
      if (mode === 'exit') response.on('finish', () => process.exit(0));
      return;
    }
    if (url.pathname === '/health') return answer(response, mode === 'sick' ? 503 : 200, { ...me, mode });
    if (mode === '500') return answer(response, 500, { ...me, error: 'told to fail' });
    await sleep(mode === 'slow' ? 2000 : warmUpDelay());
    const catalog = values.sidecar !== undefined && url.pathname === '/catalog-through-sidecar' ? await callCatalog(values.sidecar) : undefined;
    answer(response, 200, { ...me, path: url.pathname, catalog });
  }

  const server = createServer((incoming, response) => {
    incoming.resume();
    handle(incoming, response).catch((error: unknown) => answer(response, 500, { error: String(error) }));
  });
  // Above Envoy's idle time-out, so that it is Envoy that closes a connection nobody uses.
  server.keepAliveTimeout = 75_000;
  server.listen(Number(port), values.address, () => console.log(`${values.service} ${values.version ?? ''} on ${values.address}:${port}, pid ${process.pid}`));
}
