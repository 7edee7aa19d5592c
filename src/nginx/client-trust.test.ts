import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientsNameThemselves } from './client-trust.ts';
import type { Controller } from './controller.ts';

function controllerOf(settings: Readonly<Record<string, unknown>>): Pick<Controller, 'value'> {
  const all: Readonly<Record<string, unknown>> = { 'use-forwarded-headers': false, 'enable-real-ip': false, 'proxy-real-ip-cidr': ['0.0.0.0/0'], ...settings };
  return { value: ((key: string) => all[key]) as Controller['value'] };
}

const believed = { 'use-forwarded-headers': true };
const cases: readonly (readonly [settings: Readonly<Record<string, unknown>>, themselves: boolean])[] = [
  [{}, false],
  [believed, true],
  [{ 'enable-real-ip': true }, true],
  [{ ...believed, 'proxy-real-ip-cidr': ['10.0.0.0/8', '192.168.0.1'] }, false],
  [{ ...believed, 'proxy-real-ip-cidr': ['10.0.0.0/8', '::/0'] }, true],
  [{ ...believed, 'proxy-real-ip-cidr': ['0.0.0.0/1', '128.0.0.0/1'] }, true],
  [{ ...believed, 'proxy-real-ip-cidr': ['fc00::/7'] }, false],
  [{ ...believed, 'proxy-real-ip-cidr': ['nonsense/0'] }, false],
];

for (const [settings, themselves] of cases) {
  test(`${JSON.stringify(settings)}: clients ${themselves ? 'choose' : 'do not choose'} their address`, () =>
    assert.equal(clientsNameThemselves(controllerOf(settings)), themselves));
}
