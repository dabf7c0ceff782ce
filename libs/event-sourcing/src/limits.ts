export interface EventStoreLimits {
  /** The size of `data` and `personal` of one event together, as UTF-8 JSON. */
  readonly eventBytesMax: number;
  readonly appendEventsMax: number;
  /**
   * The most events that one `read` returns. A longer stream has to be read in pages, as
   * `loadState` does.
   */
  readonly readEventsMax: number;
  /** The number of events that `readCaused` searches in one stream. */
  readonly searchedEventsMax: number;
}

/**
 * The limits of a store that names no others: events of 256 KiB at most, and 10,000 events in one
 * append or one read.
 */
export const defaultEventStoreLimits: EventStoreLimits = Object.freeze({
  eventBytesMax: 262_144,
  appendEventsMax: 10_000,
  readEventsMax: 10_000,
  searchedEventsMax: 50_000,
});

/** Keeps an index entry far below PostgreSQL's limit of 2,700 bytes. */
export const streamIdCharactersMax = 255;

/** Enough for a batch of 100 messages with 100 order lines each, twice over. */
export const lockedStreamsMax = 20_000;

/**
 * The most events that the locks of streams load with them, per stream and in all. The rest is read
 * in pages when it is needed.
 */
export const loadedStreamEventsMax = 200;
export const loadedEventsMax = 20_000;

/**
 * The number of streams for which a process remembers the version of a kept state or of a snapshot.
 */
export const keptVersionsMax = 10_000;

/**
 * The number of events that one read of the feed searches for those that match, and of the last
 * positions among which it looks for one that may still be filled.
 */
export const scannedEventsMax = 10_000;

/** The tolerated difference between the clocks of a message's sender and its handler. */
export const clockDifferenceMsMax = 60_000;

/**
 * `repeatAnswer` folds no stream further than this, since it holds the stream's lock while it does
 * so.
 */
export const answerFoldEventsMax = 20_000;

/** The number up to which events that cannot be read are counted. */
export const countedEventsMax = 1_000;

/** The size of a snapshot's state as UTF-8 JSON. */
export const snapshotBytesMax = 262_144;

/**
 * The number of snapshots that may wait to be taken or deleted. A later load finds any others
 * again.
 */
export const dueSnapshotsMax = 1_000;
