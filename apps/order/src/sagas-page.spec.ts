import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { sagaDiagram } from '@millrace/saga/testing';
import { days, seconds } from '@millrace/streaming-core/runtime';
import { fulfillmentVersions } from './fulfillment/fulfillment.saga.ts';
import { returnSaga } from './returns/return.saga.ts';

const path = join(import.meta.dirname, '../../../docs/reference/sagas.md');
const byDefault = {
  returnApprovalMs: days(3),
  returnParcelMs: days(14),
  returnInspectionMs: seconds(1),
};
/** The newest version of each saga of the service. */
const sagas = [fulfillmentVersions.at(-1)!, returnSaga(byDefault)];

/** Returns the text with this diagram in the section of the saga. Throws if the page has no such section. */
function withDiagram(page: string, name: string, diagram: string): string {
  const drawn = new RegExp(`(?<=\\n## ${name}\\n(?:(?!\\n## )[^])*?\\n\`\`\`mermaid\\n)[^]*?(?=\`\`\`\\n)`);
  if (!drawn.test(page)) throw new Error(`docs/reference/sagas.md has no section "## ${name}" with a mermaid block`);
  return page.replace(drawn, () => diagram);
}

describe('the page of sagas', () => {
  it.each(sagas)('shows the diagram of $name as its definition is', (definition) => {
    const page = readFileSync(path, 'utf8');
    const asDefined = withDiagram(page, definition.name, sagaDiagram(definition));
    if (process.env.MILLRACE_WRITE_REFERENCE === '1') writeFileSync(path, asDefined);
    else expect(page).toBe(asDefined);
  });
});
