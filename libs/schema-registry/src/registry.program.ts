/** Runs a registry for tests until its standard input ends. Prints its address. */
import { startRegistry } from './registry.fixture.ts';

const registry = await startRegistry({ bootstrapServers: process.argv[2] ?? '' });
process.stdout.write(`${registry.url}\n`);
process.stdin.on('end', () => void registry[Symbol.asyncDispose]());
process.stdin.resume();
