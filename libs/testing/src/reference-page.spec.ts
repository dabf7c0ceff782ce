import { describe, expect, it } from '@jest/globals';
import { wholeNumber, setting } from '@millrace/service-chassis/config';
import { metricEntries, referenceSection, settingEntries } from './reference-page.ts';

describe('a reference page', () => {
  it('differs from the code when an entry is missing or says something else', () => {
    const { onPage, inCode } = referenceSection('settings.md', 'The connection to the log', [
      { name: 'KAFKA_SASL_USERNAME', about: 'required by PLAIN and SCRAM', text: 'Another meaning.' },
      { name: 'KAFKA_NEW', about: 'required', text: 'A setting that the page lacks.' },
    ]);
    expect(onPage).toContain('`KAFKA_SASL_USERNAME` (required by PLAIN and SCRAM): The user.');
    expect(inCode).toEqual([
      '`KAFKA_NEW` (required): A setting that the page lacks.',
      '`KAFKA_SASL_USERNAME` (required by PLAIN and SCRAM): Another meaning.',
    ]);
  });

  it('needs its heading', () => {
    expect(() => referenceSection('settings.md', 'Nobody', [])).toThrow(
      'docs/reference/settings.md has no heading "## Nobody": add it',
    );
  });

  it('describes settings with their defaults', () => {
    const limit = setting('LIMIT', wholeNumber({ min: 1, max: 9, byDefault: 3 }), {
      example: '3',
      meaning: 'The limit.',
    });
    expect(settingEntries({ limit })).toEqual([{ name: 'LIMIT', about: 'default: `3`', text: 'The limit.' }]);
  });

  it("describes metrics by their type and help, without those of Node's process", () => {
    const exposition = [
      '# HELP b_total Some of b, by topic',
      '# TYPE b_total counter',
      'b_total{topic="x"} 1',
      '# HELP process_x x',
      '# TYPE process_x gauge',
    ].join('\n');
    expect(metricEntries(exposition)).toEqual([
      { name: 'b_total', about: 'counter', text: 'Some of b, by topic.' },
    ]);
  });
});
