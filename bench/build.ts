import { build } from '../src/build.ts';
import { defaultSettings } from '../src/settings.ts';
import { createStore } from '../src/store/store.ts';
import type { Stored } from '../src/store/stored.ts';
import { validate } from '../src/store/validate.ts';
import type { StoreView } from '../src/store/view.ts';
import { translate } from '../src/translate/translate.ts';

/**
 * `node bench/build.ts [N]`: how long a build takes for N host names with a route, a Service and ten endpoints each, and the next
 * one after an edit of one route. The middle of some rounds, without the first, which pays for reading the Envoy API.
 */
const count = Number(process.argv[2] ?? 1000);
const endpointsEach = 10;
const rounds = 5;

measure();
const measured = Array.from({ length: rounds }, measure);
const whole = middle(measured.map((one) => one.whole));
const afterEdit = middle(measured.map((one) => one.afterEdit));
console.log(`${count} hosts, Services and HTTPRoutes, ${endpointsEach} endpoints each`);
console.log(describe('build of new objects', whole));
console.log(describe('build after one changed HTTPRoute', afterEdit));
console.log(`ratio ${(afterEdit.total / whole.total).toFixed(2)}`);

/** In milliseconds. */
interface Times {
  readonly translate: number;
  readonly total: number;
}

function measure(): { readonly whole: Times; readonly afterEdit: Times } {
  const store = createStore(['bench']);
  const sink = store.sink('bench');
  const numbers = Array.from({ length: count }, (_, number) => number);
  sink.list([gateway(), ...numbers.flatMap((number) => [service(number), endpointSlice(number), httpRoute(number, 'blue')])]);
  const whole = timesOf(store.view);
  sink.change({ put: [httpRoute(0, 'green')], remove: [] });
  return { whole, afterEdit: timesOf(store.view) };
}

/** The translation is done once more to tell it apart. */
function timesOf(view: StoreView): Times {
  const total = timed(() => build(view, defaultSettings));
  return { translate: timed(() => translate(view, defaultSettings)), total };
}

function timed(run: () => unknown): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}

function middle(times: readonly Times[]): Times {
  return times.toSorted((a, b) => a.total - b.total)[times.length >> 1] as Times;
}

function describe(what: string, { translate, total }: Times): string {
  return `${what}: translate ${translate.toFixed(0)} ms, xds ${(total - translate).toFixed(0)} ms, total ${total.toFixed(0)} ms`;
}

function gateway(): Stored {
  return stored({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'edge' },
    spec: { gatewayClassName: 'sluice', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  });
}

function service(index: number): Stored {
  return stored({ apiVersion: 'v1', kind: 'Service', metadata: { name: `service-${index}` }, spec: { ports: [{ port: 8080 }] } });
}

function endpointSlice(index: number): Stored {
  return stored({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `service-${index}`, labels: { 'kubernetes.io/service-name': `service-${index}` } },
    addressType: 'IPv4',
    ports: [{ port: 8080 }],
    endpoints: Array.from({ length: endpointsEach }, (_, number) => ({ addresses: [`10.${index >> 8}.${index & 255}.${number + 1}`] })),
  });
}

function httpRoute(index: number, color: string): Stored {
  return stored({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: `route-${index}` },
    spec: {
      parentRefs: [{ name: 'edge' }],
      hostnames: [`host-${index}.example.com`],
      rules: [{ matches: [{ path: { type: 'PathPrefix', value: `/${color}` } }], backendRefs: [{ name: `service-${index}`, port: 8080 }] }],
    },
  });
}

/** @throws {Error} where the object is not valid, which would make the figures mean nothing. */
function stored(object: object): Stored {
  const { name } = (object as { metadata: { name: string } }).metadata;
  const [result] = validate(object, { order: name, origin: (_path, known) => known });
  if (!result?.stored) throw new Error(result?.diagnostics[0]?.message);
  return result.stored;
}
