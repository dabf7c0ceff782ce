import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { createPersonalData, openKeysDatabase, type KeysDatabase } from '@millrace/personal-data';
import { PersonalDataError } from '@millrace/streaming-core/personal';
import { systemClock } from '@millrace/streaming-core/runtime';
import { SERVICE } from '../../ground/config/service-config.ts';
import { provide, provideClosing, token } from '../../ground/provide.ts';
import { addressOf } from '../../database/data-source.ts';
import { DATABASE } from '../../database/database.tokens.ts';
import { HEALTH } from '../../observability/health/health.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { claimedKeys, keysClaim, observeKeys } from './service-keys.ts';
import { HOLDER, PERSONAL_DATA, SUBJECT_ERASURES } from './personal-data.tokens.ts';
import { type PersonalRecords, subjectErasures } from './subject-erasures.ts';

const KEYS_DATABASE = token<KeysDatabase>('KeysDatabase');

const plainTextWarning =
  'personal data is stored in plain text, and no customer can be erased, because PERSONAL_DATA_SEALING is off: ' +
  'remove the setting once no process of a release that cannot read sealed data is left';

/** Lets a service start while its keys are unreachable, but not with the keys of other data. */
function unlessUnavailable(error: unknown): void {
  if (!(error instanceof PersonalDataError)) throw error;
}

export interface PersonalDataModuleOptions {
  /** The setting `KEYS_DATABASE_URL`. */
  readonly keysUrl: string;
  /** The setting `KEYS_DATABASE_LOST`. */
  readonly lostKeysId: string | undefined;
  /** The setting `PERSONAL_DATA_SEALING`. */
  readonly sealing: 'on' | 'off';
  readonly records: PersonalRecords;
}

/**
 * The keys of the service for personal data, and the erasure of a subject by its operators. Provides
 * `PERSONAL_DATA` and `HOLDER` everywhere, with which events, messages and external calls are sealed
 * and opened. Needs `DatabaseModule`. The service starts and does what needs no key while the keys are
 * unreachable, but does not start with those of other data.
 */
@Module({})
export class PersonalDataModule {
  static forRoot({ keysUrl, lostKeysId, sealing, records }: PersonalDataModuleOptions): DynamicModule {
    return {
      module: PersonalDataModule,
      global: true,
      providers: [
        provide(KEYS_DATABASE, [SERVICE, LOGGER], ({ name }, logger) =>
          openKeysDatabase({ url: keysUrl, logger, applicationName: `millrace-${name}` }),
        ),
        provide(
          PERSONAL_DATA,
          [KEYS_DATABASE, DataSource, SERVICE, HEALTH, LOGGER],
          async (keys, source, { name: service }, health, logger) => {
            const claim = keysClaim({
              service,
              ...addressOf(source),
              keys: keys.database,
              lostId: lostKeysId,
            });
            const observed = observeKeys(claimedKeys(keys.database, claim), { sealing });
            health.add('keys', observed.check);
            await claim().catch(unlessUnavailable);
            if (sealing === 'off') logger.warn({ sealing }, plainTextWarning);
            return createPersonalData({
              database: observed.database,
              maintenance: keys.maintenance,
              clock: systemClock,
              seals: sealing === 'on',
            });
          },
        ),
        provide(HOLDER, [SERVICE, PERSONAL_DATA], ({ name }, personalData) => ({ name, personalData })),
        provide(SUBJECT_ERASURES, [SERVICE, PERSONAL_DATA, DATABASE], ({ name }, keys, database) =>
          subjectErasures({ holder: name, keys, database, records, sealing }),
        ),
        provideClosing(KEYS_DATABASE, (keys) => keys.close()),
      ],
      exports: [PERSONAL_DATA, HOLDER],
    };
  }
}
