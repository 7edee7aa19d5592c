import type { ForwardAction, RouteMatch, ValueMatch, WeightedBackend } from '../../../ir/route.ts';
import { annotationOrigin } from '../../../nginx/annotation-origin.ts';
import { serviceSplit as family, type ServiceMatch } from '../../../nginx/family/service-split.ts';
import { checkRegex, quoted } from '../../regex.ts';
import { backendAction } from '../backend-action.ts';
import type { Location } from '../location.ts';
import type { Feature, FeatureContext, LocationRoute } from './feature.ts';

/** What a Service has that `service-weight` does not name. */
const defaultWeight = 100;

/**
 * Services that share a path of one Ingress, as Alibaba's ACK has it: requests that fit the condition of a Service are split among
 * all by weight, or go to it alone where no weights are written; all other requests are split among the Services without a condition,
 * evenly where all of these have the weight 0.
 */
export const serviceSplit: Feature = (routes, location, context) => {
  const split = location.reading.of(family);
  if (!split) return routes;
  const services = [location, ...(location.others ?? [])].map(({ backend, backendField }) => ({ backend, backendField, name: backend.service?.name ?? '' }));
  const conditions = split.matches.filter(({ service }) => services.some(({ name }) => name === service));
  const conditional = new Set(conditions.map(({ service }) => service));
  const written = (name: string): number => split.weights?.get(name) ?? defaultWeight;
  const among = (names: ReadonlySet<string>, route: LocationRoute, weightOf: (name: string) => number): LocationRoute => {
    const forwards = services
      .filter(({ name }) => names.has(name))
      .map((service) => [service.name, backendAction({ ...location, ...service }, context)] as const);
    const backends = forwards.flatMap(([name, action]): readonly WeightedBackend[] =>
      action.type === 'forward' ? action.backends.map((backend) => ({ ...backend, weight: weightOf(name) })) : [],
    );
    const [first] = forwards.flatMap(([, action]) => (action.type === 'forward' ? [action] : []));
    const action: ForwardAction | undefined = first && { ...first, backends };
    return { ...route, action: action && backends.some(({ weight }) => weight > 0) ? action : { type: 'respond', status: 503 } };
  };
  const all = new Set(services.map(({ name }) => name));
  const others = new Set([...all].filter((name) => !conditional.has(name)));
  return routes.flatMap((route) => [
    ...conditions.map((condition) =>
      among(split.weights ? all : new Set([condition.service]), { ...route, match: withCondition(route.match, condition, location, context) }, written),
    ),
    among(others, route, conditions.length > 0 && [...others].every((name) => written(name) === 0) ? () => defaultWeight : written),
  ]);
};

function withCondition(match: RouteMatch, { of, name, value }: ServiceMatch, { ingress }: Location, { controller, report }: FeatureContext): RouteMatch {
  const regex = (text: string): string => {
    checkRegex(text, () => annotationOrigin(ingress, controller, 'service-match'), report);
    return text;
  };
  if (of === 'cookie') {
    const text = value.type === 'exact' ? quoted(value.text) : foundIn(value.text, '[^;]*');
    return { ...match, headers: [...match.headers, { name: 'cookie', type: 'regex', value: regex(`(.*; *)?${quoted(name)}=${text}(;.*)?`) }] };
  }
  const condition: ValueMatch =
    value.type === 'exact'
      ? { name: of === 'header' ? name.toLowerCase() : name, type: 'exact', value: value.text }
      : { name: of === 'header' ? name.toLowerCase() : name, type: 'regex', value: regex(foundIn(value.text, '.*')) };
  return of === 'header' ? { ...match, headers: [...match.headers, condition] } : { ...match, query: [...match.query, condition] };
}

/** The expression that a whole value fits where another one is found in it. @param rest what may stand before and behind. */
function foundIn(regex: string, rest: string): string {
  const [, start, inner, end] = /^(\^?)(.*?)(\$?)$/s.exec(regex) ?? [];
  return `${start ? '' : rest}(?:${inner})${end ? '' : rest}`;
}
