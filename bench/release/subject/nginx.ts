import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../free-ports.ts';
import { grpcHost, grpcPool, httpHost, type Ports, type Wanted } from '../wanted.ts';
import type { Subject, SubjectOptions } from './subject.ts';

/** nginx with what ingress-nginx sets for upstreams, on a configuration of its own; a change is a new file and a reload. */
export async function startNginx({ run, folder, wanted, nginx, workers, requestsOfConnection }: SubjectOptions): Promise<Subject> {
  const ports = await freePorts('http', 'https', 'grpc');
  const file = join(folder, 'nginx.conf');
  const certificate = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  await mkdir(join(folder, 'temp'), { recursive: true });
  async function write(next: Wanted): Promise<void> {
    const texts = {
      [certificate.certificate]: next.certificate.certificate,
      [certificate.key]: next.certificate.key,
      [file]: configuration(next, ports, folder, { workers, requestsOfConnection }),
    };
    for (const [path, text] of Object.entries(texts)) {
      await writeFile(`${path}.next`, text);
      await rename(`${path}.next`, path);
    }
  }

  await write(wanted);
  const child = run.children.start({ command: nginx, args: ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], logFile: join(folder, 'nginx.log') });
  return {
    ports,
    pid: child.pid,
    async apply(next) {
      await write(next);
      if (!child.isRunning()) throw new Error(`nginx: ${await child.ended}`);
      process.kill(child.pid, 'SIGHUP');
    },
    stop: child.stop,
  };
}

/**
 * The values of ingress-nginx: `keep-alive` 75, `upstream-keepalive-connections` 320, `upstream-keepalive-timeout` 60,
 * `upstream-keepalive-requests` 10000, `proxy-next-upstream` "error timeout", three tries, connect time-out 5 s.
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/
 */
function configuration(
  { pools, rules }: Wanted,
  ports: Ports,
  folder: string,
  { workers, requestsOfConnection }: Pick<SubjectOptions, 'workers' | 'requestsOfConnection'>,
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${join(folder, 'temp', name)};`);
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes ${workers};
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')} warn;
events { worker_connections 16384; }
http {
  access_log off;
${temporary.join('\n')}
  keepalive_timeout 75s;
  keepalive_requests ${requestsOfConnection};
${Object.entries(pools).map(upstream).join('')}
${rules.map(({ split }, index) => splitOf(`$split_${index}`, split)).join('')}
  server {
    listen 127.0.0.1:${ports.http};
    listen 127.0.0.1:${ports.https} ssl;
    listen 127.0.0.1:${ports.grpc} http2;
    server_name ${httpHost};
    ssl_certificate ${join(folder, 'tls.crt')};
    ssl_certificate_key ${join(folder, 'tls.key')};
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header Connection "";
    proxy_connect_timeout 5s;
    proxy_read_timeout 60s;
    proxy_next_upstream error timeout;
    proxy_next_upstream_tries 3;
${rules.map(({ prefix, edit }, index) => `    location ${prefix} { add_header x-edit "${edit}"; proxy_pass http://$split_${index}; }\n`).join('')}
  }
${grpcPool in pools ? grpcServer(ports.grpc) : ''}
}
`;
}

const upstream = ([name, endpoints]: readonly [string, Wanted['pools'][string]]): string => `  upstream ${name} {
${endpoints
  .filter(({ ending }) => !ending)
  .map(({ port }) => `    server 127.0.0.1:${port};\n`)
  .join('')}
    keepalive 320;
    keepalive_timeout 60s;
    keepalive_requests 10000;
  }
`;

/** Draws anew for each request, as weights do elsewhere. */
function splitOf(variable: string, split: Readonly<Record<string, number>>): string {
  const total = Object.values(split).reduce((sum, weight) => sum + weight, 0);
  const shares = Object.entries(split).filter(([, weight]) => weight > 0);
  const [last = '', ...others] = shares.map(([name]) => name).reverse();
  const lines = others.map((name) => `    ${(((split[name] ?? 0) / total) * 100).toFixed(2)}% ${name};\n`);
  return `  split_clients $request_id ${variable} {\n${lines.join('')}    * ${last};\n  }\n`;
}

const grpcServer = (port: number): string => `  server {
    listen 127.0.0.1:${port} http2;
    server_name ${grpcHost};
    location / {
      grpc_pass grpc://${grpcPool};
      grpc_connect_timeout 5s;
      grpc_next_upstream error timeout;
      grpc_next_upstream_tries 3;
    }
  }
`;
