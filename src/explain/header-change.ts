import type { HeaderChange } from './explanation.ts';
import type { RouteMessage } from './messages.ts';

/** The fields that a route and each share of it have alike. */
type HeaderFields = Pick<RouteMessage, 'request_headers_to_add' | 'request_headers_to_remove' | 'response_headers_to_add' | 'response_headers_to_remove'>;

/** What a route, or one share of it, does to headers, in the order in which Envoy does it; undefined where it does nothing. */
export function headerChangesOf(message: HeaderFields): readonly HeaderChange[] | undefined {
  const changes = [
    ...changesOf('request', message.request_headers_to_remove, message.request_headers_to_add),
    ...changesOf('response', message.response_headers_to_remove, message.response_headers_to_add),
  ];
  return changes.length > 0 ? changes : undefined;
}

function changesOf(of: HeaderChange['of'], removed: readonly string[] = [], added: HeaderFields['request_headers_to_add'] = []): HeaderChange[] {
  return [
    ...removed.map((name): HeaderChange => ({ of, does: 'remove', name })),
    ...added.map(({ header, append_action }): HeaderChange => {
      const does = append_action === 'OVERWRITE_IF_EXISTS_OR_ADD' ? 'set' : 'add';
      // A doubled `%` is one: a single one begins a command operator.
      return { of, does, name: header?.key ?? '', value: (header?.value ?? '').replaceAll('%%', '%') };
    }),
  ];
}
