import { isLoopback, parseAddress } from '../address.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Config } from './config.ts';

/** What is wrong with values that are right each for itself. */
export function contradictions({
  config,
  kubernetes,
  readOnly,
  xdsAddress,
  adminAddress,
  insecure,
  tls,
  adminToken,
  adminTokenFile,
  stateDir,
  stateKeyFile,
  provisionFile,
  settings,
}: Config): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (config.length === 0 && !kubernetes) {
    const remedy = 'Give a folder with -c DIR, or a cluster with --kubernetes.';
    found.push(diagnostic('InvalidOption', { field: '--config' }, 'There is nothing to read objects from.', remedy));
  }
  if (settings.httpPort === settings.httpsPort) {
    found.push(diagnostic('InvalidOption', { field: '--https-port' }, `HTTP and HTTPS cannot both have port ${settings.httpPort}.`, 'Give two ports.'));
  }
  if (stateKeyFile !== undefined && stateDir === undefined) {
    found.push(
      diagnostic('InvalidOption', { field: '--state-key-file' }, 'There is a key for a state folder, and no state folder.', 'Give one with --state-dir DIR.'),
    );
  }
  if (provisionFile !== undefined && (!kubernetes || readOnly)) {
    const message = `Envoys of Gateways are made in a cluster, and ${kubernetes ? 'nothing is written to it' : 'none is read'}.`;
    const remedy = kubernetes ? 'Give one of --provision and --read-only.' : 'Give --kubernetes with it.';
    found.push(diagnostic('InvalidOption', { field: '--provision' }, message, remedy));
  }
  if (provisionFile !== undefined && !tls?.clientAuthorities) {
    const message = 'Envoys of Gateways come with certificates, and the server asks for none.';
    found.push(diagnostic('InvalidOption', { field: '--provision' }, message, 'Give --tls-cert, --tls-key and --tls-client-ca.'));
  }
  if (settings.release.startFromStateMs !== undefined && stateDir === undefined) {
    found.push(diagnostic('InvalidOption', { field: '--start-from-state' }, 'There is no state folder to start from.', 'Give one with --state-dir DIR.'));
  }
  if (isOutside(xdsAddress) && !insecure && !tls?.clientAuthorities) {
    found.push(
      diagnostic(
        'InvalidOption',
        { field: '--xds-address' },
        `${xdsAddress} reaches beyond this machine, and whoever connects receives certificates and keys.`,
        'Give --tls-cert, --tls-key and --tls-client-ca (`sluice certificates` makes the files), listen on 127.0.0.1, or say --insecure where nobody else is on the network.',
      ),
    );
  }
  if (isOutside(adminAddress) && adminToken === undefined && adminTokenFile === undefined) {
    found.push(
      diagnostic(
        'InvalidOption',
        { field: '--admin-address' },
        `${adminAddress} reaches beyond this machine, so the admin API needs a token.`,
        'Give --admin-token-file FILE or SLUICE_ADMIN_TOKEN, or listen on 127.0.0.1.',
      ),
    );
  }
  return found;
}

function isOutside(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && !isLoopback(parsed.host);
}
