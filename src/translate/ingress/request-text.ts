import type { RequestPart, RequestText } from '../../ir/route.ts';
import { placeIn } from '../../nginx/places.ts';
import { isGroup, namedVariables, type TextWithVariables, type textVariables } from '../../nginx/text-with-variables.ts';
import { compileRegex } from '../../regex.ts';
import type { FeatureContext } from './feature/feature.ts';
import type { Location } from './location.ts';
import { locationRegex } from './location-regex.ts';

/** What one variable is, for the requests of a location. */
type Meaning = (location: Location, context: Pick<FeatureContext, 'port' | 'server'>) => string | RequestPart;

const part =
  (of: RequestPart): Meaning =>
  () =>
    of;

const meanings: Readonly<Record<(typeof textVariables)[number], Meaning>> = {
  args: part({ of: 'query' }),
  best_http_host: part({ header: ':authority' }),
  content_length: part({ header: 'content-length' }),
  content_type: part({ header: 'content-type' }),
  document_uri: part({ of: 'path' }),
  host: (_, { server: { host } }) => (host.startsWith('*') ? { of: 'host' } : host),
  http_host: part({ header: ':authority' }),
  ingress_name: ({ ingress }) => ingress.name,
  location_path: ({ path }) => path,
  namespace: ({ ingress }) => ingress.namespace,
  pass_access_scheme: part({ header: 'x-forwarded-proto' }),
  query_string: part({ of: 'query' }),
  realip_remote_addr: part({ of: 'peerAddress' }),
  remote_addr: part({ of: 'clientAddress' }),
  remote_port: part({ of: 'clientPort' }),
  req_id: part({ header: 'x-request-id' }),
  request_id: part({ header: 'x-request-id' }),
  request_method: part({ header: ':method' }),
  request_uri: part({ header: ':path' }),
  scheme: (_, { port }) => port().scheme,
  server_port: (_, { port }) => (port().scheme === 'https' ? '443' : '80'),
  server_protocol: part({ of: 'protocol' }),
  service_name: ({ backend }) => backend.service?.name ?? '',
  service_port: ({ backend }) => String(backend.service?.port?.number ?? backend.service?.port?.name ?? ''),
  ssl_cipher: part({ of: 'tlsCipher' }),
  ssl_protocol: part({ of: 'tlsVersion' }),
  ssl_server_name: part({ of: 'serverName' }),
  the_real_ip: part({ of: 'clientAddress' }),
  uri: part({ of: 'path' }),
};

const isFixed = (variable: string): variable is keyof typeof meanings => Object.hasOwn(meanings, variable);

const named: Readonly<Record<(typeof namedVariables)[number], (name: string) => RequestPart>> = {
  arg_: (parameter) => ({ parameter }),
  cookie_: (cookie) => ({ cookie }),
  http_: (name) => ({ header: name.replaceAll('_', '-') }),
};

/** What it is for the requests of a location. */
export function requestText(text: TextWithVariables, location: Location, context: Pick<FeatureContext, 'port' | 'server'>): RequestText {
  return text.map((one) => {
    if (typeof one === 'string') return one;
    const { variable } = one;
    if (isGroup(variable)) return pathGroup(location, Number(variable));
    if (isFixed(variable)) return meanings[variable](location, context);
    const place = placeIn(variable);
    if (place) return { place };
    const beginning = namedVariables.find((start) => variable.startsWith(start));
    return beginning === undefined ? '' : named[beginning](variable.slice(beginning.length));
  });
}

/** One that the path does not have is nothing. */
function pathGroup({ path }: Location, group: number): string | RequestPart {
  const pattern = locationRegex(path);
  const compiled = compileRegex(pattern);
  return 'error' in compiled || group > compiled.groups ? '' : { group, pattern: `^${pattern}$` };
}
