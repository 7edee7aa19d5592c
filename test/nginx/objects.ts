import type { Case, CaseIngress } from './case.ts';
import type { Certificates } from './certificates.ts';
import type { World, WorldService } from './world.ts';

/** An object of Kubernetes, as it is written. */
type Written = Readonly<Record<string, unknown>>;

const controllerNamespace = 'ingress-nginx';

/** The objects of a case, as YAML: what somebody who leaves ingress-nginx has. */
export async function caseObjects(one: Case, world: World, certificates: Certificates): Promise<string> {
  const objects = [
    ...one.ingresses.map((ingress, index) => ingressObject(ingress, index, world)),
    ...[...world.services.values()].filter(({ missing }) => !missing).flatMap(serviceObjects),
    ...Object.entries(one.configmaps ?? {}).map(([name, data]) => configMap('default', name, data)),
    ...(one.configmap ? [configMap(controllerNamespace, 'ingress-nginx-controller', one.configmap)] : []),
    ...(one.tcp ? [configMap(controllerNamespace, 'tcp-services', one.tcp)] : []),
    ...(one.udp ? [configMap(controllerNamespace, 'udp-services', one.udp)] : []),
    ...Object.entries(one.secrets ?? {}).map(([name, data]) =>
      data['kind'] === 'client-ca' ? secret(name, { 'ca.crt': certificates.clientAuthority.certificate }) : secret(name, data),
    ),
    ...(await tlsSecrets(one, certificates)),
  ];
  // JSON, as `on` and `no` are no texts in YAML.
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

function ingressObject({ name = 'ing', annotations = {}, rules, tls, default: fallback }: CaseIngress, index: number, world: World): Written {
  const backendOf = (service: string, port?: number) => ({ service: { name: service, port: { number: port ?? world.services.get(service)?.port ?? 80 } } });
  const written = Object.entries(annotations).map(([key, value]) => [key.includes('/') ? key : `nginx.ingress.kubernetes.io/${key}`, world.fill(value)]);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...inDefault(name), annotations: Object.fromEntries(written), creationTimestamp: new Date(Date.UTC(2024, 0, 1, 0, index)).toISOString() },
    spec: {
      ...(fallback === undefined ? {} : { defaultBackend: backendOf(fallback) }),
      ...(tls ? { tls: tls.map(({ hosts, secret: secretName }) => ({ hosts, ...(secretName === undefined ? {} : { secretName }) })) } : {}),
      rules: rules?.map(({ host, paths }) => ({
        ...(host === undefined ? {} : { host }),
        http: {
          paths: paths.map(({ path, type = 'ImplementationSpecific', svc, port }) => ({ path, pathType: type, backend: backendOf(svc, port) })),
        },
      })),
    },
  };
}

function serviceObjects({ name, port, protocol, targets, external_name: externalName, clusterIp }: WorldService): readonly Written[] {
  const metadata = inDefault(name);
  if (externalName !== undefined) {
    return [{ apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'ExternalName', externalName, ports: [{ name: 'http', port }] } }];
  }
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { ...(clusterIp === undefined ? {} : { clusterIP: clusterIp }), ports: [{ name: 'http', port, protocol }] },
  };
  const slices = targets.map((target, index) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...inDefault(`${name}-${index}`), labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: target.port, protocol }],
    endpoints: [{ addresses: [target.address], conditions: { ready: true } }],
  }));
  return [service, ...slices];
}

async function tlsSecrets({ ingresses }: Case, certificates: Certificates): Promise<readonly Written[]> {
  const hostsOf = new Map(ingresses.flatMap(({ tls = [] }) => tls.flatMap(({ hosts, secret }) => (secret === undefined ? [] : [[secret, hosts] as const]))));
  return Promise.all(
    [...hostsOf].map(async ([name, hosts]) => {
      const { certificate, key } = await certificates.server(hosts);
      return { ...secret(name, { 'tls.crt': certificate, 'tls.key': key }), type: 'kubernetes.io/tls' };
    }),
  );
}

function secret(name: string, stringData: Readonly<Record<string, string>>): Written {
  return { apiVersion: 'v1', kind: 'Secret', metadata: inDefault(name), stringData };
}

function configMap(namespace: string, name: string, data: Readonly<Record<string, string>>): Written {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

function inDefault(name: string): { readonly name: string; readonly namespace: string } {
  return { name, namespace: 'default' };
}
