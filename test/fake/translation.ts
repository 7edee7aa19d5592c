import type { Diagnostic } from '../../src/diagnostic.ts';
import type { Backend } from '../../src/ir/backend.ts';
import type { Group } from '../../src/ir/gateway.ts';
import type { PathMatch, PathRewrite, Route, RouteAction, ValueMatch } from '../../src/ir/route.ts';
import { defaultSettings } from '../../src/settings.ts';
import { changesSince } from '../../src/store/changes.ts';
import { attachRoutes } from '../../src/translate/attachment.ts';
import type { BackendResolver } from '../../src/translate/backend.ts';
import { placeGateways } from '../../src/translate/gateway.ts';
import { gatewayGroups } from '../../src/translate/group.ts';
import { createGroupPorts } from '../../src/translate/group-port.ts';
import { noAuthz } from '../../src/translate/ingress/authz.ts';
import { plainEdge } from '../../src/translate/ingress/edge.ts';
import { placeIngresses } from '../../src/translate/ingress/ingress.ts';
import { createTrafficPolicies } from '../../src/translate/traffic/policies.ts';
import { done } from '../../src/work.ts';
import { fakeView, objectsOf } from './objects.ts';

/**
 * Every reference is resolved, to a backend named `NAME:PORT` (`NAME:PORT~grpc` for gRPC), but for those whose name begins with
 * `missing`. A name that begins with `ring` balances by a hash of the header `x-user`.
 */
export const fakeResolver: BackendResolver = {
  resolve: ({ name, port }, { grpc }) => {
    if (name.startsWith('missing')) return undefined;
    const loadBalancer = name.startsWith('ring') ? { type: 'RingHash', hashOn: [{ type: 'header', name: 'x-user' }] } : { type: 'RoundRobin', hashOn: [] };
    return { name: `${name}:${port}${grpc ? '~grpc' : ''}`, loadBalancer } as unknown as Backend;
  },
  life: () => 'ready',
  secrets: () => [],
};

/** What the objects mean for gateways, with backends by `fakeResolver`. */
export function gatewaysOf(yaml: string): { readonly groups: readonly Group[]; readonly diagnostics: readonly Diagnostic[] } {
  const view = fakeView(objectsOf(yaml));
  const diagnostics: Diagnostic[] = [];
  const report = (one: Diagnostic): void => {
    const place = ({ code, message, at: { object, field } }: Diagnostic) => [code, message, object, field].join();
    if (!diagnostics.some((other) => place(other) === place(one))) diagnostics.push(one);
  };
  const ports = createGroupPorts(defaultSettings, { group: 'default', ...plainEdge });
  const gateways = placeGateways(view, ports, report);
  const changes = changesSince(undefined, view);
  const reading = { view, resolver: fakeResolver, policies: createTrafficPolicies(view, report), changes };
  done(placeIngresses(ports, reading, { ...defaultSettings, ownCertificate: { certificate: '', key: '' }, authz: noAuthz }, report));
  done(attachRoutes(gateways, reading, report));
  return { groups: done(gatewayGroups(ports.all(), defaultSettings, fakeResolver, changes, report)), diagnostics };
}

/** `CODE OBJECT FIELD`, one a diagnostic. */
export function places(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, at: { object, field } }) => [code, object, field].filter((part) => part !== undefined).join(' '));
}

/** One line a route, in the order in which Envoy tries them: `GROUP/PORT HOST: MATCH -> ACTION`. A virtual host without routes is a line too; the refusal of TRACE, which each host name of an Ingress has, is none. */
export function routeLines(groups: readonly Group[]): readonly string[] {
  return groups.flatMap(({ routeConfigurations }) =>
    routeConfigurations.flatMap(({ name, virtualHosts }) =>
      virtualHosts.flatMap((host) => {
        const lines = host.routes.filter(({ match }) => match.method !== 'TRACE').map(routeLine);
        const routes = host.routes.length === 0 ? ['nothing'] : lines;
        return routes.map((line) => `${name} ${host.name}: ${line}`);
      }),
    ),
  );
}

/** `MATCH -> ACTION`. Paths: `=/exact`, `/elements`, `/characters*`, `~expression`. */
export function routeLine({ match, action }: Route): string {
  const conditions = [match.method, ...match.headers.map(condition), ...match.query.map((one) => `?${condition(one)}`), match.grpc ? 'grpc' : undefined];
  return `${[pathText(match.path), ...conditions].filter((part) => part !== undefined).join(' ')} -> ${actionText(action)}`;
}

function condition({ name, type, value }: ValueMatch): string {
  return `${name}${type === 'regex' ? '~' : '='}${value ?? ''}`;
}

function pathText({ type, value }: PathMatch): string {
  switch (type) {
    case 'exact':
      return `=${value}`;
    case 'regex':
      return `~${value}`;
    case 'prefix':
      return `${value}*`;
    case 'pathPrefix':
      return value;
  }
}

function actionText(action: RouteAction): string {
  switch (action.type) {
    case 'respond':
      return String(action.status);
    case 'location':
      return `${action.status} ${action.to}`;
    case 'redirect': {
      const { status, scheme = '', host = '', port = '', path } = action;
      return `${status} ${scheme}:${host}:${port}${rewriteText(path)}`;
    }
    case 'forward': {
      const shares = action.backends.map(({ cluster = '500', weight }) => (action.backends.length === 1 ? cluster : `${cluster} ${weight}`)).join(', ');
      const mirrors = action.mirrors.map(({ cluster, numerator, denominator }) => ` copy ${cluster} ${numerator}/${denominator}`).join('');
      const host = action.rewrite?.host === undefined ? '' : ` host ${action.rewrite.host}`;
      return `${shares}${host}${rewriteText(action.rewrite?.path)}${mirrors}`;
    }
  }
}

function rewriteText(path: PathRewrite | undefined): string {
  if (path === undefined) return '';
  return path.type === 'regex' ? ` ${path.pattern} to ${path.replacement}` : ` ${path.type} ${path.value}`;
}
