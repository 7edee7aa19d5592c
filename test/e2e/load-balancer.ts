import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { http } from './client.ts';

/** An Envoy behind a load balancer. */
export interface Target {
  readonly port: number;
  /** Where it is asked whether it shall get connections, `/ready`. */
  readonly healthPort: number;
}

export interface LoadBalancer extends AsyncDisposable {
  readonly port: number;
  /** How many connections each target was given, in their order. */
  given(): readonly number[];
}

const askEveryMs = 100;

/** Gives each new TCP connection to the next target that is ready, as the load balancers of clouds do; open ones stay where they are. */
export async function startLoadBalancer(targets: readonly Target[]): Promise<LoadBalancer> {
  const given = targets.map(() => 0);
  const isReady = targets.map(() => true);
  const sockets = new Set<Socket>();
  let turn = 0;
  const asking = setInterval(() => {
    for (const [index, { healthPort }] of targets.entries()) {
      void http(healthPort, '/ready').then(
        ({ status }) => {
          isReady[index] = status === 200;
        },
        () => {
          isReady[index] = false;
        },
      );
    }
  }, askEveryMs);

  const server = createServer((client) => {
    const ready = [...targets.keys()].filter((index) => isReady[index]);
    const index = ready[turn++ % ready.length];
    const target = index === undefined ? undefined : targets[index];
    if (index === undefined || !target) return client.destroy();
    given[index] = (given[index] ?? 0) + 1;
    const envoy = connect(target.port, '127.0.0.1');
    for (const [from, to] of [
      [client, envoy],
      [envoy, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    given: () => [...given],
    async [Symbol.asyncDispose]() {
      clearInterval(asking);
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
