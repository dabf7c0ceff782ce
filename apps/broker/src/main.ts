import { enableCompileCache, flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

enableCompileCache();
const { runBroker } = await import('./run-broker.ts');
await runBroker(process.argv.slice(2));
// Otherwise V8 would take 64 MB under load for objects that live as long as a request, and never
// give them back. During the start, the space may grow.
setFlagsFromString('--semi-space-growth-factor=1');
// Writes the compile cache now rather than at exit, since a broker that is killed would have to
// compile everything again at its next start.
flushCompileCache();
