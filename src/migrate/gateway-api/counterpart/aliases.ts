import { serverAlias } from '../../../nginx/family/server-alias.ts';
import type { Counterpart } from './counterpart.ts';

/** Other names of a host name, which have listeners and HTTPRoutes of their own. */
export const aliases: Counterpart = {
  names: ['server-alias'],
  obstacle: ({ reading }) =>
    reading.of(serverAlias)?.some((name) => /[~*]/.test(name)) ? 'server-alias, where it stands for many host names, has no counterpart' : undefined,
};
