import type { SettingFinding } from './finding.ts';
import type { Scene } from './scene.ts';

/** Ports of TCP with PROXY headers: nothing changes, but whoever is in front must go on sending them, and backends go on reading them. */
export function* streamFindings({ view, controller: { flags } }: Scene): Iterable<SettingFinding> {
  const [namespace = '', name = ''] = flags.tcpServices?.split('/') ?? [];
  const configMap = view.get('ConfigMap', namespace, name);
  for (const [port, text] of Object.entries(configMap?.object.data ?? {})) {
    const [, , reads = '', sends = ''] = text.trim().split(':');
    const parts = [
      /^proxy$/i.test(reads) && 'every connection begins with a PROXY header, and one without is closed',
      /^proxy$/i.test(sends) && 'the backend gets a PROXY header',
    ].filter((part) => part !== false);
    if (parts.length === 0) continue;
    yield { key: 'tcp-services', at: configMap?.origin(['data', port]) ?? {}, level: 'inert', message: `Port ${port}: ${parts.join('; ')}, behind both.` };
  }
}
