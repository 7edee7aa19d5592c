import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { connect } from 'node:tls';
import { type CertificateAndKey, selfSigned } from '../../examples/quickstart/backends/self-signed.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml } from './objects.ts';
import { ocspAnswer } from './ocsp-answer.ts';
import { waitFor } from './wait.ts';

suite('an answer of OCSP in the Secret of a certificate', () => {
  let pair: CertificateAndKey;
  let answer: Buffer;
  let stack: Stack;

  const secretYaml = (staple: Buffer): string => {
    const data = { 'tls.crt': pair.certificate, 'tls.key': pair.key, 'tls.ocsp-staple': staple };
    const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shop' }, type: 'kubernetes.io/tls', data: Object.fromEntries(encoded) });
  };

  before(async () => {
    pair = await selfSigned(['shop.example'], Date.now());
    answer = ocspAnswer(new X509Certificate(pair.certificate), Date.now());
    stack = await startStack({ objects: { 'shop.yaml': ingressYaml('shop', {}, { service: 'a', secret: 'shop' }), 'secret.yaml': secretYaml(answer) } });
  });
  after(() => stack?.close());

  /** What is stapled; null where nothing is. */
  const stapled = (): Promise<Buffer | null> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: stack.httpsPort, servername: 'shop.example', rejectUnauthorized: false, requestOCSP: true });
      socket.once('OCSPResponse', (response: Buffer | null) => {
        resolve(response);
        socket.destroy();
      });
      socket.once('error', reject);
    });

  test('is shown to clients that ask for one', async () => assert.deepEqual(await stapled(), answer));

  test('is left out where it is about another certificate, which is served all the same', async () => {
    const other = await selfSigned(['shop.example'], Date.now());
    await stack.write('secret.yaml', secretYaml(ocspAnswer(new X509Certificate(other.certificate), Date.now())));
    await waitFor('nothing to be stapled', async () => (await stapled()) === null);
  });
});
