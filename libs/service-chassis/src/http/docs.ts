import type { Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { IdempotencyModule } from '../idempotency/idempotency.module.ts';
import { openApiDocument } from './openapi.ts';

/** `/docs` shows the interface, `/docs/json` is the document. */
export function serveDocs(app: NestFastifyApplication, title: string): void {
  const modules = [...app.get(ModulesContainer).values()];
  const controllers = modules
    .flatMap((module) => [...module.controllers.values()])
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? [metatype as Type] : []));
  const idempotent = modules.some(({ metatype }) => metatype === IdempotencyModule);
  const document = openApiDocument({ title, controllers, idempotent }) as unknown as OpenAPIObject; // its own type stops at OpenAPI 3.0
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'docs/json',
    raw: ['json'],
    customSiteTitle: title,
  });
}
