/** The parts of an OpenAPI 3.1 document that the checks of answers read. */
export interface OpenApi {
  readonly openapi?: unknown;
  readonly info?: { readonly title?: unknown; readonly version?: unknown };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
}

export interface OpenApiOperation {
  readonly operationId?: unknown;
  readonly parameters?: ReadonlyArray<{
    readonly name?: unknown;
    readonly in?: unknown;
    readonly required?: unknown;
    readonly schema?: unknown;
    readonly example?: unknown;
  }>;
  readonly responses?: Readonly<Record<string, OpenApiResponse>>;
}

interface OpenApiResponse {
  readonly description?: unknown;
  readonly content?: Readonly<
    Record<string, { readonly schema?: unknown; readonly example?: { readonly status?: unknown } }>
  >;
}

const methods: ReadonlySet<string> = new Set([
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
  'trace',
]);
const places: ReadonlySet<unknown> = new Set(['path', 'query', 'header', 'cookie']);

/**
 * Returns the problems of a document. It must be valid OpenAPI 3.1, and every call must say how it
 * succeeds and how it can fail.
 */
export function documentProblems({ openapi, info, paths = {} }: OpenApi): readonly string[] {
  const head = [
    ...(typeof openapi === 'string' && /^3\.1\.\d+$/.test(openapi) ? [] : ['openapi: is not version 3.1']),
    ...(typeof info?.title === 'string' && typeof info.version === 'string'
      ? []
      : ['info: needs a title and a version']),
  ];
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      path,
      method,
      operation,
      call: `${method} ${path}`,
    })),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  return [
    ...head,
    ...operations
      .filter(({ operation }) => ids.filter((id) => id === operation.operationId).length > 1)
      .map(({ call }) => `${call}: its operationId is taken`),
    ...operations.flatMap(({ path, method, operation, call }) => [
      ...(methods.has(method) && path.startsWith('/') ? [] : [`${call}: is not a method of a path`]),
      ...parameterProblems(path, operation).map((problem) => `${call}: ${problem}`),
      ...responseProblems(operation).map((problem) => `${call}: ${problem}`),
    ]),
  ];
}

function parameterProblems(path: string, { parameters = [] }: OpenApiOperation): readonly string[] {
  const templated = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  return [
    ...parameters
      .filter((parameter) => !places.has(parameter.in))
      .map(({ name }) => `parameter ${String(name)} has no valid place`),
    ...parameters
      .filter(({ schema }) => typeof schema !== 'object')
      .map(({ name }) => `parameter ${String(name)} has no schema`),
    ...inPath
      .filter(({ required }) => required !== true)
      .map(({ name }) => `parameter ${String(name)} of the path is not required`),
    ...inPath
      .filter(({ example }) => example === undefined)
      .map(({ name }) => `parameter ${String(name)} of the path has no example`),
    ...templated
      .filter((name) => !inPath.some((parameter) => parameter.name === name))
      .map((name) => `{${name}} is not described`),
    ...inPath
      .filter(({ name }) => !templated.includes(String(name)))
      .map(({ name }) => `parameter ${String(name)} is not in the path`),
  ];
}

function responseProblems({ responses = {} }: OpenApiOperation): readonly string[] {
  const statuses = Object.keys(responses);
  return [
    ...(statuses.some((status) => status.startsWith('2')) ? [] : ['does not say how it succeeds']),
    ...['429', '500', '503']
      .filter((status) => !statuses.includes(status))
      .map((status) => `does not describe ${status}`),
    ...Object.entries(responses).flatMap(([status, { description, content = {} }]) => [
      ...(typeof description === 'string' && description !== '' ? [] : [`${status} has no description`]),
      ...(Number(status) < 400 || 'application/problem+json' in content
        ? []
        : [`${status} is not problem+json`]),
      ...Object.entries(content)
        .filter(([, { schema }]) => typeof schema !== 'object')
        .map(([type]) => `${status} ${type} has no schema`),
      ...Object.entries(content)
        .filter(([type, { example }]) => type.includes('problem') && example?.status !== Number(status))
        .map(([type]) => `${status} ${type} has an example of another status`),
    ]),
  ];
}
