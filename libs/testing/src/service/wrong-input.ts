import type { TestService } from './test-service.ts';

/** A wrong request, and the expected answer. */
export interface WrongInput {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly code: string;
  /** The field that the problem names. */
  readonly field?: string;
}

/** A valid request. A wrong one is made from it by changing one thing. */
export interface GoodRequest {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const invalid = { status: 400, code: 'invalid_request' } as const;
const malformed = { status: 400, code: 'malformed_json' } as const;
const json = { 'content-type': 'application/json' } as const;

/** A placeholder in a body for text that `JSON.stringify` cannot write, such as 1e309. */
const placeholder = '§';

/** Returns the body with a field, named like `lines[0].quantity`, set to a JSON literal. */
function withLiteral({ body }: GoodRequest, field: string, literal: string): string {
  const copy = structuredClone(body) as Record<string, unknown>;
  const keys = field.split(/[.[\]]+/).filter((key) => key !== '');
  const owner = keys
    .slice(0, -1)
    .reduce<Record<string, unknown>>((node, key) => node[key] as Record<string, unknown>, copy);
  owner[keys.at(-1) ?? ''] = placeholder;
  return JSON.stringify(copy).replace(`"${placeholder}"`, () => literal);
}

const changed = (
  good: GoodRequest,
  field: string,
  rows: readonly (readonly [what: string, literal: string])[],
): readonly WrongInput[] =>
  rows.map(([what, literal]) => ({
    what: `${field} ${what}`,
    method: good.method,
    path: good.path,
    headers: json,
    field,
    body: withLiteral(good, field, literal),
    ...invalid,
  }));

/** Lists what may be wrong with any body, whatever its fields. */
export function wrongBodies(good: GoodRequest, bodyBytesMax = 65_536): readonly WrongInput[] {
  const { method, path } = good;
  const text = JSON.stringify(good.body);
  const [first = ''] = Object.keys(good.body);
  const fields = text.slice(1);
  const row = (
    what: string,
    body: string | undefined,
    rest: Pick<WrongInput, 'status' | 'code'> & Partial<WrongInput>,
  ): WrongInput => ({
    what,
    method,
    path,
    headers: json,
    ...rest,
    ...(body === undefined ? {} : { body }),
  });
  const unsupported = { status: 415, code: 'unsupported_media_type' };
  return [
    row('no body', undefined, { ...invalid, headers: {}, field: first }),
    row('an empty body', '', invalid),
    row('a body that ends too early', text.slice(0, -1), malformed),
    row('text after the body', `${text}}`, malformed),
    row('single quotes', text.replaceAll('"', "'"), malformed),
    row('a control character before it', `\u0001${text}`, malformed),
    row('NaN', withLiteral(good, first, 'NaN'), malformed),
    row('a list', `[${text}]`, { ...invalid, field: 'body' }),
    row('a number', '7', { ...invalid, field: 'body' }),
    row('a string', '"x"', { ...invalid, field: 'body' }),
    row('null', 'null', { ...invalid, field: first }),
    row('an unknown field', `{"no_such_field":1,${fields}`, { ...invalid, field: 'no_such_field' }),
    row('a prototype', `{"__proto__":{"admin":true},${fields}`, malformed),
    row('a hidden prototype', `{"\\u005f_proto__":{"admin":true},${fields}`, malformed),
    row('a constructor', `{"constructor":{"prototype":{"admin":true}},${fields}`, malformed),
    row('arrays nested 5,000 deep', withLiteral(good, first, `${'['.repeat(5_000)}${']'.repeat(5_000)}`), {
      ...invalid,
      field: first,
    }),
    row('too many bytes', `${text}${' '.repeat(bodyBytesMax)}`, { status: 413, code: 'body_too_large' }),
    row('plain text', text, { ...unsupported, headers: { 'content-type': 'text/plain' } }),
    row('a form', 'a=1', {
      ...unsupported,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
    row('XML', '<a/>', { ...unsupported, headers: { 'content-type': 'application/xml' } }),
    row('a malformed content type', text, { ...unsupported, headers: { 'content-type': ';' } }),
    row('a compressed body', text, { ...unsupported, headers: { ...json, 'content-encoding': 'gzip' } }),
    ...(method === 'POST'
      ? [
          row('an idempotency key with a space', text, {
            ...invalid,
            headers: { ...json, 'idempotency-key': 'a b' },
            field: 'Idempotency-Key',
          }),
        ]
      : []),
  ];
}

/** Lists wrong values for an integer from 1 (or 0) up to a limit below 2^53. */
export const wrongIntegers = (
  good: GoodRequest,
  field: string,
  { zero = 'refused' }: { zero?: 'refused' | 'good' } = {},
) =>
  changed(good, field, [
    ...(zero === 'refused' ? ([['of zero', '0']] as const) : []),
    ['that is negative', '-1'],
    ['of one half', '0.5'],
    ['just above a whole number', '1.0000001'],
    ['of 2^53', '9007199254740992'],
    ['of 2^63', '9223372036854775808'],
    ['of 1e309', '1e309'],
    ['of -1e309', '-1e309'],
    ['of 400 digits', '9'.repeat(400)],
    ['as text', '"1"'],
    ['as true', 'true'],
    ['as null', 'null'],
    ['as a list', '[1]'],
    ['as an object', '{"valueOf":1}'],
  ]);

/**
 * Lists wrong values for a text whose pattern allows only some of ASCII: an id, a code, a currency.
 */
export const wrongNames = (good: GoodRequest, field: string) =>
  changed(good, field, [
    ...wrongTexts,
    ['with a space', '"a b"'],
    ['with a line break', '"a\\n"'],
    ['in Arabic', '"مرحبا"'],
    ['with a mark that reverses the text direction', '"\\u202eabc"'],
    ['of emoji', '"😀"'],
    ['of a letter that only looks like one', '"аda"'],
    ['of a letter and its accent', '"a\\u0301"'],
    ['of a path', '"../../etc"'],
    ['of SQL', `"' OR 1=1 --"`],
  ]);

/**
 * Lists wrong values for a text for people, which may be anything that can be stored, up to a
 * length.
 */
export const wrongWords = (good: GoodRequest, field: string) => changed(good, field, wrongTexts);

const wrongTexts: readonly (readonly [string, string])[] = [
  ['that is empty', '""'],
  ['of 10,000 letters', `"${'x'.repeat(10_000)}"`],
  ['with NUL', '"a\\u0000b"'],
  ['with the first half of a character', '"a\\ud83d"'],
  ['with the second half of a character', '"\\ude00a"'],
  ['as a number', '7'],
  ['as null', 'null'],
  ['as a list', '["a"]'],
  ['as an object', '{}'],
];

/** Makes rows for GET requests to wrong addresses. */
export const wrongAddresses = (
  rows: readonly (readonly [string, Pick<WrongInput, 'status' | 'code'> & Partial<WrongInput>])[],
) => rows.map(([path, expected]): WrongInput => ({ what: `GET ${path}`, method: 'GET', path, ...expected }));

/** Sends the request of a row and returns the parts of the answer that the row describes. */
export async function answerTo(service: TestService, { method, path, body, headers = {} }: WrongInput) {
  const answer = await fetch(service.service().url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const problem = (await answer.json()) as {
    code?: string;
    status?: number;
    errors?: readonly { field: string }[];
  };
  const type = answer.headers.get('content-type') ?? '';
  return {
    status: answer.status,
    code: problem.code,
    isProblem: type.startsWith('application/problem+json') && problem.status === answer.status,
    fields: (problem.errors ?? []).map(({ field }) => field),
  };
}
