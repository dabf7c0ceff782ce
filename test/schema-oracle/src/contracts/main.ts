/**
 * Compares the messages of `libs/contracts` with those of the last release. With `--record` it makes
 * the present ones those of the release.
 */
import { parseArgs } from 'node:util';
import { compareContracts } from './compare-contracts.ts';
import { presentSchemas } from './message-schemas.ts';
import { recordReleased, releasedSchemas } from './released.ts';

const { values } = parseArgs({ options: { record: { type: 'boolean', default: false } } });
const present = presentSchemas();
if (values.record) recordReleased(present);
const { refused, readersFirst } = compareContracts(releasedSchemas(), present);
for (const line of readersFirst) console.log(`readers first: ${line}`);
for (const line of refused) console.log(`refused: ${line}`);
console.log(
  `${Object.keys(present).length} messages compared with the last release: ${refused.length} changes refused, ` +
    `${readersFirst.length} that readers need first`,
);
process.exitCode = refused.length === 0 ? 0 : 1;
