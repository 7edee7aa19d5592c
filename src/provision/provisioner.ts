import { isDeepStrictEqual } from 'node:util';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import { createGate } from '../kubernetes/gate.ts';
import { reasonOf } from '../reason.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store/store.ts';
import type { Stored } from '../store/stored.ts';
import type { Authorities } from '../tls/authorities.ts';
import type { ClusterWriter, WriterContext } from '../writing/cluster-writes.ts';
import { clusterObjects, ForeignObjectError } from './cluster-objects.ts';
import type { ProvisioningConfig } from './config.ts';
import { gatewayAddresses } from './gateway-addresses.ts';
import { certificateFiles, readAuthorities } from './gateway-certificates.ts';
import { gatewayObjects } from './gateway-objects.ts';
import { type KnownGateway, knownGateways } from './gateways.ts';
import type { Manifest } from './manifest.ts';
import { type Found, ownerOf, type Steps, stepsTo } from './steps.ts';

export interface ProvisionerOptions extends WriterContext {
  readonly store: Pick<Store, 'view' | 'isReady'>;
  readonly config: ProvisioningConfig;
  readonly settings: Pick<Settings, 'httpPort' | 'httpsPort'>;
  /** Of the names in certificates. */
  readonly trustDomain: string;
  /** Told when `diagnostics` or `addresses` gives others. */
  readonly onChange: () => void;
}

/** Makes Envoys for the Gateways that want some of their own, and keeps them as they are wanted. */
export interface Provisioner extends ClusterWriter {
  /** What could not be made: `ProvisioningFailed`. None where this replica does not write. */
  diagnostics(): readonly Diagnostic[];
  /** Where clients find the Envoys of each Gateway, by uid; of those alone whose Service was found. */
  addresses(): ReadonlyMap<string, readonly string[]>;
}

/** Changes come in threes: a class, its settings, a Gateway. */
const quietMs = 200;
/** How often it looks whether all is there: nobody tells of what was changed by hand, or of a certificate that grows old. */
const lookMs = 30_000;
/** When it looks again after something failed. */
const retryMs = 5000;
/** A load balancer gets its address some time after its Service. */
const addressMs = 10_000;
/** How many Gateways are written at a time. */
const parallelGateways = 8;

/** Nothing is written before every source has listed, nor where all is as it should be. */
export function createProvisioner(options: ProvisionerOptions): Provisioner {
  const { client, store, config, settings, trustDomain, clock, log, onChange } = options;
  const objects = clusterObjects(client, options.namespaces, () => isLeading && options.mayWrite());
  const known = knownGateways(store.view);
  const gate = createGate(parallelGateways);
  let diagnostics: readonly Diagnostic[] = [];
  let addresses: ReadonlyMap<string, readonly string[]> = new Map();
  /** Whether a Service is to come, or its address. */
  let isWaiting = false;
  let isLeading = false;
  let isRunning = false;
  let cancel = (): void => undefined;
  let running: Promise<void> = Promise.resolve();
  /** What was known when it looked last. */
  let seen: readonly KnownGateway[] | undefined;

  function tell(told: readonly Diagnostic[]): void {
    const keyOf = ({ at, message }: Diagnostic): string => `${at.object}: ${message}`;
    const before = new Set(diagnostics.map(keyOf));
    diagnostics = told;
    const fresh = told.filter((one) => !before.has(keyOf(one)));
    for (const { at, message } of fresh) log.error({ object: at.object }, message);
    if (fresh.length > 0 || told.length < before.size) onChange();
  }

  function tellAddresses(wanted: ReadonlyMap<string, readonly Manifest[]>, found: readonly Found[]): void {
    const before = addresses;
    addresses = gatewayAddresses(wanted, found);
    isWaiting = [...wanted].some(([uid, manifests]) => manifests.some(({ kind }) => kind === 'Service') && !addresses.get(uid)?.length);
    if (!isDeepStrictEqual(addresses, before)) onChange();
  }

  /** What each Gateway is to have, by its uid. */
  async function wantedBy(
    gateways: readonly KnownGateway[],
    found: readonly Found[],
    authorities: Authorities | undefined,
  ): Promise<ReadonlyMap<string, Wanted>> {
    const days = config.certificateDays;
    const wanted = new Map<string, Wanted>();
    for (const { gateway, envoys } of gateways) {
      const { uid } = gateway.object.metadata;
      // Those of folders are not in the cluster.
      if (uid === undefined) continue;
      const certificate = envoys && (await certificateFiles(gateway, found, authorities, { trustDomain, days, now: clock.now() }));
      wanted.set(uid, { gateway, manifests: envoys ? gatewayObjects({ gateway, envoys, config, settings, certificate }) : [] });
    }
    return wanted;
  }

  async function apply({ manifest, live }: Steps['apply'][number]): Promise<void> {
    const outcome = await objects.apply(manifest, live);
    const { namespace, name } = manifest.metadata;
    if (outcome !== 'unchanged') log.info({ object: `${manifest.kind} ${namespace}/${name}` }, `${outcome} for a Gateway`);
  }

  async function remove(found: Found): Promise<void> {
    const { namespace, name } = found.object.metadata;
    if (await objects.remove(found)) log.info({ object: `${found.kind} ${namespace}/${name}` }, 'removed, as its Gateway wants it no more');
  }

  /** Makes everything as it is wanted. @returns what failed. */
  async function settle(gateways: readonly KnownGateway[]): Promise<readonly Diagnostic[]> {
    const failures: Diagnostic[] = [];
    const failed = (gateway: Stored<'Gateway'>, what: string, error: unknown): void => {
      const message = `For its Envoys ${what}: ${reasonOf(error)}. What is there stays, and it is tried again.`;
      failures.push(diagnostic('ProvisioningFailed', gateway.origin(), message, remedyOf(error)));
    };
    const asking = gateways.filter(({ envoys }) => envoys);
    const allFailed = (what: string, error: unknown): void => {
      for (const { gateway } of asking) failed(gateway, what, error);
    };
    let found: readonly Found[];
    try {
      found = await objects.list();
    } catch (error) {
      allFailed('what is there cannot be listed', error);
      return failures;
    }
    let authorities: Authorities | undefined;
    try {
      if (asking.length > 0) authorities = await readAuthorities(objects, config.authority);
      if (!authorities) allFailed('no certificate can be made', new Error(`${config.authority.namespace}/${config.authority.name} holds no authority yet`));
    } catch (error) {
      allFailed('no certificate can be made', error);
    }
    const wanted = await wantedBy(gateways, found, authorities);
    const manifests = new Map([...wanted].map(([uid, one]) => [uid, one.manifests]));
    tellAddresses(manifests, found);
    const steps = stepsTo(manifests, found);
    const attempt = async (uid: string | undefined, what: string, write: () => Promise<void>): Promise<void> => {
      const gateway = wanted.get(uid ?? '')?.gateway;
      if (gateway) await write().catch((error: unknown) => failed(gateway, what, error));
    };
    const ofGateways = Map.groupBy(steps.apply, ({ manifest }) => manifest.metadata.ownerReferences[0].uid);
    await Promise.all(
      [...ofGateways].map(([uid, ofOne]) =>
        gate(async () => {
          for (const one of ofOne) await attempt(uid, `a ${one.manifest.kind} cannot be applied`, () => apply(one));
        }),
      ),
    );
    await Promise.all(steps.remove.map((one) => gate(() => attempt(ownerOf(one.object), `a ${one.kind} cannot be removed`, () => remove(one)))));
    return failures;
  }

  async function turn(): Promise<void> {
    isRunning = true;
    seen = known();
    try {
      tell(store.isReady() ? await settle(seen) : []);
    } catch (error) {
      log.error({ reason: reasonOf(error) }, 'the Envoys of Gateways cannot be looked after now');
    }
    isRunning = false;
    const restMs = diagnostics.length > 0 ? retryMs : isWaiting ? addressMs : lookMs;
    if (isLeading) lookIn(known() !== seen ? quietMs : restMs);
  }

  function lookIn(milliseconds: number): void {
    cancel();
    cancel = clock.after(milliseconds, () => {
      running = turn();
    });
  }

  return {
    diagnostics: () => diagnostics,
    addresses: () => addresses,
    touch() {
      if (isLeading && !isRunning && known() !== seen) lookIn(quietMs);
    },
    lead() {
      isLeading = true;
      // What another one saw since is not known.
      addresses = new Map();
      if (!isRunning) lookIn(quietMs);
    },
    async rest() {
      isLeading = false;
      cancel();
      await running;
      tell([]);
    },
  };
}

interface Wanted {
  readonly gateway: Stored<'Gateway'>;
  readonly manifests: readonly Manifest[];
}

function remedyOf(error: unknown): string {
  if (error instanceof ForeignObjectError) return 'Delete it or give it another name, or rename the Gateway.';
  if (error instanceof ApiError && error.status === 403) return 'Install the chart with `provisioning.enabled`, which gives the account these rights.';
  return 'Change what the message names; the GatewayConfig and `infrastructure` of the Gateway say most of it.';
}
