import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One file of Ingresses that share a host name, and the Services that they send requests to. */
export interface HostFile {
  readonly path: string;
  readonly text: string;
}

/** What a third of the Ingresses say, in turns: what people mostly write. */
const annotations: readonly string[] = [
  'nginx.ingress.kubernetes.io/proxy-body-size: "8m"\n    nginx.ingress.kubernetes.io/proxy-read-timeout: "120"',
  'nginx.ingress.kubernetes.io/enable-cors: "true"\n    nginx.ingress.kubernetes.io/cors-allow-origin: https://shop.example',
  'nginx.ingress.kubernetes.io/upstream-vhost: inner.example',
  'nginx.ingress.kubernetes.io/ssl-redirect: "false"',
  'nginx.ingress.kubernetes.io/allowlist-source-range: 10.0.0.0/8,192.168.0.0/16',
];

/** Files of Ingresses, one for each host name, as they come out of charts: `ingresses` in all, a third with annotations. */
export function hostFiles(folder: string, ingresses: number, hosts: number): readonly HostFile[] {
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: hosts }, (_, host) => {
    const own = Array.from({ length: Math.ceil((ingresses - host) / hosts) }, (_unused, index) => host + index * hosts);
    const text = [...own.map((number) => ingressText(number, host, '')), serviceText(host)].join('---\n');
    const path = join(folder, `host-${host}.yaml`);
    writeFileSync(path, text);
    return { path, text };
  });
}

/** One Ingress with two paths. @param mark stands in its first path: another mark, another route. */
export function ingressText(number: number, host: number, mark: string): string {
  const written = number % 3 === 0 ? `\n  annotations:\n    ${annotations[(number / 3) % annotations.length]}` : '';
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ingress-${number}
  namespace: shop
  labels:
    app.kubernetes.io/name: ingress-${number}
    app.kubernetes.io/managed-by: Helm${written}
spec:
  ingressClassName: nginx
  rules:
    - host: host-${host}.example.com
      http:
        paths:
          - path: /part-${number}${mark}
            pathType: Prefix
            backend:
              service:
                name: service-${host}
                port:
                  number: 80
          - path: /part-${number}/exact
            pathType: Exact
            backend:
              service:
                name: service-${host}
                port:
                  number: 80
`;
}

function serviceText(host: number): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: service-${host}
  namespace: shop
spec:
  ports:
    - port: 80
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: service-${host}
  namespace: shop
  labels:
    kubernetes.io/service-name: service-${host}
addressType: IPv4
ports:
  - port: 8080
endpoints:
  - addresses: ["10.${host >> 8}.${host & 255}.1"]
`;
}
