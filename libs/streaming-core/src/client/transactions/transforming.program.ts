import { silentLogger } from '../../runtime/index.ts';
import { readConnectionSecurity } from '../connection/security-settings.ts';
import { connectTransformer } from './transformer.ts';
import { upperCasing } from './upper-casing.fixture.ts';

/**
 * Transforms records until it is killed, and writes a line for each poll. The arguments are the
 * broker, the group, the transactional id and both topics.
 */
const [bootstrapServer = '', groupId = '', transactionalId = '', input = '', output = ''] =
  process.argv.slice(2);

process.stdin.resume().once('end', () => process.exit());
const { member, transform } = upperCasing(output);
const transformer = connectTransformer({
  bootstrapServers: [bootstrapServer],
  security: readConnectionSecurity(process.env),
  clientId: 'transforming',
  logger: silentLogger,
  groupId,
  transactionalId,
  topics: [input],
  member,
  transform(records) {
    process.stdout.write('transforming\n');
    return transform(records);
  },
});
await transformer.start();
