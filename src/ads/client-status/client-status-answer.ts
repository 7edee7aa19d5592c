import { setImmediate as turn } from 'node:timers/promises';
import { decode } from '../../proto/codec.ts';
import type { Message } from '../../proto/message.ts';
import { reasonOf } from '../../reason.ts';
import { field } from '../message/wire.ts';
import type { Node } from '../stream/request.ts';
import type { ResourceState } from '../stream/resource-states.ts';
import { clientConfigPieces } from './client-config.ts';
import { nodeTest } from './node-match.ts';

/** What tools may ask of a stream. */
export interface AskedStream {
  /** Undefined until the client has named itself. */
  node(): Node | undefined;
  /** How far its client is with each resource. */
  resources(): readonly ResourceState[];
}

/** Why a question is not answered. */
export interface StatusRefusal {
  readonly code: 'INVALID_ARGUMENT' | 'RESOURCE_EXHAUSTED';
  readonly details: string;
}

/** A question has a handful of names. */
export const mostRequestBytes = 64 * 1024;
/** More than this nobody takes in: there are matchers to ask about fewer nodes. */
const mostResources = 50_000;
const mostBytes = 32 * 1024 * 1024;
const nodesPerTurn = 100;

/**
 * Answers a `ClientStatusRequest` with an encoded `ClientStatusResponse`: what the clients of these streams have. Other work
 * has its turn in between, so that two nodes may be seen at different moments.
 * @param bytes the encoded question.
 */
export async function answerClientStatus(bytes: Buffer, streams: Iterable<AskedStream>): Promise<Buffer | StatusRefusal> {
  const request = readRequest(bytes);
  if ('code' in request) return request;
  const isMeant = nodeTest(request.node_matchers ?? []);
  if (typeof isMeant === 'string') return { code: 'INVALID_ARGUMENT', details: isMeant };
  const withContents = !request.exclude_resource_contents;
  const configs: Buffer[] = [];
  let [resources, length] = [0, 0];
  for (const [index, [node, ofNode]] of byNode(streams).entries()) {
    // To compare names takes time too.
    if (index % nodesPerTurn === nodesPerTurn - 1) await turn();
    if (!isMeant(node.id)) continue;
    const states = ofNode.flatMap((stream) => stream.resources());
    resources += states.length;
    if (resources > mostResources) return tooMuch(`more than ${mostResources} resources`);
    if (withContents && length + contentBytes(states) > mostBytes) return tooMuch(`more than ${mostBytes} bytes`);
    const pieces: Uint8Array[] = [];
    for (const piece of clientConfigPieces(node, states, withContents)) {
      pieces.push(piece);
      await turn();
    }
    const config = field(1, Buffer.concat(pieces));
    length += config.length;
    if (length > mostBytes) return tooMuch(`more than ${mostBytes} bytes`);
    configs.push(config);
  }
  return Buffer.concat(configs);
}

/** A client may have several streams, for one type each. One that has not named itself yet has nothing. */
function byNode(streams: Iterable<AskedStream>): readonly (readonly [Node, readonly AskedStream[]])[] {
  const named = [...streams].flatMap((stream) => {
    const node = stream.node();
    return node ? [{ node, stream }] : [];
  });
  const nodes = Map.groupBy(named, ({ node: { id, group } }) => JSON.stringify([id, group]));
  return [...nodes.values()].flatMap((ofNode) => (ofNode[0] ? [[ofNode[0].node, ofNode.map(({ stream }) => stream)] as const] : []));
}

function readRequest(bytes: Buffer): Message<'envoy.service.status.v3.ClientStatusRequest'> | StatusRefusal {
  if (bytes.length > mostRequestBytes) return { code: 'RESOURCE_EXHAUSTED', details: `the question has ${bytes.length} bytes, above ${mostRequestBytes}` };
  try {
    return decode('envoy.service.status.v3.ClientStatusRequest', bytes);
  } catch (error) {
    return { code: 'INVALID_ARGUMENT', details: `the message cannot be read: ${reasonOf(error)}` };
  }
}

function contentBytes(states: readonly ResourceState[]): number {
  return states.reduce((sum, { resource }) => sum + (resource?.bytes.length ?? 0), 0);
}

function tooMuch(what: string): StatusRefusal {
  return { code: 'RESOURCE_EXHAUSTED', details: `the answer would be ${what}: ask about fewer nodes (node_matchers) or set exclude_resource_contents` };
}
