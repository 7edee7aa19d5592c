import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The backend on the JVM, compiled. */
export interface JvmBackend {
  /** Words before its own options. */
  readonly command: readonly string[];
  readonly version: string;
}

/**
 * Compiles it into a folder, where that was not done before.
 * @param compilers of the JVM: the first one alone makes a cold one cost a processor less.
 * @throws {Error} with the command that brings a JDK, where there is none.
 */
export async function jvmBackendIn(folder: string, compilers: 'first' | 'all'): Promise<JvmBackend> {
  const classes = join(folder, 'jvm');
  const sources = ['Backend.java', 'Work.java'].map((name) => join(import.meta.dirname, 'jvm', name));
  const version = await run('javac', ['-version']).then(
    ({ stdout, stderr }) => (stdout || stderr).trim().replace('javac ', ''),
    (error: unknown) => {
      throw new Error('the bench needs a JDK: apt-get install default-jdk-headless', { cause: error });
    },
  );
  if (!existsSync(join(classes, 'Backend.class'))) {
    await mkdir(classes, { recursive: true });
    await run('javac', ['-d', classes, ...sources]);
  }
  // Without nodelay each answer waits for an acknowledgement that the kernel of the proxy delays by 40 ms.
  const options = ['-Dsun.net.httpserver.nodelay=true', '-Xmx128m', '-XX:+UseSerialGC', ...(compilers === 'first' ? ['-XX:TieredStopAtLevel=1'] : [])];
  return { command: ['java', ...options, '-cp', classes, 'Backend'], version };
}
