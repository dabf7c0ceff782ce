import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { TAKES_IDEMPOTENCY_KEYS } from '../idempotency/idempotency-key.ts';
import { openApiDocument, type IdempotencyKeys, type OpenApiDocument } from './openapi.ts';
import { problem, problems } from '../problems/problem.ts';
import { sendProblem } from '../problems/problem-answers.ts';

/** The calls that answer with a code, such as `POST /orders`, and the status. */
interface ProblemUse {
  readonly status: string;
  readonly calls: string[];
}

type Responses = Readonly<Record<string, { readonly content?: ProblemContent }>>;
type ProblemContent = Readonly<
  Record<string, { readonly schema?: { readonly allOf?: readonly [unknown, CodeSchema] } }>
>;
interface CodeSchema {
  readonly properties: { readonly code: { readonly enum: readonly string[] } };
}

/**
 * Returns a function that builds the page of a problem's code, or undefined for a code that the
 * service does not use.
 */
function explainProblems(document: OpenApiDocument): (code: string) => string | undefined {
  const uses = usesOf(document);
  return (code) => {
    const known = Object.hasOwn(problems, code) ? problems[code as keyof typeof problems] : undefined;
    const use = uses.get(code);
    const status = known?.status ?? use?.status;
    return status === undefined
      ? undefined
      : problemPageOf(code, String(status), known?.title, use?.calls ?? []);
  };
}

function usesOf({ paths }: OpenApiDocument): ReadonlyMap<string, ProblemUse> {
  const uses = new Map<string, ProblemUse>();
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations))
      for (const [status, { content }] of Object.entries(operation['responses'] as Responses))
        for (const code of codesOf(content)) {
          const use = uses.get(code) ?? { status, calls: [] };
          use.calls.push(`${method.toUpperCase()} ${path}`);
          uses.set(code, use);
        }
  return uses;
}

const codesOf = (content: ProblemContent | undefined): readonly string[] =>
  content?.['application/problem+json']?.schema?.allOf?.[1].properties.code.enum ?? [];

const problemPageOf = (
  code: string,
  status: string,
  title: string | undefined,
  calls: readonly string[],
): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${code}</title>
  </head>
  <body>
    <h1>${code}</h1>
    <p>${title === undefined ? 'A business rule of the service rejects the request.' : `${title}.`}</p>
    <p>Status ${status}. The problem's <code>detail</code> and its other fields say exactly what is wrong.</p>
    ${calls.length === 0 ? '' : `<p>These calls answer with it:</p>\n    <ul>${calls.map((call) => `<li>${call}</li>`).join('')}</ul>`}
    <p><a href="/docs">The interface of this service</a></p>
  </body>
</html>
`;

const require = createRequire(import.meta.url);
const folderOfSwaggerUi = require('swagger-ui-dist/absolute-path.js') as () => string;
const assets = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' } as const;

interface DocsOptions {
  readonly service: string;
  /** Whether `/` redirects to `/docs`. */
  readonly atRoot?: boolean;
  /** The default is what `IdempotencyModule` does, if the service has it. */
  readonly idempotencyKeys?: IdempotencyKeys;
  /** The problem codes that every call can answer with, by status. */
  readonly everyCall?: Readonly<Record<number, readonly string[]>>;
}

/**
 * Serves the documentation of the service:
 * - `/docs` shows the interface, and `/` redirects there unless the app has a page.
 * - `/docs/json` is the OpenAPI document.
 * - `/problems/CODE`, the `type` of a problem, explains the code.
 */
export function serveDocs(
  app: NestFastifyApplication,
  { service, atRoot = true, idempotencyKeys, everyCall }: DocsOptions,
): void {
  const modules = [...app.get(ModulesContainer).values()];
  const controllers = modules
    .flatMap((module) => [...module.controllers.values()])
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? [metatype as Type] : []));
  const keyed = modules.some(({ providers }) => providers.has(TAKES_IDEMPOTENCY_KEYS));
  const document = openApiDocument({
    service,
    controllers,
    everyCall,
    idempotencyKeys: idempotencyKeys ?? (keyed ? 'optional' : 'none'),
  });
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  const problemPage = explainProblems(document);
  // An app whose interface answers on `/` has added its own route before.
  if (atRoot && !fastify.hasRoute({ method: 'GET', url: '/' }))
    fastify.get('/', (_request, reply) => reply.redirect('/docs'));
  fastify.get('/docs', (_request, reply) => reply.type(html).send(pageOf(document.info.title)));
  fastify.get<{ Params: { code: string } }>('/problems/:code', (request, reply) => {
    const page = problemPage(request.params.code);
    if (page === undefined) return sendProblem(reply, problem('not_found'), request.url);
    return reply.type(html).send(page);
  });
  fastify.get('/docs/json', (_request, reply) => reply.send(document));
  for (const [name, type] of Object.entries(assets))
    fastify.get(`/docs/${name}`, (_request, reply) =>
      reply.type(type).send(createReadStream(join(folderOfSwaggerUi(), name))),
    );
}

const html = 'text/html; charset=utf-8';

const pageOf = (title: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${title}</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="docs"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script>SwaggerUIBundle({ url: '/docs/json', dom_id: '#docs', deepLinking: true });</script>
  </body>
</html>
`;
