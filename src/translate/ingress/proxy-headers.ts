import { diagnostic, type Report } from '../../diagnostic.ts';
import type { RequestPart, RequestText } from '../../ir/route.ts';
import type { Controller } from '../../nginx/controller.ts';
import type { StoreView } from '../../store/view.ts';
import type { FeatureContext } from './feature/feature.ts';
import type { Location } from './location.ts';

/** A header of requests to backends, as the ConfigMap has it. */
export interface ProxyHeader {
  /** In lower case. */
  readonly name: string;
  /** Texts, and variables of nginx by their names. Undefined: it cannot be had, and what the client sends under this name is taken away. */
  readonly parts: readonly (string | { readonly variable: string })[] | undefined;
}

/** What one variable is, for the requests of a location. */
type Meaning = (location: Location, context: Pick<FeatureContext, 'port' | 'server'>) => string | RequestPart;

const part =
  (of: RequestPart): Meaning =>
  () =>
    of;

/** Those of nginx, and of the template of ingress-nginx, that Envoy knows too. */
const meanings: Readonly<Record<string, Meaning>> = {
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

/** Variables whose names say what they name. */
const named: readonly (readonly [beginning: string, of: (name: string) => RequestPart])[] = [
  ['arg_', (parameter) => ({ parameter })],
  ['cookie_', (cookie) => ({ cookie })],
  ['http_', (name) => ({ header: name.replaceAll('_', '-') })],
];

function meaningOf(variable: string): Meaning | undefined {
  if (Object.hasOwn(meanings, variable)) return meanings[variable];
  const found = named.find(([start]) => variable.startsWith(start) && variable.length > start.length);
  if (!found) return undefined;
  const [beginning, of] = found;
  return part(of(variable.slice(beginning.length)));
}

/** Names that say how a message is carried, and the host name, for which there is `upstream-vhost`. */
const carrying = new Set(['connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** What the ConfigMap of `proxy-set-headers` says; nothing where it is missing, as for ingress-nginx. Gives `IngressSettingIgnored`. */
export function proxyHeadersOf(view: StoreView, { value }: Controller, report: Report): readonly ProxyHeader[] {
  const [namespace = '', name = ''] = value('proxy-set-headers').split('/');
  const configMap = view.get('ConfigMap', namespace, name);
  const headers = Object.entries(configMap?.object.data ?? {}).flatMap(([key, text]): ProxyHeader[] => {
    const ignored = (why: string, consequence: string): void =>
      report(diagnostic('IngressSettingIgnored', configMap?.origin(['data', key]) ?? {}, `${why}, so ${consequence}.`, 'Correct it, or remove it.'));
    const header = key.toLowerCase();
    if (!/^[a-z0-9_-]+$/.test(header) || carrying.has(header)) {
      ignored(`${key} is no header that can be set`, 'backends get what the client sends');
      return [];
    }
    const parts = partsOf(text);
    if (typeof parts !== 'string') return [{ name: header, parts }];
    ignored(`Of ${key}, ${parts}`, 'backends do not get this header, whatever the client sends');
    return [{ name: header, parts: undefined }];
  });
  return readersFirst(headers);
}

/** Envoy sets one after the other, and nginx all at once: one that is made of another header of the list has to be set before that one. */
function readersFirst(headers: readonly ProxyHeader[]): readonly ProxyHeader[] {
  const sorted = new Set<ProxyHeader>();
  const begun = new Set<ProxyHeader>();
  const place = (header: ProxyHeader): void => {
    if (begun.has(header)) return;
    begun.add(header);
    headers.filter((other) => other !== header && isMadeOf(other, header.name)).forEach(place);
    sorted.add(header);
  };
  headers.forEach(place);
  return [...sorted];
}

function isMadeOf({ parts = [] }: ProxyHeader, header: string): boolean {
  return parts.some((one) => typeof one !== 'string' && one.variable.startsWith('http_') && one.variable.slice('http_'.length).replaceAll('_', '-') === header);
}

/** A text: why it cannot be had. */
function partsOf(text: string): NonNullable<ProxyHeader['parts']> | string {
  if (/[^\t\x20-\x7e\x80-\u{10ffff}]/u.test(text)) return 'the value has characters that no header has';
  const parts: (string | { readonly variable: string })[] = [];
  for (const [found, braced, plain] of text.matchAll(/\$\{(\w+)\}|\$(\w+)|[^$]+|\$/g)) {
    const variable = braced ?? plain;
    if (variable === undefined && found === '$') return 'a `$` names no variable';
    if (variable !== undefined && !meaningOf(variable)) return `Envoy has nothing for the variable $${variable}`;
    parts.push(variable === undefined ? found : { variable });
  }
  return parts;
}

/** The value of such a header for the requests of a location; empty: it is taken away. */
export function proxyHeaderText({ parts = [] }: ProxyHeader, location: Location, context: Pick<FeatureContext, 'port' | 'server'>): RequestText {
  return parts.map((one) => {
    if (typeof one === 'string') return one;
    return meaningOf(one.variable)?.(location, context) ?? '';
  });
}
