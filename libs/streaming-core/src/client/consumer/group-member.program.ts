import { TestMember } from '../client.fixture.ts';
import { readConnectionSecurity } from '../connection/security-settings.ts';

/**
 * A group member in a separate process, which a test can kill. It prints its partitions as a line
 * of JSON at every assignment.
 */
const [bootstrapServer = '', groupId = '', topic = '', groupInstanceId = ''] = process.argv.slice(2);

// Exits when the process of the test ends, which closes the pipe.
process.stdin.resume().once('end', () => process.exit());
const engine = { bootstrapServers: [bootstrapServer], security: readConnectionSecurity(process.env) };
const member = new TestMember(
  engine,
  groupId,
  [topic],
  groupInstanceId === '' ? {} : { groupInstanceId, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000 },
);
member.onAssigned = async () => {
  process.nextTick(() => process.stdout.write(`${JSON.stringify(member.owned)}\n`));
};
await member.start();
