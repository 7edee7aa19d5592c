import { createHmac, randomBytes } from 'node:crypto';
import { BoundedMap } from '../memo/bounded-map.ts';
import { basicCredentials } from './basic.ts';
import type { Checkers } from './checkers.ts';
import { hashOf } from './htpasswd.ts';

const mostKnown = 10_000;

/** Says whether clients may go on by their passwords. */
export interface Passwords {
  /** @param file of htpasswd. Undefined: nobody can say now. */
  isKnown(file: string, authorization: string | undefined): Promise<boolean | undefined>;
}

/**
 * A password that was right is known from then on, by a MAC with a key that nobody has: the next request costs no hash. A change of its line
 * in the file makes another one of it. A wrong one is checked each time.
 */
export function createPasswords(checkers: Checkers): Passwords {
  const key = randomBytes(32);
  const known = new BoundedMap<true>(mostKnown);
  const underWay = new Map<string, Promise<boolean | undefined>>();

  async function check(name: string, password: Buffer, hash: string): Promise<boolean | undefined> {
    const verdict = await checkers.isPassword({ password, hash });
    if (verdict) known.set(name, true);
    return verdict;
  }

  return {
    async isKnown(file, authorization) {
      const credentials = basicCredentials(authorization);
      const hash = credentials && hashOf(file, credentials.user);
      if (!credentials || hash === undefined) return false;
      const name = createHmac('sha256', key).update(`${credentials.user}:${hash}\n`).update(credentials.password).digest('base64');
      if (known.get(name)) return true;
      const running = underWay.get(name) ?? check(name, credentials.password, hash).finally(() => underWay.delete(name));
      underWay.set(name, running);
      return running;
    },
  };
}
