import type { Measurement } from './measurement.ts';

/** The figures beside their controls. */
export function report({ ingresses, hosts, parsed, read, built, changed, sent, sentBytes, copied, changedResources }: Measurement): string {
  const first = read + built;
  return [
    `${ingresses} Ingresses of ${hosts} host names, a third with annotations; processor time`,
    `  files to the first snapshot   ${ms(first)}  (read ${ms(read)}, built ${ms(built)})`,
    `  control: the YAML only parsed ${ms(parsed)}`,
    `  ratio                         ${(first / parsed).toFixed(2)}`,
    `  one changed Ingress           ${ms(changed)}  (${changedResources} resource${changedResources === 1 ? '' : 's'} with other bytes)`,
    `  and written for an Envoy      ${ms(sent)}  (${(sentBytes / 2 ** 20).toFixed(1)} MiB)`,
    `  control: all of them          ${ms(first)}`,
    `  control: these bytes copied   ${ms(copied)}`,
    `  ratio                         1 : ${(first / changed).toFixed(0)}, written for an Envoy 1 : ${(first / sent).toFixed(0)}`,
  ].join('\n');
}

function ms(value: number): string {
  return `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
}
