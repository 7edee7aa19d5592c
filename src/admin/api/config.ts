import { Hono } from 'hono';
import type { Access } from '../../ads/access.ts';
import type { Settings } from '../../settings.ts';
import type { Served } from '../served.ts';

/** The answer of `GET /api/v1/config`: what is in force, defaults included. */
export interface ConfigAnswer {
  readonly version: string;
  readonly settings: Settings;
  /** Names of the sources. */
  readonly sources: readonly string[];
  /** By which rules Envoys get in. Undefined for a folder of objects. */
  readonly xds?: Access;
  /** Where revisions are kept: a folder, or `memory`; whether values of secrets are; and how much there is. Undefined for a folder of objects. */
  readonly history?: { readonly place: string; readonly keepsSecrets: boolean; readonly revisions: number; readonly bytes: number };
}

/** The settings in force. */
export function configApi(served: Served, settings: Settings, version: string): Hono {
  return new Hono().get('/config', (context) => {
    const { access, history } = served;
    const answer: ConfigAnswer = {
      version,
      settings,
      sources: served.sources().map((source) => source.name),
      ...(access && { xds: access() }),
      ...(history && { history: { place: history.place, keepsSecrets: history.keepsSecrets, ...history.usage() } }),
    };
    return context.json(answer);
  });
}
