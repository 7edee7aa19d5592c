import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeViewOf } from '../store/store.ts';
import { controllerFlags } from './controller-flags.ts';
import { flags } from './flag/index.ts';
import { flagsIn, readFlag } from './read-flags.ts';

test('flags are read as they are written, with their values beside or behind them', () => {
  const words = [
    '/nginx-ingress-controller',
    '--configmap=a/b',
    '--ingress-class',
    'outside',
    '--enable-ssl-passthrough',
    '--disable-catch-all=false',
    '--v=3',
  ];
  assert.deepEqual(
    flagsIn(words).map(({ name, text, index }) => [name, text, index]),
    [
      ['configmap', 'a/b', 1],
      ['ingress-class', 'outside', 2],
      ['enable-ssl-passthrough', 'true', 4],
      ['disable-catch-all', 'false', 5],
    ],
  );
});

test('what flags say', () => {
  const settingOf = (name: string, text: string) => {
    const reading = readFlag({ name, text });
    return reading.type === 'setting' ? reading.setting : reading.type;
  };
  assert.deepEqual(settingOf('tcp-services-configmap', 'a/b'), { tcpServices: 'a/b' });
  assert.deepEqual(settingOf('disable-catch-all', 'true'), { servesCatchAll: false });
  assert.deepEqual(settingOf('disable-catch-all', 'maybe'), 'wrong');
  assert.deepEqual(settingOf('configmap', 'b'), 'wrong');
  assert.deepEqual(settingOf('profiling', 'maybe'), 'without effect');
  assert.deepEqual(settingOf('nonsense', 'x'), 'unknown');
});

/** Of ingress-nginx 1.15.1, without those of its log and the two ports that Sluice has options for. */
const known =
  'annotations-prefix apiserver-host certificate-authority configmap controller-class deep-inspect default-backend-service default-server-port default-ssl-certificate disable-catch-all disable-full-test disable-leader-election disable-svc-external-name disable-sync-events dynamic-configuration-retries election-id election-ttl enable-annotation-validation enable-metrics enable-ssl-chain-completion enable-ssl-passthrough enable-topology-aware-routing exclude-socket-metrics health-check-path health-check-timeout healthz-host healthz-port ingress-class ingress-class-by-name internal-logger-address kubeconfig length-buckets maxmind-edition-ids maxmind-license-key maxmind-mirror maxmind-retries-count maxmind-retries-timeout metrics-per-host monitor-max-batch-size post-shutdown-grace-period profiler-address profiler-port profiling publish-service publish-status-address report-node-internal-ip-address report-status-classes shutdown-grace-period size-buckets ssl-passthrough-proxy-port status-port status-update-interval stream-port sync-period sync-rate-limit tcp-services-configmap time-buckets udp-services-configmap update-status update-status-on-shutdown validating-webhook validating-webhook-certificate validating-webhook-key watch-ingress-without-class watch-namespace watch-namespace-selector';

for (const name of known.split(' ')) test(`--${name} has a declaration`, () => assert.ok(flags[name]));

test('no controller among the objects says nothing', () => assert.deepEqual(controllerFlags(storeViewOf([]).view).settings, {}));
