/** YAML of objects that tests need again and again. Texts, as a user writes them: join several with `---`. */

export interface ServiceOptions {
  readonly namespace?: string;
  /** Port of the Service. */
  readonly port?: number;
  readonly appProtocol?: string;
}

/** One endpoint on loopback: its port, and its conditions if they are not those of a healthy one. */
export type EndpointText =
  | number
  | { readonly port: number; readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean; readonly zone?: string };

/** A Service with the port `http`, and one EndpointSlice for each endpoint, as slices have one port number each. */
export function serviceYaml(name: string, endpoints: readonly EndpointText[], options: ServiceOptions = {}): string {
  const { namespace = 'default', port = 80, appProtocol } = options;
  const service = `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  ports: [{name: http, port: ${port}${appProtocol === undefined ? '' : `, appProtocol: ${appProtocol}`}}]`;
  return [service, ...endpoints.map((endpoint) => sliceYaml(name, namespace, endpoint))].join('\n---');
}

function sliceYaml(service: string, namespace: string, endpoint: EndpointText): string {
  const { port, zone, ...conditions } = typeof endpoint === 'number' ? { port: endpoint } : endpoint;
  return `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${service}-${port}, namespace: ${namespace}, labels: {kubernetes.io/service-name: ${service}}}
addressType: IPv4
ports: [{name: http, port: ${port}}]
endpoints: [${JSON.stringify({ addresses: ['127.0.0.1'], conditions, ...(zone === undefined ? {} : { zone }) })}]`;
}

/** The class `sluice`, which a cluster has to have for its Gateways. */
export const gatewayClassYaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: sluice}
spec: {controllerName: gateway.sluice.dev/controller}`;

/** A Gateway `gateway` with one listener for HTTP on port 80, open to routes of every namespace. */
export const gatewayYaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec:
  gatewayClassName: sluice
  listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]`;

/** A Gateway `gateway` for HTTP on port 80 and, with the certificate of the Secret `shop`, HTTPS on port 443. */
export const secureGatewayYaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec:
  gatewayClassName: sluice
  listeners:
    - {name: http, port: 80, protocol: HTTP}
    - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}`;

/** An HTTPRoute of one rule for every path, split by weight. @param backends weights by Service, port 80. */
export function routeYaml(name: string, backends: Readonly<Record<string, number>>, path = '/'): string {
  const references = Object.entries(backends).map(([service, weight]) => `{name: ${service}, port: 80, weight: ${weight}}`);
  return httpRouteYaml(name, `{matches: [{path: {type: PathPrefix, value: ${path}}}], backendRefs: [${references.join(', ')}]}`);
}

/** An HTTPRoute of the Gateway. @param rules their texts, with commas between them. */
export function httpRouteYaml(name: string, rules: string): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: gateway}]
  rules: [${rules}]`;
}

export interface IngressOptions {
  /** Undefined: `NAME.example`. */
  readonly host?: string;
  /** Undefined: `/`. */
  readonly path?: string;
  /** Port 80 of it gets the requests. Undefined: `app`. */
  readonly service?: string;
  /** Secret with the certificate of the host name. Undefined: it names none. */
  readonly secret?: string;
}

/** An Ingress with one path and what is below it. @param annotations of ingress-nginx, without their prefix. */
export function ingressYaml(name: string, annotations: Readonly<Record<string, string>> = {}, options: IngressOptions = {}): string {
  const { host = `${name}.example`, path = '/', service = 'app', secret } = options;
  const written = Object.entries(annotations).map(([key, value]) => `"nginx.ingress.kubernetes.io/${key}": ${JSON.stringify(value)}`);
  const tls = secret === undefined ? '' : `tls: [{hosts: ["${host}"], secretName: ${secret}}], `;
  return `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, annotations: {${written.join(', ')}}}
spec: {${tls}rules: [{host: "${host}", http: {paths: [{path: '${path}', pathType: Prefix, backend: {service: {name: ${service}, port: {number: 80}}}}]}}]}`;
}
