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
