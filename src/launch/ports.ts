import { createServer } from 'node:net';
import type { HostPort } from '../address.ts';

/** A port that something is going to listen on. */
export interface PlannedPort extends HostPort {
  /** For whom: `HTTP`, `the xDS server`, `Sidecar default/storefront`. */
  readonly purpose: string;
  /** What to do where it is taken: `--http-port PORT takes another one`. */
  readonly remedy: string;
}

/** A planned port that cannot be had. */
export interface TakenPort extends PlannedPort {
  /** `taken by another process`, `not allowed for this user`, `no address of this machine`. */
  readonly reason: string;
}

/**
 * The ports that cannot be listened on now. Envoy itself would not tell: it shares a port with any other Envoy of the same
 * user, and the kernel then deals the connections out between them.
 */
export async function takenPorts(planned: readonly PlannedPort[]): Promise<readonly TakenPort[]> {
  const taken: TakenPort[] = [];
  // One after the other: at the same time they would be in each other's way.
  for (const port of planned) {
    const reason = await reasonAgainst(port);
    if (reason !== undefined) taken.push({ ...port, reason });
  }
  return taken;
}

const reasonsByCode: Readonly<Record<string, string>> = {
  EADDRINUSE: 'taken by another process',
  EACCES: 'not allowed for this user',
  EADDRNOTAVAIL: 'not on an address of this machine',
};

function reasonAgainst({ host, port }: PlannedPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(reasonsByCode[error.code ?? ''] ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
