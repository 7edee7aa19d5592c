import { type Family, single } from '../family.ts';
import { oneOf } from '../form.ts';

/** Whether one of the address, the password and the service is enough to be let in, or all are needed. */
export const satisfy: Family<'any' | 'all'> = single('satisfy', {
  name: 'satisfy',
  scope: 'location',
  risk: 'Low',
  verdict: 'exact',
  form: oneOf(['any', 'all']),
  doc: '`any`: one of `whitelist-source-range`, a password of `auth-secret` and the service of `auth-url` is enough. `all`, or nothing: all of them must let a request on.',
});
