import { stringify } from 'yaml';
import { toGatewayApi } from '../migrate/gateway-api/conversion.ts';
import { sceneOf } from '../migrate/scene.ts';
import type { Settings } from '../settings.ts';
import type { CommandContext } from './context.ts';
import { buildFolders } from './folder-build.ts';
import type { ObjectsRead } from './read-folders.ts';

/** Prints what says with Gateway API what Ingresses say, and tells which of them stay. */
export function convertIngresses(folders: ObjectsRead, settings: Settings, { terminal, clock }: CommandContext, cluster?: ObjectsRead): void {
  const { view, diagnostics } = buildFolders(folders, settings, clock, undefined, cluster);
  const { objects, converted, kept, obstacle } = toGatewayApi(sceneOf(view, settings, diagnostics));
  if (objects.length > 0) terminal.print(objects.map((object) => stringify(object, { lineWidth: 0 }).trimEnd()).join('\n---\n'));
  for (const { ingress, told } of converted) for (const line of told) terminal.complain(`Ingress ${ingress.namespace}/${ingress.name}: ${line}.`);
  if (obstacle !== undefined) terminal.complain(`All Ingresses stay: ${obstacle}.`);
  for (const { ingress, reason } of obstacle === undefined ? kept : []) terminal.complain(`Ingress ${ingress.namespace}/${ingress.name} stays: ${reason}.`);
  if (converted.length > 0) terminal.complain(common);
}

const common =
  'HTTPRoutes differ from Ingresses: X-Forwarded-For has what the client sent before its address; bodies are neither limited nor kept until they are whole; a backend that fails is 503, a silent one is not tried again; a canary without endpoints keeps its share.';
