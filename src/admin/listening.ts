import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatAddress, type HostPort } from '../address.ts';

/**
 * Starts to listen; port 0 takes a free one. Gives the bound `HOST:PORT`.
 * @param what is bound, for the error: `admin address`.
 * @throws {Error} where it cannot be bound.
 */
export function listening(server: Server, { host, port }: HostPort, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`${what} ${formatAddress({ host, port })} cannot be bound: ${error.message}`, { cause: error })));
    server.listen(port, host, () => resolve(formatAddress({ host, port: (server.address() as AddressInfo).port })));
  });
}
