import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runBroker } = await import('./run-broker.ts');
await runBroker(process.argv.slice(2));
