import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type RequestOptions, request } from 'node:https';
import { test } from 'node:test';
import { type CertificateAndKey, createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import { startHttpBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const lifetime = { now: Date.now(), days: 1 };

/** An Ingress of `NAME.example` that asks for certificates of the authority in the Secret `ca-NAME`. */
const asking = (name: string): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, annotations: {nginx.ingress.kubernetes.io/auth-tls-secret: default/ca-${name}}}
spec: {rules: [{host: ${name}.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}`;

const authorityYaml = (name: string, { certificate }: CertificateAndKey): string => `
apiVersion: v1
kind: Secret
metadata: {name: ca-${name}}
data: {ca.crt: ${Buffer.from(certificate).toString('base64')}}`;

test('a certificate lets nobody in at a host name that its connection was not opened for, and no client can claim one', async () => {
  await using web = await startHttpBackend('web');
  const [one, other] = [await createAuthority('one', lifetime), await createAuthority('other', lifetime)];
  const clientOf = (authority: CertificateAndKey) => issueCertificate(authority, { commonName: 'client', usage: 'client', names: [] }, lifetime);
  const [ofOne, ofOther] = [await clientOf(one), await clientOf(other)];
  const plain = asking('plain').replace(/, annotations: \{.*\}\}\n/, '}\n');
  const objects = [asking('one'), asking('other'), plain, authorityYaml('one', one), authorityYaml('other', other), serviceYaml('web', [web.port])];
  await using stack = await startStack({ objects: { 'all.yaml': objects.join('\n---') } });
  const ask = async (host: string, sni: string, client?: CertificateAndKey, more: RequestOptions['headers'] = {}): Promise<number> => {
    const shown = client ? { cert: client.certificate, key: client.key } : {};
    const target = { host: '127.0.0.1', port: stack.httpsPort, servername: sni, rejectUnauthorized: false, agent: false, ...shown };
    const call = request({ ...target, headers: { host, ...more } });
    call.end();
    const [response] = await once(call, 'response');
    response.resume();
    await once(response, 'end');
    return response.statusCode;
  };
  await waitFor('all is served', async () => (await ask('plain.example', 'plain.example')) === 200);
  const answers = {
    'a good certificate': await ask('one.example', 'one.example', ofOne),
    none: await ask('one.example', 'one.example'),
    'one of another authority': await ask('one.example', 'one.example', ofOther),
    'over a connection for a host name that asks for other ones': await ask('one.example', 'other.example', ofOther),
    'over a connection for a host name that asks for none': await ask('one.example', 'plain.example', ofOne),
    'over a connection for no host name': await ask('one.example', '', ofOne),
    'with the name of the connection made up': await ask('one.example', 'other.example', ofOther, { 'x-sluice-server-name': 'one.example' }),
  };
  assert.deepEqual(answers, {
    'a good certificate': 200,
    none: 400,
    'one of another authority': 400,
    'over a connection for a host name that asks for other ones': 421,
    'over a connection for a host name that asks for none': 421,
    'over a connection for no host name': 421,
    'with the name of the connection made up': 421,
  });
  await ask('one.example', 'one.example', ofOne, { 'ssl-client-verify': 'FAILED', 'ssl-client-cert': 'forged', 'ssl-client-subject-dn': 'CN=admin' });
  const seen = web.seen.at(-1)?.headers ?? {};
  assert.deepEqual(
    ['ssl-client-verify', 'ssl-client-subject-dn', 'ssl-client-issuer-dn', 'ssl-client-cert', 'x-sluice-server-name'].map((name) => seen[name]),
    ['SUCCESS', 'CN=client', 'CN=one', undefined, undefined],
  );
  // By plain HTTP nobody is asked, as behind nginx; what the client says of itself goes nowhere.
  assert.equal((await stack.http('/', { headers: { host: 'one.example', 'ssl-client-verify': 'SUCCESS' } })).status, 200);
  assert.equal(web.seen.at(-1)?.headers['ssl-client-verify'], undefined);
});

test('auth-tls-match-cn lets in whose subject has the expression, and nobody can write a subject of his own', async () => {
  await using web = await startHttpBackend('web');
  const [own, other] = [await createAuthority('own', lifetime), await createAuthority('other', lifetime)];
  const clientOf = (commonName: string, authority = own) => issueCertificate(authority, { commonName, usage: 'client', names: [] }, lifetime);
  const matching = (name: string, more = '') =>
    asking(name).replace(`ca-${name}}`, `ca-own, nginx.ingress.kubernetes.io/auth-tls-match-cn: "CN=(good|fine)$"${more}}`).replace('path: /,', 'path: /shop,');
  const optional = ', nginx.ingress.kubernetes.io/auth-tls-verify-client: optional';
  const wrong = asking('wrong').replace('ca-wrong}', 'ca-own, nginx.ingress.kubernetes.io/auth-tls-match-cn: "O=good"}');
  const ahead = asking('ahead').replace('ca-ahead}', 'ca-own, nginx.ingress.kubernetes.io/auth-tls-match-cn: "CN=(?=good)"}');
  const objects = [matching('one'), matching('optional', optional), wrong, ahead, authorityYaml('own', own), serviceYaml('web', [web.port])];
  await using stack = await startStack({ objects: { 'all.yaml': objects.join('\n---') } });
  const ask = async (host: string, client?: CertificateAndKey, path = '/shop', headers: Readonly<Record<string, string>> = {}): Promise<number> => {
    const shown = client ? { cert: client.certificate, key: client.key } : {};
    const call = request({
      host: '127.0.0.1',
      port: stack.httpsPort,
      servername: host,
      rejectUnauthorized: false,
      agent: false,
      path,
      ...shown,
      headers: { host, ...headers },
    });
    call.end();
    const [response] = await once(call, 'response');
    response.resume();
    await once(response, 'end');
    return response.statusCode;
  };
  const [good, evil] = [await clientOf('good'), await clientOf('good-evil')];
  await waitFor('all is served', async () => (await ask('one.example', good)) === 200);
  const forged = { 'x-sluice-client-subject': 'CN=good', 'ssl-client-subject-dn': 'CN=good' };
  assert.deepEqual(
    {
      'the subject': await ask('one.example', good),
      'another that has the expression': await ask('one.example', await clientOf('fine')),
      'one that goes on behind it': await ask('one.example', evil),
      'one with other capitals': await ask('one.example', await clientOf('GOOD')),
      'one that is written in headers': await ask('one.example', evil, '/shop', forged),
      'the subject from another authority': await ask('one.example', await clientOf('good', other)),
      none: await ask('one.example'),
      'none, in headers': await ask('one.example', undefined, '/shop', forged),
      'another path, with the subject': await ask('one.example', good, '/other'),
      'another path, without': await ask('one.example', evil, '/other'),
      'none, where none is needed': await ask('optional.example', undefined, '/shop', forged),
      'the subject, where none is needed': await ask('optional.example', good),
      'an expression of something else': await ask('wrong.example', good),
      'an expression that RE2 does not know': await ask('ahead.example', good),
      'plain HTTP': (await stack.http('/shop', { headers: { host: 'one.example', ...forged } })).status,
    },
    {
      'the subject': 200,
      'another that has the expression': 200,
      'one that goes on behind it': 403,
      'one with other capitals': 403,
      'one that is written in headers': 403,
      'the subject from another authority': 400,
      none: 400,
      'none, in headers': 400,
      'another path, with the subject': 404,
      'another path, without': 403,
      'none, where none is needed': 403,
      'the subject, where none is needed': 200,
      'an expression of something else': 404,
      'an expression that RE2 does not know': 403,
      'plain HTTP': 403,
    },
  );
  assert.equal(web.seen.at(-1)?.headers['x-sluice-client-subject'], undefined);
});
