import { describe, expect, it } from '@jest/globals';
import { personalDataConfig, serviceConfig } from '@millrace/service-chassis/config';
import { referenceSection, settingEntries } from '@millrace/testing/reference-page';
import { settings } from './config.ts';

describe('the page of settings', () => {
  it('lists the settings that only this service has as they are declared', () => {
    const shared = Object.keys({ ...serviceConfig('shipping', 0), ...personalDataConfig });
    const own = Object.entries(settings).filter(([name]) => !shared.includes(name));
    const entries = settingEntries(Object.fromEntries(own));
    const { onPage, inCode } = referenceSection('settings.md', 'Shipping', entries);
    expect(entries).not.toEqual([]);
    expect(onPage).toEqual(inCode);
  });
});
