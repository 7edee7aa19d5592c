import { encode } from '../../proto/codec.ts';
import type { Message } from '../../proto/message.ts';
import { messageNameOf, type Resource, typeUrls } from '../../resource.ts';
import type { Node } from '../stream/request.ts';
import type { ResourceProgress, ResourceState } from '../stream/resource-states.ts';

type ClientConfig = Message<'envoy.service.status.v3.ClientConfig'>;
type GenericConfig = NonNullable<ClientConfig['generic_xds_configs']>[number];

/** What the words of the API say for ours: the view of the server, then that of the client. */
const words = {
  acked: ['SYNCED', 'ACKED'],
  outdated: ['NOT_SENT', 'ACKED'],
  pending: ['STALE', 'REQUESTED'],
  refused: ['ERROR', 'NACKED'],
  notSent: ['NOT_SENT', 'REQUESTED'],
  missing: ['NOT_SENT', 'DOES_NOT_EXIST'],
} as const satisfies Record<ResourceProgress, readonly [GenericConfig['config_status'], GenericConfig['client_status']]>;

/** How many resources are encoded at once. */
const batchSize = 256;

/**
 * Encodes what one client has as a `ClientConfig`, in pieces that are to be put one behind the other. The scope, which gRPC
 * clients use for their targets, is the node, as tools print it in front of each resource.
 * @param withContents whether the resources themselves are in it. Of secrets it is the name alone (promise 13).
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/status/v3/csds.proto#service-status-v3-clientconfig
 */
export function* clientConfigPieces(node: Node, states: readonly ResourceState[], withContents: boolean): Generator<Uint8Array> {
  const { id, group, agent } = node;
  yield encode('envoy.service.status.v3.ClientConfig', { node: { id, cluster: group, user_agent_name: agent }, client_scope: id });
  for (let start = 0; start < states.length; start += batchSize) {
    const batch = states.slice(start, start + batchSize);
    yield encode('envoy.service.status.v3.ClientConfig', { generic_xds_configs: batch.map((state) => genericConfig(state, withContents)) });
  }
}

function genericConfig({ type, name, version, progress, resource, sentAt, refusal }: ResourceState, withContents: boolean): GenericConfig {
  const [configStatus, clientStatus] = words[progress];
  return {
    type_url: typeUrls[type],
    name,
    ...(version === undefined ? {} : { version_info: version }),
    ...(withContents && resource ? { xds_config: { type_url: typeUrls[type], value: contentOf(resource) } } : {}),
    ...(sentAt === undefined ? {} : { last_updated: timestamp(sentAt) }),
    config_status: configStatus,
    client_status: clientStatus,
    ...(refusal && {
      error_state: {
        version_info: refusal.version,
        ...(refusal.message === undefined ? {} : { details: refusal.message }),
        ...(refusal.at === undefined ? {} : { last_update_attempt: timestamp(refusal.at) }),
      },
    }),
  };
}

function contentOf({ type, name, bytes }: Resource): Buffer {
  return Buffer.from(type === 'secrets' ? encode(messageNameOf(type), { name }) : bytes);
}

/** @param at milliseconds since 1970. */
function timestamp(at: number): Message<'google.protobuf.Timestamp'> {
  return { seconds: String(Math.floor(at / 1000)), nanos: (at % 1000) * 1_000_000 };
}
