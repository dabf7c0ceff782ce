/** The server side of the registry, for the app that runs it. */
export { serveRegistry, type ServedRegistry } from './http/serve-registry.ts';
export { Registry, registryLimits, type RegistryLimits } from './registry.ts';
export { SchemaStore, type SchemaStoreOptions } from './store/schema-store.ts';
