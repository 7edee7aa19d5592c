import type { Command } from 'commander';
import { type CertificateOutcome, makeCertificates } from '../launch/certificates.ts';
import { folderStore, type KeyStore } from '../launch/key-store.ts';
import { makeSharedKeys } from '../launch/shared-keys.ts';
import { defaultTrustDomain } from '../trust-domain.ts';
import { collect } from './asking.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { refuseEmpty } from './refuse-empty.ts';
import { table } from './table.ts';

interface CertificatesFlags {
  readonly server?: readonly string[];
  readonly group?: readonly string[];
  readonly admin?: boolean;
  readonly trustDomain: string;
  readonly days: string;
  readonly authorityDays: string;
  readonly renew?: boolean;
  readonly secrets?: string;
  readonly prefix: string;
  readonly onlyKeys?: boolean;
  readonly output: OutputFormat;
}

/** By which names a server on this machine is reached, and one in a container. */
const defaultServerNames = ['sluice', 'localhost', '127.0.0.1'];

/** `sluice certificates DIR`, or in Secrets: what mutual TLS between server and Envoys needs, for those who have no authority of their own. */
export function addCertificates(program: Command, context: CommandContext): void {
  const command = program
    .command('certificates')
    .summary('make the certificates of server and Envoys')
    .description(
      'make an authority, and certificates of it for the server and for the Envoys of each group; called again, it renews what has less than a third of its time left',
    )
    .argument('[dir]', 'folder that they are kept in, made where it is missing')
    .option('--server <name>', `name or address that Envoys reach the server by, may be repeated (default: ${defaultServerNames.join(', ')})`, collect)
    .option('-g, --group <group>', 'group whose Envoys get a certificate, may be repeated (default: default)', collect)
    .option('--admin', 'one more for tools that ask what all Envoys have')
    .option('--trust-domain <name>', 'of the names in them, as the server is told', defaultTrustDomain)
    .option('--days <number>', 'how long they are valid', '365')
    .option('--authority-days <number>', 'how long an authority is; the next one is made in its last third', '3650')
    .option('--renew', 'make all but the authority anew')
    .option('--secrets <namespace>', 'keep them in Secrets of this namespace of the cluster instead of a folder, and the keys that replicas share, too')
    .option('--prefix <name>', 'what the names of these Secrets begin with', 'sluice')
    .option('--only-keys', 'with --secrets: only these keys, where certificates come from elsewhere');
  withExamples(withOutput(command), [
    ['sluice certificates certificates', 'for a server on this machine and the group "default"'],
    ['sluice certificates certificates --server sluice.internal --group default --group sidecar/default/shop', 'for two groups'],
    ['sluice certificates --secrets sluice-system --server sluice.sluice-system.svc', 'in the Secrets of a cluster'],
  ]).action(async (folder: string | undefined, flags: CertificatesFlags) => {
    const days = daysOf('--days', flags.days);
    const authorityDays = daysOf('--authority-days', flags.authorityDays);
    if (!/^[a-z0-9._-]{1,255}$/.test(flags.trustDomain))
      throw new CommandError(`--trust-domain ${JSON.stringify(flags.trustDomain)} is not the name of a trust domain`);
    const store = await storeOf(folder, flags, context);
    const made = async (): Promise<readonly CertificateOutcome[]> => {
      if (flags.secrets !== undefined) {
        const keys = await makeSharedKeys(store);
        if (keys.length > 0) context.terminal.complain(`made ${keys.join(', ')} in ${store.nameOf('keys')}`);
      }
      if (flags.onlyKeys) return [];
      return makeCertificates({
        store,
        serverNames: flags.server ?? defaultServerNames,
        groups: flags.group ?? ['default'],
        admin: flags.admin ?? false,
        trustDomain: flags.trustDomain,
        days,
        authorityDays,
        renew: flags.renew ?? false,
        now: context.clock.now(),
      });
    };
    const outcomes = await made()
      .catch((error: unknown) => {
        // A folder that cannot be written is no bug; anything without a code is one.
        const isOfDisk = error instanceof Error && 'code' in error;
        throw isOfDisk ? new CommandError(`the certificates are not all there: ${error.message}`, { cause: error }) : error;
      })
      .finally(() => store[Symbol.dispose]?.());
    context.terminal.print(rendered(flags.output, outcomes, () => tableOf(outcomes)));
  });
}

async function storeOf(
  folder: string | undefined,
  { secrets, prefix, onlyKeys }: CertificatesFlags,
  { clock }: CommandContext,
): Promise<KeyStore & Partial<Disposable>> {
  refuseEmpty({ DIR: folder, '--secrets': secrets });
  if ((folder === undefined) === (secrets === undefined))
    throw new CommandError('certificates are kept in a folder or in Secrets', { remedy: 'Give DIR or --secrets NAMESPACE.' });
  if (folder !== undefined) {
    if (onlyKeys) throw new CommandError('--only-keys is for Secrets', { remedy: 'Give --secrets NAMESPACE.' });
    return folderStore(folder);
  }
  // Loaded when needed: no other command writes to a cluster.
  const { secretStore } = await import('../launch/key-secrets.ts');
  return secretStore({ namespace: secrets ?? 'default', prefix }, clock);
}

function daysOf(option: string, text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= 3650) return days;
  throw new CommandError(`${option} ${JSON.stringify(text)} is not a whole number from 1 to 3650`);
}

function tableOf(outcomes: readonly CertificateOutcome[]): string {
  const rows = outcomes.map(({ path, isNew, names, notAfter }) => [path, isNew ? 'made' : 'kept', new Date(notAfter).toISOString().slice(0, 10), names]);
  return table(['PATH', '', 'UNTIL', 'NAMES'], rows);
}
