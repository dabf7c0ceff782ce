import { InvalidSchema } from './errors.ts';

/** A JSON object. */
export type Attributes = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Attributes =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parses the text of a schema. The message of an error has the line and the column. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text, asJavaNumber);
  } catch (cause) {
    if (/^[A-Za-z_][\w.]*$/.test(text.trim())) return text.trim(); // Java accepts the bare name of a type
    const { message } = cause as Error;
    throw new InvalidSchema(`the schema is not JSON at ${placeOfError(text)}: ${message}`, { cause });
  }
}

/**
 * The engine does not always report where it stopped, so this finds the longest beginning that could continue
 * as JSON.
 */
function placeOfError(text: string): string {
  let good = 0;
  for (let bad = text.length + 1; bad - good > 1;) {
    const middle = Math.floor((good + bad) / 2);
    if (mayGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  const lines = text.slice(0, good + 1).split('\n');
  return `line ${lines.length} column ${lines.at(-1)?.length ?? 0}`;
}

function mayGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const position = /at position (\d+)/.exec(message)?.[1];
    return /end of JSON input|Unterminated string/.test(message) || Number(position) === text.length;
  }
}

/**
 * Keeps a number in Java's form if JavaScript would write it differently, such as 0.0 or 2^63.
 * `JSON.stringify` then writes it unchanged.
 */
function asJavaNumber(_key: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  if (typeof value !== 'number' || source === undefined) return value;
  if (!/^-?\d+$/.test(source)) return rawJson(javaDouble(value));
  return Number.isSafeInteger(value) ? value : rawJson(source);
}

/** Writes a number as Java's `Double.toString` does. */
export function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e7))
    return Number.isInteger(value) ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

// The types do not have these functions of Node 24 yet.
const json = JSON as unknown as { rawJSON(text: string): unknown; isRawJSON(value: unknown): boolean };

/**
 * Makes a value that `JSON.stringify` writes as this text, such as a number that JavaScript would
 * write otherwise.
 */
export const rawJson = (text: string): unknown => json.rawJSON(text);

/** Whether `rawJson` has made the value, whose property `rawJSON` is the text. */
export const isRawJson = (value: unknown): boolean => json.isRawJSON(value);
