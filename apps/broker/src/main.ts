import { enableCompileCache, flushCompileCache } from 'node:module';

enableCompileCache();
const { runBroker } = await import('./run-broker.ts');
await runBroker(process.argv.slice(2));
// Now, not at the end: a broker that is killed would compile everything anew at its next start.
flushCompileCache();
