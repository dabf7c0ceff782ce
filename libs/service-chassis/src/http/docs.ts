import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { IdempotencyModule } from '../idempotency/idempotency.module.ts';
import { openApiDocument } from './openapi.ts';

const require = createRequire(import.meta.url);
const folderOfSwaggerUi = require('swagger-ui-dist/absolute-path.js') as () => string;
const assets = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' } as const;

/** `/docs` shows the interface, `/docs/json` is the document. */
export function serveDocs(app: NestFastifyApplication, title: string): void {
  const modules = [...app.get(ModulesContainer).values()];
  const controllers = modules
    .flatMap((module) => [...module.controllers.values()])
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? [metatype as Type] : []));
  const idempotent = modules.some(({ metatype }) => metatype === IdempotencyModule);
  const document = openApiDocument({ title, controllers, idempotent });
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.get('/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(pageOf(title)));
  fastify.get('/docs/json', (_request, reply) => reply.send(document));
  for (const [name, type] of Object.entries(assets))
    fastify.get(`/docs/${name}`, (_request, reply) =>
      reply.type(type).send(createReadStream(join(folderOfSwaggerUi(), name))),
    );
}

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
