import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchClientStatus, statusLines } from '../fake/client-status.ts';
import { startHttpBackend } from './backend.ts';
import { tlsSecretYaml } from './certificate.ts';
import { startStack } from './harness.ts';
import { routeYaml, secureGatewayYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

/** What Envoy itself says that it has: versions by type and name. */
async function versionsOf(adminAddress: string): Promise<Readonly<Record<string, string>>> {
  interface Entry {
    readonly version_info?: string;
    readonly cluster?: { readonly name: string };
    readonly name?: string;
    readonly active_state?: { readonly version_info: string };
    readonly route_config?: { readonly name: string };
    readonly endpoint_config?: { readonly cluster_name: string };
  }
  interface Dump {
    readonly dynamic_active_clusters?: readonly Entry[];
    readonly dynamic_listeners?: readonly Entry[];
    readonly dynamic_route_configs?: readonly Entry[];
    readonly dynamic_active_secrets?: readonly Entry[];
  }
  const answer = await fetch(`http://${adminAddress}/config_dump?include_eds`);
  const { configs } = (await answer.json()) as { readonly configs: readonly Dump[] };
  const all = configs.flatMap(({ dynamic_active_clusters, dynamic_listeners, dynamic_route_configs, dynamic_active_secrets }) => [
    ...(dynamic_active_clusters ?? []).map(({ cluster, version_info }) => [`Cluster ${cluster?.name}`, version_info]),
    ...(dynamic_listeners ?? []).map(({ name, active_state }) => [`Listener ${name}`, active_state?.version_info]),
    ...(dynamic_route_configs ?? []).map(({ route_config, version_info }) => [`RouteConfiguration ${route_config?.name}`, version_info]),
    ...(dynamic_active_secrets ?? []).map(({ name, version_info }) => [`Secret ${name}`, version_info]),
  ]);
  return Object.fromEntries(all);
}

test('a tool that asks for the status of clients sees what a real Envoy has, without its keys', async () => {
  await using backend = await startHttpBackend('shop');
  const secret = await tlsSecretYaml('shop', ['shop.example']);
  const objects = { 'all.yaml': [secureGatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [backend.port]), secret].join('\n---') };
  await using stack = await startStack({ objects, envoys: ['default', 'default'] });
  const { xdsAddress } = stack.server();
  const ask = () => fetchClientStatus(xdsAddress, { node_matchers: [{ node_id: { exact: 'envoy-1' } }] });
  const configs = await waitFor('everything is acknowledged', async () => {
    const found = await ask();
    const lines = statusLines(found);
    return lines.some((line) => line.startsWith('RouteConfiguration')) && lines.every((line) => line.endsWith(' SYNCED ACKED')) ? found : undefined;
  });
  assert.deepEqual(
    configs.map(({ node, client_scope: scope }) => [node?.id, node?.cluster, node?.user_agent_name?.split(' ')[0], scope]),
    [['envoy-1', 'default', 'envoy', 'envoy-1']],
  );
  const told = (configs[0]?.generic_xds_configs ?? []).map(({ type_url: type = '', name, version_info: version }) => [
    `${type.split('.').at(-1)} ${name}`,
    version,
  ]);
  const own = await versionsOf(stack.envoys[1]?.adminAddress ?? '');
  assert.ok(Object.keys(own).some((name) => name.startsWith('Secret ')));
  assert.deepEqual(Object.fromEntries(told.filter(([name]) => !name?.startsWith('ClusterLoadAssignment'))), own);
  assert.ok(told.some(([name]) => name === 'ClusterLoadAssignment default/shop/80'));
  const text = JSON.stringify(await fetchClientStatus(xdsAddress));
  assert.match(text, /envoy-0.*envoy-1|envoy-1.*envoy-0/);
  assert.ok(text.includes(`"name":"default/shop"`));
  for (const word of ['private_key', 'certificate_chain', 'BEGIN']) assert.ok(!text.includes(word), word);

  await stack.envoys[1]?.stop();
  await waitFor('it is gone', async () => (await ask()).length === 0);
});
