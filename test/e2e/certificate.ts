import { selfSigned, tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';

/** A Secret with a new self-signed certificate, as YAML. @param now milliseconds since 1970 from which its validity counts. */
export async function tlsSecretYaml(name: string, hosts: readonly string[], now = Date.now()): Promise<string> {
  return `\n${tlsSecret(name, await selfSigned(hosts, now))}`;
}
