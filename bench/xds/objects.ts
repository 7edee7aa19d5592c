import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder of objects for the bench. */
export interface Objects {
  /** What the server reads. */
  readonly folder: string;
  /** Path of the file of a Service's endpoints, with `{service}` for its number. */
  readonly endpointsFile: string;
  /** File with the text of such a file, with `{service}`, `{address}` and `{port}` of the first endpoint. */
  readonly endpointsTemplate: string;
}

/** Cluster that Sluice makes of a Service, with `{service}` for its number. */
export const clusterName = 'default/service-{service}/80';

/** Host name that leads to a Service. */
export const hostOf = (service: number): string => `host-${service}.example.com`;

const endpointsEach = 10;
const documentsInFile = 500;

/**
 * Writes Services with ten endpoints each, a Gateway, and a route with a host name of its own to each Service. The
 * endpoints of each Service are a file, so that one endpoint changes by one rename, as it does for users of folders.
 * @param only the single endpoint of Service 0, where traffic is to flow.
 */
export async function writeObjects(root: string, services: number, only?: { readonly address: string; readonly port: number }): Promise<Objects> {
  const folder = join(root, 'objects');
  const endpoints = join(folder, 'endpoints');
  await mkdir(endpoints, { recursive: true });
  await writeFile(join(folder, 'gateway.yaml'), gateway);
  const numbers = Array.from({ length: services }, (_, number) => number);
  for (let first = 0; first < services; first += documentsInFile) {
    const some = numbers.slice(first, first + documentsInFile);
    await writeFile(join(folder, `services-${first}.yaml`), some.map(service).join('---\n'));
    await writeFile(join(folder, `routes-${first}.yaml`), some.map(route).join('---\n'));
  }
  for (const number of numbers) {
    const text = only && number === 0 ? filled(sliceTemplate([]), 0, only) : filled(sliceTemplate(others), number, { address: addressOf(number), port: 8080 });
    await writeFile(join(endpoints, `service-${number}.yaml`), text);
  }
  const endpointsTemplate = join(root, 'endpoints.yaml');
  await writeFile(endpointsTemplate, sliceTemplate(only ? [] : others));
  return { folder, endpointsFile: join(endpoints, 'service-{service}.yaml'), endpointsTemplate };
}

const others = Array.from({ length: endpointsEach - 1 }, (_, number) => `10.0.0.${number + 1}`);

const addressOf = (service: number): string => `10.${1 + (service >> 16)}.${(service >> 8) & 255}.${service & 255}`;

function filled(template: string, service: number, { address, port }: { readonly address: string; readonly port: number }): string {
  return template.replaceAll('{service}', String(service)).replaceAll('{address}', address).replaceAll('{port}', String(port));
}

const gateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}
`;

const service = (number: number): string => `apiVersion: v1
kind: Service
metadata: {name: service-${number}}
spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
`;

const route = (number: number): string => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: route-${number}}
spec:
  parentRefs: [{name: edge}]
  hostnames: [${hostOf(number)}]
  rules: [{backendRefs: [{name: service-${number}, port: 80}]}]
`;

/** The first endpoint is the one that changes. */
const sliceTemplate = (more: readonly string[]): string => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: service-{service}, labels: {kubernetes.io/service-name: service-{service}}}
addressType: IPv4
ports: [{name: http, port: {port}}]
endpoints:
${['{address}', ...more].map((address) => `- {addresses: [${address}], conditions: {ready: true}}\n`).join('')}`;
