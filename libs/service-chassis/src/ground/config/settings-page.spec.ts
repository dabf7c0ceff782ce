import { describe, expect, it } from '@jest/globals';
import { securitySettings } from '@millrace/streaming-core/client';
import { referenceSection, settingEntries } from '@millrace/testing/reference-page';
import { personalDataConfig, sagaStartVersions, readModelConfig, sagaConfig } from './module-config.ts';
import { stateSettings } from './log-client-config.ts';
import { serviceConfig } from './service-config.ts';
import { processSettings } from './read-config.ts';

const sections = {
  'Every service': processSettings(serviceConfig('order', 3001)),
  'A service that has personal data': personalDataConfig,
  'A service that runs sagas': { ...sagaConfig, ...sagaStartVersions([]) },
  'A service whose read models follow topics': readModelConfig('order'),
  'A stream application': stateSettings('orders-per-minute'),
};

describe('the page of settings', () => {
  it.each(Object.entries(sections))(
    'R40 lists the settings under "%s" as they are declared',
    (heading, settings) => {
      const { onPage, inCode } = referenceSection('settings.md', heading, settingEntries(settings));
      expect(onPage).toEqual(inCode);
    },
  );

  it('R40 lists the settings of the connection to the log as they are declared', () => {
    const entries = Object.entries(securitySettings).map(([name, { byDefault, meaning }]) => ({
      name,
      about: byDefault,
      text: meaning,
    }));
    const { onPage, inCode } = referenceSection('settings.md', 'The connection to the log', entries);
    expect(onPage).toEqual(inCode);
  });
});
