import type { Message } from '../proto/message.ts';
import { allOf, expression } from './log-condition.ts';

type Reply = Message<'envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig'>;
type Condition = Message<'envoy.config.accesslog.v3.AccessLogFilter'>;

/** Names of routes begin with the kind of their object. */
const ofIngress = 'xds.route_name.startsWith("Ingress/")';

/** Connection failed, connection ended, stream reset by the backend, stream reset here, broken protocol. */
const broken: Condition = { response_flag_filter: { flags: ['UF', 'UC', 'UR', 'LR', 'UPE'] } };

/**
 * What nginx answers where a backend fails, for routes of Ingresses: 502, or 504 where the connection took too long. Envoy says 503 for both.
 * A backend without endpoints stays 503. The route tells at the time of the request, so that no Ingress changes a listener.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
 */
const upstreamFailures: NonNullable<Reply['mappers']> = [
  { filter: allOf(broken, expression(`${ofIngress} && response.code_details.contains("connection_timeout")`)), status_code: { value: 504 } },
  { filter: allOf(broken, expression(ofIngress)), status_code: { value: 502 } },
];

/** nginx says 400 to a head that is too large, Envoy 431. There is no route yet. */
const largeHead: NonNullable<Reply['mappers']>[number] = {
  filter: { status_code_filter: { comparison: { op: 'EQ', value: { default_value: 431, runtime_key: 'sluice.large_head_status' } } } },
  status_code: { value: 400 },
};

/** The statuses of nginx for what Envoy answers itself. @param asksForLargeHeads whether that holds for heads that are too large. */
export function localReplies(asksForLargeHeads: boolean): Reply {
  return { mappers: asksForLargeHeads ? [...upstreamFailures, largeHead] : upstreamFailures };
}
