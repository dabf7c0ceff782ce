import { connectStreams } from './streams-app.ts';
import { StreamsError } from './streams-error.ts';
import { wordCount } from './word-count.fixture.ts';

/** Writes why the application cannot start. The arguments are the broker, the application and its folder. */
const [bootstrapServer = '', applicationId = '', stateDir = ''] = process.argv.slice(2);

const app = connectStreams(wordCount(`${applicationId}-input`, `${applicationId}-output`), {
  applicationId,
  bootstrapServers: [bootstrapServer],
  stateDir,
});
const refused = await app.start().then(
  () => 'it started',
  (error: unknown) => (error instanceof StreamsError ? `${error.code}: ${error.message}` : String(error)),
);
await app.close();
process.stdout.write(`${refused}\n`);
