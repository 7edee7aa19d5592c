import type { LabelSelector } from '../kind/gateway/references.ts';
import type { StoreView } from '../store/view.ts';
import type { RouteObject } from './backend-reference.ts';
import type { GatewayListener } from './gateway-listener.ts';

/**
 * Whether a listener lets a route hang on it: by kind, and by namespace (its own unless it says otherwise).
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#allowedroutes
 */
export function isAllowed(view: StoreView, { gateway, spec, routeKinds }: GatewayListener, route: RouteObject): boolean {
  if (!routeKinds.includes(route.kind)) return false;
  const namespaces = spec.allowedRoutes?.namespaces;
  switch (namespaces?.from ?? 'Same') {
    case 'All':
      return true;
    case 'Selector':
      return selects(namespaces?.selector, labelsOf(view, route.namespace));
    case 'Same':
      return route.namespace === gateway.namespace;
  }
}

/** Kubernetes gives every namespace a label with its name; in files a namespace may exist without an object. */
function labelsOf(view: StoreView, namespace: string): Readonly<Record<string, string>> {
  return { ...view.get('Namespace', '', namespace)?.object.metadata.labels, 'kubernetes.io/metadata.name': namespace };
}

/** Nothing is selected by a selector that is not there, everything by one without conditions. */
function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const hasAll = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return hasAll && matchExpressions.every(({ key, operator, values = [] }) => fits(operator, labels[key], values));
}

function fits(operator: string, value: string | undefined, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
