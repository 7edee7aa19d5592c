import type { ResourceType } from '../../resource.ts';
import type { Answer } from './answer.ts';
import type { Node } from './request.ts';
import type { Nack } from './status.ts';

/** What a step asks the shell to do, in this order. */
export type Effect =
  /** The client named itself; the shell answers with the snapshot of its group. */
  | { readonly type: 'identified'; readonly node: Node }
  | { readonly type: 'send'; readonly answer: Answer }
  /** `event`: the oldest change in the answer, when it happened and how long ago that is; undefined where it only answered a question. */
  | { readonly type: 'acked'; readonly resourceType: ResourceType; readonly afterMs: number; readonly event?: { readonly at: number; readonly agoMs: number } }
  | { readonly type: 'nacked'; readonly nack: Nack }
  /** Something without consequence that is worth a line of log. */
  | { readonly type: 'ignored'; readonly reason: string }
  /** The stream ends; nothing may follow. */
  | { readonly type: 'close'; readonly code: 'INVALID_ARGUMENT' | 'DEADLINE_EXCEEDED' | 'RESOURCE_EXHAUSTED'; readonly message: string };
