import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { IdempotencyModule } from '../idempotency/idempotency.module.ts';
import { openApiDocument, type IdempotencyKeys } from './openapi.ts';
import { problem } from '../problems/problem.ts';
import { sendProblem } from '../problems/problem-answers.ts';
import { explainProblems } from './problem-page.ts';

const require = createRequire(import.meta.url);
const folderOfSwaggerUi = require('swagger-ui-dist/absolute-path.js') as () => string;
const assets = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' } as const;

export interface DocsOptions {
  readonly service: string;
  /** The default is what `IdempotencyModule` does, if the service has it. */
  readonly idempotencyKeys?: IdempotencyKeys;
  /** The problem codes that every call can answer with, by status. */
  readonly everyCall?: Readonly<Record<number, readonly string[]>>;
}

/**
 * Serves the documentation of the service:
 * - `/docs` shows the interface, and `/` redirects there.
 * - `/docs/json` is the OpenAPI document.
 * - `/problems/CODE`, the `type` of a problem, explains the code.
 */
export function serveDocs(
  app: NestFastifyApplication,
  { service, idempotencyKeys, everyCall }: DocsOptions,
): void {
  const modules = [...app.get(ModulesContainer).values()];
  const controllers = modules
    .flatMap((module) => [...module.controllers.values()])
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? [metatype as Type] : []));
  const keyed = modules.some(({ metatype }) => metatype === IdempotencyModule);
  const document = openApiDocument({
    service,
    controllers,
    everyCall,
    idempotencyKeys: idempotencyKeys ?? (keyed ? 'optional' : 'none'),
  });
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  const problemPage = explainProblems(document);
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
