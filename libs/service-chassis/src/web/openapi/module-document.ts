import type { DynamicModule, ModuleMetadata, Provider, Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { TAKES_IDEMPOTENCY_KEYS } from '../idempotency/idempotency-key.ts';
import { openApiDocument, type OpenApiDocument } from './openapi.ts';
import type { CodesByStatus } from './openapi-problems.ts';

/**
 * Builds the OpenAPI document of an app from its module. Nothing is started: it is what the running
 * app answers at `/docs/json`.
 */
export async function moduleDocument({
  name,
  module,
  everyCall,
}: {
  readonly name: string;
  readonly module: DynamicModule | Type;
  /** The problem codes with which the guard of the app's page refuses, by status. */
  readonly everyCall?: CodesByStatus | undefined;
}): Promise<OpenApiDocument> {
  const modules = await modulesIn(module);
  const keyed = modules
    .flatMap(({ providers = [] }) => providers)
    .some((provider) => tokenOf(provider) === TAKES_IDEMPOTENCY_KEYS);
  return openApiDocument({
    service: name,
    controllers: modules.flatMap(({ controllers = [] }) => controllers),
    idempotencyKeys: keyed ? 'optional' : 'none',
    everyCall,
  });
}

/** The module and those that it imports, each with what its class and its `forRoot` declare. */
async function modulesIn(module: DynamicModule | Type): Promise<readonly ModuleMetadata[]> {
  const [type, added] = 'module' in module ? [module.module, module] : [module, {}];
  const own: ModuleMetadata = {
    imports: [...declaredBy(type, MODULE_METADATA.IMPORTS), ...(added.imports ?? [])],
    controllers: [...declaredBy<Type>(type, MODULE_METADATA.CONTROLLERS), ...(added.controllers ?? [])],
    providers: [...declaredBy<Provider>(type, MODULE_METADATA.PROVIDERS), ...(added.providers ?? [])],
  };
  const imported = (own.imports ?? []).map(async (each) => modulesIn((await each) as DynamicModule | Type));
  return [own, ...(await Promise.all(imported)).flat()];
}

const declaredBy = <Declared = never>(type: Type, what: string): readonly Declared[] =>
  (Reflect.getMetadata(what, type) ?? []) as readonly Declared[];

const tokenOf = (provider: Provider): unknown => ('provide' in provider ? provider.provide : provider);
