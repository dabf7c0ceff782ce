import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { documentProblems, type OpenApi, type OpenApiOperation } from './document-problems.ts';

/** An answer that a test has received. */
export interface SeenAnswer {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
}

/** Throws if an answer differs from the service's document, and names the difference. */
export type AnswerCheck = (answer: SeenAnswer) => void;

/** Probes, scrapes and the document itself are not part of the documented interface. */
const undocumented = /^\/(livez|readyz|metrics|docs(\/.*)?|problems\/[^/]*)?$/;
/** The answers that are given before a call is found, or at an unknown address. */
const beforeAnyCall: ReadonlyMap<number, readonly string[]> = new Map([
  [400, ['malformed_url', 'malformed_request']],
  [404, ['not_found']],
  [405, ['method_not_allowed']],
  [414, ['url_too_long']],
  [415, ['unsupported_media_type']],
  [429, ['rate_limited']],
  [431, ['headers_too_large']],
  [503, ['overloaded']],
]);

/**
 * Checks answers against the document that their service serves. Throws at once if the document
 * itself is wrong.
 */
export function answerCheck(document: OpenApi): AnswerCheck {
  const wrong = documentProblems(document);
  if (wrong.length > 0) throw new Error(`the OpenAPI document is wrong:\n${wrong.join('\n')}`);
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', ...document });
  const routes = Object.entries(document.paths ?? {}).map(([path, operations]) => ({
    path,
    operations,
    fits: templateOf(path),
  }));

  const differences = (schemaPath: readonly string[], body: string): string | undefined => {
    const pointer = schemaPath
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const valid = ajv.validate({ $ref: `document#/${pointer}` }, parsed(body));
    return valid ? undefined : `${ajv.errorsText(ajv.errors, { dataVar: 'body' })}: ${body.slice(0, 500)}`;
  };
  const describedDifference = (
    { method, status, contentType, body }: SeenAnswer,
    path: string,
    operation: OpenApiOperation,
  ) => {
    const response = operation.responses?.[status];
    if (response === undefined) return `status ${status} is not documented: ${body.slice(0, 500)}`;
    const type = contentType?.split(';', 1)[0]?.trim();
    if (response.content === undefined || method === 'HEAD')
      return body === '' ? undefined : `a body is not documented: ${body.slice(0, 500)}`;
    if (type === undefined || response.content[type] === undefined)
      return `content type ${String(contentType)} is not documented`;
    if (type === 'text/event-stream') return undefined;
    const verb = method.toLowerCase() === 'head' ? 'get' : method.toLowerCase();
    return differences(['paths', path, verb, 'responses', String(status), 'content', type, 'schema'], body);
  };
  const differenceAtNoCall = ({ status, body }: SeenAnswer) => {
    const code = (parsed(body) as { code?: unknown } | undefined)?.code;
    if (beforeAnyCall.get(status)?.includes(String(code)) !== true)
      return `${status} ${String(code)} is not an answer for an unknown address`;
    return differences(['components', 'schemas', 'Problem'], body);
  };

  return (answer) => {
    const { pathname } = new URL(answer.url);
    if (undocumented.test(pathname)) return;
    const verb = answer.method === 'HEAD' ? 'get' : answer.method.toLowerCase();
    // A path without parameters comes before one that has some: /things/summary is not
    // /things/{id}.
    const route = routes
      .filter(({ operations, fits }) => fits.test(pathname) && verb in operations)
      .sort(byParameters)[0];
    const operation = route?.operations[verb];
    const difference =
      route === undefined || operation === undefined
        ? differenceAtNoCall(answer)
        : describedDifference(answer, route.path, operation);
    if (difference !== undefined)
      throw new Error(`${answer.method} ${pathname} differs from its documentation: ${difference}`);
  };
}

/**
 * Makes a pattern of a documented path, which has only words, dashes and `{parameters}`, so nothing
 * in it needs to be escaped.
 */
const templateOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);

const byParameters = (one: { readonly path: string }, other: { readonly path: string }): number =>
  one.path.split('{').length - other.path.split('{').length;

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
