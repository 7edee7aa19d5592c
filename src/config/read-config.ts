import { delimiter } from 'node:path';
import { parseAddress } from '../address.ts';
import { type ClientLimits, defaultClientLimits } from '../client-limits.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { defaultSettings, type ReleaseSettings, withClusterClass } from '../settings.ts';
import { defaultTrustDomain } from '../trust-domain.ts';
import type { Config } from './config.ts';
import { contradictions } from './contradictions.ts';
import { ingressSettingsOf } from './ingress-options.ts';
import { kubernetesConfigOf } from './kubernetes-options.ts';
import { limitOptions } from './limit-options.ts';
import { configOptions, flagOf, type GivenOptions, logLevels } from './server-options.ts';
import { addressesOf, authzAddressOf, booleanOf, millisecondsOf, networksOf, partOf, percentOf, portOf, shareOf, trustDomainOf } from './text-forms.ts';

/** How long the first Envoys are watched unless that is written. */
const canaryWatchMs = 60_000;

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
  const path = (key: keyof GivenOptions) => value(key, undefined, (text) => text || undefined, 'a path');
  const address = (key: 'xdsAddress' | 'adminAddress', fallback: string) =>
    value(key, fallback, (text) => (parseAddress(text) ? text : undefined), 'an address as HOST:PORT');
  const port = (key: 'httpPort' | 'httpsPort', fallback: number) => value(key, fallback, portOf, 'a port from 1 to 65535');

  function release(): ReleaseSettings {
    const duration = (key: 'startFromState' | 'fuseHold' | 'canaryWatch', fallback: number) => value(key, fallback, millisecondsOf, 'a duration as 90s or 5m');
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
  if (paths.includes('')) diagnostics.push(diagnostic('InvalidOption', { field: '--config' }, '"" is not a path.', 'Give a path.'));
  const adminTokenFile = path('adminTokenFile');
  const adminToken = env['SLUICE_ADMIN_TOKEN'];
  const [certificateChain, privateKey, clientAuthorities] = [path('tlsCert'), path('tlsKey'), path('tlsClientCa')];
  if ((certificateChain === undefined) !== (privateKey === undefined) || (clientAuthorities !== undefined && certificateChain === undefined)) {
    const message = 'TLS for xDS needs a certificate and its key.';
    diagnostics.push(
      diagnostic('InvalidOption', { field: '--tls-cert' }, message, 'Give --tls-cert FILE and --tls-key FILE, and --tls-client-ca FILE with them.'),
    );
  }
  const stateDir = path('stateDir');
  const stateKeyFile = path('stateKeyFile');
  const authzKeyFile = path('authzKeyFile');
  const provisionFile = path('provision');
  const authzAddress = value('authzAddress', undefined, authzAddressOf, 'an address as HOST:PORT or unix:/PATH');
  if ((authzAddress === undefined) !== (authzKeyFile === undefined)) {
    const message = 'An auth service is told by its address and the file of the key that it shares with the server.';
    diagnostics.push(diagnostic('InvalidOption', { field: '--authz-address' }, message, 'Give --authz-address and --authz-key-file, or none of them.'));
  }
  const envoyViewPort = value('envoyViewPort', undefined, portOf, 'a port from 1 to 65535');
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
      clientCensus: {
        samplePercent: value('clientCensus', defaultSettings.clientCensus.samplePercent, partOf, 'a number from 0 to 100'),
        nodes: value('nodeNetworks', [], networksOf, 'networks as ADDRESS/LENGTH with commas between'),
      },
      release: release(),
      ingress: kubernetes.choice ? withClusterClass(ingress.settings) : ingress.settings,
    },
    ...(envoyViewPort === undefined ? {} : { envoyViewPort }),
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

const watchOfNobody = diagnostic(
  'InvalidOption',
  { field: '--canary-watch' },
  'A new revision goes to all Envoys at once, so that none is watched.',
  'Say how many have it first with --canary-nodes.',
);
