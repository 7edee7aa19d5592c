import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { globSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChildren } from '../../src/launch/children.ts';
import { freePort } from '../e2e/port.ts';
import { waitFor } from '../e2e/wait.ts';
import { kubernetesProgram } from './program.ts';

/** How a test cluster differs from the usual one. */
export interface ApiServerOptions {
  /** Controllers that run, as the controller manager names them; by default none: what is applied stays as it is. */
  readonly controllers?: readonly string[];
  /** More flags of the API server. */
  readonly flags?: readonly string[];
  /** Whether the CRDs of the Gateway API and of Sluice are there from the start; by default they are. */
  readonly crds?: boolean;
  /** Folder that takes what it writes; by default that of the machine for such things. */
  readonly within?: string;
}

/** A real API server with etcd, on free ports of 127.0.0.1. RBAC decides who may do what. `await using` ends it. */
export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** File by which one may do everything. */
  readonly kubeconfig: string;
  /** The same through a proxy on another port of 127.0.0.1. */
  kubeconfigThrough(port: number): string;
  /** Certificate authority of the server, PEM. */
  readonly certificateAuthority: string;
  /**
   * A new kubeconfig file for a bearer of a token, with no rights but those that RBAC gives.
   * @param port another one than that of the server, as of a proxy before it.
   */
  kubeconfigFor(token: string, port?: number, namespace?: string): string;
  /** A token of a ServiceAccount, which has to be there, that is good for some seconds. The server remembers one that it saw for ten. */
  serviceAccountToken(namespace: string, name: string, seconds?: number): Promise<string>;
  /** Creates or changes objects, by server-side apply, and waits for nothing. @param yaml documents, or a path. */
  apply(yaml: string): Promise<void>;
  /** Applies the CRDs and waits until they are served. */
  applyCrds(): Promise<void>;
  /** Runs kubectl. @returns what it printed. @throws {Error} with what it said. */
  kubectl(words: readonly string[], input?: string): Promise<string>;
  /** Asks the API. @returns the body, as it is. @throws {Error} for other statuses than 2xx. */
  get(path: string): Promise<string>;
  /** Stops the server; etcd keeps its objects. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Has etcd forget all revisions but the last: who asks for an older one is told 410. */
  compact(): Promise<void>;
  /** What the server logged. */
  log(): Promise<string>;
  close(): Promise<void>;
}

/** So much longer than it says does the server let a token live. */
const leewaySeconds = 60;
const readyWithinMs = 90_000;
const crdsOfSluice = join(import.meta.dirname, '..', '..', 'deploy', 'crds');

/** Starts one and waits until it answers. On failure nothing is left, and the error says what it logged. */
export async function startApiServer({ controllers = [], flags = [], crds = true, within = tmpdir() }: ApiServerOptions = {}): Promise<ApiServer> {
  const { binary, gatewayApiCrds } = await kubernetesProgram();
  const root = await mkdtemp(join(within, 'sluice-apiserver-'));
  const file = (name: string): string => join(root, name);
  const children = createChildren();
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const url = `https://127.0.0.1:${port}`;
  const admin = randomUUID();
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let files = 0;

  writeFileSync(file('tokens.csv'), `${admin},admin,admin,system:masters\n`);
  writeFileSync(file('accounts.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(file('accounts.pub'), publicKey.export({ type: 'spki', format: 'pem' }));

  function kubeconfigFor(token: string, toPort = port, namespace?: string): string {
    const path = file(`kubeconfig-${files++}`);
    const cluster = { server: `https://127.0.0.1:${toPort}`, 'certificate-authority': file('apiserver.crt') };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'test', user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', ...(namespace && { namespace }) } }],
      'current-context': 'test',
    };
    writeFileSync(path, JSON.stringify(config));
    return path;
  }
  const kubeconfig = kubeconfigFor(admin);

  const get = async (path: string): Promise<string> => {
    const ca = await readFile(file('apiserver.crt'));
    return new Promise((resolve, reject) => {
      const asked = request(`${url}${path}`, { ca, agent: false, headers: { authorization: `Bearer ${admin}` } }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (response.statusCode && response.statusCode < 300) resolve(text);
          else reject(new Error(`${path}: ${response.statusCode} ${text}`));
        });
      });
      asked.setTimeout(5000, () => asked.destroy(new Error(`${path}: no answer`)));
      asked.on('error', reject);
      asked.end();
    });
  };

  let server: ReturnType<typeof children.start> | undefined;
  async function start(): Promise<void> {
    server = children.start({
      command: binary,
      args: [
        'kube-apiserver',
        `--etcd-servers=http://127.0.0.1:${etcdPort}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${port}`,
        `--cert-dir=${root}`,
        `--token-auth-file=${file('tokens.csv')}`,
        '--authorization-mode=RBAC',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-key-file=${file('accounts.pub')}`,
        `--service-account-signing-key-file=${file('accounts.key')}`,
        '--service-cluster-ip-range=10.96.0.0/16',
        // Nobody makes the account that pods would need.
        '--disable-admission-plugins=ServiceAccount',
        // Nobody is told of it, and a machine without a route to others has no address of its own.
        '--advertise-address=192.0.2.1',
        '--endpoint-reconciler-type=none',
        ...flags,
      ],
      logFile: file('apiserver.log'),
    });
    const { ended } = server;
    let end: string | undefined;
    void ended.then((how) => {
      end = how;
    });
    try {
      await waitFor(
        'the API server is ready',
        async () => {
          if (end !== undefined) return true;
          return (await get('/readyz')) === 'ok';
        },
        readyWithinMs,
      );
      if (end !== undefined) throw new Error(`the API server ended: ${end}`);
    } catch (error) {
      throw new Error((await log()).slice(-4000), { cause: error });
    }
  }

  const log = (): Promise<string> => readFile(file('apiserver.log'), 'utf8').catch(() => '');

  function kubectl(words: readonly string[], input = ''): Promise<string> {
    const child = spawn(binary, ['kubectl', `--kubeconfig=${kubeconfig}`, `--cache-dir=${file('kubectl')}`, ...words]);
    return new Promise((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (text: Buffer) => {
        stdout += text.toString();
      });
      child.stderr.on('data', (text: Buffer) => {
        stderr += text.toString();
      });
      child.on('error', reject);
      child.on('close', (status) => (status === 0 ? resolve(stdout) : reject(new Error(`kubectl ${words.join(' ')}: ${stderr}`))));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
  }

  async function apply(yaml: string): Promise<void> {
    const isText = yaml.includes('\n');
    await kubectl(['apply', '--server-side', '--force-conflicts', '--filename', isText ? '-' : yaml], isText ? yaml : '');
  }

  async function applyCrds(): Promise<void> {
    const paths = [...globSync(join(gatewayApiCrds, 'gateway.networking.k8s.io_*.yaml')), ...globSync(join(crdsOfSluice, '*.yaml'))];
    const names = paths.filter((path) => !path.includes('_vap_')).flatMap((path) => ['--filename', path]);
    await kubectl(['apply', '--server-side', '--force-conflicts', ...names]);
    await kubectl(['wait', '--for=condition=Established', '--timeout=30s', ...names]);
  }

  async function serviceAccountToken(namespace: string, name: string, seconds = 3600): Promise<string> {
    const account = JSON.parse(await get(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`)) as { metadata: { uid: string } };
    const now = Math.floor(Date.now() / 1000);
    const issuer = 'https://kubernetes.default.svc';
    const claims = {
      iss: issuer,
      aud: [issuer],
      sub: `system:serviceaccount:${namespace}:${name}`,
      iat: now - 3600,
      nbf: now - 3600,
      exp: now + seconds - leewaySeconds,
      'kubernetes.io': { namespace, serviceaccount: { name, uid: account.metadata.uid } },
    };
    const text = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  }

  async function compact(): Promise<void> {
    const ask = async (path: string, body: object): Promise<{ readonly header?: { readonly revision?: string } }> => {
      const response = await fetch(`http://127.0.0.1:${etcdPort}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`etcd: ${await response.text()}`);
      return (await response.json()) as { readonly header?: { readonly revision?: string } };
    };
    const { header } = await ask('range', { key: Buffer.from('x').toString('base64') });
    await ask('compaction', { revision: header?.revision, physical: true });
  }

  async function close(): Promise<void> {
    await children.stop();
    await rm(root, { recursive: true, force: true });
  }

  try {
    children.start({
      command: 'etcd',
      args: [
        `--data-dir=${file('etcd')}`,
        `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
        `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
        `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
        `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
        `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
      ],
      logFile: file('etcd.log'),
    });
    await start();
    if (controllers.length > 0) {
      children.start({
        command: binary,
        args: [
          'kube-controller-manager',
          `--kubeconfig=${kubeconfig}`,
          `--controllers=${controllers.join(',')}`,
          '--leader-elect=false',
          '--secure-port=0',
          '--authentication-skip-lookup',
        ],
        logFile: file('controllers.log'),
      });
    }
    if (crds) await applyCrds();
  } catch (error) {
    await close();
    throw error;
  }

  return {
    url,
    port,
    kubeconfig,
    kubeconfigThrough: (toPort) => kubeconfigFor(admin, toPort),
    certificateAuthority: file('apiserver.crt'),
    kubeconfigFor,
    serviceAccountToken,
    apply,
    applyCrds,
    kubectl,
    get,
    async stop() {
      await server?.stop();
      server = undefined;
    },
    start,
    compact,
    log,
    close,
    [Symbol.asyncDispose]: close,
  };
}
