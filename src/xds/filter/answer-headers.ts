import type { AnswerHeader } from '../../ir/route.ts';
import { type Message, typed } from '../../proto/message.ts';
import { changesPath, originalPath } from '../original-path.ts';
import type { Filter } from './filter.ts';

/** Letters, digits and hyphens are what nginx takes for a name; `_` is decided elsewhere, and `:` begins what is no header. */
const oddName = '[-_0-9a-z]*[^-_:0-9a-z].*';

/**
 * Headers of every answer: those of the listener, then those of its route. What a route adds by itself stands only on answers of backends, not on those of filters.
 * As it is the first filter, it also drops headers of requests that no other one shall see. And it keeps the path of before a redirect.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/header_mutation_filter
 */
export const answerHeaders: Filter = {
  name: 'envoy.filters.http.header_mutation.answer_headers',
  chain: ({ answerHeaders: { set, remove } }) => ({
    config: typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
      ...(set.length + remove.length > 0 && { mutations: { response_mutations: [...remove.map((name) => ({ remove: name })), ...set.map(overwritten)] } }),
    }),
    disabled: set.length + remove.length === 0,
  }),
  route(route, said) {
    const { action, answerHeaders = [], strictTransport } = route;
    const headers = [...(said.strictTransport === undefined ? strictTransportHeader(strictTransport) : []), ...answerHeaders];
    // Of a redirect the routes' own changes of requests do not happen.
    const keepsPath = action.type === 'redirect' && changesPath(route);
    if (headers.length === 0 && !keepsPath) return undefined;
    return perRoute({
      ...(keepsPath && { request_mutations: [{ append: originalPath }] }),
      ...(headers.length > 0 && { response_mutations: headers.map(overwritten) }),
    });
  },
  host({ routes }, { strictTransport }) {
    const dropsOddHeaders = routes.some((route) => route.dropsOddHeaders);
    if (!dropsOddHeaders && strictTransport === undefined) return undefined;
    return perRoute({
      ...(dropsOddHeaders && { request_mutations: [{ remove_on_match: { key_matcher: { safe_regex: { regex: oddName } } } }] }),
      ...(strictTransport !== undefined && { response_mutations: strictTransportHeader(strictTransport).map(overwritten) }),
    });
  },
};

const perRoute = (mutations: Message<'envoy.extensions.filters.http.header_mutation.v3.Mutations'>) =>
  typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute', { mutations });

/** @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Strict-Transport-Security */
function strictTransportHeader(value: string | undefined): readonly Header[] {
  return value === undefined ? [] : [{ name: 'strict-transport-security', value }];
}

type Header = AnswerHeader & { readonly ifAbsent?: true; readonly isFormat?: true };

function overwritten(header: Header) {
  const append_action = header.ifAbsent ? ('ADD_IF_ABSENT' as const) : ('OVERWRITE_IF_EXISTS_OR_ADD' as const);
  return { append: { header: headerValue(header), append_action } };
}

/** A `%` starts one of Envoy's command operators unless it is doubled. */
function headerValue(header: Header) {
  if ('ofRequest' in header) return { key: header.name, value: `%REQ(${header.ofRequest})%` };
  return { key: header.name, value: header.isFormat ? header.value : header.value.replaceAll('%', '%%') };
}
