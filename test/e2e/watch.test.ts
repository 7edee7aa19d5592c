import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ResourcesAnswer } from '../../src/admin/api/resources.ts';
import type { StatusAnswer } from '../../src/admin/api/status.ts';
import type { ChangeEvents } from '../../src/admin/changes.ts';
import { startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { type RunningCommand, startSluice } from './sluice.ts';
import { waitFor } from './wait.ts';

const shop = (port: number): string => [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [port])].join('\n---');

/** The events of `/api/v1/stream` until it ends. */
async function follow(address: string) {
  const response = await fetch(`http://${address}/api/v1/stream`);
  assert.equal(response.status, 200);
  let text = '';
  const ended = (async () => {
    for await (const chunk of (response.body ?? assert.fail('no body')).pipeThrough(new TextDecoderStream())) text += chunk;
  })();
  function data<Event extends keyof ChangeEvents>(event: Event): readonly ChangeEvents[Event][] {
    return [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].filter(([, name]) => name === event).map(([, , json = '']) => JSON.parse(json));
  }
  return { ended, data };
}

test('whoever follows the server is told of Envoys, revisions, endpoints and mistakes, and of its end', async () => {
  await using a = await startHttpBackend('a');
  await using stack = await startStack({ objects: { 'all.yaml': shop(a.port) } });
  await waitFor('Envoy has all', async () => (await stack.http('/')).status === 200);
  const { ended, data } = await follow(stack.server().adminAddress);
  const [state] = await waitFor('the state', () => (data('state').length > 0 ? data('state') : undefined));
  const revision = state?.groups[0]?.revision;
  assert.equal(state?.nodes[0]?.revisionAcked, revision);

  await stack.write('more.yaml', routeYaml('more', { shop: 1 }, '/more'));
  const isNew = ({ changed }: ChangeEvents['groups']): boolean => changed.some((group) => group.revision !== revision && group.types.includes('routes'));
  await waitFor('the new revision', () => data('groups').some(isNew));
  await waitFor('its ACK', () => data('nodes').some(({ changed }) => changed.some(({ revisionAcked }) => revisionAcked !== revision)));
  await stack.write(
    'slice.yaml',
    serviceYaml('shop', [{ port: a.port, zone: 'b' }, 9])
      .split('\n---')
      .at(-1) ?? '',
  );
  await waitFor('endpoints', () => data('groups').some(({ changed }) => changed.some(({ types }) => types.join() === 'endpoints')));
  await stack.write('wrong.yaml', 'kind: [');
  await waitFor('the mistake', () => data('server').some(({ diagnostics }) => diagnostics.error > 0));
  await stack.envoys[0]?.stop();
  await waitFor('the Envoy that is gone', () => data('nodes').some(({ gone }) => gone[0]?.id === 'envoy-0'));

  await stack.stopServer();
  await ended;
  assert.deepEqual(data('end'), [{ reason: 'the server is stopping' }]);
});

async function interrupted(watching: RunningCommand): Promise<void> {
  if (watching.child.exitCode !== null) return;
  watching.child.kill('SIGINT');
  await once(watching.child, 'close');
}

const lines = (watching: RunningCommand): readonly string[] => watching.stdout().trim().split('\n');

test('--watch prints a line of JSON at each change, and waits for a server that goes away', async () => {
  await using a = await startHttpBackend('a');
  await using stack = await startStack({ objects: { 'all.yaml': shop(a.port) } });
  const watching = startSluice(['status', '--watch', '-o', 'json', '--server', stack.server().adminAddress]);
  const newest = (): StatusAnswer => JSON.parse(lines(watching).at(-1) ?? '');
  try {
    await waitFor('the first look', () => newest().ready);
    const { revision } = newest().groups[0] ?? {};
    await stack.write('more.yaml', routeYaml('more', { shop: 1 }, '/more'));
    await waitFor('the new revision', () => newest().groups[0]?.revision !== revision && newest().nodes[0]?.revisionAcked === newest().groups[0]?.revision);
    await stack.stopServer();
    await waitFor('it tells', () => /the server went away .* waiting for it/.test(watching.stderr()));
    await stack.startServer();
    await waitFor('it tells again', () => /the server is back/.test(watching.stderr()));
    await waitFor('Envoy is shown', () => newest().nodes.length === 1);
  } finally {
    await interrupted(watching);
  }
  assert.deepEqual([(await watching.ended).status, watching.stderr().match(/went away/g)?.length], [0, 1]);
});

test('--watch prints a YAML document at each change of what was asked for, and of nothing else', async () => {
  await using a = await startHttpBackend('a');
  await using stack = await startStack({ objects: { 'all.yaml': shop(a.port) }, envoys: [] });
  const watching = startSluice(['get', 'clusters', '--watch', '-o', 'yaml', '--server', stack.server().adminAddress]);
  const documents = (): number => watching.stdout().match(/^---$/gm)?.length ?? 0;
  try {
    await waitFor('the first look', () => documents() === 1);
    await stack.write('more.yaml', routeYaml('more', { shop: 1 }, '/more'));
    await waitForRoutes(stack, 2);
    await stack.write('other.yaml', [serviceYaml('other', [9]), routeYaml('other', { other: 1 }, '/other')].join('\n---'));
    await waitFor('the second look', () => watching.stdout().includes('default/other/80'));
    assert.equal(documents(), 2);
  } finally {
    await interrupted(watching);
  }
});

async function waitForRoutes(stack: Stack, count: number): Promise<void> {
  await waitFor('the routes', async () => {
    const answer = await fetch(`http://${stack.server().adminAddress}/api/v1/resources/routes`);
    return ((await answer.json()) as ResourcesAnswer).rows.length === count;
  });
}

test('lint --watch follows a server, and a folder without one', async () => {
  await using a = await startHttpBackend('a');
  await using stack = await startStack({ objects: { 'all.yaml': shop(a.port) }, envoys: [] });
  const server = startSluice(['lint', '--watch', '--server', stack.server().adminAddress]);
  const folder = startSluice(['lint', '--watch', stack.folder]);
  try {
    for (const watching of [server, folder]) await waitFor('the first look', () => watching.stdout().includes('no problems'));
    await stack.write('wrong.yaml', 'kind: [');
    for (const watching of [server, folder]) await waitFor('the mistake', () => watching.stdout().includes('wrong.yaml:1'));
    await stack.remove('wrong.yaml');
    for (const watching of [server, folder]) await waitFor('it is mended', () => watching.stdout().trim().endsWith('no problems'));
  } finally {
    await interrupted(server);
    await interrupted(folder);
  }
});
