/** How a span of the log was read. */
export interface Span {
    readonly records: number;
    readonly firstRecordMs: number;
    readonly recordsPerSecond: number;
    /** Fetches that failed with an error that passed. */
    readonly errorsPassed: number;
}
export interface TieredFigures {
    readonly written: number;
    readonly remoteSegments: number;
    readonly localSegments: number;
    /** The first offset that the broker's own disk still has. What is before it is only on the remote tier. */
    readonly localFrom: number;
    readonly old: Span;
    readonly recent: Span;
    readonly oldAfterRestart: Span;
    readonly problems: readonly string[];
}
/**
 * Writes a topic whose old segments move to the remote tier, waits until the disk of the broker has
 * lost them, and reads all of it with our client: from the beginning, from a time, and after a kill -9.
 */
export declare function readOldSegments(megabytes: number): Promise<TieredFigures>;
