import type { IngressSettings } from '../settings.ts';
import type { Verdict } from './annotation.ts';
import { bool, type Form } from './form.ts';

/** A flag of the controller of ingress-nginx: the only place that says what it is. */
export interface Flag {
  /** `noop`: it is of no use here, and safe to be there. `report`: it asked for something that Sluice does not do. */
  readonly verdict: Exclude<Verdict, 'adapt'>;
  /** What it takes, for people. */
  readonly doc: string;
  readonly form: Pick<Form<unknown>, 'doc'>;
  /** Whether it may stand alone, as `--enable-ssl-passthrough`. */
  readonly isSwitch: boolean;
  /** What it says. Undefined: its value is wrong. */
  read(text: string): Partial<IngressSettings> | undefined;
}

/** A flag that a field of the settings follows. */
export function flag<Value>(verdict: 'exact' | 'near', form: Form<Value>, settingOf: (value: Value) => Partial<IngressSettings>, doc: string): Flag {
  return {
    verdict,
    doc,
    form,
    isSwitch: isSwitch(form),
    read(text) {
      const value = form.accepts(text) ? form.read(text) : undefined;
      return value === undefined ? undefined : settingOf(value);
    },
  };
}

/** A flag that nothing follows here, whatever its value. */
export function withoutEffect(verdict: 'noop' | 'report', form: Form<unknown>, doc: string): Flag {
  return { verdict, doc, form, isSwitch: isSwitch(form), read: () => ({}) };
}

const isSwitch = (form: object): boolean => form === bool;
