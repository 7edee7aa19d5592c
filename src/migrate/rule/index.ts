import type { Rule } from '../scene.ts';
import { digest } from './authentication.ts';
import { backendProtocol } from './backend-protocol.ts';
import { canary } from './canary.ts';
import { clientAddress } from './client-address.ts';
import { firewall } from './firewall.ts';
import { foreign } from './foreign.ts';
import { idle } from './idle.ts';
import { mistakes } from './mistakes.ts';
import { passthrough } from './passthrough.ts';
import { regexHosts } from './regex-hosts.ts';
import { snippets } from './snippets.ts';
import { told } from './told.ts';

/** What is found by looking at more than the name of one annotation, by the level: of the same annotation at one level what a later list has is nearer to the matter. */
export const rules: readonly (readonly Rule[])[] = [
  [mistakes],
  [told, firewall, snippets, backendProtocol, digest, clientAddress, foreign, idle, canary, regexHosts, passthrough],
];
