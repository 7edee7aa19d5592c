import type { Message } from '../proto/message.ts';
import { type FormatInput, formatted, type Headers } from './header-format.ts';
import type { ManagerMessage, RouteActionMessage, RouteMessage, RouteTableMessage, VirtualHostMessage } from './messages.ts';

type Option = Message<'envoy.config.core.v3.HeaderValueOption'>;
type Mutation = Message<'envoy.config.common.mutation_rules.v3.HeaderMutation'>;
type EarlyMutations = Message<'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation'>;
type Level = Pick<RouteMessage, 'request_headers_to_add' | 'request_headers_to_remove'>;

/** Headers by which a backend learns who asks and for what, in the order in which they are told. */
const told = [
  'host',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-scheme',
  'x-original-forwarded-for',
  'x-original-forwarded-host',
  'x-original-uri',
  'x-envoy-original-path',
  'forwarded',
] as const;

/** The headers of a request after what is done to them before Envoy finds out who the client is: until then the peer is. */
export function earlyHeaders(manager: ManagerMessage, input: FormatInput): Headers {
  return earlyMutationsOf(manager).reduce((now, mutation) => mutated({ ...input, headers: now }, mutation), input.headers);
}

/** What is done to headers before Envoy finds out who the client is, in its order. */
export function earlyMutationsOf(manager: ManagerMessage): readonly Mutation[] {
  return (manager.early_header_mutation_extensions ?? []).flatMap(({ typed_config }) => (typed_config as EarlyMutations | null)?.mutations ?? []);
}

/** The headers as filters and routes get them. @param peer who connects, or whom the PROXY header names. */
export function headersBehind(manager: ManagerMessage, { headers, port }: FormatInput, peer: string): Headers {
  const result = new Map(headers);
  const isSecure = manager.forward_proto_config?.https_destination_ports?.includes(port);
  const scheme = isSecure ? 'https' : (headers.get(':scheme') ?? '');
  const before = headers.get('x-forwarded-for');
  const believesNobody = manager.use_remote_address?.value === true;
  if (!manager.skip_xff_append) result.set('x-forwarded-for', before === undefined ? peer : `${before},${peer}`);
  if (believesNobody || !headers.has('x-forwarded-proto')) result.set('x-forwarded-proto', scheme);
  return result;
}

/** Of the headers that a backend gets, those that say who asks and for what. */
export function toldHeaders(
  input: FormatInput,
  table: RouteTableMessage,
  host: VirtualHostMessage,
  route: RouteMessage,
): readonly { readonly name: string; readonly value: string }[] {
  const changed = [table, host, route].reduce((now, level) => atLevel({ ...input, headers: now }, level), input.headers);
  const sent = withHost(changed, route.route ?? {});
  return told.flatMap((name) => {
    const value = sent.get(name);
    return value === undefined ? [] : [{ name, value }];
  });
}

/** Values are made of the headers before any is added. */
function atLevel(input: FormatInput, { request_headers_to_add = [], request_headers_to_remove = [] }: Level): Headers {
  const kept = new Map(input.headers);
  for (const name of request_headers_to_remove) kept.delete(name.toLowerCase());
  return request_headers_to_add.reduce<Headers>((now, option) => added(now, option, { ...input, headers: kept }), kept);
}

function mutated(input: FormatInput, { remove, append }: Mutation): Headers {
  if (append) return added(input.headers, append, input);
  return new Map([...input.headers].filter(([name]) => name !== remove?.toLowerCase()));
}

/** A value that is empty in the end changes nothing. */
function added(headers: Headers, { header, append_action, keep_empty_value }: Option, input: FormatInput): Headers {
  const name = header?.key?.toLowerCase() ?? '';
  const value = formatted(header?.value ?? '', input);
  const before = headers.get(name);
  if (value === '' && !keep_empty_value) return headers;
  switch (append_action) {
    case 'ADD_IF_ABSENT':
      return before === undefined ? new Map(headers).set(name, value) : headers;
    case 'OVERWRITE_IF_EXISTS':
      return before === undefined ? headers : new Map(headers).set(name, value);
    case 'OVERWRITE_IF_EXISTS_OR_ADD':
      return new Map(headers).set(name, value);
    default:
      return new Map(headers).set(name, before === undefined ? value : `${before},${value}`);
  }
}

function withHost(headers: Headers, { host_rewrite_literal, host_rewrite_header, append_x_forwarded_host }: RouteActionMessage): Headers {
  const written = host_rewrite_literal || headers.get(host_rewrite_header?.toLowerCase() ?? '');
  if (!written) return headers;
  const result = new Map(headers).set('host', written);
  const before = headers.get('x-forwarded-host');
  const asked = headers.get('host') ?? '';
  return append_x_forwarded_host ? result.set('x-forwarded-host', before === undefined ? asked : `${before},${asked}`) : result;
}
