import { Hono } from 'hono';
import type { Settings } from '../../settings.ts';
import type { Served } from '../served.ts';

/** The answer of `GET /api/v1/config`: what is in force, defaults included. */
interface ConfigAnswer {
  readonly version: string;
  readonly settings: Settings;
  /** Names of the sources. */
  readonly sources: readonly string[];
}

/** The settings in force. */
export function configApi(served: Served, settings: Settings, version: string): Hono {
  return new Hono().get('/config', (context) => {
    const answer: ConfigAnswer = { version, settings, sources: served.sources().map((source) => source.name) };
    return context.json(answer);
  });
}
