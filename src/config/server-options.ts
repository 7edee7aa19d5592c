import { defaultSettings } from '../settings.ts';
import { defaultTrustDomain } from '../trust-domain.ts';
import { type GivenKubernetes, kubernetesOptions } from './kubernetes-options.ts';
import { type GivenLimits, limitOptions } from './limit-options.ts';

/** Levels of the log, from the fewest lines to the most. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

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
  readonly envoyViewPort?: string;
  readonly clientCensus?: string;
  readonly nodeNetworks?: string;
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
    key: 'envoyViewPort',
    flags: '--envoy-view-port <port>',
    variable: 'SLUICE_ENVOY_VIEW_PORT',
    doc: 'port of the views (sluice drain --view) that are asked the same, each at the address that its Envoy connects from; without it none is',
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
  {
    key: 'clientCensus',
    flags: '--client-census <percent>',
    variable: 'SLUICE_CLIENT_CENSUS',
    doc: "share of the requests of which Envoys tell the client's address, for the warning that clients seem to be hidden; 0: of none",
    default: String(defaultSettings.clientCensus.samplePercent),
  },
  {
    key: 'nodeNetworks',
    flags: '--node-networks <list>',
    variable: 'SLUICE_NODE_NETWORKS',
    doc: 'networks of the nodes of the cluster (ADDRESS/LENGTH, with commas between), for the same warning',
  },
  ...limitOptions,
  { key: 'logLevel', flags: '--log-level <level>', variable: 'SLUICE_LOG_LEVEL', doc: `how much is logged: ${logLevels.join(', ')}`, default: 'info' },
];

/** `--http-port` */
export const flagOf = (wanted: keyof GivenOptions): string => configOptions.find(({ key }) => key === wanted)?.flags.match(/--[a-z-]+/)?.[0] ?? wanted;
