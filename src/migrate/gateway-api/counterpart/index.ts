import { aliases } from './aliases.ts';
import { bodies } from './bodies.ts';
import { canaries } from './canaries.ts';
import { cors } from './cors.ts';
import type { Counterpart } from './counterpart.ts';
import { headers } from './headers.ts';
import { logs } from './logs.ts';
import { mirrors } from './mirrors.ts';
import { paths } from './paths.ts';
import { redirects } from './redirects.ts';
import { services } from './services.ts';
import { sessions } from './sessions.ts';
import { times } from './times.ts';
import { www } from './www.ts';

/** All that Gateway API and policies of Sluice have words for. */
export const counterparts: readonly Counterpart[] = [redirects, bodies, aliases, paths, cors, sessions, services, times, headers, canaries, mirrors, logs, www];
