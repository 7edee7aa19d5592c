import { list } from '../form.ts';
import { setting } from '../setting.ts';

/** Clients that get nothing. */
export const blockingSettings = {
  'block-cidrs': setting(
    'near',
    list,
    [] as readonly string[],
    'Networks whose clients get 403, but for paths that have an allow list or a deny list, which hold alone there, as behind ingress-nginx.',
  ),
  'block-referers': setting(
    'near',
    list,
    [] as readonly string[],
    'Referers whose requests get 403 everywhere; one that begins with `~` or `~*` is an expression.',
  ),
  'block-user-agents': setting(
    'near',
    list,
    [] as readonly string[],
    'User agents whose requests get 403 everywhere; one that begins with `~` or `~*` is an expression.',
  ),
} as const;
