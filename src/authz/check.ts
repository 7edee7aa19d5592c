import { parentPort } from 'node:worker_threads';
import { isPassword } from './htpasswd.ts';

/** Whether a password is that of a hash. */
export interface Check {
  readonly password: Uint8Array;
  readonly hash: string;
}

/** The thread that works it out, one after the other: a hash is made to take long. */
parentPort?.on('message', ({ password, hash }: Check) => {
  parentPort?.postMessage(isPassword(Buffer.from(password), hash));
});
