import { httpRouteYaml, serviceYaml } from '../e2e/objects.ts';

/** A route of two rules that lead to the same two Services. */
interface Route {
  /** Value of a header that answers carry; a new one for each change of the route. */
  readonly edition: number;
  /** Whether the rule that stood second stands first. */
  readonly isSwapped: boolean;
  /** Weights of the stable Service and of the canary; one of them may be 0, not both. */
  readonly weights: readonly [number, number];
}

/** What the objects of a unit say: a route, two Services with an endpoint each, and a policy. */
export interface UnitState {
  readonly route: Route;
  /** Which backend is behind each of the two Services, as an index. */
  readonly backends: readonly [number, number];
  /** Counts the names that the stable Service had: each is a cluster of its own. */
  readonly generation: number;
  /** A setting of the cluster of the stable Service. */
  readonly maxRequests: number;
}

/** What its two rules match. */
export function pathsOf(unit: string): readonly string[] {
  return [`/${unit}/first`, `/${unit}/second`];
}

/** All objects of a unit. @param ports those of the backends. */
export function unitYaml(unit: string, { route, backends, generation, maxRequests }: UnitState, ports: readonly number[]): string {
  const stable = `${unit}-${generation}`;
  const canary = `${unit}-canary`;
  return [
    routeYaml(unit, [stable, canary], route),
    serviceYaml(stable, [ports[backends[0]] ?? 0]),
    serviceYaml(canary, [ports[backends[1]] ?? 0]),
    policyYaml(unit, stable, maxRequests),
  ].join('\n---');
}

function routeYaml(unit: string, services: readonly [string, string], { edition, isSwapped, weights }: Route): string {
  const backendRefs = services.map((name, index) => `{name: ${name}, port: 80, weight: ${weights[index]}}`).join(', ');
  const filters = `{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-edition, value: "${edition}"}]}}`;
  const rules = pathsOf(unit).map((path) => `{matches: [{path: {type: PathPrefix, value: ${path}}}], filters: [${filters}], backendRefs: [${backendRefs}]}`);
  return httpRouteYaml(unit, (isSwapped ? rules.reverse() : rules).join(',\n    '));
}

function policyYaml(unit: string, service: string, maxRequests: number): string {
  return `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: ${unit}}
spec: {targetRefs: [{group: "", kind: Service, name: ${service}}], circuitBreaker: {maxRequests: ${maxRequests}}}
`;
}
