export interface EventStoreLimits {
  /** `data` and `personal` of one event as UTF-8 JSON. */
  readonly eventBytesMax: number;
  readonly appendEventsMax: number;
  /** What one `read` without a limit of its own may return; a longer stream is read in pages (`loadState` does). */
  readonly readEventsMax: number;
  /** Events of one stream that `readCaused` reads. */
  readonly searchedEventsMax: number;
}

export const defaultEventStoreLimits: EventStoreLimits = Object.freeze({
  eventBytesMax: 262_144,
  appendEventsMax: 10_000,
  readEventsMax: 10_000,
  searchedEventsMax: 50_000,
});

/** Far below the 2,700 bytes of an index entry. */
export const streamIdCharactersMax = 255;

/** A batch of 100 messages with 100 order lines each, and room to spare. */
export const lockedStreamsMax = 20_000;

/** Events that come with the lock of a stream, of one and of all: more are read in pages, by who asks for them. */
export const loadedStreamEventsMax = 200;
export const loadedEventsMax = 20_000;

/** Streams whose kept versions a process remembers. */
export const keptVersionsMax = 10_000;

/** Tolerated difference between the clocks of a message's sender and of its handler. */
export const clockDifferenceMsMax = 60_000;

/** `repeatAnswer` folds no longer streams: it holds their locks meanwhile. */
export const answerFoldEventsMax = 20_000;

/** A state as UTF-8 JSON. */
export const snapshotBytesMax = 262_144;

/** Streams that wait for their snapshot; further ones come up again after their next events. */
export const dueSnapshotsMax = 1_000;
