import type { Command } from 'commander';
import { type CertificateOutcome, makeCertificates } from '../launch/certificates.ts';
import { defaultTrustDomain } from '../trust-domain.ts';
import { collect } from './asking.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { table } from './table.ts';

interface CertificatesFlags {
  readonly server?: readonly string[];
  readonly group?: readonly string[];
  readonly admin?: boolean;
  readonly trustDomain: string;
  readonly days: string;
  readonly renew?: boolean;
  readonly output: OutputFormat;
}

/** By which names a server on this machine is reached, and one in a container. */
const defaultServerNames = ['sluice', 'localhost', '127.0.0.1'];

/** `sluice certificates DIR`: what mutual TLS between server and Envoys needs, for those who have no authority of their own. */
export function addCertificates(program: Command, context: CommandContext): void {
  const command = program
    .command('certificates')
    .summary('make the certificates of server and Envoys')
    .description(
      'make an authority, and certificates of it for the server and for the Envoys of each group; called again, it renews what has less than a third of its time left',
    )
    .argument('<dir>', 'folder that they are kept in, made where it is missing')
    .option('--server <name>', `name or address that Envoys reach the server by, may be repeated (default: ${defaultServerNames.join(', ')})`, collect)
    .option('-g, --group <group>', 'group whose Envoys get a certificate, may be repeated (default: default)', collect)
    .option('--admin', 'one more for tools that ask what all Envoys have')
    .option('--trust-domain <name>', 'of the names in them, as the server is told', defaultTrustDomain)
    .option('--days <number>', 'how long they are valid; the authority is for ten years', '365')
    .option('--renew', 'make all but the authority anew');
  withExamples(withOutput(command), [
    ['sluice certificates certificates', 'for a server on this machine and the group "default"'],
    ['sluice certificates certificates --server sluice.internal --group default --group sidecar/default/shop', 'for two groups'],
  ]).action(async (folder: string, flags: CertificatesFlags) => {
    const days = Number(flags.days);
    if (!/^\d+$/.test(flags.days) || days < 1 || days > 3650)
      throw new CommandError(`--days ${JSON.stringify(flags.days)} is not a whole number from 1 to 3650`);
    if (!/^[a-z0-9._-]{1,255}$/.test(flags.trustDomain))
      throw new CommandError(`--trust-domain ${JSON.stringify(flags.trustDomain)} is not the name of a trust domain`);
    const outcomes = await makeCertificates({
      folder,
      serverNames: flags.server ?? defaultServerNames,
      groups: flags.group ?? ['default'],
      admin: flags.admin ?? false,
      trustDomain: flags.trustDomain,
      days,
      renew: flags.renew ?? false,
      now: context.clock.now(),
    }).catch((error: unknown) => {
      // A folder that cannot be written is no bug; anything without a code is one.
      const isOfDisk = error instanceof Error && 'code' in error;
      throw isOfDisk ? new CommandError(`the certificates are not all there: ${error.message}`, { cause: error }) : error;
    });
    context.terminal.print(rendered(flags.output, outcomes, () => tableOf(outcomes)));
  });
}

function tableOf(outcomes: readonly CertificateOutcome[]): string {
  const rows = outcomes.map(({ path, isNew, names, notAfter }) => [path, isNew ? 'made' : 'kept', new Date(notAfter).toISOString().slice(0, 10), names]);
  return table(['PATH', '', 'UNTIL', 'NAMES'], rows);
}
