import { describe, expect, it } from '@jest/globals';
import { referenceSection, settingEntries } from '@millrace/testing/reference-page';
import { choreographyConfig } from './config.ts';

describe('the settings of choreographed orders', () => {
  it('are on the page of settings as they are declared', () => {
    const entries = settingEntries(choreographyConfig);
    const { onPage, inCode } = referenceSection('settings.md', 'Choreographed orders', entries);
    expect(onPage).toEqual(inCode);
  });
});
