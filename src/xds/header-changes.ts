import type { HeaderChanges } from '../ir/route.ts';
import type { Message } from '../proto/message.ts';

type HeaderValueOption = Message<'envoy.config.core.v3.HeaderValueOption'>;

/** The fields of routes, and of shares of a route, that change headers. */
export interface HeaderFields {
  readonly request_headers_to_add?: HeaderValueOption[];
  readonly request_headers_to_remove?: string[];
  readonly response_headers_to_add?: HeaderValueOption[];
  readonly response_headers_to_remove?: string[];
}

/**
 * Changes of request and response headers as Envoy's fields; none where nothing changes. Envoy removes before it adds.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers
 */
export function headerFields(request: HeaderChanges | undefined, response: HeaderChanges | undefined): HeaderFields {
  return {
    ...(hasAdditions(request) && { request_headers_to_add: additions(request) }),
    ...(request && request.remove.length > 0 && { request_headers_to_remove: [...request.remove] }),
    ...(hasAdditions(response) && { response_headers_to_add: additions(response) }),
    ...(response && response.remove.length > 0 && { response_headers_to_remove: [...response.remove] }),
  };
}

function hasAdditions(changes: HeaderChanges | undefined): changes is HeaderChanges {
  return changes !== undefined && changes.set.length + changes.add.length > 0;
}

function additions({ set, add }: HeaderChanges): HeaderValueOption[] {
  return [
    ...set.map(({ name, value }) => headerOption(name, value, 'OVERWRITE_IF_EXISTS_OR_ADD')),
    ...add.map(({ name, value }) => headerOption(name, value, 'APPEND_IF_EXISTS_OR_ADD')),
  ];
}

/** A `%` starts one of Envoy's command operators unless it is doubled; an empty value would otherwise drop the header. */
function headerOption(name: string, value: string, action: 'OVERWRITE_IF_EXISTS_OR_ADD' | 'APPEND_IF_EXISTS_OR_ADD'): HeaderValueOption {
  return { header: { key: name, value: value.replaceAll('%', '%%') }, append_action: action, ...(value === '' && { keep_empty_value: true }) };
}
