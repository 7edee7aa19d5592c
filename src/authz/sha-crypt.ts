import { createHash } from 'node:crypto';
import { cryptBase64 } from './crypt-base64.ts';
import { repeated } from './md5-crypt.ts';

const forms = {
  '5': {
    algorithm: 'sha256',
    groups: [
      ...turns(
        10,
        [
          [0, 10, 20],
          [21, 1, 11],
          [12, 22, 2],
        ],
        3,
      ),
      [31, 30],
    ],
  },
  '6': {
    algorithm: 'sha512',
    groups: [
      ...turns(
        21,
        [
          [0, 21, 42],
          [22, 43, 1],
          [44, 2, 23],
        ],
        3,
      ),
      [63],
    ],
  },
} as const;

const defaultRounds = 5000;
const mostRounds = 999_999_999;
/** More would let whoever writes a hash keep a thread busy for minutes. */
const allowedRounds = 1_000_000;

/**
 * SHA-256 and SHA-512 as crypt(3) has them: `$5$SALT$HASH`, `$6$rounds=N$SALT$HASH`.
 * @returns all of the hash; undefined where the setting is none, or asks for more than a million rounds.
 * @see https://www.akkadia.org/drepper/SHA-crypt.txt
 */
export function shaCrypt(password: Buffer, setting: string): string | undefined {
  const [, kind, , asked, written = ''] = /^\$([56])\$(rounds=(\d{1,10})\$)?([^$]{0,})/.exec(setting) ?? [];
  if (kind !== '5' && kind !== '6') return undefined;
  const rounds = asked === undefined ? defaultRounds : Math.min(Math.max(Number(asked), 1000), mostRounds);
  if (rounds > allowedRounds) return undefined;
  const { algorithm, groups } = forms[kind];
  const hash = (...parts: readonly Buffer[]): Buffer => createHash(algorithm).update(Buffer.concat(parts)).digest();
  const salt = Buffer.from(written.slice(0, 16), 'latin1');
  const inner = hash(password, salt, password);
  const bits: Buffer[] = [];
  for (let left = password.length; left > 0; left >>= 1) bits.push((left & 1) === 1 ? inner : password);
  const first = hash(password, salt, repeated(inner, password.length), ...bits);
  const passwords = repeated(hash(...Array.from(password, () => password)), password.length);
  const salts = repeated(hash(...Array.from({ length: 16 + (first[0] ?? 0) }, () => salt)), salt.length);
  let digest = first;
  for (let round = 0; round < rounds; round += 1) {
    const [start, end] = round % 2 === 1 ? [passwords, digest] : [digest, passwords];
    digest = hash(start, ...(round % 3 === 0 ? [] : [salts]), ...(round % 7 === 0 ? [] : [passwords]), end);
  }
  return `$${kind}$${asked === undefined ? '' : `rounds=${rounds}$`}${salt.toString('latin1')}$${cryptBase64(digest, groups)}`;
}

/** The order of the bytes: three places that take turns, each of them moving on by as many. */
function turns(count: number, places: readonly (readonly number[])[], by: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, turn) => {
    const passed = Math.floor(turn / places.length) * by;
    return (places[turn % places.length] ?? []).map((index) => index + passed);
  });
}
