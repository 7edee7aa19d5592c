import { diagnostic, type Report } from '../../diagnostic.ts';
import type { Backend, LoadBalancer } from '../../ir/backend.ts';
import type { StreamListener } from '../../ir/gateway.ts';
import type { Controller } from '../../nginx/controller.ts';
import type { Settings } from '../../settings.ts';
import { defaultConnectTimeoutMs } from '../defaults.ts';
import type { GroupPorts } from '../group-port.ts';
import type { Reading } from '../route-context.ts';
import { streamLog } from './access-log.ts';

/** Ports of one group whose bytes go on as they come, and where to. */
export interface Streams {
  readonly group: string;
  readonly listeners: readonly StreamListener[];
  readonly backends: readonly Backend[];
}

/**
 * The ports of `--tcp-services-configmap` and `--udp-services-configmap`: `PORT: NAMESPACE/SERVICE:PORT[:PROXY[:PROXY]]`, the first PROXY for a header that
 * clients send, the second for one that backends get. Gives `SettingIgnored`, `ListenerConflict`, and what backends give.
 */
export function streamsOf(group: string, controller: Controller, ports: GroupPorts, { view, resolver }: Reading, settings: Settings, report: Report): Streams {
  const { flags, value } = controller;
  const backends = new Map<string, Backend>();
  const idleMs = value('proxy-stream-timeout');
  const datagrams = datagramsOf(value('proxy-stream-responses'), idleMs);
  const tries = triesOf(value);
  const bound = new Set([...ports.all()].filter((port) => port.group === group).map(({ boundPort }) => boundPort));
  const listeners = (['TCP', 'UDP'] as const).flatMap((protocol) => {
    const [namespace = '', name = ''] = (protocol === 'TCP' ? flags.tcpServices : flags.udpServices)?.split('/') ?? [];
    const configMap = view.get('ConfigMap', namespace, name);
    const { log, mistakes } = streamLog(controller, protocol);
    if (configMap) for (const { key, message, remedy } of mistakes) report(diagnostic('SettingIgnored', controller.origin(key), message, remedy));
    return Object.entries(configMap?.object.data ?? {}).flatMap(([key, text]): StreamListener[] => {
      const at = configMap?.origin(['data', key]) ?? {};
      const [, ofService, service, port = '', reads, sends] = /^([^/:]+)\/([^/:]+):([^:]+)(?::(PROXY)?)?(?::(PROXY)?)?$/i.exec(text.trim()) ?? [];
      const number = /^\d{1,5}$/.test(key) ? Number(key) : 0;
      if (!ofService || !service || number < 1 || number > 65_535 || (protocol === 'UDP' && (reads || sends))) {
        const message = `${JSON.stringify(`${key}: ${text}`)} is not \`PORT: NAMESPACE/SERVICE:PORT\`${protocol === 'TCP' ? ' with `:PROXY` behind it' : ''}, so nothing listens there.`;
        report(diagnostic('SettingIgnored', at, message, 'Write it so.'));
        return [];
      }
      if (protocol === 'TCP' && bound.has(number)) {
        report(diagnostic('ListenerConflict', at, `Port ${number} is one for HTTP already, so it is not passed on.`, 'Take another port.'));
        return [];
      }
      const reference = { kind: 'Service', namespace: ofService, name: service, port, ...(protocol === 'UDP' && { isUdp: true as const }) } as const;
      const backend = resolver.resolve(reference, { grpc: false, at, wishes: { loadBalancer: inTurns, ...(sends && { sendsProxyHeader: true }) } });
      if (!backend) return [];
      backends.set(backend.name, backend);
      const where = { name: `${group}/${protocol.toLowerCase()}/${number}`, address: settings.listenAddress, port: number };
      return [
        {
          ...where,
          protocol,
          cluster: backend.name,
          readsProxyHeader: reads !== undefined,
          tries,
          ...(protocol === 'UDP' ? datagrams : { idleMs }),
          ...(log && { accessLog: log }),
          origins: [at],
        },
      ];
    });
  });
  return { group, listeners, backends: [...backends.values()] };
}

/** As nginx: another try is another endpoint then, until all had one. */
const inTurns: LoadBalancer = { type: 'RoundRobin', hashOn: [] };

/** As many as there are, where nginx has no limit. */
const mostTries = 100;

/** No try begins when the time for all is over; each may take that of a connection. */
function triesOf(value: Controller['value']): number {
  if (!value('proxy-stream-next-upstream')) return 1;
  const tries = value('proxy-stream-next-upstream-tries');
  const timeoutMs = value('proxy-stream-next-upstream-timeout');
  const inTime = timeoutMs <= 0 ? mostTries : Math.ceil(timeoutMs / defaultConnectTimeoutMs);
  return Math.max(1, Math.min(tries <= 0 ? mostTries : tries, inTime));
}

/** How long nginx would wait for an answer at most is not what a socket for each question may cost. */
const answerMs = 10_000;

/** A session of nginx ends with its last answer: with one, each datagram is a session of its own. */
function datagramsOf(answers: number, idleMs: number): Pick<StreamListener, 'idleMs' | 'balancesDatagrams'> {
  return answers > 1 ? { idleMs } : { idleMs: Math.min(idleMs, answerMs), balancesDatagrams: true };
}
