import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Which of several processes that share a port of 127.0.0.1 accepted a connection, as Linux tells it: the socket at its other end
 * has a number, and one of the processes has that open.
 * @param from port of the client's end.
 * @returns undefined: none of them has it (any more).
 */
export function acceptedBy(pids: readonly number[], from: number, to: number): number | undefined {
  const hex = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .find((one) => one.includes(` ${hex(to)} ${hex(from)} `));
  const number = line?.trim().split(/\s+/)[9];
  return pids.find((pid) => openFiles(pid).includes(`socket:[${number}]`));
}

function openFiles(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((name) => {
    try {
      return readlinkSync(`${folder}/${name}`);
    } catch {
      // Closed between the list and the look.
      return '';
    }
  });
}
