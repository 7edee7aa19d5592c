import type { Verdict } from './annotation.ts';
import type { Form } from './form.ts';

/** One key of the controller's ConfigMap: the only place that says what it is. */
export interface Setting<Value = unknown> {
  readonly verdict: Verdict;
  readonly form: Form<Value>;
  /** What holds where the key is missing or wrong. */
  readonly fallback: Value;
  /** What it does here, for its reference page: a sentence or two. */
  readonly doc: string;
}

/** Makes one. */
export function setting<Value>(verdict: Verdict, form: Form<Value>, fallback: Value, doc: string): Setting<Value> {
  return { verdict, form, fallback, doc };
}
