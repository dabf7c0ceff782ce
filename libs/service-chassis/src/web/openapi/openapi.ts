import { HttpStatus, RequestMethod, type Type } from '@nestjs/common';
import {
  HTTP_CODE_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { z } from 'zod';
import { idempotencyKeyHeader, isRepeatable } from '../idempotency/idempotency-key.ts';
import { jsonSchema, withExample, type Json } from './json-schema.ts';
import { withNamedSchemas } from './named-schemas.ts';
import { problems, problemSchema, type CodesByStatus } from './openapi-problems.ts';
import { CALL_DESCRIPTION, UNDOCUMENTED, type CallDescription } from './describe.ts';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly description: string; readonly version: string };
  readonly paths: Readonly<Record<string, Record<string, Json>>>;
  readonly components: Json;
}

/** Whether a POST takes an `Idempotency-Key`. */
export type IdempotencyKeys = 'none' | 'optional' | 'required';

/** One parameter of a controller's method, as Nest's decorators recorded it. */
interface RouteParameter {
  readonly place: number;
  readonly name?: string;
  readonly schema?: z.ZodType;
}

/**
 * Builds the document from the code that serves requests: it shows the same schemas that validate
 * them.
 */
export function openApiDocument({
  service,
  controllers,
  idempotencyKeys,
  everyCall = {},
}: {
  service: string;
  controllers: readonly Type[];
  idempotencyKeys: IdempotencyKeys;
  /** The problem codes that every call of the service can answer with, by status. */
  everyCall?: CodesByStatus;
}): OpenApiDocument {
  const paths: Record<string, Record<string, Json>> = {};
  for (const controller of controllers) {
    if (Reflect.getMetadata(UNDOCUMENTED, controller) === true) continue;
    for (const { method, path, operation } of operationsOf(controller, { idempotencyKeys, everyCall }))
      (paths[path] ??= {})[method] = operation;
  }
  const { calls, schemas } = withNamedSchemas(paths);
  return {
    openapi: '3.1.0',
    info: {
      title: `Millrace: ${service}`,
      description:
        `The HTTP interface of the ${service} service. Every refusal is a problem (RFC 9457), ` +
        `and its \`type\` is the address of a page that explains it.`,
      version: '1',
    },
    paths: calls,
    components: { schemas: { ...schemas, Problem: jsonSchema(problemSchema, 'output') } },
  };
}

function operationsOf(controller: Type, common: CommonToCalls) {
  const prototype = controller.prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (typeof handler !== 'function') return [];
    const verb = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
    if (verb === undefined) return [];
    const method = RequestMethod[verb].toLowerCase();
    const path = joined(
      Reflect.getMetadata(PATH_METADATA, controller) as string,
      Reflect.getMetadata(PATH_METADATA, handler) as string,
    );
    return [{ method, path, operation: operationOf({ controller, name, handler, method, path, ...common }) }];
  });
}

interface CommonToCalls {
  readonly idempotencyKeys: IdempotencyKeys;
  readonly everyCall: CodesByStatus;
}

interface Operation extends CommonToCalls {
  readonly controller: Type;
  readonly name: string;
  readonly handler: object;
  readonly method: string;
  readonly path: string;
}

function operationOf({ controller, name, handler, method, path, ...common }: Operation): Json {
  const { idempotencyKeys, everyCall } = common;
  const described = Reflect.getMetadata(CALL_DESCRIPTION, handler) as CallDescription | undefined;
  const parameters = parametersOf(controller, name);
  const body = parameters.find(({ place }) => place === RouteParamtypes.BODY)?.schema;
  const post = method === 'post';
  const keyed = post && idempotencyKeys !== 'none';
  const code = Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined;
  const status = code ?? (post ? HttpStatus.CREATED : HttpStatus.OK);
  const validated = parameters.some(({ schema }) => schema !== undefined);
  const inPath = parameters.flatMap(pathParameters);
  requireSchemas(`${method.toUpperCase()} ${path}`, path, inPath);
  return {
    tags: [tagOf(controller)],
    operationId: `${controller.name.replace(/Controller$/, '')}_${name}`,
    ...(described === undefined ? {} : { summary: described.summary }),
    ...(described?.description === undefined ? {} : { description: described.description }),
    parameters: [
      ...inPath,
      ...parameters.flatMap((each) => parameterDescriptions(each, described?.requiredHeaders ?? [])),
      ...(described?.otherHeaders ?? []).map(optionalHeader),
      ...(keyed ? [idempotencyKeyParameter(idempotencyKeys)] : []),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': withExample(body, `the body of ${controller.name}.${name}`) },
          },
        }),
    responses: {
      ...(described?.events === undefined ? {} : { 200: liveEvents(described.events) }),
      ...answers(described?.answers ?? { [status]: null }),
      ...problems(
        validated || keyed ? { 400: ['invalid_request'] } : {},
        described?.problems ?? {},
        everyCall,
        inPath.length > 0 ? { 400: ['malformed_url'], 414: ['url_too_long'] } : {},
        post || body !== undefined
          ? { 400: ['malformed_json', 'malformed_request'], 413: ['body_too_large'] }
          : {},
        keyed && !isRepeatable(handler)
          ? { 409: ['request_in_flight'], 422: ['idempotency_key_reused'] }
          : {},
        {
          415: ['unsupported_media_type'],
          429: ['rate_limited'],
          500: ['internal_error'],
          503: ['overloaded', 'temporarily_unavailable'],
        },
      ),
    },
  };
}

/** Derives the tag from the name: `OrderOverviewsController` has the tag "Order overviews". */
function tagOf({ name }: Type): string {
  const words = name.replace(/Controller$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
  return words.charAt(0) + words.slice(1).toLowerCase();
}

/** Nest keeps `PLACE:INDEX` -> { index, data, schema } on the class, per method. */
function parametersOf(controller: Type, name: string): readonly RouteParameter[] {
  const recorded = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<
    string,
    { data?: unknown; schema?: z.ZodType }
  >;
  return Object.entries(recorded).map(([key, { data, schema }]) => ({
    place: Number(key.split(':')[0]),
    ...(typeof data === 'string' ? { name: data } : {}),
    ...(schema === undefined ? {} : { schema }),
  }));
}

/** Describes one parameter of the path, or each field of a schema for all of them. */
function pathParameters({
  place,
  name,
  schema,
}: RouteParameter): readonly (Json & { readonly name: string })[] {
  if (place !== RouteParamtypes.PARAM || schema === undefined) return [];
  const described = { in: 'path', required: true };
  if (name !== undefined)
    return [{ name, ...described, ...withExample(schema, `the path parameter ${name}`) }];
  const fields = withExample(schema, 'the path parameters');
  const examples = fields.example as Json;
  return Object.entries((fields.schema['properties'] ?? {}) as Record<string, Json>).map(
    ([field, fieldSchema]) => ({
      name: field,
      ...described,
      schema: fieldSchema,
      example: String(examples[field]),
    }),
  );
}

/** Answers are checked against the document, and a parameter without a schema would be missing there. */
function requireSchemas(call: string, path: string, inPath: readonly { readonly name: string }[]): void {
  for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g))
    if (!inPath.some((each) => each.name === name))
      throw new TypeError(
        `${call} has a path parameter ${name} without a schema: declare @Param('${name}', { schema: ... }), ` +
          `or @Param({ schema: ... }) with an object that has the field ${name}`,
      );
}

const optionalHeader = (name: string): Json => ({
  name,
  in: 'header',
  required: false,
  schema: jsonSchema(z.string(), 'input'),
});

function parameterDescriptions(
  { place, name, schema = z.string() }: RouteParameter,
  requiredHeaders: readonly string[],
): readonly Json[] {
  if (place === RouteParamtypes.HEADERS && name !== undefined)
    return [
      { name, in: 'header', required: requiredHeaders.includes(name), schema: jsonSchema(schema, 'input') },
    ];
  if (place !== RouteParamtypes.QUERY) return [];
  if (name !== undefined)
    return [{ name, in: 'query', required: false, schema: jsonSchema(schema, 'input') }];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([field, fieldSchema]) => ({
    name: field,
    in: 'query',
    required: required.includes(field),
    schema: fieldSchema,
  }));
}

const answers = (described: CallDescription['answers']): Json =>
  Object.fromEntries(
    Object.entries(described).map(([status, schema]) => [
      status,
      schema === null
        ? { description: 'Done' }
        : {
            description: schema.description ?? 'Done',
            content: { 'application/json': { schema: jsonSchema(schema, 'output') } },
          },
    ]),
  );

/**
 * OpenAPI 3.1 cannot describe the items of a stream, so `x-event-data` holds the schema of each
 * event's data.
 */
const liveEvents = (data: z.ZodType): Json => ({
  description: 'Server-sent events, until the client or the server closes the stream.',
  content: {
    'text/event-stream': { schema: { type: 'string' }, 'x-event-data': jsonSchema(data, 'output') },
  },
});

/** The key is honoured on every POST. */
const idempotencyKeyParameter = (keys: IdempotencyKeys): Json => ({
  name: idempotencyKeyHeader,
  in: 'header',
  required: keys === 'required',
  description:
    'The request takes effect once. For 24 hours, repeating it returns the same answer, ' +
    'marked with `Idempotent-Replayed: true`. The key may be in double quotes.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
});

const joined = (...parts: readonly string[]): string =>
  `/${parts
    .map((part) => part.replaceAll(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '')
    .join('/')}`.replaceAll(/:([A-Za-z0-9_]+)/g, '{$1}');
