import { UsageError } from './failures.ts';

type Values = Readonly<Record<string, unknown>>;

/** Reads options by their long names. Throws `UsageError` for a value that an option does not take. */
export class GivenOptions {
  readonly #values: Values;

  /** Takes the values by commander's names, which are in camel case. */
  constructor(values: Values) {
    this.#values = values;
  }

  flag(name: string): boolean {
    return this.#values[camelCase(name)] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[camelCase(name)];
    if (value === '') throw new UsageError(`--${name} is empty: give it a value, or leave it out`);
    return typeof value === 'string' ? value : undefined;
  }

  /** The values of an option that may be repeated. */
  list(name: string): readonly string[] {
    const value = this.#values[camelCase(name)];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** Reads a whole number that is at least `min`, by default 0. */
  count(name: string, min = 0): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (count >= min) return count;
    throw new UsageError(`--${name} ${text}: give a whole number of at least ${min}`);
  }

  /** Reads a number above 0. */
  amount(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const amount = Number(text);
    if (amount > 0 && Number.isFinite(amount)) return amount;
    throw new UsageError(`--${name} ${text}: give a number above 0`);
  }
}

const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
