import type { Message } from '../proto/message.ts';
import type { Node, XdsRequest } from './request.ts';

type WireSotw = Message<'envoy.service.discovery.v3.DiscoveryRequest'>;
type WireDelta = Message<'envoy.service.discovery.v3.DeltaDiscoveryRequest'>;
type WireNode = Message<'envoy.config.core.v3.Node'>;

/** Takes what Sluice acts on from a decoded `DiscoveryRequest`. Resource locators are not read: Envoy uses names. */
export function readSotw(message: WireSotw): XdsRequest {
  const { version_info: version, resource_names: names = [] } = message;
  return { protocol: 'sotw', ...headOf(message), ...(version ? { version } : {}), names };
}

/** The same of a `DeltaDiscoveryRequest`. */
export function readDelta(message: WireDelta): XdsRequest {
  return {
    protocol: 'delta',
    ...headOf(message),
    subscribe: message.resource_names_subscribe ?? [],
    unsubscribe: message.resource_names_unsubscribe ?? [],
    initialVersions: message.initial_resource_versions ?? {},
  };
}

function headOf({ node, type_url, response_nonce, error_detail }: WireSotw | WireDelta) {
  return {
    ...(node ? { node: nodeOf(node) } : {}),
    typeUrl: type_url ?? '',
    nonce: response_nonce ?? '',
    ...(error_detail ? { error: error_detail.message ?? '' } : {}),
  };
}

function nodeOf(node: WireNode): Node {
  return { id: node.id ?? '', group: node.cluster ?? '', agent: agentOf(node) };
}

function agentOf({ user_agent_name: name, user_agent_version: text, user_agent_build_version: build }: WireNode): string {
  const { major_number = 0, minor_number = 0, patch = 0 } = build?.version ?? {};
  const version = text || (build?.version ? `${major_number}.${minor_number}.${patch}` : '');
  return [name, version].filter(Boolean).join(' ') || 'unknown';
}
