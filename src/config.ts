import { delimiter } from 'node:path';
import { isLoopback, parseAddress } from './address.ts';
import { type Diagnostic, diagnostic } from './diagnostic.ts';
import { defaultSettings, type Settings } from './settings.ts';

/** Levels of the log, from the fewest lines to the most. */
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
type LogLevel = (typeof logLevels)[number];

/** What a server is started with. */
export interface Config {
  /** Folders or files that objects are read from. */
  readonly config: readonly string[];
  /** `HOST:PORT`; port 0 takes a free one. */
  readonly xdsAddress: string;
  readonly adminAddress: string;
  /** File that holds the token of the admin API; undefined: see `adminToken`. */
  readonly adminTokenFile?: string;
  /** From the environment only: a command line is seen by everyone on the machine. */
  readonly adminToken?: string;
  /** Plain-text xDS beyond this machine. */
  readonly insecure: boolean;
  readonly logLevel: LogLevel;
  /** Folder that revisions are kept in; undefined: they are kept in memory, and end with the process. */
  readonly stateDir?: string;
  /** File with the key that secrets are sealed with in it; undefined: no value of a secret is written. */
  readonly stateKeyFile?: string;
  readonly settings: Settings;
}

/** What commander collected: every option is undefined where it was not given. */
export interface GivenOptions {
  readonly config?: readonly string[];
  readonly xdsAddress?: string;
  readonly adminAddress?: string;
  readonly adminTokenFile?: string;
  readonly httpPort?: string;
  readonly httpsPort?: string;
  readonly insecure?: boolean;
  readonly stateDir?: string;
  readonly stateKeyFile?: string;
  readonly logLevel?: string;
}

/** An option of a server as the command line, the environment and the help know it. */
export interface ConfigOption {
  readonly key: keyof GivenOptions;
  /** As commander reads it: `-c, --config <path>`. */
  readonly flags: string;
  readonly variable: string;
  readonly doc: string;
  /** What holds where neither is given, as text for the help. */
  readonly default?: string;
}

/** All options of a server, in the order of the help. */
export const configOptions: readonly ConfigOption[] = [
  { key: 'config', flags: '-c, --config <path>', variable: 'SLUICE_CONFIG', doc: 'folder or file of objects, may be repeated' },
  { key: 'xdsAddress', flags: '--xds-address <host:port>', variable: 'SLUICE_XDS_ADDRESS', doc: 'where Envoys connect', default: '127.0.0.1:18000' },
  {
    key: 'adminAddress',
    flags: '--admin-address <host:port>',
    variable: 'SLUICE_ADMIN_ADDRESS',
    doc: 'admin API, metrics, probes',
    default: '127.0.0.1:18001',
  },
  {
    key: 'adminTokenFile',
    flags: '--admin-token-file <file>',
    variable: 'SLUICE_ADMIN_TOKEN_FILE',
    doc: 'file with the token that the admin API asks for (or SLUICE_ADMIN_TOKEN holds it); needed beyond loopback',
  },
  {
    key: 'httpPort',
    flags: '--http-port <port>',
    variable: 'SLUICE_HTTP_PORT',
    doc: 'port that Envoys bind for port 80',
    default: String(defaultSettings.httpPort),
  },
  {
    key: 'httpsPort',
    flags: '--https-port <port>',
    variable: 'SLUICE_HTTPS_PORT',
    doc: 'port that Envoys bind for port 443',
    default: String(defaultSettings.httpsPort),
  },
  {
    key: 'insecure',
    flags: '--insecure',
    variable: 'SLUICE_INSECURE',
    doc: 'serve xDS in plain text beyond this machine: whoever reaches the port receives certificates and keys',
  },
  {
    key: 'stateDir',
    flags: '--state-dir <dir>',
    variable: 'SLUICE_STATE_DIR',
    doc: 'folder that keeps revisions and what was served last over restarts; without it they end with the server',
  },
  {
    key: 'stateKeyFile',
    flags: '--state-key-file <file>',
    variable: 'SLUICE_STATE_KEY_FILE',
    doc: 'file with 32 bytes, plain, hexadecimal or base64, that secrets are sealed with in the state folder; without it no value of a secret is kept',
  },
  { key: 'logLevel', flags: '--log-level <level>', variable: 'SLUICE_LOG_LEVEL', doc: `how much is logged: ${logLevels.join(', ')}`, default: 'info' },
];

/**
 * Options, then environment, then defaults. Always gives something usable: a wrong value is reported as `InvalidOption` and
 * its default holds.
 * @param env `SLUICE_*` as listed above; several paths in SLUICE_CONFIG are separated as in PATH. SLUICE_ADMIN_TOKEN holds the token itself.
 */
export function readConfig(
  given: GivenOptions,
  env: Readonly<Record<string, string | undefined>>,
): { readonly config: Config; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];

  /** The written value, and by what name its writer knows it. */
  function written(key: keyof GivenOptions): { readonly text: string; readonly name: string } | undefined {
    const option = configOptions.find((one) => one.key === key);
    const flag = given[key];
    if (flag !== undefined) return { text: String(flag), name: option?.flags.match(/--[a-z-]+/)?.[0] ?? key };
    const variable = option?.variable ?? '';
    const text = env[variable];
    return text === undefined || text === '' ? undefined : { text, name: variable };
  }
  function value<Value>(key: keyof GivenOptions, fallback: Value, read: (text: string) => Value | undefined, form: string): Value {
    const found = written(key);
    if (!found) return fallback;
    const result = read(found.text);
    if (result !== undefined) return result;
    diagnostics.push(diagnostic('InvalidOption', { field: found.name }, `${JSON.stringify(found.text)} is not ${form}.`, `Give ${form}.`));
    return fallback;
  }
  const address = (key: 'xdsAddress' | 'adminAddress', fallback: string) =>
    value(key, fallback, (text) => (parseAddress(text) ? text : undefined), 'an address as HOST:PORT');
  const port = (key: 'httpPort' | 'httpsPort', fallback: number) => value(key, fallback, portOf, 'a port from 1 to 65535');

  const paths = given.config ?? (env['SLUICE_CONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  const adminTokenFile = written('adminTokenFile')?.text;
  const adminToken = env['SLUICE_ADMIN_TOKEN'];
  const stateDir = written('stateDir')?.text;
  const stateKeyFile = written('stateKeyFile')?.text;
  const config: Config = {
    config: paths,
    xdsAddress: address('xdsAddress', '127.0.0.1:18000'),
    adminAddress: address('adminAddress', '127.0.0.1:18001'),
    insecure: value('insecure', false, booleanOf, '"true" or "false"'),
    logLevel: value('logLevel', 'info', (text) => logLevels.find((level) => level === text), `one of ${logLevels.join(', ')}`),
    settings: { ...defaultSettings, httpPort: port('httpPort', defaultSettings.httpPort), httpsPort: port('httpsPort', defaultSettings.httpsPort) },
    ...(adminTokenFile === undefined ? {} : { adminTokenFile }),
    ...(adminToken ? { adminToken } : {}),
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(stateKeyFile === undefined ? {} : { stateKeyFile }),
  };
  return { config, diagnostics: [...diagnostics, ...contradictions(config)] };
}

/** What is wrong with values that are right each for itself. */
function contradictions({
  config,
  xdsAddress,
  adminAddress,
  insecure,
  adminToken,
  adminTokenFile,
  stateDir,
  stateKeyFile,
  settings,
}: Config): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (config.length === 0)
    found.push(diagnostic('InvalidOption', { field: '--config' }, 'There is nothing to read objects from.', 'Give a folder with -c DIR.'));
  if (settings.httpPort === settings.httpsPort) {
    found.push(diagnostic('InvalidOption', { field: '--https-port' }, `HTTP and HTTPS cannot both have port ${settings.httpPort}.`, 'Give two ports.'));
  }
  if (stateKeyFile !== undefined && stateDir === undefined) {
    found.push(
      diagnostic('InvalidOption', { field: '--state-key-file' }, 'There is a key for a state folder, and no state folder.', 'Give one with --state-dir DIR.'),
    );
  }
  if (isOutside(xdsAddress) && !insecure) {
    found.push(
      diagnostic(
        'InvalidOption',
        { field: '--xds-address' },
        `${xdsAddress} reaches beyond this machine, and whoever connects receives certificates and keys in plain text.`,
        'Listen on 127.0.0.1, or say --insecure where the network itself is private.',
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

function portOf(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65535 ? port : undefined;
}

function booleanOf(text: string): boolean | undefined {
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : undefined;
}
