/** One event of a watch, as the API server writes it. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

const newLine = 0x0a;
/** Longest event that is read: an object has 1.5 MiB at most in etcd, and may be written at greater length. */
const maxEventBytes = 32 * 1024 * 1024;

/**
 * The events of a watch, those together that arrived together: an event a line.
 * @throws {Error} for what is no event; the connection is then of no use.
 */
export async function* watchEvents(stream: AsyncIterable<Buffer>): AsyncGenerator<readonly WatchEvent[]> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const events: WatchEvent[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newLine); end >= 0; end = chunk.indexOf(newLine, from)) {
      parts.push(chunk.subarray(from, end));
      const line = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
      if (line.length > 0) events.push(JSON.parse(line.toString('utf8')) as WatchEvent);
      parts = [];
      bytes = 0;
      from = end + 1;
    }
    if (from < chunk.length) {
      parts.push(chunk.subarray(from));
      bytes += chunk.length - from;
      if (bytes > maxEventBytes) throw new Error(`an event of a watch has more than ${maxEventBytes / 1024 / 1024} MiB`);
    }
    if (events.length > 0) yield events;
  }
}
