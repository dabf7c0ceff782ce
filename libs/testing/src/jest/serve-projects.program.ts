/**
 * Starts the PostgreSQL and the broker that integration tests share, prints their addresses as one
 * line of JSON, and stops them when its standard input ends. Jest projects that find these
 * addresses in the environment start none.
 */
import { once } from 'node:events';
import setUp from './global-setup.ts';
import tearDown from './global-teardown.ts';

await setUp();
const { MILLRACE_TEST_POSTGRES, MILLRACE_TEST_BROKER } = process.env;
process.stdout.write(`${JSON.stringify({ MILLRACE_TEST_POSTGRES, MILLRACE_TEST_BROKER })}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await tearDown();
