import { enableCompileCache, flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

enableCompileCache();
const { runBroker } = await import('./run-broker.ts');
await runBroker(process.argv.slice(2));
// Under load V8 would take 64 MB for objects that live as long as a request, and never give them back. While it starts, the space may grow.
setFlagsFromString('--semi-space-growth-factor=1');
// Now, not at the end: a broker that is killed would compile everything anew at its next start.
flushCompileCache();
