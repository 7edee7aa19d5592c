import { delimiter } from 'node:path';
import { isLoopback, parseAddress } from './address.ts';
import { type ClientLimits, defaultClientLimits } from './client-limits.ts';
import { type Diagnostic, diagnostic } from './diagnostic.ts';
import { ingressSettingsOf } from './ingress-options.ts';
import { durationMs } from './kind/gateway/duration.ts';
import { type GivenKubernetes, type KubernetesConfig, kubernetesConfigOf, kubernetesOptions } from './kubernetes-options.ts';
import { type GivenLimits, limitOptions } from './limit-options.ts';
import { type CanarySettings, defaultSettings, type ReleaseSettings, type Settings, withClusterClass } from './settings.ts';
import { defaultTrustDomain } from './trust-domain.ts';

/** Levels of the log, from the fewest lines to the most. */
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
type LogLevel = (typeof logLevels)[number];

/** What a server is started with. */
export interface Config {
  /** Folders or files that objects are read from. */
  readonly config: readonly string[];
  /** Undefined: no cluster is read. */
  readonly kubernetes?: KubernetesConfig;
  /** Nothing is written to the cluster. */
  readonly readOnly: boolean;
  /** `HOST:PORT`; port 0 takes a free one. */
  readonly xdsAddress: string;
  readonly adminAddress: string;
  /** File that holds the token of the admin API; undefined: see `adminToken`. */
  readonly adminTokenFile?: string;
  /** From the environment only: a command line is seen by everyone on the machine. */
  readonly adminToken?: string;
  /** xDS beyond this machine without certificates of clients. */
  readonly insecure: boolean;
  /** TLS for xDS; undefined: plain text. */
  readonly tls?: TlsPaths;
  /** Trust domain of the certificates of clients: `spiffe://TRUST-DOMAIN/group/GROUP`. */
  readonly trustDomain: string;
  /** What clients may take of the server. */
  readonly clientLimits: ClientLimits;
  readonly logLevel: LogLevel;
  /** Folder that revisions are kept in; undefined: they are kept in memory, and end with the process. */
  readonly stateDir?: string;
  /** File with the key that secrets are sealed with in it; undefined: no value of a secret is written. */
  readonly stateKeyFile?: string;
  /** The auth service that Envoys ask, `HOST:PORT` or `unix:PATH`, and the file with the key that it shares; undefined: one is started on this machine. */
  readonly authzService?: { readonly address: string; readonly keyFile: string };
  /** File that says what the Envoys of Gateways are like; undefined: none are made. */
  readonly provisionFile?: string;
  /** Admin pages of Envoys that are asked which endpoints they leave out. */
  readonly envoyAdmins: readonly string[];
  readonly settings: Settings;
}

/** Files with PEM. */
interface TlsPaths {
  /** The server's certificate, then what vouches for it. */
  readonly certificateChain: string;
  readonly privateKey: string;
  /** Authorities of clients; undefined: clients show no certificate. */
  readonly clientAuthorities?: string;
}

/** What commander collected: every option is undefined where it was not given. */
export interface GivenOptions extends GivenLimits, GivenKubernetes {
  readonly config?: readonly string[];
  readonly readOnly?: boolean;
  readonly xdsAddress?: string;
  readonly adminAddress?: string;
  readonly adminTokenFile?: string;
  readonly httpPort?: string;
  readonly httpsPort?: string;
  readonly insecure?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly trustDomain?: string;
  readonly stateDir?: string;
  readonly stateKeyFile?: string;
  readonly authzAddress?: string;
  readonly authzKeyFile?: string;
  readonly provision?: string;
  readonly startFromState?: string;
  readonly fusePercent?: string;
  readonly fuseHold?: string;
  readonly canaryNodes?: string;
  readonly canaryWatch?: string;
  readonly envoyAdmin?: string;
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
  /** Whether it may be given several times. */
  readonly isList?: true;
}

/** How long the first Envoys are watched unless that is written. */
const canaryWatchMs = 60_000;

/** All options of a server, in the order of the help. */
export const configOptions: readonly ConfigOption[] = [
  { key: 'config', flags: '-c, --config <path>', variable: 'SLUICE_CONFIG', doc: 'folder or file of objects, may be repeated', isList: true },
  ...kubernetesOptions,
  {
    key: 'readOnly',
    flags: '--read-only',
    variable: 'SLUICE_READ_ONLY',
    doc: 'write nothing to the cluster: no conditions, no addresses, no Events, no Lease',
  },
  { key: 'xdsAddress', flags: '--xds-address <host:port>', variable: 'SLUICE_XDS_ADDRESS', doc: 'where Envoys connect', default: '127.0.0.1:18000' },
  {
    key: 'adminAddress',
    flags: '--admin-address <host:port>',
    variable: 'SLUICE_ADMIN_ADDRESS',
    doc: 'admin API, metrics, probes',
    default: '127.0.0.1:18001',
  },
  {
    key: 'envoyAdmin',
    flags: '--envoy-admin <list>',
    variable: 'SLUICE_ENVOY_ADMIN',
    doc: "Envoys' own admin pages (HOST:PORT, with commas between) that are asked which endpoints are ejected",
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
    doc: 'serve xDS beyond this machine without certificates of clients: whoever reaches the port receives certificates and keys',
  },
  {
    key: 'tlsCert',
    flags: '--tls-cert <file>',
    variable: 'SLUICE_TLS_CERT',
    doc: 'TLS 1.3 for xDS: certificate of the server, PEM, then what vouches for it; read again when it changes',
  },
  { key: 'tlsKey', flags: '--tls-key <file>', variable: 'SLUICE_TLS_KEY', doc: 'key of that certificate, PEM without password' },
  {
    key: 'tlsClientCa',
    flags: '--tls-client-ca <file>',
    variable: 'SLUICE_TLS_CLIENT_CA',
    doc: 'authorities that every client must have a certificate of; it names the groups that the client may ask for',
  },
  {
    key: 'trustDomain',
    flags: '--trust-domain <name>',
    variable: 'SLUICE_TRUST_DOMAIN',
    doc: 'of these names: spiffe://TRUST-DOMAIN/group/GROUP',
    default: defaultTrustDomain,
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
  {
    key: 'authzAddress',
    flags: '--authz-address <address>',
    variable: 'SLUICE_AUTHZ_ADDRESS',
    doc: 'HOST:PORT or unix:PATH where Envoys find the auth service (sluice authz), which checks passwords; without it one is started on this machine when it is needed',
  },
  {
    key: 'authzKeyFile',
    flags: '--authz-key-file <file>',
    variable: 'SLUICE_AUTHZ_KEY_FILE',
    doc: 'key that the server shares with that service (--key-file there); made where it is missing',
  },
  {
    key: 'provision',
    flags: '--provision <file>',
    variable: 'SLUICE_PROVISION',
    doc: 'make Envoys in the cluster for Gateways whose GatewayConfig asks for some of their own, as this file says, which the Helm chart writes; without it none are made',
  },
  {
    key: 'startFromState',
    flags: '--start-from-state <duration>',
    variable: 'SLUICE_START_FROM_STATE',
    doc: 'after a start, serve what the state folder holds when a source has not listed within this time; without it nothing is answered until all have',
  },
  {
    key: 'fusePercent',
    flags: '--fuse-percent <percent>',
    variable: 'SLUICE_FUSE_PERCENT',
    doc: 'hold a bulk change that takes away more than this share of the clusters or routes of a group (at least 10), or its last listener',
    default: String(defaultSettings.release.fusePercent),
  },
  {
    key: 'fuseHold',
    flags: '--fuse-hold <duration>',
    variable: 'SLUICE_FUSE_HOLD',
    doc: 'how long such a change is held unless somebody confirms it; 0s holds none',
    default: '5m',
  },
  {
    key: 'canaryNodes',
    flags: '--canary-nodes <share>',
    variable: 'SLUICE_CANARY_NODES',
    doc: 'give a new revision to this share of the Envoys of a group first, as 10% or as a number; at least one',
  },
  {
    key: 'canaryWatch',
    flags: '--canary-watch <duration>',
    variable: 'SLUICE_CANARY_WATCH',
    doc: 'how long these are watched before it goes on to all, or back',
    default: '60s',
  },
  ...limitOptions,
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
    if (flag !== undefined) return { text: String(flag), name: flagOf(key) };
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
  const clientLimits: ClientLimits = Object.assign(
    { ...defaultClientLimits },
    ...limitOptions.map(({ key, read, form }) => value<Partial<ClientLimits>>(key, {}, read, form)),
  );
  const address = (key: 'xdsAddress' | 'adminAddress', fallback: string) =>
    value(key, fallback, (text) => (parseAddress(text) ? text : undefined), 'an address as HOST:PORT');
  const port = (key: 'httpPort' | 'httpsPort', fallback: number) => value(key, fallback, portOf, 'a port from 1 to 65535');

  function release(): ReleaseSettings {
    const duration = (key: 'startFromState' | 'fuseHold' | 'canaryWatch', fallback: number) => value(key, fallback, durationOf, 'a duration as 90s or 5m');
    const { fusePercent, fuseHoldMs } = defaultSettings.release;
    const share = value('canaryNodes', undefined, shareOf, 'a share as 10%, or a number from 1');
    const watchMs = duration('canaryWatch', canaryWatchMs);
    return {
      fusePercent: value('fusePercent', fusePercent, percentOf, 'a whole number from 0 to 100'),
      fuseHoldMs: duration('fuseHold', fuseHoldMs),
      ...(share ? { canary: { share, watchMs } } : {}),
      ...(written('startFromState') ? { startFromStateMs: duration('startFromState', 0) } : {}),
    };
  }

  const paths = given.config ?? (env['SLUICE_CONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  const adminTokenFile = written('adminTokenFile')?.text;
  const adminToken = env['SLUICE_ADMIN_TOKEN'];
  const [certificateChain, privateKey, clientAuthorities] = [written('tlsCert')?.text, written('tlsKey')?.text, written('tlsClientCa')?.text];
  if ((certificateChain === undefined) !== (privateKey === undefined) || (clientAuthorities !== undefined && certificateChain === undefined)) {
    const message = 'TLS for xDS needs a certificate and its key.';
    diagnostics.push(
      diagnostic('InvalidOption', { field: '--tls-cert' }, message, 'Give --tls-cert FILE and --tls-key FILE, and --tls-client-ca FILE with them.'),
    );
  }
  const stateDir = written('stateDir')?.text;
  const stateKeyFile = written('stateKeyFile')?.text;
  const authzKeyFile = written('authzKeyFile')?.text;
  const provisionFile = written('provision')?.text;
  const authzAddress = value('authzAddress', undefined, authzAddressOf, 'an address as HOST:PORT or unix:/PATH');
  if ((authzAddress === undefined) !== (authzKeyFile === undefined)) {
    const message = 'An auth service is told by its address and the file of the key that it shares with the server.';
    diagnostics.push(diagnostic('InvalidOption', { field: '--authz-address' }, message, 'Give --authz-address and --authz-key-file, or none of them.'));
  }
  const ingress = ingressSettingsOf(given, env);
  const kubernetes = kubernetesConfigOf(given, env);
  const config: Config = {
    config: paths,
    ...(kubernetes.choice && { kubernetes: kubernetes.choice }),
    readOnly: value('readOnly', false, booleanOf, '"true" or "false"'),
    xdsAddress: address('xdsAddress', '127.0.0.1:18000'),
    adminAddress: address('adminAddress', '127.0.0.1:18001'),
    insecure: value('insecure', false, booleanOf, '"true" or "false"'),
    trustDomain: value('trustDomain', defaultTrustDomain, trustDomainOf, 'the name of a trust domain: lower-case letters, digits, dots, dashes, underscores'),
    clientLimits,
    envoyAdmins: value('envoyAdmin', [], addressesOf, 'addresses as HOST:PORT with commas between'),
    logLevel: value('logLevel', 'info', (text) => logLevels.find((level) => level === text), `one of ${logLevels.join(', ')}`),
    settings: {
      ...defaultSettings,
      httpPort: port('httpPort', defaultSettings.httpPort),
      httpsPort: port('httpsPort', defaultSettings.httpsPort),
      release: release(),
      ingress: kubernetes.choice ? withClusterClass(ingress.settings) : ingress.settings,
    },
    ...(adminTokenFile === undefined ? {} : { adminTokenFile }),
    ...(adminToken ? { adminToken } : {}),
    ...(certificateChain === undefined || privateKey === undefined
      ? {}
      : { tls: { certificateChain, privateKey, ...(clientAuthorities === undefined ? {} : { clientAuthorities }) } }),
    ...(provisionFile === undefined ? {} : { provisionFile }),
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(stateKeyFile === undefined ? {} : { stateKeyFile }),
    ...(authzAddress === undefined || authzKeyFile === undefined ? {} : { authzService: { address: authzAddress, keyFile: authzKeyFile } }),
  };
  const useless = written('canaryWatch') && !written('canaryNodes') ? [watchOfNobody] : [];
  return { config, diagnostics: [...diagnostics, ...ingress.diagnostics, ...kubernetes.diagnostics, ...useless, ...contradictions(config)] };
}

/** Envoy demands a path from the root. */
const authzAddressOf = (text: string): string | undefined => (/^unix:\/./.test(text) || parseAddress(text) ? text : undefined);

function addressesOf(text: string): readonly string[] | undefined {
  const addresses = text.split(',').map((one) => one.trim());
  return addresses.every((one) => parseAddress(one)) ? addresses : undefined;
}

const watchOfNobody = diagnostic(
  'InvalidOption',
  { field: '--canary-watch' },
  'A new revision goes to all Envoys at once, so that none is watched.',
  'Say how many have it first with --canary-nodes.',
);

/** What is wrong with values that are right each for itself. */
function contradictions({
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

/** `--http-port` */
const flagOf = (wanted: keyof GivenOptions): string => configOptions.find(({ key }) => key === wanted)?.flags.match(/--[a-z-]+/)?.[0] ?? wanted;

function isOutside(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && !isLoopback(parsed.host);
}

/** @see https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md#21-trust-domain */
const trustDomainOf = (text: string): string | undefined => (/^[a-z0-9._-]{1,255}$/.test(text) ? text : undefined);

function portOf(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65535 ? port : undefined;
}

function booleanOf(text: string): boolean | undefined {
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : undefined;
}

function percentOf(text: string): number | undefined {
  const percent = Number(text.replace(/%$/, ''));
  return /^\d{1,3}%?$/.test(text) && percent <= 100 ? percent : undefined;
}

/** Milliseconds of a duration as `90s` or `1m30s`; undefined where the text is none. */
export function durationOf(text: string): number | undefined {
  return /^(\d{1,5}(h|m|s|ms)){1,4}$/.test(text) ? durationMs(text) : undefined;
}

/** `10%`, or a number of Envoys. */
function shareOf(text: string): CanarySettings['share'] | undefined {
  if (text.endsWith('%')) {
    const percent = percentOf(text);
    return percent ? { percent } : undefined;
  }
  return /^[1-9]\d{0,5}$/.test(text) ? { nodes: Number(text) } : undefined;
}
