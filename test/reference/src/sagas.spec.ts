import { describe, expect, it } from '@jest/globals';
import { sagaDiagram } from '@millrace/saga/testing';
import { serviceSagas, type ServiceSaga } from './service-sagas.ts';
import { filesOf, pageWritten, readText } from './workspace.ts';

const path = 'docs/reference/sagas.md';

/** Splits the page at its headings of the second level: what is before them, and each with its text. */
function sectionsOf(page: string): readonly string[] {
  const [before = '', ...sections] = page.split(/^(?=## )/m);
  return [before, ...sections];
}

const nameOf = (section: string): string => /^## (.*)$/m.exec(section)?.[1] ?? '';

const drawn = /(?<=```mermaid\n)[^]*?(?=```\n)/;

/**
 * Returns the page with a section for each saga and no other. The text that people wrote above a
 * diagram is kept; a new section says whose saga it is.
 */
function pageOf(page: string, sagas: readonly ServiceSaga[]): string {
  const [before = '', ...sections] = sectionsOf(page);
  const written = sagas.map(({ service, definition }) => {
    const section =
      sections.find((each) => nameOf(each) === definition.name) ??
      `## ${definition.name}\n\nOf the ${service} service, version ${definition.version}.\n\n` +
        '```mermaid\n```\n\n';
    return section.replace(drawn, () => sagaDiagram(definition));
  });
  return `${[`${before.trimEnd()}\n\n`, ...written].join('').trimEnd()}\n`;
}

describe('the page of sagas', () => {
  it('R40 shows the diagram of every saga of every service as its definition is', async () => {
    const sagas = await serviceSagas();
    expect(sagas.length > 0).toBe(filesOf('apps/*/src/**/*.saga.ts').length > 0);
    const wanted = pageOf(readText(path), sagas);
    expect(pageWritten(path, wanted)).toBe(wanted);
  });

  it('names the version of each saga', async () => {
    const wrong = (await serviceSagas()).filter(({ definition: { name, version } }) => {
      const section = sectionsOf(readText(path)).find((each) => nameOf(each) === name) ?? '';
      return !section.includes(`version ${version}`);
    });
    expect(wrong.map(({ definition }) => definition.name)).toEqual([]);
  });

  it('gets a section for a new saga, and loses that of a removed one', async () => {
    const removed = '# Sagas\n\n## gone\n\nText.\n';
    expect(pageOf(removed, [])).toBe('# Sagas\n');
    for (const { service, definition } of await serviceSagas()) {
      const page = pageOf(removed, [{ service, definition }]);
      expect(page).toContain(`# Sagas\n\n## ${definition.name}\n\nOf the ${service} service`);
      expect(page).toContain('```mermaid\nflowchart TD\n');
      expect(pageOf('# Sagas\n', [{ service, definition }])).toBe(page);
    }
  });
});
