/** Host name of the GRPCRoutes of the tests. */
export const shopHost = 'grpc.shop.test';

/** A GRPCRoute of the Gateway `gateway` for `grpc.shop.test`. @param rules their texts, with commas between them. */
export function grpcRouteYaml(name: string, rules: string): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [${shopHost}]
  rules: [${rules}]`;
}

/** A rule for `shop.v1.Shop` that leads to port 80 of the Service `shop`. */
export const shopRule = '{name: shop, matches: [{method: {service: shop.v1.Shop}}], backendRefs: [{name: shop, port: 80}]}';
