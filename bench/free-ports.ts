import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A port of 127.0.0.1 for each name that nobody listens on now. All are taken before one is let go: else the machine may give one twice. */
export async function freePorts<Name extends string>(...names: readonly Name[]): Promise<Readonly<Record<Name, number>>> {
  const taken = await Promise.all(
    names.map(async (name) => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { name, server, port: (server.address() as AddressInfo).port };
    }),
  );
  await Promise.all(
    taken.map(({ server }) => {
      server.close();
      return once(server, 'close');
    }),
  );
  return Object.fromEntries(taken.map(({ name, port }) => [name, port])) as Record<Name, number>;
}
