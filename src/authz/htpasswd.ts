import { createHash, timingSafeEqual } from 'node:crypto';
import { compareSync } from 'bcryptjs';
import unixCrypt from 'unix-crypt-td-js';
import { md5Crypt } from './md5-crypt.ts';
import { shaCrypt } from './sha-crypt.ts';

/**
 * What a file of htpasswd says of a user: of the first line with the name, what stands between its colon and the next. Lines with `#` say nothing.
 * @see https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html#auth_basic_user_file
 */
export function hashOf(file: string, user: string): string | undefined {
  for (const line of file.split(/[\r\n]+/)) {
    const [name, hash] = line.split(':');
    if (name === user && hash !== undefined && !line.startsWith('#')) return hash;
  }
  return undefined;
}

/** Whether a password is that of a hash, in any of the forms that nginx takes: its own, and those of crypt(3). */
export function isPassword(password: Buffer, hash: string): boolean {
  if (hash.startsWith('$2')) return /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash) && compareSync(password.toString('utf8'), hash);
  const found = hashed(password, hash);
  return found !== undefined && isSame(found, hash);
}

function hashed(password: Buffer, hash: string): string | undefined {
  if (hash.startsWith('{PLAIN}')) return `{PLAIN}${password.toString('latin1')}`;
  if (hash.startsWith('{SHA}')) return `{SHA}${sha1(password)}`;
  if (hash.startsWith('{SSHA}')) {
    const salt = Buffer.from(hash.slice('{SSHA}'.length), 'base64').subarray(20);
    return `{SSHA}${sha1(password, salt)}`;
  }
  if (hash.startsWith('$apr1$')) return md5Crypt(password, '$apr1$', saltOf(hash));
  if (hash.startsWith('$1$')) return md5Crypt(password, '$1$', saltOf(hash));
  if (hash.startsWith('$')) return shaCrypt(password, hash);
  return /^[./A-Za-z0-9]{13}$/.test(hash) ? unixCrypt([...password], hash.slice(0, 2)) : undefined;
}

const saltOf = (hash: string): string => hash.split('$')[2] ?? '';

/** In base64, the salt behind the digest. */
function sha1(password: Buffer, salt = Buffer.alloc(0)): string {
  return Buffer.concat([createHash('sha1').update(password).update(salt).digest(), salt]).toString('base64');
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')];
  return left.length === right.length && timingSafeEqual(left, right);
}
