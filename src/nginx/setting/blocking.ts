import { list } from '../form.ts';
import { setting } from '../setting.ts';

/** Clients that get nothing. */
export const blockingSettings = {
  'block-cidrs': setting('near', list, [] as readonly string[], 'Rbac at listener level / header matchers.'),
  'block-referers': setting('near', list, [] as readonly string[], 'Rbac at listener level / header matchers.'),
  'block-user-agents': setting('near', list, [] as readonly string[], 'Rbac at listener level / header matchers.'),
} as const;
