import { formatAddress } from '../address.ts';
import type { ResourcesAnswer, RowOf } from '../admin/api/resources.ts';
import { type Origin, placeOf } from '../diagnostic.ts';
import type { ResourceType } from '../resource.ts';
import type { EndpointWarmUp, OutAt } from '../row/endpoint-rows.ts';
import type { ActionRow, ConditionRow, MatchRow } from '../row/route-rows.ts';
import { durationText } from './duration-text.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** How one type is shown. */
interface Columns<Type extends ResourceType> {
  readonly head: readonly string[];
  readonly cells: (row: RowOf[Type], terminal: Terminal, now: number) => readonly string[];
}

const columnsOf: { readonly [Type in ResourceType]: Columns<Type> } = {
  listeners: {
    head: ['GROUP', 'NAME', 'BINDS', 'SERVER NAMES', 'CERTIFICATES', 'ROUTES', 'ORIGIN'],
    cells: ({ group, name, address, port, chains, origins }) => [
      group,
      name,
      port === 0 ? `xds:///${name}` : formatAddress({ host: address, port }),
      unique(chains.flatMap(({ serverNames }) => (serverNames.length === 0 ? ['*'] : serverNames))),
      unique(chains.flatMap(({ certificates }) => certificates)) || 'plain text',
      unique(chains.map(({ routeConfiguration }) => routeConfiguration ?? '')),
      originText(origins),
    ],
  },
  routes: {
    head: ['ROUTES', 'HOST', 'MATCH', 'TO', 'ORIGIN'],
    cells: ({ configuration, virtualHost, match, action, origins }) => [configuration, virtualHost, matchText(match), actionText(action), originText(origins)],
  },
  clusters: {
    head: ['GROUP', 'NAME', 'ENDPOINTS', 'BY', 'BALANCER', 'PROTOCOL', 'TLS', 'CHECKS', 'EJECTION', 'SLOW START', 'ORIGIN'],
    cells: ({ group, name, endpoints, discovery, loadBalancer, protocol, tls, healthChecks, outlierDetection, slowStart, origins }) => [
      group,
      name,
      String(endpoints),
      discovery,
      loadBalancer,
      protocol,
      tls ?? '-',
      healthChecks.join(', ') || '-',
      outlierDetection ? 'yes' : '-',
      slowStart ? 'yes' : '-',
      originText(origins),
    ],
  },
  endpoints: {
    head: ['GROUP', 'CLUSTER', 'ENDPOINT', 'HEALTH', 'WEIGHT', 'SHARE', 'WARM-UP', 'ZONE', 'OUT AT'],
    cells: ({ group, cluster, address, port, health, weight, sharePercent, warmUp, zone, outAt }, terminal) => [
      group,
      cluster,
      formatAddress({ host: address, port }),
      health === 'healthy' ? health : terminal.paint('yellow', health),
      String(weight),
      percent(sharePercent / 100),
      warmUp ? terminal.paint('yellow', warmUpText(warmUp)) : '-',
      zone ?? '-',
      outAt === undefined || outAt.length === 0 ? '-' : terminal.paint('red', outAt.map(outText).join('; ')),
    ],
  },
  secrets: {
    head: ['GROUP', 'NAME', 'TYPE', 'SUBJECT', 'NAMES', 'EXPIRES', 'SHA-256'],
    cells: ({ group, name, type, certificates }, terminal, now) => {
      const first = certificates[0];
      return [group, name, type, first?.subject ?? '-', first?.names.join(', ') || '-', expiryText(terminal, first?.notAfter, now), first?.fingerprint ?? '-'];
    },
  },
};

/** What `sluice get` prints for people. @param now milliseconds since 1970, for what expires. */
export function getText<Type extends ResourceType>(terminal: Terminal, { type, rows }: ResourcesAnswer<Type>, now: number): string {
  if (rows.length === 0) return `no ${type}`;
  const { head, cells } = columnsOf[type];
  return table(
    head,
    rows.map((row) => cells(row, terminal, now)),
  );
}

/** `edge-1: answers 5xx in a row, about 7s left`. */
function outText({ envoy, reason, leftMs, awaitsCheck }: OutAt): string {
  const time = leftMs === undefined ? (awaitsCheck ? 'until one passes' : 'time left not known') : `about ${durationText(leftMs)} left`;
  return `${envoy}: ${reason ?? '-'}, ${time}`;
}

function unique(values: readonly string[]): string {
  return [...new Set(values)].filter((value) => value !== '').join(', ');
}

function originText(origins: readonly Origin[]): string {
  const [first, ...others] = origins;
  if (!first) return '-';
  return `${placeOf(first)}${others.length === 0 ? '' : ` +${others.length}`}`;
}

const pathForms = {
  exact: (path: string) => `= ${path}`,
  pathPrefix: (path: string) => `${path}/*`,
  prefix: (path: string) => `${path}*`,
  regex: (path: string) => `~ ${path}`,
  other: (path: string) => path,
};

/** `GET /shop/* x-tester: yes ?page=1`. */
export function matchText({ path, headers, query, grpc }: MatchRow): string {
  const method = headers.find(({ name }) => name === ':method');
  const parts = [
    method?.value ?? '',
    pathForms[path.type](path.value),
    ...headers.filter((header) => header !== method).map((header) => conditionText(header, ': ')),
    ...query.map((parameter) => `?${conditionText(parameter, '=')}`),
    grpc ? 'gRPC' : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function conditionText({ name, type, value = '' }: ConditionRow, is: string): string {
  if (type === 'present' || type === 'other') return name;
  return type === 'regex' ? `${name} ~ ${value}` : `${name}${is}${value}`;
}

/** `default/shop/http 90%, default/shop-v2/http 10%`. */
export function actionText(action: ActionRow): string {
  if (action.type === 'redirect') return `redirect ${action.status} ${action.to}`;
  if (action.type === 'respond') return `answer ${action.status}`;
  if (action.type === 'other') return '?';
  return action.split.map(({ cluster, share }) => (action.split.length === 1 ? cluster : `${cluster} ${percent(share)}`)).join(', ');
}

/** A share from 0 to 1 as `90%`, `33.3%`. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}

/** `40% of 30s`, `40% of 30s by Envoy`, `40% of 30s, idle`. */
function warmUpText({ by, percent: reached, windowMs, isIdle }: EndpointWarmUp): string {
  return `${reached}% of ${durationText(windowMs)}${by === 'Envoy' ? ' by Envoy' : ''}${isIdle ? ', idle' : ''}`;
}

function expiryText(terminal: Terminal, notAfter: string | undefined, now: number): string {
  if (notAfter === undefined) return '-';
  const left = Date.parse(notAfter) - now;
  const day = notAfter.slice(0, 10);
  return left <= 0 ? terminal.paint('red', `${day} expired`) : `${day} in ${durationText(left)}`;
}
